"""Augmentations by their definitions, on trials whose answer is known."""

import numpy as np
import pytest
import torch

from sigconv.nn import Augmentation
from sigconv.nn.training.augment import AUGMENTATIONS

FS = 128.0
TIME = np.arange(256) / FS


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def tones(frequency, n=40):
    """Trials of two channels: a tone, and the same a quarter behind."""
    tone = np.stack([np.sin(2 * np.pi * frequency * TIME), -np.cos(2 * np.pi * frequency * TIME)])
    return torch.from_numpy(np.tile(tone, (n, 1, 1)))


def noise(n=40):
    return torch.from_numpy(np.random.default_rng(0).normal(size=(n, 3, 256)))


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_keeps_shape_type_and_input_and_depends_on_the_seed_alone(name):
    x = noise().float()
    before = x.clone()
    augmentation = Augmentation(name, p=0.7)
    y = augmentation(x, draw(), FS)
    assert (y.shape, y.dtype) == (x.shape, x.dtype)
    assert torch.equal(x, before)
    assert torch.isfinite(y).all()
    torch.manual_seed(5)
    assert torch.equal(y, augmentation(x, draw(), FS))
    assert not torch.equal(y, augmentation(x, draw(1), FS))
    changed = (y != x).flatten(1).any(1)
    assert 5 < changed.sum() < 40  # a share of 0.7, or of 0.34 where no channel may be chosen
    assert torch.equal(Augmentation(name, p=0)(x, draw(), FS), x)


def test_time_shift():
    x = noise()
    y = Augmentation("time_shift", p=1, limit=0.1)(x, draw(), FS)
    shifts = set()
    for before, after in zip(x.numpy(), y.numpy(), strict=True):
        found = []
        for shift in range(-13, 14):
            expected = np.zeros_like(before)
            if shift >= 0:
                expected[:, shift:] = before[:, : 256 - shift]
            else:
                expected[:, :shift] = before[:, -shift:]
            if np.array_equal(after, expected):
                found.append(shift)
        assert len(found) == 1
        shifts.add(found[0])
    assert len(shifts) > 10
    assert min(shifts) < 0 < max(shifts)


def test_channel_dropout():
    y = Augmentation("channel_dropout", p=1, share=0.3)(noise(1000), draw(), FS)
    silent = (y == 0).all(-1)
    assert torch.equal(silent, (y == 0).any(-1))
    assert silent.double().mean() == pytest.approx(0.3, abs=0.03)


def test_frequency_shift_moves_a_tone_and_keeps_its_power():
    y = Augmentation("frequency_shift", p=1, limit=4.0)(tones(20), draw(), FS).numpy()
    spectra = np.abs(np.fft.rfft(y * np.hanning(256), 4096))
    peaks = spectra.argmax(-1) / 4096 * FS
    assert (np.abs(peaks - 20) < 4.1).all()
    assert peaks[:, 0].std() > 1
    np.testing.assert_allclose(peaks[:, 0], peaks[:, 1], atol=0.2)  # the channels together
    np.testing.assert_allclose(y[:, :, 32:-32].var(-1), 0.5, rtol=0.1)
    still = Augmentation("frequency_shift", p=1, limit=0)(tones(20), draw(), FS)
    torch.testing.assert_close(still, tones(20), rtol=0, atol=1e-9)


def test_sign_flip():
    x = noise()
    assert torch.equal(Augmentation("sign_flip", p=1)(x, draw(), FS), -x)


def test_noise_goes_by_the_channels_own_deviation():
    x = noise() * torch.tensor([1.0, 10.0, 100.0])[:, None]
    added = Augmentation("noise", p=1, deviation=0.5)(x, draw(), FS) - x
    np.testing.assert_allclose(added.std(-1) / x.std(-1), 0.5, rtol=0.3)
    np.testing.assert_allclose((added.std(-1) / x.std(-1)).mean(), 0.5, rtol=0.02)


@pytest.mark.parametrize("n_times", [255, 256])
def test_fourier_surrogates_keep_power_and_covariance(n_times):
    x = noise()[..., :n_times]
    y = Augmentation("fourier_surrogate", p=1)(x, draw(), FS)
    np.testing.assert_allclose(np.abs(np.fft.rfft(y)), np.abs(np.fft.rfft(x)), atol=1e-9)
    np.testing.assert_allclose(y @ y.mT, x @ x.mT, atol=1e-8)
    assert np.abs(np.corrcoef(x[0, 0], y[0, 0])[0, 1]) < 0.5


def test_band_stop_takes_out_one_band():
    x = noise()
    y = Augmentation("band_stop", p=1, width=8.0)(x, draw(), FS)
    gain = np.abs(np.fft.rfft(y)) / np.abs(np.fft.rfft(x))
    frequencies = np.fft.rfftfreq(256, 1 / FS)
    for trial in gain:
        out = frequencies[trial[0] < 1e-9]
        touched = frequencies[trial[0] < 1 - 1e-9]
        assert np.ptp(out) <= 8
        assert np.ptp(touched) <= 12
        np.testing.assert_allclose(trial, np.broadcast_to(trial[0], trial.shape), atol=1e-9)
    assert len({frequencies[trial[0].argmin()] for trial in gain}) > 20


def test_plain_data_and_back():
    one = Augmentation("noise", p=0.25, deviation=0.3)
    assert Augmentation.from_dict(one.to_dict()) == one
    assert repr(one) == "Augmentation('noise', p=0.25, deviation=0.3)"


@pytest.mark.parametrize(
    ("name", "given", "error", "message"),
    [
        ("time_shit", {}, ValueError, "name must be one of .*did you mean 'time_shift'"),
        ("noise", {"limit": 1}, TypeError, "augmentation 'noise' takes 'deviation'; got 'limit'"),
        ("noise", {"p": 1.5}, ValueError, "p must be a probability, 1 at most; got 1.5"),
        ("noise", {"deviation": -1}, ValueError, "deviation must be a finite number at least 0"),
    ],
)
def test_what_is_refused(name, given, error, message):
    with pytest.raises(error, match=message):
        Augmentation(name, **given)
    with pytest.raises(ValueError, match=r"augment needs trials of shape .*; got \(2, 3\)"):
        Augmentation("noise")(torch.zeros(2, 3), draw())
