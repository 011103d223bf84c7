"""The error model against errors that are measured here, and what hangs on it."""

import numpy as np
import pytest
from scipy import signal

from sigconv import convolve
from sigconv.convolution import choose, fourier
from sigconv.convolution.fourier import precision, tiling
from sigconv.convolution.geometry import Geometry


def geometry(lengths, taps):
    ones = (1,) * len(taps)
    return Geometry(1, lengths, taps, ones, ones)


def spread(error, exact, dtype):
    return float(np.sqrt(np.mean(error**2) / np.mean(exact**2)) / np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "taps", [(77,), (101,), (109,), (257,), (501,), (1025,), (3301,), (9, 9), (31, 31), (5, 5, 5)]
)
def test_auto_is_at_most_twice_as_far_off_as_scipys_direct_method(taps, dtype):
    rng = np.random.default_rng(taps[0])
    shape = {1: (20_000,), 2: (200, 220), 3: (40, 40, 40)}[len(taps)]
    x, h = rng.normal(size=shape).astype(dtype), rng.normal(size=taps).astype(dtype)
    windows = np.lib.stride_tricks.sliding_window_view(x, taps)
    at = tuple(rng.integers(0, n, 1500) for n in windows.shape[: x.ndim])
    flat = windows[at].reshape(1500, -1).astype(np.longdouble)
    exact = (flat * np.flip(h).ravel().astype(np.longdouble)).sum(axis=1)
    direct = signal.convolve(x, h, mode="valid", method="direct")[at]
    y = convolve(x, h, mode="valid")[at]
    assert spread(y - exact, exact, dtype) <= 2 * spread(direct - exact, exact, dtype)
    assert np.abs(y - exact).max() <= 2.5 * np.abs(direct - exact).max()  # the worst of a sample


@pytest.mark.parametrize("taps", [1025, 3301, 20001])
@pytest.mark.parametrize("mode", ["same", "full"])
def test_so_it_is_at_the_ends_where_windows_are_half_empty(taps, mode):
    rng = np.random.default_rng(taps)
    x, h = rng.normal(size=25_000).astype(np.float32), rng.normal(size=taps).astype(np.float32)
    exact = signal.oaconvolve(x.astype(float), h.astype(float), mode=mode)
    direct = signal.convolve(x, h, mode=mode, method="direct")
    y = convolve(x, h, mode=mode)
    for end in (slice(0, 300), slice(-300, None)):
        limit = 2 * spread((direct - exact)[end], exact[end], "float32")
        assert spread((y - exact)[end], exact[end], "float32") <= limit


def test_single_precision_is_for_long_kernels_and_images():
    arithmetic = {
        taps: tiling.best(geometry((1_000_000,), (taps,)), 4).dtype for taps in (31, 101, 3301)
    }
    assert arithmetic == {31: "float64", 101: "float64", 3301: "float32"}
    assert tiling.best(geometry((2000, 2000), (3, 3)), 4).dtype == "float64"
    assert tiling.best(geometry((2000, 2000), (31, 31)), 4).dtype == "float32"
    assert tiling.best(geometry((2000, 2000), (31, 31)), 8).dtype == "float64"


def test_short_kernels_of_doubles_are_not_for_transforms_by_themselves():
    short, long = geometry((100_000,), (64,)), geometry((100_000,), (3301,))
    assert not fourier.blocks_serve(short, np.dtype(float))
    assert fourier.blocks_serve(short, np.dtype(np.float32))  # in double precision
    assert fourier.blocks_serve(long, np.dtype(float))
    x = np.random.default_rng(0).normal(size=100_100)
    for problem, served in ((short, False), (long, True)):
        weights = np.ones((1, *problem.taps))
        choices = choose.by_cost(problem, x.dtype)
        names = [c.name for c in choices if not choose.missed(c, len(weights), problem, x.dtype)]
        assert ("overlap_save" in names) is served


def test_errors_grow_as_modelled():
    one, two = geometry((9000,), (500,)), geometry((9000,), (5000,))
    assert precision.direct_error(one, "float32") < precision.direct_error(two, "float32")
    assert precision.slack(one, 4096, "float32") < precision.slack(two, 4096, "float32")
    assert 0 < precision.least_power(two, 16384, 3000) < 1
