"""Smoothing of signals."""

from .pieces import cuts_in_time as cuts_in_time
from .smooth import check_arguments as check_arguments
from .smooth import parameter_names as parameter_names
from .smooth import smooth as smooth

__all__ = ["smooth"]
