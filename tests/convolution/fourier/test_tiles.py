"""Compiled tiles: every size, both precisions, uneven signals, odd ends; against exact sums."""

import numpy as np
import pytest
from scipy import signal

from sigconv import convolve
from sigconv.convolution import extended
from sigconv.convolution.fourier import tables, tiles
from sigconv.convolution.geometry import Geometry

from ..cases import random

ARITHMETICS = [("float32", "float32"), ("float32", "float64"), ("float64", "float64")]


def correlated(x, w, shape, arithmetic, workers=1):
    n_axes = x.ndim - 1
    ones = (1,) * n_axes
    geometry = Geometry(len(x), x.shape[1:], w.shape[1:], ones, ones)
    out = np.full((len(x), *geometry.output), np.nan, x.dtype)
    assert tiles.into(extended.whole(x), w, geometry, workers, out, shape, arithmetic)
    return out


def expected(x, w):
    """Return the correlation in extended precision, through one shifted product per tap."""
    m = tuple(n - k + 1 for n, k in zip(x.shape[1:], w.shape[1:], strict=True))
    total = np.zeros((len(x), *m), np.longdouble)
    for tap in np.ndindex(w.shape[1:]):
        part = x[(slice(None), *(slice(t, t + n) for t, n in zip(tap, m, strict=True)))]
        factor = w[(slice(None), *tap)].astype(np.longdouble)
        total += factor.reshape(-1, *(1,) * len(m)) * part
    return total


def assert_near(y, exact, dtype, eps=2.5):
    """Compare within so many eps of the output's root mean square, the worst at six times."""
    scale = float(np.sqrt(np.mean(exact**2))) * np.finfo(dtype).eps
    error = np.abs(y - exact).astype(float) / scale
    assert np.sqrt(np.mean(error**2)) < eps
    assert error.max() < 6 * eps


