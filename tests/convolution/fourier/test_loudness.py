"""What is measured of a tile's loudness: against sums of squares one window after the other."""

import numpy as np
import pytest

from sigconv.convolution.fourier import tables, tiling
from sigconv.convolution.fourier.loudness_jit import measure
from sigconv.convolution.fourier.tiles_jit import Evenness

SHAPE = (16, 16, 32)


def measured(x, region, span, with_silence, dtype):
    cell, stretch = tiling.stretches(span)
    evenness = Evenness(cell, stretch, 0.0, 100, with_silence)
    space = tables.space(x.shape, evenness, dtype, x.dtype.name)
    strides = x.shape[1] * x.shape[2], x.shape[2]
    power, quietest, exponent = measure(
        x.reshape(-1), 0, strides, region, cell, stretch, space.squares, space.cells, with_silence
    )
    return power * 4.0**exponent, quietest * 4.0**exponent


def expected(x, region, span, with_silence):
    cell, stretch = tiling.stretches(span)
    part = x[tuple(map(slice, region))].astype(float) ** 2
    lengths = [c * m for c, m in zip(cell, stretch, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(part, lengths)
    means = windows[tuple(slice(None, None, c) for c in cell)].mean(axis=(3, 4, 5))
    return part.mean(), means.min() if with_silence else means[means > 0].min()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "region", "span"),
    [
        ((1, 1, 256), (1, 1, 251), (1, 1, 33)),
        ((1, 1, 1024), (1, 1, 1000), (1, 1, 200)),
        ((1, 32, 64), (1, 27, 61), (1, 9, 15)),
        ((1, 32, 64), (1, 32, 64), (1, 31, 7)),
        ((1, 32, 64), (1, 30, 33), (1, 1, 32)),
        (SHAPE, (14, 16, 31), (5, 6, 13)),
        (SHAPE, SHAPE, (9, 4, 3)),
        (SHAPE, (16, 11, 30), (15, 1, 24)),
    ],
)
def test_power_and_the_quietest_stretch(shape, region, span, dtype):
    rng = np.random.default_rng(sum(region))
    loudness = np.exp(rng.normal(size=(shape[0], 1, shape[2])).cumsum(axis=2) / 8)
    x = (rng.normal(size=shape) * loudness).astype(dtype)
    x[:, :, region[2] :] = np.nan  # of other tiles
    for with_silence in (True, False):
        got = measured(x, region, span, with_silence, dtype)
        np.testing.assert_allclose(got, expected(x, region, span, with_silence), rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-18, 1, 1e15])
def test_silence_counts_where_it_is_asked_for(scale):
    rng = np.random.default_rng(3)
    x = rng.normal(size=SHAPE) * scale
    x[:8, :8] = 0
    x[8:, 8:] *= 1e-3
    for with_silence in (True, False):
        got = measured(x, SHAPE, (5, 4, 7), with_silence, "float64")
        exact = expected(x, SHAPE, (5, 4, 7), with_silence)
        np.testing.assert_allclose(got, exact, rtol=1e-5)
        assert (exact[1] == 0) == with_silence


def test_what_is_not_finite_is_infinitely_loud():
    x = np.ones(SHAPE)
    x[3, 4, 5] = np.nan
    assert measured(x, SHAPE, (3, 3, 3), True, "float64")[0] == np.inf
    assert np.isfinite(measured(x, (3, 16, 32), (3, 3, 3), True, "float64")[0])
