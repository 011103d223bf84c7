"""Argument checks: one sentence that names the argument, what is allowed and what came."""

from __future__ import annotations

import difflib
import importlib
import operator
from collections.abc import Collection, Iterable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class FileError(ValueError):
    """A file that cannot be used; the sentence starts with its path."""


class MissingExtra(ImportError):
    """A package of an optional extra is not installed; the sentence names the extra."""


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtra(
            f"{purpose} needs {package}, which the extra {extra!r} brings: "
            f"pip install 'sigconv[{extra}]'"
        ) from error


def one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    """Return `value` if it is one of the allowed words; suggest the nearest one otherwise."""
    if isinstance(value, str) and value in allowed:
        return value
    words = list(allowed)
    near = difflib.get_close_matches(str(value), words, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    listed = ", ".join(repr(word) for word in words)
    raise ValueError(f"{name} must be one of {listed}; got {value!r}{hint}")


def parameters(owner: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse keyword arguments that `owner` does not take."""
    words = list(allowed)
    for name in given:
        if name not in words:
            near = difflib.get_close_matches(name, words, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            takes = ", ".join(repr(word) for word in words) or "no parameters"
            raise TypeError(f"{owner} takes {takes}; got {name!r}{hint}")


def number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a finite float within the given limits."""
    limits = []
    if above is not None:
        limits.append(f"above {above:g}")
    if at_least is not None:
        limits.append(f"at least {at_least:g}")
    if below is not None:
        limits.append(f"below {below:g}")
    wanted = " ".join(["a finite number", " and ".join(limits)]).strip()
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        result = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be {wanted}; got {value!r}") from None
    if (
        not np.isfinite(result)
        or (above is not None and result <= above)
        or (at_least is not None and result < at_least)
        or (below is not None and result >= below)
    ):
        raise ValueError(f"{name} must be {wanted}; got {value!r}")
    return result


def whole(name: str, value: Any, *, at_least: int = 1) -> int:
    """Return `value` as an int of at least `at_least`; floats are refused."""
    try:
        result = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number; got {value!r}") from None
    if result < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}; got {result}")
    return result


def per_axis(name: str, value: Any, n_axes: int, *, at_least: int = 1) -> tuple[int, ...]:
    """Return one whole number per axis from one number or a sequence of them."""
    if isinstance(value, int) or np.ndim(value) == 0:
        return (whole(name, value, at_least=at_least),) * n_axes
    if len(value) != n_axes:
        raise ValueError(f"{name} must be one number or one per axis ({n_axes}); got {value!r}")
    return tuple(whole(name, item, at_least=at_least) for item in value)


def axis_index(name: str, value: Any, ndim: int) -> int:
    """Return `value` as a non-negative axis of an array with `ndim` dimensions."""
    axis = whole(name, value, at_least=-ndim) if ndim else -1
    if not 0 <= axis + ndim * (axis < 0) < ndim:
        raise ValueError(f"{name} must be an axis of an array with {ndim} dimensions; got {value}")
    return axis % ndim


def axes_tuple(name: str, value: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    """Return distinct non-negative axes of an array with `ndim` dimensions."""
    items = (value,) if np.ndim(value) == 0 else tuple(value)  # type: ignore[arg-type]
    axes = tuple(axis_index(name, item, ndim) for item in items)
    if not axes or len(set(axes)) != len(axes):
        raise ValueError(f"{name} must name at least one axis and none twice; got {value!r}")
    return axes


def numeric(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return `value` as a non-empty numeric array (booleans count as integers)."""
    array = np.asanyarray(value)
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must be a plain array; got a masked one (fill it: .filled(np.nan))"
        )
    if array.dtype.kind == "b":
        array = array.astype(np.int_)
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{name} must hold numbers; got an array of dtype {array.dtype}")
    if array.ndim == 0:
        raise ValueError(f"{name} must have at least one dimension; got the scalar {value!r}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty; got an array of shape {array.shape}")
    return array


def precision(name: str, array: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype that results computed from `array` have: its own, float64 for integers."""
    if array.dtype.kind in "iu":
        return np.dtype(np.float64)
    if array.dtype.itemsize > 8 * (1 + (array.dtype.kind == "c")):
        raise TypeError(
            f"{name} must be of integers, float16 to float64 or complex64 to complex128; "
            f"got {array.dtype}"
        )
    return array.dtype.newbyteorder("=")


def output(out: NDArray[Any], shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Check an `out` array: its shape, and that results of `dtype` can be stored in it."""
    if not isinstance(out, np.ndarray) or not out.flags.writeable:
        came = "a read-only one" if isinstance(out, np.ndarray) else type(out).__name__
        raise TypeError(f"out must be a writable array; got {came}")
    if out.shape != shape:
        raise ValueError(f"out must have shape {shape}; got {out.shape}")
    if not np.can_cast(dtype, out.dtype, casting="same_kind"):
        raise TypeError(f"out must be able to hold {np.dtype(dtype)}; got {out.dtype}")
    return out


def sampling_rate(fs: Any) -> float:
    """Return a sampling rate in Hz."""
    return number("fs", fs, above=0)


def needed_rate(fs: float | None) -> float:
    """Return the sampling rate of signals for what cannot do without one."""
    if fs is None:
        raise ValueError("fs must be given with an array: the sampling rate in Hz")
    return sampling_rate(fs)


def chunk(value: ArrayLike, n_channels: int) -> NDArray[Any]:
    """Return the next piece of a stream of `n_channels` signals: an array (n_channels, n)."""
    array = np.asarray(value)
    if array.ndim != 2 or len(array) != n_channels:
        raise ValueError(f"chunk must have shape ({n_channels}, n); got {array.shape}")
    return array


def samples(name: str, length: Any, fs: float | None) -> int:
    """Return a length in seconds (at `fs`) or samples (without) as a whole number of samples."""
    if fs is None:
        return whole(name, length)
    n = int(number(name, length, above=0) * fs + 0.5)
    if n < 1:
        raise ValueError(
            f"{name} must be half a sample at least; got {length} s, {length * fs:.2g} samples "
            f"at {fs:g} Hz"
        )
    return n


def frequency(name: str, value: Any, fs: float) -> float:
    """Return a frequency in Hz strictly between 0 and half the sampling rate."""
    result = number(name, value)
    if not 0 < result < fs / 2:
        raise ValueError(
            f"{name} must lie between 0 and {fs / 2:g} Hz, half the sampling rate of {fs:g} Hz; "
            f"got {result:g}"
        )
    return result


def result_type(**arrays: NDArray[Any]) -> np.dtype[Any]:
    """Return the type of results of the given arrays, by name: the precision of the first wins.

    Integers among themselves give NumPy's result type; one complex array makes all complex.
    """
    first, *_ = [precision(name, array) for name, array in arrays.items()]
    kinds = {array.dtype.kind for array in arrays.values()}
    if kinds <= {"i", "u"}:
        return np.result_type(*arrays.values())
    return np.result_type(first, np.complex64) if "c" in kinds else first
