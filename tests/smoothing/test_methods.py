"""Every method against its definition and SciPy."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import sigconv
from sigconv.cli.options import name_and_parameters
from sigconv.cli.steps import smooth_step
from sigconv.smoothing.methods import METHODS
from tests.filter_oracles import running_median, weighted
from tests.smoothing.cases import BOUNDARIES, EVERY, WEIGHTS

rng = np.random.default_rng(5)


def test_every_method_is_here():
    assert EVERY.keys() == METHODS.keys()


@pytest.mark.parametrize("method", WEIGHTS)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int16])
def test_weighted_methods(method, boundary, dtype):
    width, weights = WEIGHTS[method]
    x = (50 * rng.standard_normal(60)).astype(dtype)
    if dtype == np.complex128:
        x += 1j * rng.standard_normal(60)
    y = sigconv.smooth(x, width, method=method, boundary=boundary)
    assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
    tolerance = 1e-4 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(y, weighted(x, weights, boundary), rtol=0, atol=tolerance)


@pytest.mark.parametrize("boundary", ["reflect", "symmetric", "edge", "wrap", "constant"])
def test_gaussian_and_median_are_ndimages(boundary):
    theirs = {"reflect": "mirror", "symmetric": "reflect", "edge": "nearest"}.get(
        boundary, boundary
    )
    x = rng.standard_normal((3, 100))
    np.testing.assert_allclose(
        sigconv.smooth(x, 3.3, method="gaussian", boundary=boundary, truncate=3),
        scipy.ndimage.gaussian_filter1d(x, 3.3, mode=theirs, truncate=3),
        rtol=0,
        atol=1e-14,
    )
    np.testing.assert_array_equal(
        sigconv.smooth(x, 7, method="median", boundary=boundary),
        scipy.ndimage.median_filter(x, (1, 7), mode=theirs),
    )


@pytest.mark.parametrize("width", [1, 3, 21, 101])
@pytest.mark.parametrize("boundary", ["reflect", "edge", "constant"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
def test_median_sorts_every_window(width, boundary, dtype):
    x = (9 * rng.standard_normal(60)).round().astype(dtype)  # many equal values
    y = sigconv.smooth(x, width, method="median", boundary=boundary)
    assert y.dtype == (np.float64 if dtype == np.int32 else dtype)
    np.testing.assert_array_equal(y, running_median(x, width, boundary))


@pytest.mark.parametrize("derivative", [0, 1, 2])
def test_savitzky_golay_is_exact_on_polynomials(derivative):
    fs = 50.0
    t = np.arange(200) / fs
    polynomial = np.polynomial.Polynomial([1, -2, 3, 0.5])
    y = sigconv.smooth(
        polynomial(t), 0.3, fs=fs, method="savitzky_golay", order=3, derivative=derivative
    )
    expected = polynomial.deriv(derivative)(t) if derivative else polynomial(t)
    np.testing.assert_allclose(y[8:-8], expected[8:-8], rtol=1e-9)


def test_savitzky_golay_is_scipys():
    x = rng.standard_normal((2, 100))
    for options in ({"order": 3}, {"order": 4, "derivative": 2}):
        y = sigconv.smooth(x, 15, method="savitzky_golay", **options)
        expected = signal.savgol_filter(
            x, 15, options["order"], deriv=options.get("derivative", 0), mode="mirror"
        )
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("tau", [0.3, 6.5, 400.0])
def test_causal_exponential(tau):
    x = 3 + rng.standard_normal(200)
    alpha = 1 - np.exp(-1 / tau)
    for boundary, before in (("constant", 0.0), ("edge", x[0]), ("reflect", x[0])):
        expected, y = [], before
        for value in x:
            y = alpha * value + (1 - alpha) * y
            expected.append(y)
        got = sigconv.smooth(x, tau, method="exponential", boundary=boundary)
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    ahead = sigconv.smooth(x[:120], tau, method="exponential")
    np.testing.assert_array_equal(sigconv.smooth(x, tau, method="exponential")[:120], ahead)
    np.testing.assert_allclose(
        sigconv.smooth(x, tau, method="exponential", boundary="wrap"),
        sigconv.smooth(np.tile(x, 90), tau, method="exponential")[-200:],
        rtol=1e-12,
    )


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_zero_phase_exponential(boundary):
    x = 3 + rng.standard_normal(80)
    tau = 6.5
    decay = np.exp(-1 / tau)
    lags = np.arange(-250, 251)
    weights = (1 - decay) / (1 + decay) * decay ** np.abs(lags)  # of the two passes together
    got = sigconv.smooth(x, tau, method="exponential", zero_phase=True, boundary=boundary)
    np.testing.assert_allclose(got, weighted(x, weights, boundary), rtol=1e-12)


@pytest.mark.parametrize("method", EVERY)
def test_axis_memory_order_workers_and_out(method):
    x = rng.standard_normal((4, 50, 3))
    width = EVERY[method]
    expected = sigconv.smooth(np.moveaxis(x, 1, -1).copy(), width, method=method, workers=1)
    expected = np.moveaxis(expected, -1, 1)
    for given_x in (x, np.asfortranarray(x), x[::-1, ::-1][::-1, ::-1]):
        for workers in (1, 3, None):
            y = sigconv.smooth(given_x, width, method=method, axis=1, workers=workers)
            np.testing.assert_array_equal(y, expected)
    y = sigconv.smooth(x[2, :, 1], width, method=method)
    np.testing.assert_array_equal(y, expected[2, :, 1])
    out = np.empty((3, 50, 4)).T
    assert sigconv.smooth(x, width, method=method, axis=1, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert sigconv.smooth(x, width, method=method, axis=1, out=x) is x
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("method", EVERY)
def test_a_constant_stays_and_float16_too(method):
    x = np.full((2, 30), 5.0)
    for options in ({}, {"boundary": "wrap"})[: 1 + METHODS[method].extends]:
        y = sigconv.smooth(x, EVERY[method], method=method, **options)
        np.testing.assert_allclose(y, x, rtol=1e-13)
    y = sigconv.smooth(x.astype(np.float16), EVERY[method], method=method)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, 5, rtol=1e-3)


@pytest.mark.parametrize("method", [name for name in EVERY if name in {*WEIGHTS, "whittaker"}])
@settings(deadline=None, max_examples=20)
@given(scale=st.floats(-100, 100), shift=st.integers(0, 20), seed=st.integers(0, 99))
def test_linear_and_shift_invariant(method, scale, shift, seed):
    one, two = np.random.default_rng(seed).standard_normal((2, 90))
    run = lambda x: sigconv.smooth(x, EVERY[method], method=method, boundary="wrap")  # noqa: E731
    np.testing.assert_allclose(
        run(one + scale * two), run(one) + scale * run(two), rtol=0, atol=1e-12 * (1 + abs(scale))
    )
    np.testing.assert_allclose(run(np.roll(one, shift)), np.roll(run(one), shift), atol=1e-13)


@pytest.mark.parametrize("method", EVERY)
def test_every_method_on_objects_as_a_step_and_on_the_command_line(method):
    mne = pytest.importorskip("mne")
    fs, seconds = 100.0, 0.11
    x = rng.standard_normal((3, 80))
    expected = x.copy()
    expected[:2] = sigconv.smooth(x[:2], seconds, fs=fs, method=method)
    recording = sigconv.Recording(x, fs=fs, kinds=["eeg", "eeg", "stim"])
    info = mne.create_info(3, fs, ["eeg", "eeg", "stim"])
    raw = mne.io.RawArray(x, info, verbose="error")
    smoothed = sigconv.smooth(recording, seconds, method=method)
    np.testing.assert_array_equal(smoothed.data, expected)
    smoothed = sigconv.smooth(raw, seconds, method=method)
    np.testing.assert_array_equal(smoothed.get_data(), expected)
    with pytest.raises(ValueError, match="out must not be given with a Recording"):
        sigconv.smooth(recording, seconds, method=method, out=x)

    settings = {key: each.default for key, each in METHODS[method].parameters.items()}
    given = {key: value for key, value in settings.items() if value is not None}
    words = [f"width={seconds}", *(f"{key}={value}" for key, value in given.items())]
    step = smooth_step(*name_and_parameters(f"{method}:{','.join(words)}"))
    assert step == sigconv.Step("smooth", method=method, width=seconds, **given)
    pipeline = sigconv.Pipeline([step])
    assert sigconv.Pipeline.from_dict(pipeline.to_dict()) == pipeline
    np.testing.assert_array_equal(pipeline.apply(recording).data, expected)
    np.testing.assert_array_equal(pipeline.apply(x[:2], fs=fs), expected[:2])
