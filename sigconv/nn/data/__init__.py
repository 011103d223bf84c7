"""What networks are trained on: labelled windows of recordings, and how they are split."""

from .dataset import EEGDataset
from .discovery import Findings, discover
from .lazy import take
from .splits import Fold, check, folds
from .standardise import standardise

__all__ = ["EEGDataset", "Findings", "Fold", "check", "discover", "folds", "standardise", "take"]
