"""Smooth an EEG and draw it before and after: python 01_smooth_eeg.py [RECORDING] [PICTURE]."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import sigconv

SECONDS = 4
METHODS = {
    "moving average, 40 ms": {"width": 0.04},
    "gaussian, 20 ms": {"width": 0.02, "method": "gaussian"},
    "Savitzky-Golay, 60 ms, order 3": {"width": 0.06, "method": "savitzky_golay", "order": 3},
    "running median, 60 ms": {"width": 0.06, "method": "median"},
}


def synthetic_eeg() -> sigconv.Recording:
    """Return 10 s of a 10 Hz rhythm that waxes and wanes over 1/f noise, in volts."""
    fs, rng = 250, np.random.default_rng(0)
    t = np.arange(10 * fs) / fs
    drift = np.cumsum(rng.standard_normal(t.size))
    rhythm = 20 * np.sin(2 * np.pi * 10 * t) * np.sin(2 * np.pi * 0.3 * t) ** 2
    noise = 6 * rng.standard_normal(t.size)
    return sigconv.Recording(1e-6 * (rhythm + 2 * drift + noise), fs=fs, channels=["Oz"])


def main() -> None:
    eeg = sigconv.read(sys.argv[1]) if len(sys.argv) > 1 else synthetic_eeg()
    picture = Path(sys.argv[2] if len(sys.argv) > 2 else "smooth_eeg.png")
    eeg = sigconv.highpass(1, fs=eeg.fs, order=2).zero_phase(eeg)  # takes the drift out
    channel = eeg.signal_channels[0]
    part = slice(0, min(round(SECONDS * eeg.fs), eeg.n_times))
    t = np.arange(eeg.n_times)[part] / eeg.fs

    figure, axes = plt.subplots(
        len(METHODS), 1, figsize=(10, 9), sharex=True, sharey=True, layout="constrained"
    )
    for ax, (title, options) in zip(axes, METHODS.items(), strict=True):
        smoothed = sigconv.smooth(eeg, **options)
        ax.plot(t, 1e6 * eeg.data[channel, part], color="0.7", linewidth=0.8, label="original")
        ax.plot(t, 1e6 * smoothed.data[channel, part], color="C0", linewidth=1.2, label="smoothed")
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_ylabel(f"{eeg.channels[channel]} (µV)")
    axes[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    axes[-1].set_xlabel("time (s)")
    figure.savefig(picture, dpi=120)
    print(f"{picture}: {eeg.channels[channel]}, first {t.size / eeg.fs:g} s, smoothed four ways")


if __name__ == "__main__":
    main()
