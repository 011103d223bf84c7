"""What networks are trained on: labelled windows of recordings, and how they are split."""

from .dataset import EEGDataset
from .discovery import Findings, discover
from .splits import Fold, folds
from .windows import standardise

__all__ = ["EEGDataset", "Findings", "Fold", "discover", "folds", "standardise"]
