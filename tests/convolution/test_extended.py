"""Rows and the places that a boundary adds to them: as numpy.pad does it."""

import itertools

import numpy as np
import pytest

from sigconv.convolution import extended, extended_jit
from sigconv.convolution.geometry import Geometry

BOUNDARIES = ["edge", "reflect", "symmetric", "wrap", "constant"]
WIDTHS = [(0, 0), (2, 0), (0, 3), (17, 23)]


def laid_and_padded(shape, widths, boundaries, dtype="float64"):
    rows = np.random.default_rng(0).normal(size=(2, *shape)).astype(dtype)
    padded = rows
    for axis, (width, boundary) in enumerate(zip(widths, boundaries, strict=True), start=1):
        pads = [(0, 0)] * rows.ndim
        pads[axis] = width
        constant = {"constant_values": 0.5} if boundary == "constant" else {}
        padded = np.pad(padded, pads, boundary, **constant)
    return extended.lay(rows, widths, boundaries, 0.5), padded


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("n", [1, 5])
def test_lines_are_padded(n, width, boundary):
    laid, padded = laid_and_padded((n,), [width], [boundary])
    geometry = Geometry(2, padded.shape[1:], (1,), (1,), (1,))
    np.testing.assert_array_equal(laid.joined(geometry), padded)
    assert laid.rows.shape == (2, 1, 1, n)


@pytest.mark.parametrize("boundaries", list(itertools.product(BOUNDARIES, repeat=2)))
def test_images_are_padded(boundaries):
    laid, padded = laid_and_padded((4, 3), [(2, 5), (7, 1)], boundaries, "float32")
    geometry = Geometry(2, padded.shape[1:], (1, 1), (1, 1), (1, 1))
    joined = laid.joined(geometry)
    np.testing.assert_array_equal(joined, padded)
    assert joined.dtype == "float32"


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("width", WIDTHS)
def test_places_and_stretches(width, boundary):
    laid, padded = laid_and_padded((5,), [width], [boundary])
    left, right = laid.left[-1], laid.right[-1]
    n = padded.shape[1]
    for place in range(n):
        at = extended_jit.source(place, 5, left, right)
        assert padded[1, place] == (0.5 if at < 0 else laid.rows[1, 0, 0, at])
    assert extended_jit.source(n, 5, left, right) == extended_jit.BEYOND
    beyond = np.r_[padded[1], np.zeros(30)]
    for first, size in itertools.product(range(n + 3), (0, 1, 3, 11, 27)):
        target = np.full(size, 9.0)
        extended_jit.copy_stretch(laid.rows[1, 0, 0], left, right, 0.5, first, target)
        np.testing.assert_array_equal(target, beyond[first : first + size])
