"""Take hum, drift and the reference out of a recording, and draw what that did.

python 10_clean_a_recording.py [RECORDING] [PICTURE]; without one, an EEG is made up.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

import sigconv
from sigconv import Pipeline, Step

MAINS = 50
CLEAN = Pipeline(
    [
        Step("remove_line_noise", mains=MAINS, method="spectrum_fit"),
        Step("highpass", cutoff=0.5),
        Step("rereference", to="average"),
        Step("resample", new_fs=200),
    ]
)


def main() -> None:
    before = sigconv.read(sys.argv[1]) if len(sys.argv) > 1 else sigconv.simulate_eeg(seed=3)
    after = CLEAN.apply(before)
    print(f"{CLEAN}:\n{before}\n{after}")

    figure, (traces, spectra) = plt.subplots(2, 1, figsize=(10, 7), layout="constrained")
    channel = before.signal_channels[0]
    hum = {}
    for name, each, color in (("before", before, "0.7"), ("after", after, "C0")):
        line = 1e6 * each.data[channel, : round(10 * each.fs)]
        seconds = np.arange(line.size) / each.fs
        traces.plot(seconds, line - np.median(line), color=color, linewidth=0.8, label=name)
        density = sigconv.spectrogram(each, length=2).values[0].mean(axis=-1)
        hertz = np.arange(density.size) / 2
        spectra.semilogy(hertz, 1e12 * density, color=color, label=name)
        beside = np.median(density[(np.abs(hertz - MAINS) > 3) & (np.abs(hertz - MAINS) < 8)])
        hum[name] = 10 * np.log10(density[hertz == MAINS].item() / beside)
    traces.set(xlabel="time (s)", ylabel=f"{before.channels[channel]} (µV)")
    traces.legend(loc="lower right")
    spectra.set(xlabel="frequency (Hz)", ylabel="power (µV²/Hz)", xlim=(0, before.fs / 2))
    picture = sys.argv[2] if len(sys.argv) > 2 else "clean.png"
    figure.savefig(picture, dpi=110)
    print(
        f"{MAINS} Hz over its neighbours: {hum['before']:.0f} dB, after that {hum['after']:.0f} dB"
    )


if __name__ == "__main__":
    main()
