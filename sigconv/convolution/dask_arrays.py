"""Convolution of Dask arrays: a graph with one task per chunk of the answer, nothing computed."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pieces import Outline, Region, Run, fill, outline
from .problem import Form, refuse_gaps


def is_dask(x: Any) -> bool:
    """Return whether `x` is a Dask array; Dask is not imported to find out."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(x, dask_array.Array)


def convolve(
    x: Any,
    h: Any,
    form: Form,
    correlation: bool,
    method: str,
    workers: int | None,
    out: NDArray[Any] | None,
) -> Any:
    """Return the convolution or correlation as a Dask array; bad arguments raise here already."""
    import dask.array as da
    from dask.base import tokenize
    from dask.highlevelgraph import HighLevelGraph

    if not is_dask(x):
        raise TypeError("h must be an array in memory where x is one; got a Dask array")
    if is_dask(h):
        raise TypeError("h must be an array in memory; got a Dask array (compute it first)")
    if out is not None:
        raise TypeError("out must not be given with a Dask array, whose answer is a new one")
    if any(np.isnan(size) for sizes in x.chunks for size in sizes):
        raise ValueError(
            f"x must have chunks of known sizes; got {x.chunks} (x.compute_chunk_sizes() finds out)"
        )
    if not isinstance(x._meta, np.ndarray):
        raise TypeError(f"x must be made of NumPy arrays; got {type(x._meta).__name__}")
    whole = outline(x.shape, x.dtype, h, form, correlation, method)
    edges = [_edges(sizes) for sizes in x.chunks]
    cuts = [_cuts(whole, axis, edges[axis]) for axis in range(x.ndim)]

    threads = 1 if workers is None else workers  # the scheduler fills the cores
    function = "correlate" if correlation else "convolve"
    name = f"{function}-{tokenize(x, whole.h, form, correlation, method, threads)}"
    graph: dict[Any, Any] = {f"{name}-outline": whole}
    for index in itertools.product(*(range(len(ends) - 1) for ends in cuts)):
        region = tuple((ends[i], ends[i + 1]) for ends, i in zip(cuts, index, strict=True))
        parts = [list(_parts(runs, e)) for runs, e in zip(whole.needs(region), edges, strict=True)]
        blocks = []
        for chosen in itertools.product(*parts):
            if any(run.hull is None for _, run in chosen):
                continue
            blocks.append(_block(graph, name, x, chosen))
        needs = [[run for _, run in axis_parts] for axis_parts in parts]
        task = (_solve, f"{name}-outline", blocks, needs, region, x.dtype, threads)
        graph[(name, *index)] = task
    layers = HighLevelGraph.from_collections(name, graph, dependencies=[x])
    chunks = tuple(tuple(int(size) for size in np.diff(ends)) for ends in cuts)
    meta = np.empty((0,) * x.ndim, whole.frame.plan.dtype)
    return da.Array(layers, name, chunks, meta=meta)


def _edges(sizes: Sequence[int]) -> list[int]:
    return [0, *itertools.accumulate(int(size) for size in sizes)]


def _cuts(whole: Outline, axis: int, edges: list[int]) -> list[int]:
    """Return where the chunks of the answer begin and end: those of the signal, centred."""
    if axis not in whole.frame.axes:
        return sorted(set(edges))  # chunks of no samples need no task
    m = whole.frame.plan.output_shape[axis]
    if whole.takes_rows:
        return [0, m]
    number = whole.frame.axes.index(axis)
    before, after = whole.frame.plan.widths[number]
    stride, span = whole.stride_and_span(axis)
    # "full" adds span - 1 outputs and "valid" takes as many away, half of them before the first
    shift = (before + after - span + 1) // 2
    inner = {-(-(edge + shift) // stride) for edge in edges[1:-1]}
    return [0, *sorted(cut for cut in inner if 0 < cut < m), m]


def _parts(runs: Sequence[Run], edges: list[int]) -> Iterator[tuple[int, Run]]:
    """Cut runs at the edges of chunks: the chunk, and the run with its hull inside it."""
    for run in runs:
        if run.hull is None:
            yield -1, run
            continue
        picks = np.arange(run.length) if run.picks is None else run.picks
        chunks = np.searchsorted(edges, picks + run.hull.start, side="right") - 1
        starts = np.flatnonzero(np.diff(chunks, prepend=-1))
        for a, b in itertools.pairwise([*starts.tolist(), run.length]):
            chunk = int(chunks[a])
            where = picks[a:b] + run.hull.start - edges[chunk]
            low, high = int(where.min()), int(where.max()) + 1
            own = None if run.picks is None else where - low
            yield chunk, Run(b - a, slice(low, high), own)


def _block(graph: dict[Any, Any], name: str, x: Any, chosen: Sequence[tuple[int, Run]]) -> Any:
    """Return the key of the samples that `chosen` says; a part of a chunk is cut out where it is.

    What travels between workers is then the part, not the chunk.
    """
    chunk = tuple(number for number, _ in chosen)
    source = (x.name, *chunk)
    hulls = tuple(run.hull for _, run in chosen)
    sizes = [x.chunks[axis][i] for axis, i in enumerate(chunk)]
    if all(h.start == 0 and h.stop == n for h, n in zip(hulls, sizes, strict=True) if h):
        return source
    ends = [end for h in hulls if h for end in (h.start, h.stop)]
    key = (f"{name}-part", *chunk, *ends)
    graph[key] = (operator.getitem, source, hulls)
    return key


def _solve(
    whole: Outline,
    blocks: Sequence[NDArray[Any]],
    needs: Sequence[Sequence[Run]],
    region: Region,
    dtype: np.dtype[Any],
    workers: int | None,
) -> NDArray[Any]:
    """Put blocks together and return a chunk of the answer."""
    if whole.form.nan_policy == "raise":
        refuse_gaps(sum(b.size - int(np.count_nonzero(np.isfinite(b))) for b in blocks))
    piece = whole.empty_piece(needs, dtype)
    fill(piece, blocks, needs)
    return whole.solve(piece, region, workers)
