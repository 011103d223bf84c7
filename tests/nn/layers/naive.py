"""Layers by their definitions: loops over places, maps and taps in numpy."""

import itertools

import numpy as np


def places(shape):
    return itertools.product(*(range(n) for n in shape))


def convolution(x, weight, bias=None, *, stride=1, dilation=1, groups=1):
    """x: (channels, ...) already extended; weight: (out, channels / groups, ...)."""
    ndim = x.ndim - 1
    stride, dilation = np.broadcast_to(stride, ndim), np.broadcast_to(dilation, ndim)
    out, per_group, *taps = weight.shape
    spans = [d * (k - 1) + 1 for k, d in zip(taps, dilation, strict=True)]
    shape = [(n - k) // s + 1 for n, k, s in zip(x.shape[1:], spans, stride, strict=True)]
    y = np.zeros((out, *shape))
    for o in range(out):
        first = o // (out // groups) * per_group
        for place in places(shape):
            total = 0.0 if bias is None else bias[o]
            for c in range(per_group):
                for tap in places(taps):
                    at = tuple(np.array(place) * stride + np.array(tap) * dilation)
                    total += weight[(o, c, *tap)] * x[(first + c, *at)]
            y[(o, *place)] = total
    return y


def windows(x, window, stride, padding, fill, ceil_mode):
    """Yield (place, the values of its window) of one map, and the number of places."""
    ndim = x.ndim
    window, stride, padding = (np.broadcast_to(v, ndim) for v in (window, stride, padding))
    shape = []
    for n, k, s, p in zip(x.shape, window, stride, padding, strict=True):
        steps = (n + 2 * p - k) / s
        count = int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1
        if ceil_mode and (count - 1) * s >= n + p:  # a window that starts beyond the input
            count -= 1
        shape.append(count)
    y = {}
    for place in places(shape):
        values = []
        for tap in places(window):
            at = np.array(place) * stride + np.array(tap) - padding
            inside = all(0 <= i < n for i, n in zip(at, x.shape, strict=True))
            counted = all(i < n + p for i, n, p in zip(at, x.shape, padding, strict=True))
            if inside:
                values.append(x[tuple(at)])
            elif counted and fill is not None:
                values.append(fill)
        y[place] = values
    return shape, y


def pool(x, reduce, window, stride, *, padding=0, fill=None, ceil_mode=False):
    """x: (channels, ...)."""
    maps = []
    for channel in x:
        shape, y = windows(channel, window, stride, padding, fill, ceil_mode)
        maps.append(np.array([reduce(y[place]) for place in places(shape)]).reshape(shape))
    return np.stack(maps)