@pytest.mark.parametrize(("data", "arithmetic"), ARITHMETICS)
@pytest.mark.parametrize("power", range(8, 16))
def test_rows_in_transforms_of_every_size(power, data, arithmetic):
    size = (1 << power) * tables.least_row(arithmetic) // 256
    rng = np.random.default_rng(power)
    for k in (1, 2, 33, size // 2, size):
        step = size - k + 1
        for m in {1, step - 1, step, step + 1, 3 * step + 5} - {0}:
            if m > 4 * size or k * m > 4e5:
                continue
            x, w = random(rng, (2, m + k - 1), data), random(rng, (2, k), data)
            y = correlated(x, w, (size,), arithmetic)
            np.testing.assert_allclose(
                y, expected(x, w), rtol=0, atol=20 * np.finfo(data).eps * np.sqrt(k)
            )


@pytest.mark.parametrize(("data", "arithmetic"), ARITHMETICS)
@pytest.mark.parametrize(
    ("shape", "taps"),
    [
        ((16, 32), (3, 7)),
        ((32, 32), (4, 1)),
        ((64, 128), (15, 6)),
        ((128, 64), (1, 9)),
        ((1, 512), (1, 20)),
        ((2, 8, 32), (2, 3, 4)),
        ((16, 1, 64), (5, 1, 2)),
        ((4, 16, 32), (1, 1, 1)),
        ((8, 4, 128), (3, 2, 9)),
        ((32, 32, 32), (4, 5, 3)),
        ((48, 48), (4, 9)),
        ((144, 80), (2, 20)),
        ((80, 96), (11, 2)),
        ((12, 4, 160), (3, 1, 9)),
        ((20, 4, 192), (6, 2, 3)),
        ((4, 36, 320), (1, 4, 4)),
        ((60, 4, 128), (7, 1, 5)),
        ((20, 24, 96), (3, 4, 5)),
    ],
)
def test_images_and_volumes_in_tiles_of_every_shape(shape, taps, data, arithmetic):
    rng = np.random.default_rng(sum(shape))
    step = [n - k + 1 for n, k in zip(shape, taps, strict=True)]
    for parts in (0.3, 1, 2.4):  # within a tile, one, several with an odd rest
        lengths = [max(1, int(s * parts)) + k - 1 for s, k in zip(step, taps, strict=True)]
        x, w = random(rng, (2, *lengths), data), random(rng, (1, *taps), data)
        assert_near(correlated(x, w, shape, arithmetic), expected(x, w), data)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("boundary", ["constant", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_boundaries_strides_and_dilations(boundary, mode, dtype):
    rng = np.random.default_rng(1)
    for shape, taps in (((2, 900), (70,)), ((2, 60, 70), (9, 12)), ((2, 20, 30, 25), (3, 5, 4))):
        x, h = random(rng, shape, dtype), random(rng, taps, dtype)
        axes = tuple(range(1, x.ndim))
        for stride, dilation in ((1, 1), (3, 1), (1, 2), (2, 2)):
            form = {"mode": mode, "boundary": boundary, "stride": stride, "dilation": dilation}
            form["cval"] = 0.5 if boundary == "constant" else 0
            y = convolve(x, h, axes=axes, method="overlap_save", **form)
            exact = convolve(x.astype(float), h.astype(float), axes=axes, method="direct", **form)
            assert_near(y, exact, dtype, eps=3)


def scipys_error(x, h, exact):
    return np.abs(signal.convolve(x, h, mode="valid", method="direct") - exact).astype(float)


def local(error, length=400):
    """Return the root mean square of stretches."""
    n = len(error) // length * length
    return np.sqrt(np.mean(error[:n].reshape(-1, length) ** 2, axis=1))


def shapes_of_loudness(n):
    """Return signals that are white noise times one of these."""
    t = np.linspace(0, 1, n)
    burst = np.ones(n)
    burst[n // 3 : n // 3 + 50] = 1e6
    steps = np.ones(n)
    steps[n // 2 :], steps[3 * n // 4 :] = 30, 1e-5
    return {
        "even": np.ones(n),
        "burst": burst,
        "drift": np.exp(-12 * t),
        "steps": steps,
        "breath": 1 + 0.9 * np.sin(20 * t),
        "twice": np.where(t < 0.43, 1, 2.2),
        "whisper": np.where(abs(t - 0.6) < 0.1, 1e-3, 1),
    }


@pytest.mark.parametrize("name", shapes_of_loudness(10))
def test_no_stretch_is_twice_as_far_off_as_by_scipys_direct_method(name):
    n, k = 40_000, 1025
    rng = np.random.default_rng(2)
    x = (rng.normal(size=n) * shapes_of_loudness(n)[name]).astype(np.float32)
    h = rng.normal(size=k).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(x, k)
    exact = windows.astype(float) @ h[::-1].astype(float)  # nine digits beyond float32
    y = convolve(x, h, mode="valid", method="overlap_save")
    ours, peer = local(np.abs(y - exact)), local(scipys_error(x, h, exact))
    assert (ours <= 2.2 * peer).all()  # they scatter
    assert np.sqrt(np.mean(ours**2)) <= 2 * np.sqrt(np.mean(peer**2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loudness", [1e6, 1e20, 1e35])
def test_a_loud_neighbour_is_not_heard(loudness, dtype):
    rng = np.random.default_rng(0)
    size, k = 1024, 33
    step = size - k + 1
    quiet, w = random(rng, (1, 4 * step + k - 1), dtype), random(rng, (1, k), dtype)
    exact = expected(quiet, w)
    for block in (0, 2):  # the block after it, its pair, has none of the loud samples
        x = quiet.copy()
        x[0, block * step : (block + 1) * step] *= dtype_of(dtype)(loudness)
        other = slice((block + 1) * step, (block + 2) * step)
        y = correlated(x, w, (size,), dtype)
        assert_near(y[0, other], exact[0, other], dtype)


def dtype_of(name):
    return np.dtype(name).type


def test_quiet_stretches_beyond_float64_are_summed_directly():
    rng = np.random.default_rng(4)
    k = 40
    for n in ((3000,), (150, 140)):
        x, w = rng.normal(size=(2, *n)), rng.normal(size=(1, *[k // len(n)] * len(n)))
        x[0, n[0] // 2 :] *= 1e12
        shape = (512,) if len(n) == 1 else (64, 64)
        y = correlated(x, w, shape, "float64", workers=2)
        exact = expected(x, w)
        quiet = slice(0, n[0] // 2 - k)
        assert_near(y[0, quiet], exact[0, quiet], "float64")
        assert_near(y[1], exact[1], "float64")


def test_very_loud_and_very_quiet_rows():
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(1, 900)), rng.normal(size=(1, 30))
    y = correlated(x, w, (256,), "float64")
    for power in (-900, -500, 500, 900):
        scaled = correlated(np.ldexp(x, power), w, (256,), "float64")
        np.testing.assert_array_equal(scaled, np.ldexp(y, power))
        scaled = correlated(x, np.ldexp(w, power), (256,), "float64")
        np.testing.assert_array_equal(scaled, np.ldexp(y, power))
    for power in (-1040, 1020):  # beyond the gains: directly
        scaled = correlated(np.ldexp(x, power), w * 1e-3, (256,), "float64")
        exact = np.ldexp(expected(x, w * 1e-3).astype(float), power)
        np.testing.assert_allclose(scaled, exact, rtol=1e-9, atol=1e-312)
    single = correlated((x * 1e-30).astype("float32"), w.astype("float32"), (512,), "float32")
    np.testing.assert_allclose(single, y * 1e-30, rtol=0, atol=1e-35)
    assert not correlated(0 * x, w, (256,), "float64").any()
    np.testing.assert_allclose(correlated(x * 5e-324, w, (256,), "float64"), 0, atol=1e-300)


def test_silence_stays_silent_beside_a_loud_tile():
    x, w = np.zeros((1, 2000)), np.ones((1, 10))
    x[0, :240] = np.random.default_rng(5).normal(size=240)
    y = correlated(x, w, (256,), "float64")
    assert not y[0, 247:].any()
    assert y[0, :200].all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_that_is_not_a_number_spoils_its_own_outputs_alone(value, dtype):
    rng = np.random.default_rng(2)
    x, h = random(rng, (5000,), dtype), random(rng, (51,), dtype)
    clean = convolve(x, h, method="overlap_save")
    for at in (0, 1023, 1024, 2500, 4999):
        y = x.copy()
        y[at] = value
        y = convolve(y, h, method="overlap_save")
        touched = np.arange(at, at + 51)
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(y)), touched)
        kept = np.delete(np.arange(5050), touched)
        np.testing.assert_allclose(y[kept], clean[kept], rtol=0, atol=100 * np.finfo(dtype).eps)


@pytest.mark.parametrize("arithmetic", ["float32", "float64"])
def test_threads_split_pairs_and_change_nothing(arithmetic):
    rng = np.random.default_rng(3)
    x, w = random(rng, (3, 20_000), "float32"), random(rng, (1, 700), "float32")
    x[1, 5000:9000] *= 50
    y = correlated(x, w, (2048,), arithmetic)
    for workers in (2, 3, 7):
        np.testing.assert_array_equal(correlated(x, w, (2048,), arithmetic, workers), y)


def test_rows_that_cannot_be_written_to():
    rng = np.random.default_rng(6)
    x, h = rng.normal(size=(2, 3000)), rng.normal(size=100)
    y = convolve(x, h, axes=1, method="overlap_save")
    x.flags.writeable = False
    np.testing.assert_array_equal(convolve(x, h, axes=1, method="overlap_save"), y)
