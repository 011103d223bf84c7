"""Many files: which are read and written (`plan`), and doing it (`run`)."""

from __future__ import annotations

from .bids import described
from .converting import Conversion
from .convolving import KernelChoice, convolution
from .done import passband
from .forecast import Forecast, forecast
from .job import Job, PlanError
from .one import run_file
from .plan import check_output, find, plan
from .run import Outcome, run
from .run_report import PICTURES, RunReport, check_report

__all__ = [
    "PICTURES",
    "Conversion",
    "Forecast",
    "Job",
    "KernelChoice",
    "Outcome",
    "PlanError",
    "RunReport",
    "check_output",
    "check_report",
    "convolution",
    "described",
    "find",
    "forecast",
    "passband",
    "plan",
    "run",
    "run_file",
]
