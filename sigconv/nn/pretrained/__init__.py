"""Weights that were trained elsewhere: carried over, frozen, looked into, given another head."""

from .freezing import freeze, freeze_up_to
from .loading import Carried, load_pretrained
from .parts import features, replace_head

__all__ = ["Carried", "features", "freeze", "freeze_up_to", "load_pretrained", "replace_head"]
