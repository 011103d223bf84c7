"""Running sums: no drift, no leak, whatever the window."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import convolve, smooth
from sigconv.convolution.levels_jit import rounded
from tests import oracles


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 99, 100])
@pytest.mark.parametrize("dilation", [1, 2, 5])
@pytest.mark.parametrize("stride", [1, 3])
def test_windows_of_every_width(width, dilation, stride):
    rng = np.random.default_rng(width)
    x = rng.integers(-99, 99, (2, 100))
    h = np.full(width, 3)
    form = {"dilation": dilation, "stride": stride}
    expected = oracles.along_axes(oracles.convolve, x, h, (1,), **form)
    y = convolve(x, h, method="running_sum", workers=2, **form)
    np.testing.assert_array_equal(y, expected.astype(int))


def test_a_loud_stretch_leaves_no_trace_beyond_its_windows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=10_000)
    h = np.full(101, 1 / 101)
    quiet = convolve(x, h, method="running_sum")
    x[3000:3050] = 1e300
    y = convolve(x, h, method="running_sum")
    np.testing.assert_array_equal(y[:3000], quiet[:3000])
    np.testing.assert_array_equal(y[3150:], quiet[3150:])


def test_the_sum_does_not_drift():
    x = np.full(2_000_000, 0.1, np.float32)
    y = convolve(x, np.ones(1000, np.float32), method="running_sum", mode="valid")
    np.testing.assert_array_equal(y, np.float32(float(np.float32(0.1)) * 1000))


def test_long_windows_do_not_gather_errors():
    rng = np.random.default_rng(1)
    x = 1e6 + rng.normal(size=60_000)
    width = 50_001
    y = convolve(x, np.ones(width), method="running_sum", mode="valid")
    sums = np.r_[np.longdouble(0), np.cumsum(x.astype(np.longdouble))]
    exact = sums[width:] - sums[:-width]
    assert np.abs(y / exact - 1).max() < np.finfo(float).eps


def test_an_offset_does_not_drift_along_ten_million_samples():
    rng = np.random.default_rng(2)
    x = (1e4 + rng.normal(size=10_000_000)).astype(np.float32)
    width = 1001
    y = smooth(x, width, boundary="wrap")
    sums = np.r_[np.longdouble(0), np.cumsum(x, dtype=np.longdouble)]
    exact = (sums[width:] - sums[:-width]) / width
    error = np.abs(y[width // 2 : -(width // 2)] - exact)
    assert error.max() <= np.spacing(np.float32(1e4))


@pytest.mark.parametrize("width", [5, 10, 101])
def test_one_nan_spoils_the_outputs_of_its_windows_and_no_others(width):
    x = np.random.default_rng(3).normal(size=3000)
    clean = smooth(x, width)
    x[1500] = np.nan
    y = smooth(x, width)
    assert np.isnan(y).sum() == width
    kept = ~np.isnan(y)
    np.testing.assert_allclose(y[kept], clean[kept], rtol=0, atol=1e-15)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 11),
    st.integers(1, 1500),
    st.integers(1, 700),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from(["zero", "edge", "reflect", "symmetric", "wrap"]),
    st.integers(0, 2**32 - 1),
)
def test_a_row_has_the_same_bits_alone_along_any_axis_and_on_any_thread(
    n_rows, n, width, dtype, boundary, seed
):
    x = np.random.default_rng(seed).normal(size=(n_rows, n)).astype(dtype)
    h = np.full(width, 1 / width)
    form = {"method": "running_sum", "mode": "same", "boundary": boundary}
    y = convolve(x, h, axes=-1, workers=2, **form)
    alone = np.stack([convolve(row, h, workers=1, **form) for row in x])
    np.testing.assert_array_equal(y, alone)
    columns = convolve(x.T.copy(), h[:, np.newaxis], workers=2, **form)
    np.testing.assert_array_equal(y.T, columns)
    scale = oracles.absolute_scale(x[:1], h[np.newaxis], mode="same", boundary=boundary)
    exact = oracles.convolve(x[:1], h[np.newaxis].astype(dtype), mode="same", boundary=boundary)
    assert (np.abs(y[:1] - exact) <= 2 * np.finfo(dtype).eps * scale + 1e-300).all()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=2, max_size=3),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from(["zero", "edge", "reflect", "symmetric", "wrap"]),
    st.sampled_from(["full", "same"]),
    st.integers(0, 2**32 - 1),
)
def test_boxes_in_images_and_volumes(lengths, dtype, boundary, mode, seed):
    shape, taps = zip(*lengths, strict=True)
    taps = tuple(min(k, 12) for k in taps)
    x = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    h = np.full(taps, np.array(0.3, dtype))
    form = {"mode": mode, "boundary": boundary}
    y = convolve(x, h, method="running_sum", workers=2, **form)
    ends = [(k - 1, k - 1) if mode == "full" else (k // 2, (k - 1) // 2) for k in taps]
    exact = np.pad(x, ends, mode="constant" if boundary == "zero" else boundary)
    exact = exact.astype(np.longdouble)
    scale = np.abs(exact)
    for axis, k in enumerate(taps):
        exact, scale = (
            np.lib.stride_tricks.sliding_window_view(each, k, axis).sum(-1)
            for each in (exact, scale)
        )
    error = np.abs(y - exact * h.flat[0])
    assert (error <= 2 * np.finfo(dtype).eps * scale * h.flat[0] + 1e-300).all()


def test_sums_beyond_all_numbers_have_finite_means():
    x = np.full(200, 1e308)
    np.testing.assert_allclose(
        convolve(x, np.full(20, 0.05), method="running_sum", mode="valid"), x[19:]
    )


def test_large_answers_go_past_the_caches_at_any_alignment():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3, 1_500_011))
    for width in (9, 10, 64):
        out = np.empty(x.size + 1)[1:].reshape(x.shape)
        assert smooth(x, width, out=out) is out
        np.testing.assert_array_equal(out[1], smooth(x[1], width))


def windows_in_fractions(x, width):
    return np.array([math.fsum(x[i : i + width]) for i in range(len(x) - width + 1)])


@pytest.mark.parametrize("width", [2, 9, 64, 200])
@pytest.mark.parametrize("loud", [1.0, 1e12, 1e15, 1e30, 1e100, 1e300])
@pytest.mark.parametrize("quiet", [1.0, 1e-5, 1e-300])
def test_sums_are_rounded_once_beside_samples_of_any_loudness(width, loud, quiet):
    rng = np.random.default_rng(width)
    x = quiet * rng.normal(size=3000)
    x[1000:1200:7] = loud * rng.normal(size=29)
    x[2000:2300] = 0
    y = convolve(x, np.ones(width), method="running_sum", mode="valid")
    np.testing.assert_array_equal(y, windows_in_fractions(x, width))


def test_sums_fade_through_all_numbers():
    n = 2050
    x = np.ldexp(np.random.default_rng(0).normal(size=n), 1000 - np.arange(n))
    y = convolve(x, np.ones(30), method="running_sum", mode="valid")
    np.testing.assert_array_equal(y, windows_in_fractions(x, 30))


@pytest.mark.parametrize("loud", [1.0, 1e5, 1e20])
def test_float32_sums_are_rounded_once(loud):
    x = np.random.default_rng(0).normal(size=3000).astype(np.float32)
    x[1000:1200:7] *= np.float32(loud)
    y = convolve(x, np.ones(50, np.float32), method="running_sum", mode="valid")
    expected = windows_in_fractions(x.astype(float), 50).astype(np.float32)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loud", [1.0, 1e9, 1e20, 1e30])
def test_box_sums_of_images_are_rounded_once(dtype, loud):
    x = np.random.default_rng(1).normal(size=(90, 40)).astype(dtype)
    x[30:34, 20] *= x.dtype.type(loud)
    y = convolve(x, np.ones((5, 7), dtype), method="running_sum", mode="valid")
    boxes = np.lib.stride_tricks.sliding_window_view(x.astype(float), (5, 7))
    expected = [[math.fsum(box.flat) for box in line] for line in boxes]
    np.testing.assert_array_equal(y, np.array(expected).astype(dtype))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(0, 3000), st.integers(1, 2000), st.integers(0, 99))
def test_no_answer_depends_on_where_a_row_is_cut(width, first, n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=6000) * 10.0 ** rng.integers(-20, 20, 6000)
    h = np.full(width, 1 / width)
    y = convolve(x, h, method="running_sum", mode="valid")
    part = convolve(x[first : first + n + width - 1], h, method="running_sum", mode="valid")
    np.testing.assert_array_equal(part, y[first : first + n])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), max_size=12))
def test_sums_of_levels_are_rounded_to_the_nearest(terms):
    assert rounded(np.array(terms, float)) == math.fsum(terms)


@pytest.mark.parametrize("terms", [[1, 2**-53, 2**-80], [1, 2**-53, -(2**-80)], [1, 2**-53]])
def test_what_is_smaller_decides_halfway(terms):
    assert rounded(np.array(terms, float)) == math.fsum(terms)
