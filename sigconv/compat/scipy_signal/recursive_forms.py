"""What `scipy.signal`'s recursive filters ask of their arguments, and their rows and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...filters import zero_phase
from .recursion import Filtered

#: The paddings by SciPy's names.
_PADDINGS = {"odd": "odd", "even": "even", "constant": "constant", None: "none"}


def coefficients(name: str, given: ArrayLike) -> NDArray[Any]:
    """Return b or a as an array of one dimension."""
    array = np.atleast_1d(given)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"Parameter {name} is not a non-empty 1d array, since {name}.shape={array.shape}!"
        )
    return array


def section_array(given: ArrayLike) -> NDArray[Any]:
    """Return sections of shape (n_sections, 6)."""
    sos = np.atleast_2d(given)
    if sos.ndim != 2:
        raise ValueError("sos array must be 2D")
    if sos.shape[1] != 6:
        raise ValueError("sos array must be shape (n_sections, 6)")
    if not (sos[:, 3] == 1).all():
        raise ValueError("sos[:, 3] should be all ones")
    return sos


def signal_array(x: ArrayLike) -> NDArray[Any]:
    """Return the signals."""
    array = np.asarray(x)
    if array.ndim == 0:
        raise ValueError("x must be at least 1-D")
    return array


def common_type(*arrays: NDArray[Any], feedback: bool = True) -> np.dtype[Any]:
    """Return the type of the answer; SciPy words its refusal by whether there is feedback."""
    dtype = np.result_type(*arrays)
    if dtype.char in "fdFD":
        return dtype
    if feedback:
        raise NotImplementedError(f"input type '{dtype}' not supported")
    raise NotImplementedError(
        f"Parameter's dtypes produced result type '{dtype}', which is not supported!"
    )


def wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type to compute in."""
    return np.result_type(dtype, np.float64)


def as_rows(x: NDArray[Any], axis: int, dtype: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (n_rows, n), and the array with its axis last, whose shape leads back."""
    moved = np.moveaxis(x, axis, -1)
    n = moved.shape[-1]
    return moved.reshape(moved.size // n if n else 0, n).astype(dtype, copy=False), moved


def from_rows(
    rows: NDArray[Any], like: NDArray[Any], axis: int, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Undo `as_rows`; the axis may have another length now."""
    shaped = rows.reshape(*like.shape[:-1], rows.shape[-1])
    with np.errstate(over="ignore"):
        return np.moveaxis(shaped.astype(dtype, copy=False), -1, axis)


def broadcast_state(zi: NDArray[Any], x: NDArray[Any], axis: int, order: int) -> NDArray[Any]:
    """Return the state in the shape of x with `order` values along the axis."""
    if zi.ndim != x.ndim:
        raise ValueError(
            f"Dimensions of parameters x and zi must match, but x.ndim={x.ndim}, zi.ndim={zi.ndim}!"
        )
    expected = list(x.shape)
    expected[axis] = order
    if any(n not in (1, m) for n, m in zip(zi.shape, expected, strict=True)) or (
        zi.shape[axis] != order
    ):
        raise ValueError(
            f"Unexpected shape for parameter zi: expected {tuple(expected)}, found {zi.shape}."
        )
    return np.broadcast_to(zi, expected)


def padding(padtype: str | None, padlen: int | None, n: int, n_taps: int) -> tuple[str, int]:
    """Return what is put beyond the ends, by the engine's name, and how much of it."""
    if padtype not in _PADDINGS:
        raise ValueError(
            f"Unknown value '{padtype}' given to padtype. "
            "padtype must be 'even', 'odd', 'constant', or None."
        )
    length = 0 if padtype is None else 3 * n_taps if padlen is None else padlen
    if n <= length:
        raise ValueError(
            f"The length of the input vector x must be greater than padlen, which is {length}."
        )
    return _PADDINGS[padtype], length


def both_ways(
    rows: NDArray[Any], run: Any, rest: NDArray[Any], name: str, length: int
) -> NDArray[Any]:
    """Filter forward and backward, each time from the state of rest at the first value."""

    def into(
        block: NDArray[Any], states: NDArray[Any], *, backward: bool, out: NDArray[Any]
    ) -> Filtered:
        out[...], after = run(block, states, backward=backward)
        return out, after

    return zero_phase.forward_backward(rows, into, rest[np.newaxis], length, name)
