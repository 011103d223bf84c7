"""What `convolve` is going to do, before it does it."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .. import _checks, _layout
from . import choose, problem, resources
from .choose import WORTH_THREADS
from .convolve import WORDS, convolve
from .geometry import REFERENCE_ROWS
from .problem import Form, Plan

#: What a further thread adds to the speed of one; measured with two.
SHARE = 0.8


@dataclass(frozen=True)
class Option:
    """A method and the time it would take, or what it needs and misses here.

    Attributes
    ----------
    method : str
        Its name.
    time : float
        Seconds, estimated; infinite where it cannot be used.
    threads : int
        Threads that would share the work: a short one is not shared.
    unmet : str
        What it needs and misses; empty where it can be used.
    provided : str
        What must hold of the samples, which are not known yet; empty where nothing must.
    """

    method: str
    time: float
    threads: int
    unmet: str = ""
    provided: str = ""

    def __str__(self) -> str:
        """Return the time, or what is missing."""
        return f"{self.method} {f'needs {self.unmet}' if self.unmet else _seconds(self.time)}"


@dataclass(frozen=True, eq=False)
class ConvolutionPlan:
    """What `convolve` does with signals of one shape and type and one kernel.

    Made by `plan_convolution`; printing it tells all of it. Called with a signal, it convolves
    it: ``plan(x)`` is ``convolve(x, h, ...)`` with the arguments of the plan.

    Attributes
    ----------
    x_shape, x_dtype, h_shape
        Of the signals and the kernel.
    output_shape, dtype
        Of the answer.
    method : str
        Which method answers.
    options : tuple of Option
        All methods, the fastest first and those that cannot be used last.
    why : str
        Why that method: the others' times, or what they miss.
    provided : str
        What must hold of the samples, or another method takes over where it does not; empty
        where nothing must. NaN and infinities are looked for whatever the method.
    blocks : tuple of int or None
        Lengths of the Fourier transforms, one per axis, if there are any.
    memory : int
        Bytes beside the signal and the answer, an estimate.
    time : float
        Seconds, an estimate for this machine (`sigconv tune` measures it).
    threads : int
        Threads that share the work.
    error : float
        Largest error to be expected, over the largest ``|x|`` times the sum of ``|h|``;
        0 for integers, which are exact.

    Examples
    --------
    >>> import sigconv
    >>> plan = sigconv.plan_convolution(1000, [1.0, 2.0, 1.0], mode="same")
    >>> plan.method, plan.output_shape, plan.blocks
    ('direct', (1000,), None)
    """

    x_shape: tuple[int, ...]
    x_dtype: np.dtype[Any]
    h_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    dtype: np.dtype[Any]
    method: str
    options: tuple[Option, ...]
    blocks: tuple[int, ...] | None
    memory: int
    time: float
    threads: int
    error: float
    _asked: str = field(repr=False)
    _form: Form = field(repr=False)
    _kernel: NDArray[Any] = field(repr=False)
    _workers: int | None = field(repr=False)

    def __call__(self, x: ArrayLike, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Convolve a signal as planned.

        Parameters
        ----------
        x : array_like
            The signal, of the shape and type of the plan.
        out : ndarray, optional
            Where to put the answer; it may overlap `x`.

        Returns
        -------
        ndarray
            What `convolve` returns.

        Raises
        ------
        ValueError, TypeError
            A signal of another shape or type, or what `convolve` raises.

        Examples
        --------
        >>> import sigconv
        >>> plan = sigconv.plan_convolution(3, [0.5, 0.5])
        >>> plan([1.0, 2.0, 3.0])
        array([0.5, 1.5, 2.5, 1.5])
        """
        signal = np.asarray(x)
        if signal.shape != self.x_shape:
            raise ValueError(f"x must have the plan's shape {self.x_shape}; got {signal.shape}")
        if signal.dtype != self.x_dtype:
            raise TypeError(f"x must have the plan's type {self.x_dtype}; got {signal.dtype}")
        form = self._form._asdict()
        return convolve(
            signal, self._kernel, method=self._asked, workers=self._workers, out=out, **form
        )

    @property
    def provided(self) -> str:
        """What must hold of the samples, or another method takes over."""
        return next(option.provided for option in self.options if option.method == self.method)

    @property
    def why(self) -> str:
        """Why the plan's method answers: what the others would take, or need and miss."""
        reason = "asked for"
        if self._asked == "auto":
            reason = "the fastest"
            if self.method != self.options[0].method:
                reason += f" if there were {REFERENCE_ROWS} signals: all are treated alike"
        return "; ".join([reason, *(str(o) for o in self.options if o.method != self.method)])

    def __str__(self) -> str:
        """Return the plan in a few lines."""
        first, *others = self.why.split("; ")
        blocks = " x ".join(map(str, self.blocks or ()))
        error = f"{self.error:.0e} of the largest |x| times the sum of |h|"
        lines = {
            "signal": f"{self.x_shape} {self.x_dtype}, kernel {self.h_shape}",
            "answer": f"{self.output_shape} {self.dtype}",
            "method": f"{self.method}, {first}",
            "provided": self.provided,
            "others": "\n          ".join(others),
            "blocks": f"transforms of {blocks} points" if blocks else "",
            "time": f"{_seconds(self.time)} on {self.threads} thread{'s' * (self.threads > 1)}",
            "memory": f"{_bytes(self.memory)} beside the signal and the answer",
            "error": error if self.error else "none",
        }
        return "\n".join(f"{name:<10}{text}" for name, text in lines.items() if text)


