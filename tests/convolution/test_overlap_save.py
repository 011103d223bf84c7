"""Overlapping blocks: every size of transform, pairs that do not hear each other, odd ends."""

import numpy as np
import pytest

from sigconv import convolve
from sigconv.convolution import lines, overlap_save
from sigconv.convolution.geometry import Geometry
from sigconv.convolution.overlap_save_jit import SMALLEST

from .cases import random


def correlated(x, w, size, workers=1):
    geometry = Geometry(len(x), x.shape[1:], w.shape[1:], (1,), (1,))
    return overlap_save.correlate(lines.whole(x), w, geometry, workers, size)


def expected(x, w):
    pairs = zip(x, np.broadcast_to(w, (len(x), w.shape[1])), strict=True)
    return np.stack([np.correlate(row.astype(float), k.astype(float), "valid") for row, k in pairs])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [SMALLEST << doublings for doublings in range(9)])
def test_transforms_of_every_size(size, dtype):
    rng = np.random.default_rng(size)
    for k in (1, 2, size // 2, size):
        step = size - k + 1
        for m in {1, step - 1, step, step + 1, 2 * step, 3 * step + 5} - {0}:
            x, w = random(rng, (2, m + k - 1), dtype), random(rng, (2, k), dtype)
            if m > 4 * size or k * m > 4e6:
                continue
            y = correlated(x, w, size)
            assert y.dtype == dtype
            scale = np.sqrt(k) * (1e-14 if dtype == "float64" else 1e-6)
            np.testing.assert_allclose(y, expected(x, w), rtol=0, atol=scale)


@pytest.mark.parametrize("loudness", [1e6, 1e60, 1e250])
def test_a_loud_block_leaves_its_neighbour_as_exact_as_alone(loudness):
    rng = np.random.default_rng(0)
    size, k = 256, 33
    step = size - k + 1
    quiet, w = rng.normal(size=(1, 4 * step + k - 1)), rng.normal(size=(1, k))
    exact = expected(quiet, w)
    for block in (0, 2):  # the block after it, its pair, has none of the loud samples
        x = quiet.copy()
        x[0, block * step : (block + 1) * step] *= loudness
        other = slice((block + 1) * step, (block + 2) * step)
        y = correlated(x, w, size)
        np.testing.assert_allclose(y[0, other], exact[0, other], rtol=0, atol=1e-14)


def test_very_loud_and_very_quiet_rows():
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(1, 900)), rng.normal(size=(1, 30))
    y = correlated(x, w, 128)
    for power in (-1000, -500, 500, 1000):
        scaled = correlated(np.ldexp(x, power), w, 128)
        np.testing.assert_array_equal(scaled, np.ldexp(y, power))
    assert not correlated(0 * x, w, 128).any()
    np.testing.assert_allclose(correlated(x * 5e-324, w, 128), 0, atol=1e-300)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_a_number_spoils_its_own_outputs_alone(value):
    rng = np.random.default_rng(2)
    x, h = rng.normal(size=5000), rng.normal(size=51)
    clean = convolve(x, h, method="overlap_save")
    for at in (0, 1023, 1024, 2500, 4999):
        y = x.copy()
        y[at] = value
        y = convolve(y, h, method="overlap_save")
        touched = np.arange(at, at + 51)
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(y)), touched)
        kept = np.delete(np.arange(5050), touched)
        np.testing.assert_allclose(y[kept], clean[kept], rtol=0, atol=1e-13)


def test_threads_split_pairs_and_change_nothing():
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(3, 20_000)), rng.normal(size=(1, 100))
    y = correlated(x, w, 512)
    for workers in (2, 3, 7):
        np.testing.assert_array_equal(correlated(x, w, 512, workers), y)


@pytest.mark.parametrize("boundary", ["zero", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_every_boundary_through_the_public_function(mode, boundary):
    rng = np.random.default_rng(4)
    for n, k in ((1000, 5), (1000, 400), (300, 299)):
        x, h = rng.normal(size=(2, n)), rng.normal(size=k)
        form = {"axes": 1, "mode": mode, "boundary": boundary}
        y = convolve(x, h, method="overlap_save", **form)
        np.testing.assert_allclose(
            y, convolve(x, h, method="direct", **form), rtol=0, atol=1e-14 * k
        )
