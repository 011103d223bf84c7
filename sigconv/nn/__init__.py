"""Networks for signals, images and volumes, and their training (extra `nn`)."""

from .. import _checks

_checks.require("torch", extra="nn", purpose="sigconv.nn")

from .checkpoint import Checkpoint, load_checkpoint, save_checkpoint  # noqa: E402
from .data import EEGDataset  # noqa: E402
from .estimator import CNNClassifier, CNNRegressor  # noqa: E402
from .lengths import Ragged, run_ragged  # noqa: E402
from .models import build_model, list_models  # noqa: E402
from .notation import NotationError, describe, parse  # noqa: E402
from .sliding import Sliding, slide  # noqa: E402
from .statistics import LayerStatistics, activation_statistics  # noqa: E402
from .summary import Summary, summary  # noqa: E402
from .training import (  # noqa: E402
    Augmentation,
    TrainingConfig,
    cross_validate,
    evaluate,
    fit,
    predict,
    predict_proba,
)

__all__ = [
    "Augmentation",
    "CNNClassifier",
    "CNNRegressor",
    "Checkpoint",
    "EEGDataset",
    "LayerStatistics",
    "NotationError",
    "Ragged",
    "Sliding",
    "Summary",
    "TrainingConfig",
    "activation_statistics",
    "build_model",
    "cross_validate",
    "describe",
    "evaluate",
    "fit",
    "list_models",
    "load_checkpoint",
    "parse",
    "predict",
    "predict_proba",
    "run_ragged",
    "save_checkpoint",
    "slide",
    "summary",
]
