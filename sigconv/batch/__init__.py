"""Many files: which are read and written (`plan`), and doing it (`run`)."""

from __future__ import annotations

from .converting import Conversion
from .convolving import KernelChoice, convolution
from .done import passband
from .forecast import Forecast, forecast
from .job import Job, PlanError
from .one import run_file
from .plan import check_output, find, plan
from .run import Outcome, run

__all__ = [
    "Conversion",
    "Forecast",
    "Job",
    "KernelChoice",
    "Outcome",
    "PlanError",
    "check_output",
    "convolution",
    "find",
    "forecast",
    "passband",
    "plan",
    "run",
    "run_file",
]
