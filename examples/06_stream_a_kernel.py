"""Put a voice into a hall, chunk by chunk: python 06_stream_a_kernel.py [AUDIO] [PICTURE]."""

import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import sigconv

CHUNK = 256  # samples, what a sound card asks for at a time


def hall(fs: float, seconds: float = 1.2) -> np.ndarray:
    """Return the impulse response of a hall: the voice itself, then noise that dies away."""
    t = np.arange(round(seconds * fs)) / fs
    echoes = np.random.default_rng(0).normal(size=t.size) * 10 ** (-3 * t / seconds)
    h = 0.03 * echoes
    h[0] = 1
    return h


def main() -> None:
    made_up = sigconv.simulate_speech(seed=0, duration=4)
    speech = sigconv.read(sys.argv[1]) if len(sys.argv) > 1 else made_up
    picture = Path(sys.argv[2] if len(sys.argv) > 2 else "stream_a_kernel.png")
    dry, h = speech.data[0], hall(speech.fs)

    stream = sigconv.StreamingConvolver(h)  # long enough to be cut into blocks by itself
    wet, slowest = [], 0.0
    for start in range(0, dry.size, CHUNK):
        before = time.perf_counter()
        wet.append(stream.push(dry[start : start + CHUNK]))  # as many out as in: no delay
        slowest = max(slowest, time.perf_counter() - before)
    wet.append(stream.flush())  # the hall goes on when the voice has stopped
    streamed = np.concatenate(wet)

    error = np.abs(streamed - sigconv.convolve(dry, h)).max() / np.abs(streamed).max()
    allowed = 1000 * CHUNK / speech.fs
    print(f"{h.size} taps; slowest chunk {1000 * slowest:.1f} ms of {allowed:.1f} ms there are")
    print(f"largest difference from the answer to the whole: {error:.0e}")

    figure, axes = plt.subplots(2, 1, sharex=True, figsize=(10, 5), layout="constrained")
    for ax, y, title in [(axes[0], dry, "voice"), (axes[1], streamed, "voice in the hall")]:
        ax.plot(np.arange(y.size) / speech.fs, y, linewidth=0.5)
        ax.set_title(title, loc="left", fontsize=10)
    axes[-1].set_xlabel("time (s)")
    figure.savefig(picture, dpi=120)
    print(f"{picture}: before and after")


if __name__ == "__main__":
    main()
