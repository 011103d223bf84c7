"""Every compiled function called once for every type, so that it lies in the cache."""

from __future__ import annotations

import functools
import gc
import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from . import _layout

REAL = ("float32", "float64")
TYPES = (*REAL, "complex64", "complex128", "int64")

#: Signals of one, two and three axes.
SHAPES = ((60,), (30, 24), (12, 13, 14))

#: New objects after which the garbage collector looks for those that can go while compiling. It
#: takes a tenth of the time with Python's own 700, of the memory it saves little.
OBJECTS = 50_000


def steps() -> list[Callable[[], None]]:
    """Return the functions that, called once, have compiled all.

    They have little in common: what one process compiles, no other has to. The longest come first,
    so that processes that share them out are done at about the same time.
    """
    partial = functools.partial
    methods = ("running_sum", "fft", "overlap_save", "direct", "separable", "low_rank")
    first, second, *convolutions = [partial(_convolve, method) for method in methods]
    others = [
        partial(run, dtype) for run in (_smooth, _pool, _standardise, _stream) for dtype in REAL
    ]
    return [first, second, _filter, *convolutions, *others, _numbers_of_files]


def shared_out() -> Iterator[Callable[[], None]]:
    """Yield what remains to be called for each step, once other processes have compiled it.

    A process compiles one function at a time, so each core has a process of its own. What they
    kept of the same function at the same time may have got lost: the caller loads or compiles
    it, and so has everything itself.
    """
    mine = steps()
    cores = _layout.available_cores()
    if cores == 1:
        yield from mine
        return
    fresh = multiprocessing.get_context("spawn")  # threads of this process may be under way
    with ProcessPoolExecutor(cores, mp_context=fresh, initializer=_prepare) as pool:
        pending = [pool.submit(_run, number) for number in range(len(mine))]
        for step, other in zip(mine, pending, strict=True):
            other.result()
            yield step


def _prepare() -> None:
    """Let the collector of a process that only compiles come more seldom, and end it in time."""
    gc.set_threshold(OBJECTS, 20, 100)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process with its parent: if that was killed, it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "started by a process"
    parent.join()
    os._exit(1)


def _run(number: int) -> None:
    steps()[number]()


def _convolve(method: str) -> None:
    from .convolution import convolve

    ways = list(itertools.product((3, 8), ((1, 1), (2, 1), (1, 2)), (False, True)))
    for dtype, shape in itertools.product(TYPES, SHAPES):
        x = np.ones(shape, dtype)
        for n_taps, (stride, dilation), many in ways:
            convolve(
                x[np.newaxis] if many else x,
                np.ones((n_taps,) * x.ndim, dtype),
                method=method,
                stride=stride,
                dilation=dilation,
                boundary="reflect" if many else "zero",
                workers=1,
            )
    for dtype in TYPES:
        if method == "low_rank":
            two_terms = np.diag([1, 2, 0, 0, 0]).astype(dtype)
            convolve(np.ones(SHAPES[1], dtype), two_terms, method=method)
        if method == "overlap_save":
            for h in (np.ones(5_000, dtype), np.arange(5_000).astype(dtype)):
                convolve(np.ones(70_000, dtype), h)


def _stream(dtype: str) -> None:
    from .convolution import StreamingConvolver, match_template

    for h in (np.ones(5), np.ones(3_000)):
        StreamingConvolver(h, dtype=dtype).push(np.ones(9_000, dtype))
    match_template(np.eye(30, dtype=dtype), np.eye(4, dtype=dtype))


def _filter() -> None:
    from .compat.scipy_signal import lfilter
    from .filters import bandpass, fir, track_notch

    for dtype in (*REAL, "complex64", "complex128"):
        for shape in ((600,), (9, 600), (1, 40_000)):
            x = np.ones(shape, dtype)
            for order in (1, 2, 4):
                tf = bandpass((5, 20), fs=100, order=order)
                tf.filter(x)
                tf.filtfilt(x)
            fir(10, fs=100, taps=31).filter(x)
        sideways = np.ones((9_000, 16), dtype)
        tf.filter(sideways, axis=0, out=sideways)
        track_notch(np.ones(600, dtype), lambda t: 20 + t, fs=100)
        lfilter([1.0], [1, -0.5, 0.1, 0.1], np.ones((9, 600), dtype))


def _standardise(dtype: str) -> None:
    from .conditioning import exponential_moving_standardise

    exponential_moving_standardise(np.ones((2, 600), dtype), 0.01)


def _smooth(dtype: str) -> None:
    from .smoothing import smooth
    from .smoothing.methods import METHODS

    for method in METHODS:
        smooth(np.ones((2, 60), dtype), 5, method=method)
    # medians go three ways: short windows, long ones, and windows with gaps
    gap = np.append(np.ones(60, dtype), np.nan).astype(dtype)
    smooth(gap, 9, method="median", nan_policy="omit")


def _pool(dtype: str) -> None:
    from .cnn_forms import max_pool_nd_with_index, pool_nd, pool_nd_grad

    for shape in SHAPES:
        x = np.ones((1, 2, *shape), dtype)
        for op in ("max", "average", "min"):
            pooled = pool_nd(x, 3, stride=2, op=op)
            pool_nd_grad(pooled, x, 3, stride=2, op=op)
        max_pool_nd_with_index(x, 3)


def _numbers_of_files() -> None:
    from .io import audio_jit, edf_jit

    signals = np.zeros((2, 30))
    for dtype in (np.int16, np.int32):
        numbers = np.zeros((30, 2), dtype)
        audio_jit.to_signals(numbers, 1.0, signals)
        audio_jit.to_numbers(signals, 1.0, 0, numbers)
    records = np.zeros((3, 20), np.int16)
    edf_jit.to_numbers(signals[0], 1.0, 0.0, 1.0, (-9, 9), records, 5, 10)
    edf_jit.to_numbers(signals[0], 1.0, 0.0, 1.0, (-9, 9), np.zeros((1, 30), np.int32), 0, 30)
    records.flags.writeable = False  # as what comes from a file
    edf_jit.to_signal(records, 5, 10, 1.0, 0.0, 1.0, 0, signals[0])
