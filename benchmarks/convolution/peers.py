"""Who else convolves: one table of peers, each with what it can take and how it is called.

All answer in the mode "same" with zeros beyond the ends; `measure` checks every answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.filters
import torch
from numpy.typing import NDArray
from scipy import ndimage, signal

from .cases import Cell, Problem

Answer = Callable[[], NDArray]

#: torch's float64 convolution copies the signal once a tap; beyond this it is left out.
MOST_UNFOLDED = 2**30

#: From here on `scipy.signal.convolve` is not timed beside the function it hands over to.
HANDED_OVER = 1_000_000


@dataclass(frozen=True)
class Peer:
    """A function of another library: `prepare` may lay data out, the answer it returns is timed.

    `unmet` says why a cell is not for it, or nothing. `work` is what its time grows with, so that
    it can be foretold: "products" with all taps, "passes" with the taps of each axis. The time
    of transforms and running sums ("") follows neither, and they run in every cell.
    """

    name: str
    prepare: Callable[[Problem], Answer]
    unmet: Callable[[Cell], str] = lambda cell: ""
    work: str = "products"

    def amount(self, cell: Cell) -> float:
        """Return the work of a cell."""
        taps = {"products": math.prod(cell.taps), "passes": sum(cell.taps), "": 0}
        return cell.n_samples * taps[self.work]


# NumPy: one dimension, a row at a time ----------------------------------------------------------


def _numpy_unmet(cell: Cell) -> str:
    if cell.ndim > 1:
        return "is one-dimensional"
    return "centres on the longer of the two" if cell.taps[0] > cell.shape[-1] else ""


def _rows(function: Callable[[NDArray], NDArray], x: NDArray) -> Answer:
    if x.ndim == 1:
        return lambda: function(x)
    return lambda: np.stack([function(row) for row in x])


def _numpy_convolve(problem: Problem) -> Answer:
    return _rows(lambda row: np.convolve(row, problem.h, "same"), problem.x)


def _numpy_correlate(problem: Problem) -> Answer:
    flipped = problem.flipped
    return _rows(lambda row: np.correlate(row, flipped, "same"), problem.x)


# SciPy ------------------------------------------------------------------------------------------


def _beside(h: NDArray, x: NDArray) -> NDArray:
    """Return a kernel with an axis of length 1 for each batch axis of the signal."""
    return h.reshape((1,) * (x.ndim - h.ndim) + h.shape)


def _of_signal(function: Callable[..., NDArray]) -> Callable[[Problem], Answer]:
    def prepare(problem: Problem) -> Answer:
        x, h = problem.x, _beside(problem.h, problem.x)
        return lambda: function(x, h, mode="same")

    return prepare


def _handed_over(cell: Cell) -> str:
    if cell.n_samples <= HANDED_OVER:
        return ""
    x, h = np.empty(cell.shape, cell.dtype), np.empty(cell.taps, cell.dtype)
    if signal.choose_conv_method(x, _beside(h, x), mode="same") == "fft":
        return f"hands over to fftconvolve, timed by itself beyond {HANDED_OVER:,} samples"
    return ""


def _ndimage_convolve(problem: Problem) -> Answer:
    x, h = problem.x, _beside(problem.h, problem.x)
    origin = [k % 2 - 1 for k in h.shape]  # even kernels: SciPy's own "same"
    return lambda: ndimage.convolve(x, h, mode="constant", origin=origin)


def _ndimage_correlate(problem: Problem) -> Answer:
    x, flipped = problem.x, _beside(problem.flipped, problem.x)
    return lambda: ndimage.correlate(x, flipped, mode="constant")


def _ndimage_axes(problem: Problem) -> Answer:
    x, factors = problem.x, [np.flip(f) for f in problem.factors or (problem.h,)]

    def answer() -> NDArray:
        y = x
        for axis, taps in enumerate(factors, x.ndim - len(factors)):
            y = ndimage.correlate1d(y, taps, axis, mode="constant")
        return y

    return answer


def _gaussian_filter(problem: Problem) -> Answer:
    radii = [(k - 1) // 2 for k in problem.cell.taps]
    return lambda: ndimage.gaussian_filter(problem.x, problem.sigmas, radius=radii, mode="constant")


def _uniform_filter(problem: Problem) -> Answer:
    axes = range(-problem.cell.ndim, 0)
    return lambda: ndimage.uniform_filter(
        problem.x, problem.cell.taps, mode="constant", axes=tuple(axes)
    )


def _separable(cell: Cell) -> str:
    return "takes separable kernels" if cell.ndim > 1 and cell.kind == "any" else ""


def _several_axes(cell: Cell) -> str:
    return "is correlate1d along one axis, timed by itself" if cell.ndim == 1 else ""


def _gaussians(cell: Cell) -> str:
    if cell.kind != "gaussian":
        return "takes Gaussians"
    return "" if all(k % 2 for k in cell.taps) else "takes odd sizes"


def _boxes(cell: Cell) -> str:
    return "" if cell.kind == "box" else "takes boxes"


# OpenCV -----------------------------------------------------------------------------------------


def _pictures(*others: Callable[[Cell], str]) -> Callable[[Cell], str]:
    def unmet(cell: Cell) -> str:
        if cell.ndim > 2:
            return "takes pictures"
        return next((why for why in (other(cell) for other in others) if why), "")

    return unmet


def _opencv(problem: Problem) -> tuple[NDArray, dict[str, object]]:
    """Return the signal as a picture, and what all of OpenCV's filters are told."""
    taps = (1, *problem.cell.taps)[-2:]
    anchor = (taps[1] // 2, taps[0] // 2)
    return np.atleast_2d(problem.x), {"anchor": anchor, "borderType": cv2.BORDER_CONSTANT}


def _filter2d(problem: Problem) -> Answer:
    picture, options = _opencv(problem)
    flipped, shape = np.atleast_2d(problem.flipped), problem.x.shape
    return lambda: cv2.filter2D(picture, -1, flipped, **options).reshape(shape)


def _sep_filter2d(problem: Problem) -> Answer:
    picture, options = _opencv(problem)
    factors = (np.ones(1, problem.h.dtype), *(problem.factors or (problem.h,)))[-2:]
    down, along = (np.ascontiguousarray(np.flip(factor)) for factor in factors)
    shape = problem.x.shape
    return lambda: cv2.sepFilter2D(picture, -1, along, down, **options).reshape(shape)


def _gaussian_blur(problem: Problem) -> Answer:
    size, (down, along) = problem.cell.taps[::-1], problem.sigmas
    return lambda: cv2.GaussianBlur(
        problem.x, size, sigmaX=along, sigmaY=down, borderType=cv2.BORDER_CONSTANT
    )


def _box_filter(problem: Problem) -> Answer:
    picture, options = _opencv(problem)
    size = (1, *problem.cell.taps)[-2:][::-1]
    return lambda: cv2.boxFilter(picture, -1, size, **options)


# torch and scikit-image -------------------------------------------------------------------------


def _unfolds(cell: Cell) -> str:
    unfolded = cell.n_products * np.dtype(cell.dtype).itemsize
    if cell.dtype == "float64" and unfolded > MOST_UNFOLDED:
        return (
            "lays a float64 signal out once a tap, in the cells left out "
            f"more than {MOST_UNFOLDED / 2**30:.0f} GiB"
        )
    return ""


def _torch(problem: Problem) -> Answer:
    x, taps = problem.x, problem.cell.taps
    function = getattr(torch.nn.functional, f"conv{len(taps)}d")
    lengths = x.shape[-len(taps) :]
    signal_ = torch.from_numpy(x).reshape(-1, 1, *lengths)
    weight = torch.from_numpy(problem.flipped)[None, None]
    padding = [k // 2 for k in taps]
    kept = (slice(None), 0, *(slice(n) for n in lengths))  # one more than asked for even kernels
    return lambda: function(signal_, weight, padding=padding).numpy()[kept].reshape(x.shape)


def _odd(cell: Cell) -> str:
    return "" if all(k % 2 for k in cell.taps) else "takes odd sizes"


def _correlate_sparse(problem: Problem) -> Answer:
    flipped = _beside(problem.flipped, problem.x)
    return lambda: skimage.filters.correlate_sparse(problem.x, flipped, mode="constant")


def _skimage_gaussian(problem: Problem) -> Answer:
    # `truncate` is one number for all axes: half a sample more than the radius on each.
    truncate = min(k / 2 / s for k, s in zip(problem.cell.taps, problem.sigmas, strict=True))
    truncate -= 1e-6
    return lambda: skimage.filters.gaussian(
        problem.x, problem.sigmas, mode="constant", truncate=truncate, preserve_range=True
    )


PEERS = (
    Peer("numpy.convolve", _numpy_convolve, _numpy_unmet),
    Peer("numpy.correlate", _numpy_correlate, _numpy_unmet),
    Peer("scipy.signal.convolve", _of_signal(signal.convolve), _handed_over, ""),
    Peer("scipy.signal.fftconvolve", _of_signal(signal.fftconvolve), work=""),
    Peer("scipy.signal.oaconvolve", _of_signal(signal.oaconvolve), work=""),
    Peer("scipy.ndimage.convolve", _ndimage_convolve, _several_axes),
    Peer("scipy.ndimage.correlate", _ndimage_correlate, _several_axes),
    Peer("scipy.ndimage.correlate1d", _ndimage_axes, _separable, "passes"),
    Peer("scipy.ndimage.gaussian_filter", _gaussian_filter, _gaussians, "passes"),
    Peer("scipy.ndimage.uniform_filter", _uniform_filter, _boxes, ""),
    Peer("cv2.filter2D", _filter2d, _pictures(), ""),
    Peer("cv2.sepFilter2D", _sep_filter2d, _pictures(_separable), "passes"),
    Peer("cv2.GaussianBlur", _gaussian_blur, _pictures(_gaussians), "passes"),
    Peer("cv2.boxFilter", _box_filter, _pictures(_boxes), ""),
    Peer("torch conv", _torch, _unfolds),
    Peer("skimage.filters.correlate_sparse", _correlate_sparse, _odd),
    Peer("skimage.filters.gaussian", _skimage_gaussian, _gaussians, "passes"),
)
