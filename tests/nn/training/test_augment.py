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


def balls(n=24, ndim=2):
    """Trials whose samples are bright where their class is 1."""
    grid = np.stack(np.meshgrid(*[np.arange(20)] * ndim, indexing="ij"), -1)
    y = np.stack([((grid - [5 + i % 9, *[9] * (ndim - 1)]) ** 2).sum(-1) < 16 for i in range(n)])
    targets = torch.from_numpy(y.astype(np.int16))
    return targets[:, None].double(), targets


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("name", ["mirror", "turn"])
def test_classes_of_samples_move_with_them(name, ndim):
    x, targets = balls(ndim=ndim)
    changed, moved = Augmentation(name, p=1).with_targets(x, targets, draw())
    assert (changed.shape, moved.shape, moved.dtype) == (x.shape, targets.shape, targets.dtype)
    assert (changed != x).any()
    known = moved >= 0
    # at the edges bilinear samples lie between the classes
    assert ((changed[:, 0] > 0.5)[known] == (moved == 1)[known]).double().mean() > 0.98
    same, kept = Augmentation(name, p=0).with_targets(x, targets, draw())
    assert torch.equal(same, x)
    assert torch.equal(kept, targets)


def test_mirror_turns_axes_round():
    x = torch.arange(6.0).reshape(1, 1, 2, 3).repeat(40, 1, 1, 1)
    changed, _ = Augmentation("mirror", p=1).with_targets(x, torch.zeros(40), draw())
    expected = {str(x[0].flip(axes).tolist()) for axes in ([], [1], [2], [1, 2])}
    assert {str(each.tolist()) for each in changed} == expected


def test_turn_turns_by_the_angle_and_what_comes_in_is_not_known():
    from scipy import ndimage

    x, targets = balls(1)
    x = x + torch.from_numpy(
        ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(20, 20)), 2)
    )
    whole = Augmentation("turn", p=1, angle=45, scale=0)
    changed, moved = whole.with_targets(x, targets, draw(3))
    drawn = torch.rand(1, generator=draw(3), dtype=torch.float64)
    for sign in (1, -1):
        turned = ndimage.rotate(
            x[0, 0].numpy(), sign * float(2 * drawn - 1) * 45, reshape=False, order=1
        )
        if np.allclose(turned[4:-4, 4:-4], changed[0, 0, 4:-4, 4:-4].numpy(), atol=1e-6):
            break
    else:
        raise AssertionError("no turn by the angle that was drawn")
    assert (moved[0, [0, 0, -1, -1], [0, -1, 0, -1]] == -1).all()


def test_scale_keeps_shapes_of_grids_that_are_no_squares():
    x = torch.zeros(1, 1, 40, 20, dtype=torch.float64)
    x[..., 15:25, 5:15] = 1  # a square stays one whatever the grid
    angled = Augmentation("turn", p=1, angle=0, scale=0.5)(x, draw(1))
    rows, columns = (angled[0, 0].sum(axis) for axis in (1, 0))
    assert float(rows.max()) == pytest.approx(float(columns.max()), rel=0.05)
    assert float(rows.max()) != pytest.approx(10, rel=0.02)


def test_gain_and_offset_of_any_axes():
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(50, 2, 6, 7)))
    ratio = Augmentation("gain", p=1, limit=0.5)(x, draw()) / x
    assert torch.allclose(ratio, ratio[:, :1, :1, :1].expand_as(ratio))
    assert 1 / 1.5 - 1e-9 <= ratio.min() < 0.75
    assert 1.35 < ratio.max() <= 1.5 + 1e-9
    shift = Augmentation("offset", p=1, limit=0.5)(x, draw()) - x
    assert torch.allclose(shift, shift[:, :, :1, :1].expand_as(shift))
    assert (shift.abs() <= 0.5 * x.flatten(2).std(-1, correction=0)[..., None, None] + 1e-9).all()


def test_moves_ask_for_a_grid_and_a_class_for_each_of_its_samples():
    with pytest.raises(ValueError, match="augment 'mirror' needs pictures or volumes"):
        Augmentation("mirror")(noise(), draw())
    with pytest.raises(ValueError, match=r"needs a class for each sample of the grid \(20, 20\)"):
        Augmentation("turn").with_targets(balls()[0], torch.zeros(24, 5, 5, dtype=int), draw())
    x, _ = balls()
    with pytest.raises(ValueError, match="augment needs trials of shape"):
        Augmentation("time_shift")(x, draw())
