"""What a network sees: explanations for signals, images and volumes (extra `explain`)."""

from .attribution import Attribution, mass_inside, pointing_game
from .checking import Check, Curves, check, rank_correlation
from .explaining import METHODS, explain

__all__ = [
    "METHODS",
    "Attribution",
    "Check",
    "Curves",
    "check",
    "explain",
    "mass_inside",
    "pointing_game",
    "rank_correlation",
]
