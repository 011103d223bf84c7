"""Kernels as sums of outer products of one kernel per axis."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from .integer_rank import integer_outer_products
from .separable import TOLERANCE, factors

Pair = tuple[NDArray[Any], NDArray[Any]]


class Separation(NamedTuple):
    """What `separate` returns.

    Attributes
    ----------
    terms : tuple of tuples of ndarray
        For each term one 1D kernel per axis; the kernel is the sum of their outer products.
    error : float
        Sum of the absolute values of what is missing, over that of the kernel.

    Examples
    --------
    >>> import sigconv
    >>> len(sigconv.separate([[0, 1, 0], [1, -4, 1], [0, 1, 0]]).terms)
    2
    """

    terms: tuple[tuple[NDArray[Any], ...], ...]
    error: float


def separate(h: ArrayLike, rtol: float | None = None) -> Separation:
    """Take a kernel apart into outer products of one kernel per axis.

    A convolution with ``outer(a, b)`` is one with `a` along one axis and then one with `b`
    along the other: 2 k products an output instead of k². A kernel that is the sum of r such
    terms costs r times as much; `convolve` uses this by itself where it pays.

    Parameters
    ----------
    h : array_like, any number of dimensions
        The kernel: integers, real or complex.
    rtol : float, optional
        How much may be missing, as sum of absolute values over that of `h`; as many of the
        largest terms are returned as that takes. By default what rounding leaves: a few units
        of the precision of `h`. Integers are separated exactly into integers unless it is given.

    Returns
    -------
    Separation
        ``terms``, the largest (in sum of absolute values) first, in the type of `h`, and
        ``error``, measured on the very terms returned. No output of a convolution changes by
        more than ``error`` times the sum of ``|h|`` times the largest ``|x|``. Where rounding
        leaves more than `rtol`, all terms are returned and ``error`` says so.

    Raises
    ------
    ValueError
        An empty kernel or one that is not finite; a negative `rtol`.
    TypeError
        A kernel that does not hold numbers.

    Notes
    -----
    In two dimensions the terms come from the singular value decomposition: there are as many
    as the rank of `h`, the fewest possible. With more axes, `h` is unfolded along one of them,
    and the other factor of each term is taken apart in turn; of all orders of the axes the one
    with the fewest terms is taken. The sum is as exact as in two dimensions, but a sum
    of fewer terms may exist. With n axes of k taps there are at most ``k ** (n - 1)`` terms.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> (across, along), = sigconv.separate([[1, 2, 1], [2, 4, 2], [1, 2, 1]]).terms
    >>> across, along
    (array([1, 2, 1]), array([1, 2, 1]))
    >>> y, x = np.mgrid[-7:8, -7:8]
    >>> disk = (np.hypot(x, y) < 7.5).astype(float)
    >>> terms, error = sigconv.separate(disk, rtol=0.05)
    >>> len(terms), error < 0.05
    (4, True)
    >>> approximation = sum(np.outer(*term) for term in terms)
    """
    kernel = np.asarray(_checks.numeric("h", h))
    if not np.isfinite(kernel).all():
        raise ValueError("h must hold finite numbers; got values that are not")
    if rtol is not None:
        rtol = _checks.number("rtol", rtol, at_least=0)
        kernel = kernel.astype(_checks.precision("h", kernel), copy=False)
    elif kernel.dtype.kind in "iu":
        kernel = kernel.astype(np.int64)
    return separation(kernel, rtol)


def separation(
    kernel: NDArray[Any], rtol: float | None = None, dtype: np.dtype[Any] | None = None
) -> Separation:
    """Do what `separate` does for finite numbers; floats' terms come in `dtype`."""
    fibres = factors(kernel)
    if fibres is not None:
        term = tuple(fibre.astype(dtype or kernel.dtype, copy=False) for fibre in fibres)
        return Separation((term,), _error(_less(kernel, term), kernel))
    if kernel.dtype.kind in "iu":
        terms = _terms(kernel, rounding(kernel), integer_outer_products)
        return Separation(tuple(sorted(terms, key=_size, reverse=True)), 0.0)
    floor = rounding(kernel)
    wide = kernel.astype(np.result_type(kernel, np.float64))
    terms = _terms(wide, floor, functools.partial(_singular_pairs, floor=floor))
    terms = [tuple(v.astype(dtype or kernel.dtype) for v in _balanced(term)) for term in terms]
    terms.sort(key=_size, reverse=True)
    enough = TOLERANCE * float(np.finfo(kernel.dtype).eps) if rtol is None else rtol
    left = kernel
    taken = []
    for term in terms:
        left = _less(left, term)
        taken.append(term)
        error = _error(left, kernel)
        if error <= enough:
            break
    return Separation(tuple(taken), error)