def plan_convolution(
    x_shape: int | Sequence[int],
    h: ArrayLike,
    *,
    x_dtype: DTypeLike = np.float64,
    axes: int | Sequence[int] | None = None,
    mode: str = "full",
    boundary: str | Sequence[str] = "zero",
    cval: complex = 0.0,
    method: str = "auto",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    nan_policy: str = "propagate",
    workers: int | None = None,
) -> ConvolutionPlan:
    """Say what `convolve` is going to do: which method and why, how long, in how much memory.

    Parameters
    ----------
    x_shape : int or sequence of int
        Shape of the signals.
    h : array_like
        The kernel. For a correlation, give it reversed and conjugated.
    x_dtype : dtype
        Type of the signals.
    axes, mode, boundary, cval, method, stride, dilation, nan_policy, workers
        As in `convolve`.

    Returns
    -------
    ConvolutionPlan
        To be printed, read, or called with signals: ``plan(x, out=None)``. The same arguments
        give the same plan, which is kept.

    Raises
    ------
    ValueError, TypeError
        As `convolve`.

    Notes
    -----
    `convolve` follows the same plan. Where it depends on the samples, on how loud they are or
    whether integers stay exact, ``plan.provided`` says what is taken for granted; `convolve`
    looks, and takes the next method where that does not hold.

    Examples
    --------
    >>> import sigconv
    >>> blur = sigconv.kernels.gaussian(4, ndim=2)
    >>> plan = sigconv.plan_convolution((512, 512), blur, mode="same", workers=1)
    >>> plan.method, plan.output_shape, plan.provided
    ('separable', (512, 512), '')
    >>> print(plan)
    signal    (512, 512) float64, kernel (33, 33)
    answer    (512, 512) float64
    method    separable, the fastest
    others    ...
              running_sum needs a kernel whose taps are all equal
    time      ...
    memory    ...
    error     ... of the largest |x| times the sum of |h|
    """
    shape = (x_shape,) if np.ndim(x_shape) == 0 else tuple(x_shape)  # type: ignore[arg-type]
    shape = tuple(_checks.whole("x_shape", n) for n in shape)
    _checks.one_of("method", method, WORDS)
    if workers is not None:
        _layout.thread_count(workers)
    form = Form(*map(_hashable, (axes, mode, boundary, cval, stride, dilation, nan_policy)))
    kernel = np.asarray(_checks.numeric("h", h))
    asked = (shape, np.dtype(x_dtype), form, method, workers)
    return _plan(*asked, kernel.shape, kernel.dtype, kernel.tobytes())


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, np.ndarray)) else value


