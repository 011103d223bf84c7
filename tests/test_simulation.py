"""Made-up recordings hold what their docstrings say."""

import numpy as np
import pytest
from scipy import signal

import sigconv


def power(x, fs, low, high):
    frequencies, density = signal.welch(x, fs, nperseg=round(2 * fs))
    return density[..., (frequencies >= low) & (frequencies < high)].mean(axis=-1)


def test_a_seed_is_a_person():
    one, same, other = (sigconv.simulate_eeg(seed=s, n_trials=4) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.data, same.data)
    assert one.annotations == same.annotations
    assert not np.allclose(one.data, other.data)


def test_the_mu_rhythm_weakens_opposite_to_the_hand():
    eeg = sigconv.simulate_eeg(seed=0, n_trials=80)
    means = {}
    for word, channel in (("left", "C4"), ("right", "C3")):
        row = eeg.data[eeg.channels.index(channel)]
        cuts = {"left": [], "right": []}
        for mark in eeg.annotations:
            first = round(mark.onset * eeg.fs)
            cuts[mark.text].append(row[first : first + round(mark.duration * eeg.fs)])
        means[word] = {w: np.mean(power(np.array(c), eeg.fs, 8, 13)) for w, c in cuts.items()}
    assert means["left"]["left"] < 0.6 * means["left"]["right"]
    assert means["right"]["right"] < 0.6 * means["right"]["left"]


@pytest.mark.parametrize("hum", [50.0, 60.0])
def test_the_troubles_are_there(hum):
    eeg = sigconv.simulate_eeg(seed=0, hum=hum)
    assert (power(eeg.data, eeg.fs, hum - 1, hum + 1) > 20 * power(eeg.data, eeg.fs, 54, 56)).all()
    assert np.ptp(eeg.data, axis=1).min() > 200e-6  # drift, in volts
    front = eeg.data[:2] - eeg.data[5:6]
    assert np.abs(signal.detrend(front)).max() > 100e-6  # blinks
    words = [mark.text for mark in eeg.annotations]
    assert (words.count("left"), words.count("right")) == (20, 20)
    assert eeg.annotations[-1].onset + 3 <= eeg.duration


def test_speech_has_a_pitch_and_stays_within_the_scale():
    voice = sigconv.simulate_speech(seed=0)
    assert np.abs(voice.data).max() <= 1
    assert (voice.kinds, voice.units) == (("audio",), ("",))
    assert power(voice.data, voice.fs, 100, 1200) > 20 * power(voice.data, voice.fs, 5000, 8000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_trials": 0}, "n_trials must be a whole number of at least 1; got 0"),
        ({"fs": 80}, "hum must lie between 0 and 40 Hz, half the sampling rate of 80 Hz; got 50"),
        ({"trial": 0}, "trial must be a finite number above 0; got 0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        sigconv.simulate_eeg(seed=0, **arguments)


def test_speech_too_slow():
    with pytest.raises(ValueError, match="fs must be a finite number at least 8000; got 4000"):
        sigconv.simulate_speech(seed=0, fs=4000)
