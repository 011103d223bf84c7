"""SciPy's own functions, kept so that the names of scipy.signal may be replaced by ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import signal

from .. import names

originals: dict[str, Callable[..., Any]] = {name: getattr(signal, name) for name in names.SIGNAL}
