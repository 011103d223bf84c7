"""What a network sees: explanations for signals, images and volumes (extra `explain`)."""

from .attribution import Attribution, mass_inside, pointing_game
from .explaining import METHODS, explain

__all__ = ["METHODS", "Attribution", "explain", "mass_inside", "pointing_game"]
