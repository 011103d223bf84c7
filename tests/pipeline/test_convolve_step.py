"""The step 'convolve' against NumPy."""

import mne
import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, kernels

X = np.random.default_rng(0).normal(size=(2, 300))
H = np.array([0.2, 0.5, -0.3, 0.1, 0.7])


def test_centred_and_causal_are_numpys() -> None:
    got = Pipeline([Step("convolve", kernel=H, boundary="constant")]).apply(X, fs=250)
    expected = [np.convolve(x, H, mode="same") for x in X]
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)
    got = Pipeline([Step("convolve", kernel=H, causal=True)]).apply(X, fs=250)
    expected = [np.convolve(x, H)[:300] for x in X]
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)


def test_named_kernels() -> None:
    named = Pipeline([Step("convolve", kernel="gaussian", sigma=3)])
    taps = Pipeline([Step("convolve", kernel=kernels.gaussian(3))])
    np.testing.assert_array_equal(named.apply(X, fs=250), taps.apply(X, fs=250))


def test_recordings_and_mne_objects() -> None:
    pipeline = Pipeline([Step("convolve", kernel=H), Step("convolve", kernel=H)])
    expected = pipeline.apply(X, fs=250)
    recording = Recording(X, 250, kinds=["eeg", "stim"])
    got = pipeline.apply(recording)
    np.testing.assert_array_equal(got.data[0], expected[0])
    np.testing.assert_array_equal(got.data[1], X[1])
    raw = mne.io.RawArray(X, mne.create_info(2, 250, "eeg"), verbose="error")
    np.testing.assert_allclose(pipeline.apply(raw).get_data(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "step 'convolve' needs the parameter 'kernel'"),
        ({"kernel": "gausian"}, "kernel must be one of .*did you mean 'gaussian'"),
        ({"kernel": "gaussian", "sigm": 3}, "step 'convolve' takes .*did you mean 'sigma'"),
        ({"kernel": (1, 2), "sigma": 3}, "step 'convolve' takes .* got 'sigma'"),
    ],
)
def test_impossible_steps(parameters: dict[str, object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Step("convolve", **parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kernel": ((1, 2), (3, 4))}, "kernel must have one axis, which is time; got 2"),
        ({"kernel": "gaussian"}, "kernel 'gaussian' needs the parameter 'sigma'"),
        ({"kernel": "sobel-y"}, "this kernel needs the axis y among the axes"),
        ({"kernel": (1, 2), "boundary": "odd"}, "boundary must be one of"),
        ({"kernel": (1, 2), "causal": 3}, "causal must be True or False; got 3"),
    ],
)
def test_impossible_kernels(parameters: dict[str, object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Pipeline([Step("convolve", **parameters)]).at(250)
