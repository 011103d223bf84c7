"""Images and volumes: every size of kernel, tiles, blocks, boundaries, threads."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from sigconv import convolve
from sigconv.convolution import direct, extended
from sigconv.convolution.geometry import Geometry
from sigconv.convolution.planes_jit import TILE_BYTES, TILE_LINES, correlate_planes
from tests import oracles

BOUNDARIES = ["zero", "edge", "reflect", "symmetric", "wrap"]


def whole_numbers(rng, shape, dtype):
    """Return noise whose sums of products are exact."""
    return rng.integers(-9, 9, shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("taps", list(itertools.product(range(1, 7), (1, 2, 3, 8))))
def test_every_height_of_kernel_on_every_height_of_image(taps, dtype):
    rng = np.random.default_rng(0)
    tile = TILE_BYTES // np.dtype(dtype).itemsize
    h = whole_numbers(rng, taps, dtype)
    for lines, width in itertools.product(range(1, 2 * TILE_LINES + 2), (1, tile - 1, tile + 1)):
        x = whole_numbers(rng, (lines, width), dtype)
        y = convolve(x, h, method="direct")
        np.testing.assert_array_equal(y, oracles.convolve(x, h))


@pytest.mark.parametrize("boundaries", list(itertools.product(BOUNDARIES, repeat=2)))
def test_boundaries_of_images(boundaries):
    rng = np.random.default_rng(1)
    x, h = whole_numbers(rng, (2, 5, 40), "float32"), whole_numbers(rng, (4, 3), "float32")
    for mode in ("full", "same"):
        form = {"axes": (1, 2), "mode": mode, "boundary": boundaries, "method": "direct"}
        y = convolve(x, h, **form)
        np.testing.assert_array_equal(y, convolve(x.astype(int), h.astype(int), **form))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("boundary", [*BOUNDARIES, ("wrap", "reflect"), ("edge", "zero")])
@pytest.mark.parametrize("taps", [(3, 3), (2, 4), (1, 5), (6, 1), (5, 3)])
def test_lines_so_long_that_they_are_not_copied(taps, boundary, dtype):
    rng = np.random.default_rng(7)
    x, h = whole_numbers(rng, (2, 71, 203), dtype), whole_numbers(rng, (2, *taps), dtype)
    for mode in ("full", "same", "valid"):
        form = {"axes": (1, 2), "mode": mode, "boundary": boundary, "method": "direct"}
        y = convolve(x, h, **form)
        np.testing.assert_array_equal(y, convolve(x.astype(int), h.astype(int), **form))


def test_margins_have_the_bits_of_what_is_inside():
    rng = np.random.default_rng(8)
    x, h = rng.normal(size=(75, 210)).astype("f4"), rng.normal(size=(3, 4)).astype("f4")
    inside = convolve(np.pad(x, ((70, 70), (200, 200))), h, mode="same", method="direct")
    y = convolve(x, h, mode="same", method="direct")
    np.testing.assert_array_equal(y, inside[70:-70, 200:-200])


@pytest.mark.parametrize("place", [(0, 0), (40, 0), (40, 209), (74, 209), (0, 100), (74, 100)])
def test_what_is_not_finite_spoils_what_it_touches_in_margins_too(place):
    x = np.ones((75, 210))
    x[place] = np.nan
    touched = convolve(np.isnan(x).astype(int), np.ones((3, 3), int), mode="same") > 0
    y = convolve(x, np.ones((3, 3)) / 9 + np.eye(3), mode="same", method="direct")
    np.testing.assert_array_equal(np.isnan(y), touched)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("taps", [(3, 1, 1), (1, 3, 1), (2, 3, 4), (5, 1, 6), (9, 2, 1)])
def test_volumes(taps, boundary):
    rng = np.random.default_rng(2)
    x, h = whole_numbers(rng, (2, 4, 9, 11), "float64"), whole_numbers(rng, (2, *taps), "float64")
    h = h[:, np.newaxis].reshape(2, *taps)
    form = {"axes": (1, 2, 3), "mode": "same", "boundary": boundary, "method": "direct"}
    y = convolve(x, h, **form)
    np.testing.assert_array_equal(y, convolve(x.astype(int), h.astype(int), **form))


@pytest.mark.parametrize("block", [(1, 4, 1000), (2, 8, 40), (3, 4, 64), (50, 12, 33)])
def test_blocks_change_no_bit(block):
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(2, 7, 30, 150)), rng.normal(size=(1, 3, 4, 5))
    laid = extended.whole(x)
    geometry = Geometry(2, x.shape[1:], w.shape[1:], (1,) * 3, (1,) * 3)
    expected = np.empty((2, *geometry.output))
    assert direct.into(laid, w, geometry, 1, expected)
    counts = [-(-n // size) for n, size in zip(geometry.output[:2], block[:2], strict=True)]
    n_items = 2 * counts[0] * counts[1] * max(1, geometry.output[2] // block[2])
    y = np.full_like(expected, np.nan)
    for item in range(n_items):
        assert correlate_planes(*laid, w, y, block, item, item + 1)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_allclose(y[0], ndimage.correlate(x[0], w[0])[1:-1, 2:-1, 2:-2], atol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_found(value):
    x, w = np.ones((1, 1, 6, 70)), np.zeros((1, 3, 3))
    geometry = Geometry(1, (6, 70), (3, 3), (1, 1), (1, 1))
    for at in [(0, 0), (5, 69), (0, 69), (3, 30)]:
        spoiled = x.copy()
        spoiled[(0, 0, *at)] = value
        out = np.empty((1, *geometry.output))
        assert not direct.into(extended.whole(spoiled[:, 0]), w, geometry, 1, out)


def test_a_constant_beyond_the_ends():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(12, 70))
    h = np.outer([1.0, 2.0, 4.0], [1.0, 3.0])
    padded = np.pad(x, ((2, 2), (1, 1)), constant_values=0.5)
    for method in ("direct", "separable"):
        y = convolve(x, h, boundary="constant", cval=0.5, method=method)
        np.testing.assert_allclose(y, convolve(padded, h, mode="valid"), rtol=1e-14, atol=1e-14)


def test_the_width_of_the_answer_changes_no_bit():
    rng = np.random.default_rng(5)
    x, h = rng.normal(size=(9, 300)).astype("f4"), rng.normal(size=(3, 5)).astype("f4")
    full = convolve(x, h, method="direct")
    for n in (5, 20, 63, 64, 65, 130):
        y = convolve(x[:, :n], h, mode="valid", method="direct")
        np.testing.assert_array_equal(y, full[2:-2, 4:n])
    for workers in (2, 5):
        np.testing.assert_array_equal(convolve(x, h, method="direct", workers=workers), full)


@pytest.mark.parametrize("taps", [(9, 31), (40, 7), (1, 300), (300, 1), (5, 8, 9), (3, 1, 120)])
def test_kernels_of_several_groups(taps):
    rng = np.random.default_rng(6)
    shape = tuple(k + n for k, n in zip(taps, (5, 6, 70), strict=False))
    x, h = whole_numbers(rng, shape, "float64"), whole_numbers(rng, taps, "float64")
    y = convolve(x, h, mode="valid", method="direct")
    np.testing.assert_array_equal(
        y, convolve(x.astype(int), h.astype(int), mode="valid", method="direct")
    )
