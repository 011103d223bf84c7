"""Fourier methods: blocks of any length, float32 kept, integers exact or refused."""

import numpy as np
import pytest
from scipy import signal

from sigconv import convolve
from sigconv.convolution import direct, fourier
from sigconv.convolution.geometry import Geometry

from ..cases import random


@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("block", [(5, 9), (8, 10), (20, 12), (6, 40), (30, 50)])
def test_blocks_join_without_a_seam(block, stride):
    rng = np.random.default_rng(0)
    geometry = Geometry(3, (20, 40), (2, 4), stride, (2, 2))
    for dtype in ("float64", "complex128", "int64"):
        rows, weights = random(rng, (3, 20, 40), dtype), random(rng, (3, 2, 4), dtype)
        expected = direct.correlate(rows, weights, geometry, 1)
        y = fourier.correlate_blocks(rows, weights, geometry, 2, block)
        np.testing.assert_allclose(y, expected, atol=1e-12)


@pytest.mark.parametrize("taps", [2, 100, 4001])
@pytest.mark.parametrize("dilation", [1, 3])
def test_long_signals(taps, dilation):
    rng = np.random.default_rng(taps)
    x, h = rng.normal(size=(2, 50_000)), rng.normal(size=taps)
    spread = np.zeros((taps - 1) * dilation + 1)
    spread[::dilation] = h
    expected = signal.oaconvolve(x, spread[np.newaxis], axes=-1)
    for method in ("fft", "overlap_save"):
        y = convolve(x, h, method=method, dilation=dilation)
        np.testing.assert_allclose(y, expected, atol=1e-12 * np.sqrt(taps))


def test_float32_keeps_its_own_precision_beside_a_loud_stretch():
    rng = np.random.default_rng(1)
    x = rng.normal(size=20_000).astype(np.float32)
    x[:100] *= 1e6
    h = rng.normal(size=300).astype(np.float32)
    exact = np.convolve(x.astype(float), h.astype(float))
    for method in ("fft", "overlap_save"):
        quiet = convolve(x, h, method=method)[1000:] - exact[1000:]
        assert np.abs(quiet).max() < 1e-7 * np.abs(exact[1000:]).max() * 2


def test_rows_do_not_hear_each_other():
    rng = np.random.default_rng(2)
    x, h = rng.normal(size=(2, 3000)), rng.normal(size=200)
    for method in ("fft", "overlap_save"):
        alone = convolve(x[0], h, method=method)
        x[1] = 1e200
        np.testing.assert_array_equal(convolve(x, h, method=method)[0], alone)


def test_integers_are_exact_up_to_where_they_are_refused():
    rng = np.random.default_rng(3)
    for bits in (*range(4, 26), *range(30, 48)):  # rounding was seen to fail from 38 on
        x, h = rng.integers(-(2**bits), 2**bits, 3000), rng.integers(-128, 128, 400)
        if bits < 26:
            np.testing.assert_array_equal(convolve(x, h, method="fft"), np.convolve(x, h))
        else:
            with pytest.raises(ValueError, match="needs integers so small"):
                convolve(x, h, method="fft")


def test_small_integer_types_wrap_after_the_transform():
    rng = np.random.default_rng(4)
    x, h = rng.integers(0, 256, 500).astype("uint8"), rng.integers(0, 256, 70).astype("uint8")
    np.testing.assert_array_equal(convolve(x, h, method="overlap_save"), np.convolve(x, h))
