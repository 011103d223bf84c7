"""Naive definitions in extended precision (or Python's integers) that the package is held to."""

from __future__ import annotations

import itertools

import numpy as np

# Convolution -------------------------------------------------------------------------------


def source(index, n, boundary):
    """Return which sample of 0 ... n-1 stands at `index`, or -1 where the constant does."""
    if 0 <= index < n:
        return index
    if boundary in ("zero", "constant"):
        return -1
    if boundary in ("edge", "nearest"):
        return 0 if index < 0 else n - 1
    if boundary in ("wrap", "periodic"):
        return index % n
    if boundary == "symmetric":
        index %= 2 * n
        return index if index < n else 2 * n - 1 - index
    if boundary in ("reflect", "mirror"):
        if n == 1:
            return 0
        index %= 2 * (n - 1)
        return index if index < n else 2 * (n - 1) - index
    raise AssertionError(boundary)


def wide(x):
    """Return `x` as Python integers or in extended precision."""
    x = np.asarray(x)
    if x.dtype.kind in "iub":
        return x.astype(object)
    return x.astype(np.clongdouble if x.dtype.kind == "c" else np.longdouble)


def convolve(x, h, mode="full", boundary="zero", cval=0, stride=1, dilation=1, correlation=False):
    """Convolve or correlate arrays of equal ndim: y[n] = sum over k of h[k] x[n - k dilation]."""
    x, h = wide(x), wide(h)
    per_axis = [
        value if isinstance(value, (list, tuple)) else [value] * x.ndim
        for value in (boundary, stride, dilation)
    ]
    if correlation:
        h = np.conj(h[(slice(None, None, -1),) * h.ndim])
    outputs = []
    for n, k, s, d in zip(x.shape, h.shape, *per_axis[1:], strict=True):
        span = (k - 1) * d + 1
        first, count = {
            "full": (0, n + span - 1),
            "same": ((span - 1) // 2, n),
            "valid": (span - 1, n - span + 1),
        }[mode]
        outputs.append(range(first, first + count)[::s])
    y = np.zeros([len(indices) for indices in outputs], np.result_type(x, h))
    for tap in itertools.product(*map(range, h.shape)):
        sources = [
            np.array([source(i - k * d, n, name) for i in indices])
            for indices, k, d, n, name in zip(
                outputs, tap, per_axis[2], x.shape, per_axis[0], strict=True
            )
        ]
        values = x[np.ix_(*sources)]
        outside = np.zeros(values.shape, bool)
        for axis, indices in enumerate(sources):
            outside |= np.expand_dims(indices < 0, [a for a in range(x.ndim) if a != axis])
        values[outside] = cval
        y = y + h[tap] * values
    return y


def absolute_scale(x, h, **form):
    """Return for every output the sum of its products' absolute values, the scale of errors."""
    form = {**form, "cval": abs(form.get("cval", 0)), "correlation": form.get("correlation", False)}
    return convolve(np.abs(wide(x)), np.abs(wide(h)), **form).astype(float)


def along_axes(function, x, h, axes, **form):
    """Apply a function of (x, h) of equal ndim to `axes` of x, all other axes being batch.

    `h` has one dimension per axis, or as many as x with its own kernel for each batch index.
    """
    axes = [axis % x.ndim for axis in axes]
    batch = [axis for axis in range(x.ndim) if axis not in axes]
    x = np.transpose(x, [*batch, *axes])
    own = h.ndim != len(axes)
    if own:
        h = np.transpose(h, [*batch, *axes])
    shape = x.shape[: len(batch)]
    results = []
    for index in np.ndindex(shape):
        kernel = h[tuple(min(i, n - 1) for i, n in zip(index, h.shape, strict=False))] if own else h
        results.append(function(x[index], kernel, **form))
    stacked = np.array(results).reshape(*shape, *results[0].shape)
    return np.transpose(stacked, np.argsort([*batch, *axes]))
