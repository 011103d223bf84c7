"""Recordings made up for demonstrations: EEG of a task, and something like speech.

They have the troubles of real ones (drift, hum, blinks, noise) and nothing more: whoever claims
anything of a method shows it on real recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from . import _checks
from .recording import Annotation, Recording

#: Where the left hand's rhythm weakens is the right half of the head, and the other way round.
_MU_CHANNELS = {"left": "C4", "right": "C3"}
_CHANNELS = ("Fp1", "Fp2", "C3", "Cz", "C4", "Pz", "O1", "O2")
_MICROVOLT = 1e-6
_START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)


def simulate_eeg(
    *,
    seed: int,
    n_trials: int = 40,
    fs: float = 250.0,
    hum: float = 50.0,
    trial: float = 3.0,
    pause: float = 1.0,
) -> Recording:
    """Make up an EEG of one person who imagines moving the left or the right hand.

    Parameters
    ----------
    seed : int
        Another seed is another person: the rhythm's frequency and strength, the places'
        gains and all noise change.
    n_trials : int
        As many of "left" as of "right" (one more if odd), in random order.
    fs : float
        Sampling rate in Hz.
    hum : float
        Mains frequency in Hz; must lie below fs/2.
    trial, pause : float
        Seconds of a trial, and before each.

    Returns
    -------
    Recording
        8 channels in volts, annotated "left" and "right" over each trial. A mu rhythm near
        10 Hz lies over C3 and C4 and weakens over the side of the head opposite to the hand;
        over it lie 1/f noise, drift of hundreds of microvolts, hum and blinks.

    Examples
    --------
    >>> from sigconv import simulate_eeg
    >>> simulate_eeg(seed=0, n_trials=10)
    <Recording: 8 channels (eeg), 10250 samples at 250 Hz, 41 s, 10 annotations>
    """
    n_trials = _checks.whole("n_trials", n_trials)
    fs = _checks.sampling_rate(fs)
    hum = _checks.frequency("hum", hum, fs)
    rng = np.random.default_rng(seed)
    period = _checks.number("trial", trial, above=0) + _checks.number("pause", pause, at_least=0)
    n_times = round((n_trials * period + 1) * fs)
    times = np.arange(n_times) / fs

    words = rng.permutation(np.resize(["left", "right"], n_trials))
    onsets = pause + period * np.arange(n_trials, dtype=np.float64)
    x = np.stack([8 * _pink(rng, n_times) for _ in _CHANNELS])
    x += 4 * _pink(rng, n_times)  # what the reference electrode adds to all
    _add_mu(x, rng, fs, words, onsets, trial)
    x[_rows("O1", "O2")] += 5 * _rhythm(rng, n_times, fs, 10.5)
    _add_blinks(x, rng, times)
    x += np.cumsum(rng.normal(0, 40 / np.sqrt(fs), (len(_CHANNELS), n_times)), axis=1)
    x += rng.uniform(5, 15, (len(_CHANNELS), 1)) * np.sin(2 * np.pi * hum * times)
    return Recording(
        data=x * _MICROVOLT,
        fs=fs,
        channels=_CHANNELS,
        annotations=[
            Annotation(float(onset), trial, str(word))
            for onset, word in zip(onsets, words, strict=True)
        ],
        start=_START,
    )


def simulate_sleep(*, seed: int, n_epochs: int = 240, fs: float = 100.0) -> Recording:
    """Make up a night of one sleeper: two channels and a hypnogram.

    Parameters
    ----------
    seed : int
        Another seed is another sleeper: rhythms, amplitudes and the order of stages change.
    n_epochs : int
        Epochs of 30 s.
    fs : float
        Sampling rate in Hz; 64 at least.

    Returns
    -------
    Recording
        "EEG" and "EOG" in volts, annotated "Sleep stage W", "1", "2", "3" and "R" over stretches of
        whole epochs. Alpha when awake, theta in stage 1 and in dreams, spindles in stage 2, slow
        waves in stage 3, quick eyes in dreams and slow ones in stage 1, over 1/f noise.

    Examples
    --------
    >>> from sigconv import simulate_sleep
    >>> simulate_sleep(seed=0, n_epochs=20)
    <Recording: 2 channels (eeg, eog), 60000 samples at 100 Hz, 600 s, ...
    """
    n_epochs = _checks.whole("n_epochs", n_epochs)
    fs = _checks.number("fs", fs, at_least=64)
    rng = np.random.default_rng(seed)
    stages = _hypnogram(rng, n_epochs)
    n = round(30 * fs)
    eeg, eog = 12 * _pink(rng, n_epochs * n), 8 * _pink(rng, n_epochs * n)
    strength = rng.uniform(0.8, 1.3)
    alpha, spindle = rng.uniform(9, 11), rng.uniform(12.5, 14)
    for epoch, stage in enumerate(stages):
        here = slice(epoch * n, (epoch + 1) * n)
        fast = {"W": (22, alpha), "1": (14, 5.5), "2": (10, 5.0), "3": (6, 4.5), "R": (14, 6.0)}
        amplitude, frequency = fast[stage]
        eeg[here] += strength * amplitude * _rhythm(rng, n, fs, frequency)
        if stage in "23":
            bursts = _bursts(rng, n, fs, 6 if stage == "2" else 2, 0.8)
            eeg[here] += strength * 25 * bursts * _rhythm(rng, n, fs, spindle)
            eeg[here] += strength * (70 if stage == "3" else 15) * _rhythm(rng, n, fs, 1.0)
        eyes = {"W": (3, 0.3), "1": (3, 3.0), "R": (10, 0.4)}.get(stage)
        if eyes is not None:
            moved = 90 * _bursts(rng, n, fs, *eyes)
            eog[here] += moved
            eeg[here] += 0.1 * moved
    changes = [i for i in range(n_epochs) if i == 0 or stages[i] != stages[i - 1]]
    return Recording(
        np.stack([eeg, eog]) * _MICROVOLT,
        fs,
        channels=["EEG", "EOG"],
        kinds=["eeg", "eog"],
        annotations=[
            Annotation(30.0 * first, 30.0 * (end - first), f"Sleep stage {stages[first]}")
            for first, end in zip(changes, [*changes[1:], n_epochs], strict=True)
        ],
        start=_START,
    )


def _hypnogram(rng: np.random.Generator, n_epochs: int) -> list[str]:
    """Return stages: each lasts a while, and most sleep goes down, up and into a dream."""
    follows = {"W": "1", "1": "2", "2": "3R2", "3": "2", "R": "1W2"}
    stages: list[str] = []
    stage = "W"
    while len(stages) < n_epochs:
        stages += [stage] * int(rng.integers(3, 5 if stage == "1" else 12))
        stage = str(rng.choice(list(follows[stage])))
    return stages[:n_epochs]


def _bursts(
    rng: np.random.Generator, n_times: int, fs: float, count: int, width: float
) -> NDArray[np.float64]:
    """Return bumps of either sign at random times, their width in seconds."""
    times = np.arange(n_times) / fs
    centres = rng.uniform(0, n_times / fs, rng.poisson(count))
    signs = rng.choice([-1.0, 1.0], len(centres))
    bumps = np.exp(-0.5 * ((times - centres[:, None]) / (width / 2)) ** 2)
    return np.asarray(signs @ bumps)


def simulate_speech(*, seed: int, duration: float = 3.0, fs: float = 16000.0) -> Recording:
    """Make up something like a voice in a noisy room: syllables of a few vowels.

    Parameters
    ----------
    seed : int
    duration : float
        Seconds.
    fs : float
        Sampling rate in Hz, at least 8000.

    Returns
    -------
    Recording
        One channel in [-1, 1]: harmonics of a gliding pitch near 120 Hz under the formants
        of vowels, four syllables a second, with hum and hiss.

    Examples
    --------
    >>> from sigconv import simulate_speech
    >>> simulate_speech(seed=0, duration=1)
    <Recording: 1 channel (audio), 16000 samples at 16000 Hz, 1 s, 0 annotations>
    """
    fs = _checks.number("fs", fs, at_least=8000)
    rng = np.random.default_rng(seed)
    n_times = round(_checks.number("duration", duration, above=0) * fs)
    times = np.arange(n_times) / fs
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * times) + 10 * np.sin(2 * np.pi * 2.3 * times)
    phase = 2 * np.pi * np.cumsum(pitch) / fs
    # first and second formants (Hz) of the vowels of "father", "see", "boot" and "bet"
    formants = np.array([[730, 1090], [270, 2290], [300, 870], [530, 1840]])
    syllable = np.minimum((times * 4).astype(int), int(duration * 4))
    vowels = rng.integers(0, len(formants), syllable.max() + 1)[syllable]
    voice = np.zeros(n_times)
    for harmonic in range(1, int(3400 / 150)):
        distance = (harmonic * pitch[:, None] - formants[vowels]) / np.array([90, 120])
        gain = (1 / (1 + distance**2)).sum(axis=1) / harmonic**0.5
        voice += gain * np.sin(harmonic * phase)
    voice *= np.sin(np.pi * ((times * 4) % 1)) ** 2
    noisy = 0.5 * voice / np.abs(voice).max()
    noisy += 0.1 * np.sin(2 * np.pi * 50 * times) + 0.05 * rng.normal(size=n_times)
    return Recording(data=np.clip(noisy, -1, 1), fs=fs, channels=["voice"], kinds="audio", units="")


def _rows(*names: str) -> list[int]:
    return [_CHANNELS.index(name) for name in names]


def _pink(rng: np.random.Generator, n_times: int) -> NDArray[np.float64]:
    """Return noise whose power falls as 1/f, with deviation 1."""
    spectrum = np.fft.rfft(rng.normal(size=n_times))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, n_times)
    return noise / noise.std()


def _rhythm(
    rng: np.random.Generator, n_times: int, fs: float, frequency: float
) -> NDArray[np.float64]:
    """Return a sine whose phase wanders, as that of a brain rhythm does."""
    wander = np.cumsum(rng.normal(0, 2 / np.sqrt(fs), n_times))
    return np.sin(2 * np.pi * frequency * np.arange(n_times) / fs + wander)


def _add_mu(
    x: NDArray[np.float64],
    rng: np.random.Generator,
    fs: float,
    words: Sequence[str] | NDArray[np.str_],
    onsets: NDArray[np.float64],
    trial: float,
) -> None:
    frequency = rng.uniform(9, 12)
    for word, channel in _MU_CHANNELS.items():
        strength = np.full(x.shape[1], rng.uniform(5, 8))
        for onset, said in zip(onsets, words, strict=True):
            if said == word:
                strength[round(onset * fs) : round((onset + trial) * fs)] *= rng.uniform(0.2, 0.7)
        mu = strength * _rhythm(rng, x.shape[1], fs, frequency)
        x[_rows(channel)] += mu
        x[_rows("Cz")] += 0.4 * mu


def _add_blinks(
    x: NDArray[np.float64], rng: np.random.Generator, times: NDArray[np.float64]
) -> None:
    """Add a bump of 100 to 200 microvolts over the eyes every few seconds."""
    now = rng.uniform(0, 4)
    while now < times[-1]:
        blink = rng.uniform(100, 200) * np.exp(-0.5 * ((times - now) / 0.08) ** 2)
        x[_rows("Fp1", "Fp2")] += blink
        x[_rows("C3", "Cz", "C4")] += 0.15 * blink
        now += rng.uniform(2, 6)
