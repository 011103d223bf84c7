"""SciPy's functions, for a while, through this package's engine: ``with sigconv.accelerate():``."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from . import mne_filter, scipy_ndimage, scipy_signal
from ._shared import is_plain

_Function = Callable[..., Any]

_active: ContextVar[bool] = ContextVar("sigconv_accelerate", default=False)
_lock = threading.Lock()
_n_blocks = 0  # blocks under way, in all threads
_stand_ins: dict[_Function, _Function] = {}  # SciPy's or MNE's function -> ours, which may decline
_known: dict[str, tuple[tuple[int, int, int], list[str]]] = {}  # module -> its size, names found


@contextmanager
def accelerate() -> Iterator[None]:
    """Route SciPy's convolutions and filters through this package inside a ``with`` block.

    The functions of `sigconv.compat.scipy_signal` and `sigconv.compat.scipy_ndimage` stand in for
    SciPy's wherever a loaded module refers to them, and so does our convolution for MNE's
    overlap-add filter, so that `raw.filter` and other libraries run faster as they are. Only the
    code inside the block (and what it calls) is served so: other threads, and everything after
    the block, an exception included, get SciPy's own functions.

    Returns
    -------
    context manager
        Blocks may be nested, and may be open in several threads.

    Notes
    -----
    Functions that a library took hold of before in a place that is no module's name (a class
    attribute, a default argument, a partial) are not found and stay SciPy's; so does a name that
    a module gave to one of them, since the last block, in another value's place. Worker processes
    and threads started inside the block are outside of it.

    Examples
    --------
    >>> import numpy as np, scipy.signal, sigconv
    >>> sos = scipy.signal.butter(4, [1, 40], "bandpass", fs=250, output="sos")
    >>> x = np.random.default_rng(0).normal(size=(8, 1000))
    >>> with sigconv.accelerate():
    ...     y = scipy.signal.sosfiltfilt(sos, x)
    >>> np.allclose(y, scipy.signal.sosfiltfilt(sos, x))
    True
    """
    _enter()
    token = _active.set(True)
    try:
        yield
    finally:
        _active.reset(token)
        _leave()


def _enter() -> None:
    global _n_blocks
    with _lock:
        if _n_blocks == 0:
            _put(_replacements())
        _n_blocks += 1


def _leave() -> None:
    global _n_blocks
    with _lock:
        _n_blocks -= 1
        if _n_blocks == 0:
            _put({stand_in: original for original, stand_in in _stand_ins.items()})


def _replacements() -> dict[_Function, _Function]:
    for room, ours in (("signal", scipy_signal), ("ndimage", scipy_ndimage)):
        for name in ours.__all__:
            _add(ours.originals[name], getattr(ours, name))
            # behind the public name, where SciPy wraps it for other array libraries
            inner = getattr(_module_of(ours.originals[name], room), name, None)
            if inner is not None:
                _add(inner, getattr(ours, name))
    overlap_add = mne_filter.original()
    if overlap_add is not None:
        _add(overlap_add, functools.partial(mne_filter.overlap_add, overlap_add))
    return _stand_ins


def _module_of(function: _Function, room: str) -> Any:
    inner = getattr(function, "__wrapped__", function)
    return sys.modules.get(inner.__module__, sys.modules[f"scipy.{room}"])


def _add(original: _Function, ours: _Function) -> None:
    if original in _stand_ins or original in _stand_ins.values():
        return

    @functools.wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        # what ours calls of SciPy on its way is meant to be SciPy's
        if not _active.get() or not all(map(is_plain, (*args, *kwargs.values()))):
            return original(*args, **kwargs)
        token = _active.set(False)
        try:
            return ours(*args, **kwargs)
        finally:
            _active.reset(token)

    _stand_ins[original] = stand_in


def _put(replacements: dict[_Function, _Function]) -> None:
    """Set the names in all modules that refer to one of the functions replaced.

    To look through all names of thousands of modules takes tens of milliseconds; a module that
    has as many names as the last time is not looked through again.
    """
    by_identity = {id(function): other for function, other in replacements.items()}
    either = {id(each) for pair in _stand_ins.items() for each in pair}
    for key, module in list(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if not isinstance(names, dict):
            continue
        size = (id(names), len(names), len(_stand_ins))
        known = _known.get(key)
        if known is None or known[0] != size:
            known = _known[key] = size, _references(names, either)
        for name in known[1]:
            other = by_identity.get(id(names.get(name)))
            if other is not None:
                names[name] = other


def _references(names: dict[str, Any], either: set[int]) -> list[str]:
    """Return a module's names for the functions that are ever replaced."""
    # the engine's own modules keep what they hold
    if str(names.get("__name__", "")).startswith("sigconv.compat"):
        return []
    return [name for name, value in list(names.items()) if id(value) in either]