def rounding(kernel: NDArray[Any]) -> float:
    """Return how large a singular value rounding may have made."""
    eps = np.finfo(np.float64 if kernel.dtype.kind in "iu" else kernel.dtype).eps
    return math.sqrt(kernel.size) * float(eps) * float(np.abs(kernel * 1.0).max())


def count_terms(tensor: NDArray[Any], floor: float) -> tuple[int, int]:
    """Return how many terms a tensor has, and along which axis to unfold it for so few."""
    if tensor.ndim == 1:
        return 1, 0
    if tensor.ndim == 2:
        return int(np.count_nonzero(np.linalg.svd(tensor, compute_uv=False) > floor)), 0
    counts = []
    for axis in range(tensor.ndim):
        _, sizes, rows = np.linalg.svd(_unfolded(tensor, axis), full_matrices=False)
        rows = sizes[:, np.newaxis] * rows
        rest = tensor.shape[:axis] + tensor.shape[axis + 1 :]
        found = [count_terms(row.reshape(rest), floor)[0] for row in rows[sizes > floor]]
        counts.append((sum(found), axis))
    return min(counts)


def _less(kernel: NDArray[Any], term: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the kernel without a term, in extended precision where the machine has it."""
    wide = np.result_type(kernel, np.longdouble)
    return kernel - functools.reduce(np.multiply.outer, [v.astype(wide) for v in term])


def _error(left: NDArray[Any], kernel: NDArray[Any]) -> float:
    whole = np.abs(kernel.astype(left.dtype)).sum()
    return float(np.abs(left).sum() / whole) if whole else 0.0


def _size(term: Sequence[NDArray[Any]]) -> float:
    """Return the sum of the absolute values of an outer product."""
    return math.prod(float(np.abs(v.astype(np.result_type(v, float))).sum()) for v in term)


def _terms(
    tensor: NDArray[Any], floor: float, split: Callable[[NDArray[Any]], list[Pair]]
) -> list[tuple[NDArray[Any], ...]]:
    """Return the terms of a tensor, unfolded first along the axis that gives the fewest."""
    if tensor.ndim == 1:
        return [(tensor,)]
    _, axis = count_terms(tensor * 1.0, floor) if tensor.ndim > 2 else (0, 0)
    rest = tensor.shape[:axis] + tensor.shape[axis + 1 :]
    terms = []
    for across, others in split(_unfolded(tensor, axis)):
        for along in _terms(others.reshape(rest), floor, split):
            terms.append((*along[:axis], across, *along[axis:]))
    return terms


def _unfolded(tensor: NDArray[Any], axis: int) -> NDArray[Any]:
    """Return the matrix whose rows run along an axis of a tensor."""
    return np.moveaxis(tensor, axis, 0).reshape(tensor.shape[axis], -1)


def _singular_pairs(matrix: NDArray[Any], floor: float) -> list[Pair]:
    """Return outer products, each larger than `floor`, whose sum is the matrix.

    What rounding took is put back in extended precision, where the machine has it: sums that
    were off by 8 units of the precision are then off by 1.
    """
    columns, sizes, rows = np.linalg.svd(matrix, full_matrices=False)
    used = sizes > floor
    columns, sizes, rows = columns[:, used], sizes[used], rows[used]
    wide = matrix.astype(np.result_type(matrix, np.longdouble))
    missing = wide - (columns * sizes) @ rows.astype(wide.dtype)
    columns = (columns + missing @ rows.conj().T / sizes).astype(matrix.dtype)
    rows = sizes[:, np.newaxis] * rows
    missing = wide - columns.astype(wide.dtype) @ rows
    rows = (rows + columns.conj().T @ missing).astype(matrix.dtype)
    return list(zip(columns.T, rows, strict=True))


def _balanced(term: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return factors of equal size; the first one bears the sign."""
    peaks = [vector[np.argmax(np.abs(vector))] for vector in term]
    mean = math.prod(float(abs(peak)) ** (1 / len(term)) for peak in peaks)
    signs = [-1.0 if peak.real < 0 else 1.0 for peak in peaks]
    signs[0] = math.prod(signs[1:])
    return [
        _even(vector) * (sign * mean / float(abs(peak)))
        for vector, sign, peak in zip(term, signs, peaks, strict=True)
    ]


def _even(vector: NDArray[Any]) -> NDArray[Any]:
    """Return a vector that is even or odd but for rounding as exactly that."""
    rounding = 1e-13 * np.abs(vector).max()
    for sign in (1, -1):
        mirrored = sign * vector[::-1]
        if np.abs(vector - mirrored).max() <= rounding:
            return (vector + mirrored) / 2
    return vector
