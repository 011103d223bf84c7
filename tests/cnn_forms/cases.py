"""Geometry drawn at random, and torch's functions by the number of dimensions."""

from typing import NamedTuple

import numpy as np
import torch
from hypothesis import strategies as st

TORCH = torch.nn.functional


class Layer(NamedTuple):
    """A convolution layer's arrays and words."""

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    form: dict


def per_axis(draw, ndim, low, high):
    """Draw one number or one per axis."""
    numbers = st.integers(low, high)
    return draw(st.one_of(numbers, st.tuples(*[numbers] * ndim)))


def broadcast(value, ndim):
    return (value,) * ndim if np.ndim(value) == 0 else tuple(value)


@st.composite
def layers(draw, transposed=False, dtypes=("float32", "float64", "complex128", "int64")):
    ndim = draw(st.integers(1, 3))
    groups = draw(st.integers(1, 3))
    n, c, o = (draw(st.integers(1, 3)) for _ in range(3))
    form = {
        "stride": per_axis(draw, ndim, 1, 3),
        "dilation": per_axis(draw, ndim, 1, 3),
        "groups": groups,
    }
    taps = draw(st.tuples(*[st.integers(1, 4)] * ndim))
    dilations = broadcast(form["dilation"], ndim)
    spans = [(k - 1) * d + 1 for k, d in zip(taps, dilations, strict=True)]
    if transposed:
        size = draw(st.tuples(*[st.integers(1, 5)] * ndim))
        strides = broadcast(form["stride"], ndim)
        lengths = [(m - 1) * s + span for m, s, span in zip(size, strides, spans, strict=True)]
        form["padding"] = tuple(draw(st.integers(0, (length - 1) // 2)) for length in lengths)
        form["output_padding"] = tuple(
            draw(st.integers(0, max(s, d) - 1)) for s, d in zip(strides, dilations, strict=True)
        )
        shape = (c * groups, o, *taps)
    else:
        form["padding"] = draw(st.sampled_from([0, "valid", "same", "numbers"]))
        if form["padding"] == "numbers":
            form["padding"] = per_axis(draw, ndim, 0, 3)
        if form["padding"] == "same":
            form["stride"] = 1
        size = tuple(span + draw(st.integers(0, 6)) for span in spans)
        shape = (o * groups, c, *taps)
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    arrays = [random(rng, s, dtype) for s in ((n, c * groups, *size), shape, (o * groups,))]
    return Layer(*arrays, form)


def random(rng, shape, dtype):
    """Return whole numbers: floats of them have no rounding, and many ties."""
    dtype = np.dtype(dtype)
    noise = rng.integers(-9, 10, shape)
    if dtype.kind == "c":
        noise = noise + 1j * rng.integers(-9, 10, shape)
    return noise.astype(dtype)


def leaf(x):
    """Return a torch tensor that asks for its gradient."""
    tensor = torch.from_numpy(np.array(x))
    return tensor.requires_grad_(x.dtype.kind in "fc")
