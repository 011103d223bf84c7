"""Many files: which are read and written (`plan`), and doing it (`run`)."""

from __future__ import annotations

from .convolving import KernelChoice, convolution
from .plan import Job, PlanError, check_output, find, plan
from .run import Outcome, passband, run

__all__ = [
    "Job",
    "KernelChoice",
    "Outcome",
    "PlanError",
    "check_output",
    "convolution",
    "find",
    "passband",
    "plan",
    "run",
]
