"""What networks are trained on: labelled windows of recordings, and how they are split."""

from .alignment import align
from .dataset import EEGDataset
from .discovery import Findings, discover
from .inputs import Inputs
from .lazy import take
from .seen import Seen
from .splits import Fold, check, folds
from .standardise import standardise
from .volumes import VolumeDataset

__all__ = [
    "EEGDataset",
    "Findings",
    "Fold",
    "Inputs",
    "Seen",
    "VolumeDataset",
    "align",
    "check",
    "discover",
    "folds",
    "standardise",
    "take",
]
