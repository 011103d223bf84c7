"""Fitting a network, judging it, and the classical baseline it stands beside."""

from .baseline import band_power_lda
from .crossvalidation import FoldResult, cross_validate
from .fit import Scores, TrainingConfig, evaluate, fit, predict_proba, seeded

__all__ = [
    "FoldResult",
    "Scores",
    "TrainingConfig",
    "band_power_lda",
    "cross_validate",
    "evaluate",
    "fit",
    "predict_proba",
    "seeded",
]
