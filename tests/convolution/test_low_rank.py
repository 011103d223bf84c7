"""Convolution with kernels that are sums of a few outer products."""

import itertools

import numpy as np
import pytest
from scipy import signal

from sigconv import convolve, kernels, plan_convolution
from sigconv.convolution import loudness, low_rank, machine
from sigconv.convolution.geometry import Geometry
from tests import oracles

from .cases import BUDGET, forget_choices, random


def rank_two(rng, shape, dtype):
    first, second = ([random(rng, n, dtype, scale=5) for n in shape] for _ in range(2))
    a, b = ((np.multiply.outer(*vectors)) for vectors in (first, second))
    return (a + b).astype(dtype)


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize(
    "form",
    [
        {"mode": "full"},
        {"mode": "same", "boundary": "reflect"},
        {"mode": "valid", "stride": 2},
        {"mode": "same", "boundary": "constant", "cval": 3},
        {"mode": "same", "dilation": (1, 2), "boundary": ("wrap", "edge")},
    ],
)
def test_as_the_definition(dtype, form):
    rng = np.random.default_rng(0)
    x, h = random(rng, (17, 18), dtype), rank_two(rng, (5, 6), dtype)
    y = convolve(x, h, method="low_rank", **form)
    expected = oracles.convolve(x, h, **form)
    if y.dtype.kind == "i":
        np.testing.assert_array_equal(y.astype(object), (expected + 2**15) % 2**16 - 2**15)
        return
    scale = oracles.absolute_scale(x, h, **form)
    # Terms may cancel, which the largest products around bound.
    limit = BUDGET * np.finfo(dtype).eps * (scale + 1e-6 * scale.max())
    assert y.dtype == dtype
    assert (np.abs(y - expected) <= limit).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("positive", [False, True])
def test_the_error_is_no_worse_than_twice_scipys(dtype, positive):
    rng = np.random.default_rng(1)
    y, x = np.mgrid[-8:9, -8:9]
    disk = (np.hypot(x, y) < 5).astype(dtype)
    image = rng.normal(size=(40, 40)).astype(dtype)
    image = np.abs(image) if positive else image
    for h in (disk, kernels.laplacian_of_gaussian(2).astype(dtype)):
        exact = oracles.convolve(image, h, mode="valid")
        ours = np.abs(convolve(image, h, mode="valid", method="low_rank") - exact).max()
        theirs = np.abs(signal.convolve(image, h, mode="valid", method="direct") - exact).max()
        assert ours <= 2 * theirs


def test_volumes_and_kernels_per_channel():
    rng = np.random.default_rng(2)
    volume, h = rng.normal(size=(12, 13, 14)), kernels.laplacian_of_gaussian(0.7, ndim=3)
    expected = convolve(volume, h, method="direct")
    np.testing.assert_allclose(convolve(volume, h, method="low_rank"), expected, atol=1e-13)
    x = rng.normal(size=(2, 20, 20))
    own = np.stack([rank_two(rng, (5, 5), float), np.outer(*rng.normal(size=(2, 5)))])
    expected = convolve(x, own, axes=(1, 2), method="direct")
    found = convolve(x, own, axes=(1, 2), method="low_rank")
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_auto_takes_it_where_the_kernel_allows_and_it_pays(monkeypatch):
    pairs = itertools.product(("direct", "overlap_save", "fft"), ("float64",), (2,))
    slow = machine.Speeds({pair: machine.Speed(0.0, 100.0) for pair in pairs})
    monkeypatch.setattr(machine, "speeds", lambda: slow)
    forget_choices()
    try:
        grid = np.arange(-12, 13)
        gauss = np.exp(-(grid**2) / 18)
        gabor = np.outer(gauss, gauss) * np.cos(0.4 * np.add.outer(grid, 2 * grid))
        assert len(low_rank.terms(gabor[np.newaxis])) == 2
        plan = plan_convolution((700, 701), gabor, mode="same", workers=1)
        assert plan.method == "low_rank"
        assert "quietest stretch" in plan.provided
        noise = np.random.default_rng(0).normal(size=gabor.shape)
        plan = plan_convolution((700, 701), noise, mode="same", workers=1)
        (option,) = (option for option in plan.options if option.method == "low_rank")
        assert option.unmet.startswith("a kernel that is the sum of a few outer products")
        assert option.time == np.inf
        # one term is for the separable method, many kernels are not taken apart unasked
        assert plan_convolution((700, 701), np.outer(gauss, gauss)).method == "separable"
        many = plan_convolution((3, 700, 701), np.stack([gabor] * 3), axes=(1, 2))
        assert many.method != "low_rank"
    finally:
        forget_choices()


def test_what_lies_under_zero_taps_leaves_no_trace():
    y, x = np.mgrid[-8:9, -8:9]
    disk = (np.hypot(x, y) < 8).astype(float)
    image = np.random.default_rng(0).normal(size=(300, 300))
    image[100, 100] = 1e30
    far = np.hypot(*(np.mgrid[:300, :300] - 100)) > 8.5
    expected = convolve(image, disk, mode="same", method="direct")
    for method in ("low_rank", "auto"):
        found = convolve(image, disk, mode="same", method=method)
        np.testing.assert_allclose(found[far], expected[far], rtol=0, atol=1e-11)


def test_evenness():
    geometry = Geometry(2, (64, 64), (8, 8), (1, 1), (1, 1))
    rows = np.random.default_rng(0).normal(size=(2, 64, 64))
    assert loudness.is_even_down(rows, geometry)
    assert loudness.is_even_down(0 * rows, geometry)
    assert not loudness.is_even_down(rows, geometry, fill=1e9)
    rows[1, 8:20] *= 1e-8
    assert not loudness.is_even_down(rows, geometry)
    rows[1, 8:20] = 0  # silence has nothing to lose
    assert loudness.is_even_down(rows, geometry)
    rows[0, 3, 3] = np.nan
    assert not loudness.is_even_down(rows, geometry)
    assert not loudness.is_even_down(1e200 * np.ones((2, 64, 64)), geometry)


def test_nan_touches_its_box_and_nothing_else():
    y, x = np.mgrid[-5:6, -5:6]
    disk = (np.hypot(x, y) < 5).astype(float)
    image = np.random.default_rng(0).normal(size=(60, 60))
    clean = convolve(image, disk, mode="same", method="low_rank")
    image[30, 20] = np.nan
    spoiled = convolve(image, disk, mode="same", method="low_rank")
    touched = np.zeros(image.shape, bool)
    touched[25:36, 15:26] = True
    np.testing.assert_array_equal(np.isnan(spoiled), touched)
    np.testing.assert_allclose(spoiled[~touched], clean[~touched], atol=1e-12)
