"""The direct method: its error beside SciPy's, and shapes at the edge of its tiles."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal

from sigconv import convolve
from sigconv._simd import BUNDLE
from sigconv.convolution.direct_jit import GROUP, TILE
from tests import oracles

from .cases import BUDGET, KERNEL_OF, kernel, random


def sampled_error(y, x, h, indices):
    """Return the errors of some outputs of a valid convolution, and their scales."""
    windows = sliding_window_view(x, h.shape)
    flipped = oracles.wide(np.flip(h))
    errors, scales = [], []
    for index in indices:
        products = oracles.wide(windows[index]) * flipped
        errors.append(abs(y[index] - products.sum()))
        scales.append(abs(products).sum())
    return np.array(errors, float), np.array(scales, float)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize(
    ("shape", "taps"),
    [
        ((9000,), (31,)),
        ((9000,), (501,)),
        ((9000,), (3301,)),
        ((90, 80), (7, 9)),
        ((30,) * 3, (5,) * 3),
    ],
)
@pytest.mark.parametrize("offset", [0, 5])
def test_errors_are_small_and_at_most_twice_scipys(shape, taps, offset, dtype):
    rng = np.random.default_rng(0)
    x = random(rng, shape, dtype) + np.dtype(dtype).type(offset)
    lengths = [n - k + 1 for n, k in zip(shape, taps, strict=True)]
    indices = [tuple(rng.integers(0, m) for m in lengths) for _ in range(300)]
    eps = np.finfo(dtype).eps
    spreads = {"fft", "overlap_save"}  # in double precision
    for method, kind in [*KERNEL_OF.items(), ("direct", "box")]:
        h = kernel(rng, kind, taps, dtype)
        y = convolve(x, h, mode="valid", method=method)
        errors, scales = sampled_error(y, x, h, indices)
        allowed = BUDGET * eps * scales
        if method in {*spreads, "auto"}:
            allowed += BUDGET * np.finfo(float).eps * scales.max()
        assert (errors <= allowed).all(), (method, (errors / allowed).max())
        if method in spreads and eps < 1e-10:
            continue
        theirs = signal.convolve(x, h, "valid", method="direct")
        their_errors, _ = sampled_error(theirs, x, h, indices)
        ratio = np.sqrt((errors**2).mean() / (their_errors**2).mean())
        assert ratio <= 2, (method, kind, ratio)


@pytest.mark.parametrize("n_taps", [*range(1, 2 * GROUP + 2), 40, 67])
@pytest.mark.parametrize("n", [TILE - 1, TILE, TILE + 1, 2 * TILE + 3])
def test_tiles_and_groups_of_any_length(n, n_taps):
    rng = np.random.default_rng(n_taps)
    x, h = rng.integers(-99, 99, n + n_taps - 1), rng.integers(-99, 99, n_taps)
    y = convolve(x, h, mode="valid", method="direct", workers=2)
    np.testing.assert_array_equal(y, np.convolve(x, h, "valid"))


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("form", [{}, {"dilation": (2, 3)}, {"stride": (2, 3), "dilation": (1, 2)}])
def test_lines_of_an_image_as_long_as_bundles(form, dtype):
    rng = np.random.default_rng(2)
    bundle = BUNDLE // np.dtype(dtype).itemsize
    for n in (bundle // 2, bundle - 1, bundle, bundle + 1, 2 * bundle + 3, 3 * bundle):
        x, h = rng.integers(-99, 99, (2, 6, n)), rng.integers(-99, 99, (2, 2, 5))
        for mode in ("same", "full", "valid"):
            if dtype == "float32" and mode == "full":
                h[:, 1] = 0  # taps that are left out
            expected = convolve(x, h, axes=(1, 2), mode=mode, method="direct", **form)
            for workers in (1, 3):
                y = convolve(
                    x.astype(dtype),
                    h.astype(float),
                    axes=(1, 2),
                    mode=mode,
                    method="direct",
                    workers=workers,
                    **form,
                )
                np.testing.assert_array_equal(y, expected)  # all sums are whole and small


def test_a_kernel_of_zeros():
    for method in KERNEL_OF:
        assert not convolve(np.ones((4, 4)), np.zeros((2, 2)), method=method).any()


def test_strides_longer_than_the_kernel_and_the_signal():
    x, h = np.arange(20.0), np.array([1.0, 2.0])
    full = np.convolve(x, h)
    for stride in (5, 19, 20, 21, 22, 50):
        np.testing.assert_array_equal(
            convolve(x, h, stride=stride, method="direct"), full[::stride]
        )


def test_complex_signal_under_a_real_kernel_is_two_real_signals():
    rng = np.random.default_rng(1)
    x, h = random(rng, (3, 30), "complex128"), rng.normal(size=(2, 4))
    for form in ({}, {"stride": 2}, {"dilation": (1, 3)}, {"stride": (1, 3), "dilation": 2}):
        y = convolve(x, h, method="direct", **form)
        real, imag = (convolve(part, h, method="direct", **form) for part in (x.real, x.imag))
        np.testing.assert_array_equal(y, real + 1j * imag)
