"""Signals and answers in memory-mapped files: slab by slab, in bounded memory."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _maps
from .pieces import Outline, Region, fill, hulls, outline
from .problem import Form, refuse_gaps

#: Bytes of samples and answers of one slab; the methods need up to about five times as much beside.
SLAB = 1 << 24

#: A slab is cut along a later axis once it is this many spans of the kernel long along the earlier
#: ones: what neighbours read twice is then at most a quarter.
WORTH_CUTTING = 4

#: Outputs along the axis that runs fastest which stay together: the direct method takes short lines
#: in another order of the sums, and slabs are to give the same bits as the whole.
LINE = 128


def wanted(x: Any, out: Any) -> bool:
    """Return whether a convolution into `out` is to be done slab by slab.

    One of the two is a memory-mapped file, they do not fit into a slab, and they do not overlap
    (what is still to be read would be written over).
    """
    if not (isinstance(out, np.ndarray) and isinstance(x, np.ndarray)):
        return False
    if x.nbytes + out.nbytes <= SLAB or isinstance(x, np.ma.MaskedArray):
        return False
    mapped = _maps.map_below(x) is not None or _maps.map_below(out) is not None
    return mapped and not _maps.overlap(x, out)


def apart(x: Any, out: Any) -> Any:
    """Return `x`, as a copy if it and `out` overlap in one file that is mapped twice.

    NumPy, asked whether they share memory, cannot see that.
    """
    if not (isinstance(out, np.ndarray) and isinstance(x, np.ndarray)):
        return x
    if _maps.map_below(x) is None or _maps.map_below(out) is None or np.may_share_memory(x, out):
        return x
    return np.array(x) if _maps.overlap(x, out) else x


def convolve(
    x: Any,
    h: Any,
    form: Form,
    correlation: bool,
    method: str,
    workers: int | None,
    out: NDArray[Any],
) -> NDArray[Any]:
    """Convolve or correlate `x` into `out`."""
    x = np.asarray(x)
    whole = outline(x.shape, x.dtype, h, form, correlation, method)
    _checks.output(out, whole.frame.plan.output_shape, whole.frame.plan.dtype)
    if form.nan_policy == "raise":
        refuse_gaps(_count_gaps(x))
    for region in regions(whole, x.strides):
        needs = whole.needs(region)
        piece = whole.empty_piece(needs, x.dtype)
        fill(piece, (x[hull] for hull in hulls(needs)), needs)
        out[tuple(slice(*ends) for ends in region)] = whole.solve(piece, region, workers)
    return out


def regions(whole: Outline, strides: tuple[int, ...]) -> Iterator[Region]:
    """Yield the parts of the answer that are computed one after the other.

    Cut first along the axes whose samples lie farthest apart in the file, so that slabs are read
    in long stretches; never so short that the kernel is longer than what it is applied to.
    """
    lengths = list(whole.frame.plan.output_shape)
    order = sorted(range(len(lengths)), key=lambda axis: -abs(strides[axis]))
    while _slab_bytes(whole, lengths) > SLAB:
        ratios = {}
        for axis in order:
            stride, span = whole.stride_and_span(axis)
            is_short = lengths[axis] < (2 * LINE if axis == whole.frame.axes[-1] else 2)
            if not (is_short or (whole.takes_rows and axis in whole.frame.axes)):
                ratios[axis] = lengths[axis] * stride / span
        long = [axis for axis, ratio in ratios.items() if ratio >= WORTH_CUTTING]
        if not long and max(ratios.values(), default=0) < 2:
            break
        axis = long[0] if long else max(ratios, key=lambda each: ratios[each])
        lengths[axis] = -(-lengths[axis] // 2)
    cuts = []
    for n, length in zip(whole.frame.plan.output_shape, lengths, strict=True):
        n_parts = -(-n // length)  # of nearly equal length: no last one that is a sliver
        cuts.append([n * i // n_parts for i in range(n_parts + 1)])
    yield from itertools.product(*(list(itertools.pairwise(edges)) for edges in cuts))


def _slab_bytes(whole: Outline, lengths: list[int]) -> int:
    samples = []
    for axis, length in enumerate(lengths):
        stride, span = whole.stride_and_span(axis)
        rows = whole.takes_rows and axis in whole.frame.axes
        samples.append(whole.x_shape[axis] if rows else (length - 1) * stride + span)
    return whole.frame.plan.work.itemsize * (math.prod(samples) + math.prod(lengths))


def _count_gaps(x: NDArray[Any]) -> int:
    axis = max(range(x.ndim), key=lambda each: x.shape[each])
    step = max(1, SLAB * x.shape[axis] // max(1, x.nbytes))
    count = 0
    for start in range(0, x.shape[axis], step):
        part = x[(slice(None),) * axis + (slice(start, start + step),)]
        count += part.size - int(np.count_nonzero(np.isfinite(part)))
    return count