@functools.lru_cache(maxsize=64)
def _plan(
    x_shape: tuple[int, ...],
    x_dtype: np.dtype[Any],
    form: Form,
    method: str,
    workers: int | None,
    h_shape: tuple[int, ...],
    h_dtype: np.dtype[Any],
    h_bytes: bytes,
) -> ConvolutionPlan:
    kernel = np.frombuffer(h_bytes, h_dtype).reshape(h_shape)
    frame, weights = _pose(x_shape, x_dtype, kernel, form)
    geometry, work = frame.geometry, frame.work
    most = _layout.thread_count(workers)
    options = tuple(sorted(_options(frame, weights, method, most), key=_on_one_thread))
    fit = [option for option in options if method in ("auto", option.method)]
    chosen = min(fit, key=lambda option: _weight(option, frame, weights))
    if chosen.unmet:
        raise ValueError(choose.refusal(chosen.method, chosen.unmet))
    of = resources.OF[chosen.method]
    return ConvolutionPlan(
        x_shape=x_shape,
        x_dtype=x_dtype,
        h_shape=h_shape,
        output_shape=frame.output_shape,
        dtype=frame.dtype,
        method=chosen.method,
        options=options,
        blocks=of.blocks(geometry, work),
        memory=resources.memory(chosen.method, geometry, work, weights),
        time=chosen.time,
        threads=chosen.threads,
        error=resources.expected_error(chosen.method, geometry, frame.dtype),
        _asked=method,
        _form=form,
        _kernel=kernel,
        _workers=workers,
    )


def _pose(
    x_shape: tuple[int, ...], x_dtype: np.dtype[Any], kernel: NDArray[Any], form: Form
) -> tuple[Plan, NDArray[Any]]:
    """Return what follows from shapes, types and words, and the weights; no signal is needed."""
    signal = np.broadcast_to(_checks.numeric("x", np.zeros(1, x_dtype)), x_shape)
    frame = problem.frame(x_shape, signal.dtype, kernel, form).plan
    weights = problem.kernel_rows(kernel, x_shape, frame.axes, frame.work)
    return frame, weights[(slice(None), *[slice(None, None, -1)] * len(frame.axes))]


def _options(frame: Plan, weights: NDArray[Any], asked: str, most: int) -> Iterator[Option]:
    """Yield what can be said of every method, with so many threads, before a signal is seen."""
    geometry, work = frame.geometry, frame.work
    for choice in choose.by_cost(geometry, work):
        provided = resources.provided(choice.name, geometry, work)
        unmet = ""
        if not (work.kind in "iu" and provided):  # integers have to be there to be looked at
            unmet = choice.method.unmet(np.empty(0, work), weights, geometry)
        if asked == "auto":
            unmet = unmet or choose.missed(choice, len(weights), geometry, work)
        if unmet:
            yield Option(choice.name, math.inf, 1, unmet)
        else:
            cost = choose.priced(choice.name, weights, geometry, work).cost
            threads = most if cost >= WORTH_THREADS else 1
            time = cost * 1e-9 / (1 + SHARE * (threads - 1))
            yield Option(choice.name, time, threads, provided=provided)


def _weight(option: Option, frame: Plan, weights: NDArray[Any]) -> float:
    """Return the cost by which methods are chosen: no answer depends on threads or other rows."""
    if option.unmet:
        return math.inf
    return choose.priced(option.method, weights, frame.geometry, frame.work).weight


def _on_one_thread(option: Option) -> float:
    return option.time * (1 + SHARE * (option.threads - 1))


def _seconds(time: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time * 1e6:.3g} us"


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"
