"""Recordings of unequal lengths, and what a network sees of them."""

from dataclasses import replace

import librosa
import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv import Pipeline, Step
from sigconv.nn import Checkpoint, EEGDataset, TrainingConfig, build_model, cross_validate
from sigconv.nn.data import Inputs, discover, standardise
from sigconv.nn.models import build_for
from sigconv.nn.training import inputs_for, network_for

FS = 2000


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Tones and noises from 0.2 to 0.75 s of four speakers."""
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    for number in range(24):
        n = 400 + 50 * (number % 8)
        pitch = (200, 400)[number % 2]
        x = 0.5 * np.sin(2 * np.pi * pitch * np.arange(n) / FS) + 0.05 * rng.normal(size=n)
        recording = sigconv.Recording(x, FS, kinds="audio", units="")
        sigconv.write(
            folder / f"{('low', 'high')[number % 2]}_{number // 6}_{number}.wav", recording
        )
    return folder


LABELS = {"labels": "filename:^([a-z]+)_", "group": r"filename:_(\d)_"}


def cut(folder, **options):
    paths = sorted(folder.glob("*.wav"))
    return EEGDataset.from_recordings(paths, **{**LABELS, "window": (0, 0.3), **options})


def test_a_clip_is_the_middle_or_filled_up(sounds):
    data = cut(sounds, lengths="clip")
    assert data.X.shape == (24, 1, 600)
    assert data.kind == "audio"
    for x, file, start in zip(data.X, data.files, data.starts, strict=True):
        whole = sigconv.read(file).data
        n = whole.shape[1]
        if n >= 600:
            first = (n - 600) // 2
            np.testing.assert_allclose(x, whole[:, first : first + 600], atol=1e-7)
            assert start == first / FS
        else:
            before = (600 - n) // 2
            expected = np.pad(
                whole, ((0, 0), (before, 600 - n - before)), constant_values=whole.mean()
            )
            np.testing.assert_allclose(x, expected, atol=1e-7)
            assert start == 0


def test_short_recordings_are_left_out_and_counted_or_filled_up(sounds):
    dropped = cut(sounds, window=(0, 0.3), lengths="drop")
    short = sum(sigconv.read(path).n_times < 600 for path in sounds.glob("*.wav"))
    assert short == 12
    assert dict(dropped.left_out) == {"too short": 12}
    assert len(dropped) == 12
    padded = cut(sounds, window=(0, 0.3), lengths="pad")
    assert len(padded) == 24
    assert not padded.left_out
    many = cut(sounds, window=(0, 0.25), lengths="pad")  # two windows of 0.5 s, one of less
    n = [max(1, sigconv.read(path).n_times // 500) for path in sounds.glob("*.wav")]
    assert len(many) == sum(n)
    assert len(np.unique(many.trials)) == 24  # all of a recording are one trial


def test_the_window_of_sounds_is_found(sounds):
    paths = sorted(sounds.glob("*.wav"))
    found = discover(paths, labels=LABELS["labels"])
    lengths = [sigconv.read(path).duration for path in paths]
    assert found.window == (0.0, round(float(np.quantile(lengths, 0.95)), 3))
    assert found.lengths == "clip"


def test_log_mel_is_librosas_standardised():
    x = np.random.default_rng(0).normal(size=(2, 1, 4000))
    seen = Inputs("logmel", {"n_mels": 30, "step": 0.01, "length": 0.032})(x, 8000)
    mel = librosa.feature.melspectrogram(
        y=x, sr=8000, n_fft=256, win_length=256, hop_length=80, n_mels=30, pad_mode="constant"
    )
    decibels = librosa.power_to_db(mel, top_db=None)
    for ours, theirs in zip(seen, decibels, strict=True):
        away = np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]
        assert away > 0.999
    np.testing.assert_allclose(seen.mean(axis=(2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(seen.std(axis=(2, 3)), 1, atol=1e-5)


@pytest.mark.parametrize("inputs", [Inputs(), Inputs("logmel", {"n_mels": 16, "length": 0.05})])
def test_what_is_trained_is_what_is_predicted(sounds, inputs):
    """Network, input and rule of lengths go through the checkpoint to whole files."""
    data = cut(sounds, lengths="clip", inputs=inputs)
    config = TrainingConfig(epochs=2, crop=0.25)
    result, network = next(cross_validate(data, config=config))
    assert list(result.probabilities) == ["plain_cnn", "chance", "log-mel + LDA"]
    checkpoint = Checkpoint.of(network, data, config)
    for row, expected in list(zip(result.test, result.probabilities["plain_cnn"], strict=True))[:3]:
        said = checkpoint.predict(sigconv.read(data.files[row]))
        assert len(said) == 1
        np.testing.assert_allclose(said.probabilities[0], expected, rtol=1e-4, atol=1e-6)


def test_the_baseline_tells_pitches_apart(sounds):
    data = cut(sounds, lengths="clip")
    results = [r for r, _ in cross_validate(data, config=TrainingConfig(epochs=1))]
    assert np.mean([r.accuracy("log-mel + LDA", data.y) for r in results]) > 0.9


def drifting(fs, seconds=2.0):
    """Windows of two channels: a tone of 10 Hz on a level that drifts."""
    t = np.arange(round(seconds * fs)) / fs
    wave = np.sin(2 * np.pi * 10 * t)
    return np.stack([[wave + 100 + 30 * t, 2 * wave - 5 * t]] * 3)


def test_a_band_of_windows_by_its_definition():
    rng = np.random.default_rng(0)
    X = drifting(256) + rng.normal(size=(3, 2, 512))
    sos = signal.butter(4, (1, 45), "bandpass", fs=256, output="sos")
    expected = signal.sosfiltfilt(sos, signal.detrend(X), axis=-1)
    band = Inputs("waveform", {"low": 1, "high": 45})
    np.testing.assert_allclose(band.signals(X, 256), expected, atol=1e-9)
    np.testing.assert_allclose(band(X, 256), standardise(expected), atol=1e-6)
    low = Inputs("waveform", {"low": 1, "high": 45}).signals(X[..., :160], 80)
    sos = signal.butter(4, 1, "highpass", fs=80, output="sos")  # 80 Hz hold nothing above 45
    expected = signal.sosfiltfilt(sos, signal.detrend(X[..., :160]), axis=-1)
    np.testing.assert_allclose(low, expected, atol=1e-9)
    change = Inputs("waveform", {"low": 1, "high": 45, "difference": True}).signals(X, 256)
    expected = np.diff(band.signals(X, 256), axis=-1, prepend=band.signals(X, 256)[..., :1])
    np.testing.assert_allclose(change, expected, atol=1e-9)
    high = Inputs("waveform", {"high": 45}).signals(X, 256)
    sos = signal.butter(4, 45, "lowpass", fs=256, output="sos")
    np.testing.assert_allclose(high, signal.sosfiltfilt(sos, X, axis=-1), atol=1e-9)


@pytest.mark.parametrize("fs", [250, 256, 500, 173.61])
def test_a_tone_comes_out_at_the_other_rate(fs):
    X = drifting(fs, seconds=4.0)
    seen = Inputs("waveform", {"low": 4, "high": 45, "rate": 128})
    found = seen(X, fs)
    assert found.shape[:2] == (3, 2)
    assert abs(found.shape[2] - 512) <= 1
    assert seen.rate(fs) == 128
    wave = np.sqrt(2) * np.sin(2 * np.pi * 10 * np.arange(128, 384) / 128)
    assert abs(found[:, :, 128:384] - wave).max() < 0.03  # one second from the ends


def test_slower_signals_keep_their_rate():
    seen = Inputs("waveform", {"low": 1, "high": 45, "rate": 128})
    assert seen.rate(100) == 100
    assert seen(drifting(100), 100).shape == (3, 2, 200)


def test_no_window_sees_another():
    seen = Inputs("waveform", {"high": 40, "rate": 128, "difference": True})
    X = drifting(256) + np.random.default_rng(0).normal(size=(3, 2, 512))
    alone = np.concatenate([seen(x[None], 256) for x in X])
    np.testing.assert_array_equal(seen(X, 256), alone)


@pytest.mark.parametrize(
    ("network", "given", "seen"),
    [
        ("eegnet", {"fs": 500, "length": 2}, {"high": 40, "difference": True, "rate": 128}),
        ("deep4", {"fs": 500, "length": 2}, {"high": 40, "difference": True, "rate": 250}),
        (
            "deep4",
            {"fs": 512, "length": 1},
            {"high": 40, "difference": True},
        ),  # 250 samples are too few
        ("log_power", {"fs": 100, "length": 2}, {"high": 40, "difference": True}),
        ("eegnet", {"fs": 8000, "length": 2, "kind": "audio"}, {}),
        ("resnet18", {"fs": 500, "length": 2}, {}),
        ("eegnet", {"fs": 500, "length": 2, "steps": [Step("lowpass", cutoff=20)]}, {}),
        ("eegnet", {"fs": 128, "length": 2, "steps": [Step("resample", new_fs=128)]}, {}),
        (
            "eegnet",
            {"fs": 128, "length": 2, "steps": [Step("rereference"), Step("notch", freq=50)]},
            {"high": 40, "difference": True},
        ),
    ],
)
def test_what_is_chosen_where_nobody_chose(network, given, seen):
    given = {"kind": "eeg", **given}
    pipeline = Pipeline(given.pop("steps", []))
    assert inputs_for(network, **given, pipeline=pipeline) == Inputs("waveform", seen)


@pytest.mark.parametrize(
    ("fs", "length", "changed", "network"),
    [
        (256, 512, {}, "log_power"),
        (100, 100, {}, "log_power"),
        (128, 64, {}, "plain_cnn"),  # half a second
        (256, 128, {}, "log_power"),  # the same, which is not resampled for that
        (256, 512, {"inputs": Inputs("waveform", {"rate": 20})}, "plain_cnn"),
        (256, 512, {"kind": "audio"}, "plain_cnn"),
        (256, 512, {"task": "regress"}, "plain_cnn"),
        (256, 512, {"pipeline": Pipeline([Step("lowpass", cutoff=20)])}, "log_power"),
    ],
)
def test_the_network_where_none_is_named(fs, length, changed, network):
    X = np.random.default_rng(0).normal(size=(4, 2, length))
    data = replace(EEGDataset.from_arrays(X, [0, 1, 0, 1], fs=fs), **changed)
    assert network_for(data) == network


def test_inputs_in_words():
    assert str(Inputs()) == "the signals"
    assert str(Inputs("waveform", {"low": 1, "rate": 128})) == "the signals above 1 Hz, at 128 Hz"
    change = Inputs("waveform", {"rate": 128, "difference": True})
    assert str(change) == "the signals' differences at 128 Hz"
    assert str(Inputs("logmel")) == "log-mel spectrograms"


def test_networks_are_built_for_shapes():
    assert build_for("plain_cnn", (2, 100), 3).config["n_times"] == 100
    assert build_for("plain_cnn", (2, 20, 30), 3).ndim == 2
    assert isinstance(
        build_model("m5", in_channels=1, num_classes=2), type(build_for("m5", (1, 4000), 2))
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Inputs("mel"), "input must be one of 'waveform', 'logmel'"),
        (lambda: Inputs("logmel", {"bands": 3}), "input 'logmel' takes"),
        (lambda: Inputs("waveform", {"n_mels": 3}), "input 'waveform' takes"),
        (lambda: Inputs("waveform", {"low": 0}), "low must be a finite number above 0; got 0"),
        (lambda: Inputs("waveform", {"rate": "x"}), "rate must be a finite number above 0; got"),
        (lambda: Inputs("waveform", {"difference": 1}), "difference must be True or False; got 1"),
        (lambda: Inputs("waveform", {"low": 9, "high": 8}), "low must be below high; got 9 and 8"),
    ],
)
def test_illegal_inputs(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_illegal_rule_of_lengths(sounds):
    with pytest.raises(ValueError, match="lengths must be one of 'drop', 'pad', 'clip'"):
        cut(sounds, lengths="crop")
