"""What MNE repairs in EEG: bad channels, and what the eyes leave on all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bads import interpolate_bads
from .bads import prepare as check_bads
from .eyes import ica_eog
from .eyes import prepare as check_eyes

#: Name of a step -> (the function, what refuses its parameters at a rate if that has a say).
STEPS: dict[str, tuple[Callable[..., Any], Callable[..., object]]] = {
    "interpolate_bads": (interpolate_bads, check_bads),
    "ica_eog": (ica_eog, check_eyes),
}

__all__ = ["STEPS", "ica_eog", "interpolate_bads"]
