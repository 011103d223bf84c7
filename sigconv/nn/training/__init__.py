"""Fitting a network, judging it, and the classical baseline it stands beside."""

from .augment import Augmentation
from .baseline import band_power_lda
from .config import TrainingConfig
from .crossvalidation import FoldResult, cross_validate
from .defaults import inputs_for, network_for
from .fit import fit, seeded
from .history import Epoch, History
from .logs import CSVLog, TensorBoardLog
from .prediction import Scores, evaluate, predict, predict_proba
from .tasks import Truth, baselines_for, guess_for, task_of

__all__ = [
    "Augmentation",
    "CSVLog",
    "Epoch",
    "FoldResult",
    "History",
    "Scores",
    "TensorBoardLog",
    "TrainingConfig",
    "Truth",
    "band_power_lda",
    "baselines_for",
    "cross_validate",
    "evaluate",
    "fit",
    "guess_for",
    "inputs_for",
    "network_for",
    "predict",
    "predict_proba",
    "seeded",
    "task_of",
]
