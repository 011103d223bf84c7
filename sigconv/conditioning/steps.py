"""The functions of this room that a pipeline takes as steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .detrend import detrend
from .detrend import prepare as check_detrend
from .emphasis import pre_emphasis
from .emphasis import prepare as check_emphasis
from .envelope import envelope
from .envelope import prepare as check_envelope
from .line_noise import prepare as check_line_noise
from .line_noise import remove_line_noise
from .reference import prepare as check_reference
from .reference import rereference
from .resample import prepare as check_resample
from .resample import resample
from .standardise import exponential_moving_standardise
from .standardise import prepare as check_standardise

#: Name of a step -> (the function, what refuses its parameters at a rate if that has a say).
STEPS: dict[str, tuple[Callable[..., Any], Callable[..., object]]] = {
    "resample": (resample, check_resample),
    "rereference": (rereference, check_reference),
    "detrend": (detrend, check_detrend),
    "remove_line_noise": (remove_line_noise, check_line_noise),
    "pre_emphasis": (pre_emphasis, check_emphasis),
    "exponential_moving_standardise": (exponential_moving_standardise, check_standardise),
    "envelope": (envelope, check_envelope),
}
