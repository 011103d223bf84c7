"""Weights that were trained elsewhere: carried over, frozen, looked into, given another head."""

from .loading import Carried, load_pretrained
from .parts import features, freeze, replace_head

__all__ = ["Carried", "features", "freeze", "load_pretrained", "replace_head"]
