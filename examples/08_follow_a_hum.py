"""Take a hum whose frequency drifts out of an EEG: python 08_follow_a_hum.py [PICTURE]."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy import signal

import sigconv

FS, SECONDS = 250.0, 120


def drifting_mains(t: np.ndarray) -> np.ndarray:
    """Return the frequency of a small generator: it sags and recovers, and is never 50 Hz."""
    return 49.3 + 0.9 * np.sin(2 * np.pi * t / 60)


def measured(x: np.ndarray, window: float = 2.0) -> np.ndarray:
    """Return the hum's frequency at every sample, from the turning of its phase around 50 Hz."""
    n = np.arange(x.size)
    shifted = x * np.exp(-2j * np.pi * 50 / FS * n)  # the hum now turns slowly about 0 Hz
    slow = sigconv.lowpass(3, fs=FS).filtfilt(shifted)
    turning = slow[1:] * slow[:-1].conj()
    turning = sigconv.smooth(np.append(turning, turning[-1]), window, fs=FS)
    return 50 + np.angle(turning) * FS / (2 * np.pi)


def main() -> None:
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "follow_a_hum.png")
    t = np.arange(round(FS * SECONDS)) / FS
    noise = np.random.default_rng(0).normal(size=t.size)
    brain = 1e-5 * sigconv.lowpass(30, fs=FS, order=1).filter(noise)
    hum = 2e-5 * np.sin(2 * np.pi * np.cumsum(drifting_mains(t)) / FS)
    x = brain + hum

    frequency = measured(x)
    off = np.abs(frequency - drifting_mains(t))[500:-500]
    print(f"frequency of the hum found within {off.max():.3f} Hz")
    answers = {
        "recorded": x,
        "notch at 49.3 Hz": sigconv.notch(49.3, fs=FS, q=50).filter(x),
        "notch that follows": sigconv.track_notch(x, frequency, fs=FS, q=50),
    }
    figure, axes = plt.subplots(3, 1, figsize=(9, 7), sharey=True, layout="constrained")
    for ax, (title, y) in zip(axes, answers.items(), strict=True):
        hertz, times, power = signal.spectrogram(y, FS, nperseg=1000, noverlap=750)
        near = (hertz > 45) & (hertz < 54)
        mean = power[near][:, times > 5].sum() * (hertz[1] - hertz[0]) / (times > 5).sum()
        print(f"{title + ':':<20} {1e6 * mean**0.5:5.2f} microvolts between 45 and 54 Hz")
        ax.pcolormesh(times, hertz, 10 * np.log10(power + 1e-18), vmin=-160, vmax=-90)
        ax.set(ylim=(40, 60), ylabel="frequency [Hz]", title=title)
    axes[-1].set_xlabel("time [s]")
    figure.savefig(picture, dpi=120)


if __name__ == "__main__":
    main()
