"""Spectrograms, log-mel and standardisation as layers, beside the numpy paths."""

import numpy as np
import pytest
import torch

import sigconv
from sigconv.nn.signal_layers import ExponentialStandardise, LogMelLayer, SpectrogramLayer


def signals(n: int = 1000) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 3, n)).cumsum(axis=-1)


@pytest.mark.parametrize("kind", ["density", "power", "amplitude", "complex"])
@pytest.mark.parametrize("padding", ["none", "zero", "edge", "even", "odd"])
@pytest.mark.parametrize(("length", "step"), [(0.5, None), (0.252, 0.1), (1.0, 0.3)])
def test_spectrogram(kind, padding, length, step):
    x, how = signals(), {"length": length, "step": step, "kind": kind, "padding": padding}
    expected = sigconv.spectrogram(x, fs=250, **how).values
    answer = SpectrogramLayer(250, **how)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(answer, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())
    narrow = SpectrogramLayer(250, **how)(torch.from_numpy(x).float()).numpy()
    assert narrow.dtype == sigconv.spectrogram(x.astype(np.float32), fs=250, **how).values.dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_mel(dtype):
    pytest.importorskip("librosa")
    x = (0.1 * np.random.default_rng(0).normal(size=(2, 1, 4000))).astype(dtype)
    for options in ({}, {"n_mels": 20, "length": 0.03, "step": 0.0125, "fmin": 100, "fmax": 3000}):
        expected = sigconv.log_mel(x, fs=8000, **options).values
        answer = LogMelLayer(8000, **options)(torch.from_numpy(x)).numpy()
        assert answer.dtype == dtype
        np.testing.assert_allclose(
            answer, expected, rtol=1e-5, atol=1e-4 if dtype == np.float32 else 1e-7
        )


@pytest.mark.parametrize("options", [{}, {"init_block_size": 100}, {"factor": 0.02}, {"factor": 1}])
def test_exponential_standardisation(options):
    x = signals() + 300
    expected = sigconv.exponential_moving_standardise(x, **options)
    answer = ExponentialStandardise(**options)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-8)


def test_a_flat_signal_gives_zero_and_a_finite_gradient():
    x = torch.full((1, 1, 50), 7.0, requires_grad=True)
    y = ExponentialStandardise(0.1)(x)
    assert (y == 0).all()
    y.sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize(
    "layer",
    [
        SpectrogramLayer(50, length=0.5),
        SpectrogramLayer(50, length=0.4, padding="odd", kind="power"),
        ExponentialStandardise(0.1, init_block_size=10),
    ],
)
def test_gradients(layer):
    x = torch.randn(1, 2, 60, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(layer, (x,), fast_mode=True)


def test_gradient_of_log_mel():
    pytest.importorskip("librosa")
    x = torch.randn(1, 600, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(LogMelLayer(8000, n_mels=10), (x,), fast_mode=True)


def test_what_is_refused():
    with pytest.raises(ValueError, match="kind must be one of"):
        SpectrogramLayer(250, kind="decibel")
    with pytest.raises(ValueError, match="x must be at least a window of 250 samples long; got 9"):
        SpectrogramLayer(250)(torch.zeros(9))
    with pytest.raises(ValueError, match="factor must be a finite number above 0 and at most 1"):
        ExponentialStandardise(2)
