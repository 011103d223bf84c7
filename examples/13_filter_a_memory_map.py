"""Filter a recording that lies in a file, into a file: python 13_filter_a_memory_map.py [MB].

A made-up recording of 16 channels of int16 is filtered forward and backward into float32, piece
by piece. The answer is the one that memory would give, to the last bit; the memory that it takes
does not grow with the file: try 3000.
"""

import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np

import sigconv

CHANNELS, FS = 16, 500.0


def make_up(path: Path, megabytes: float) -> np.memmap:
    """Return a mapped file of noise with hum, written piece by piece."""
    n = int(megabytes * 1e6 / 2 / CHANNELS)
    x = np.memmap(path, np.int16, "w+", shape=(n, CHANNELS))  # as amplifiers write: time first
    rng = np.random.default_rng(0)
    for start in range(0, n, 100_000):
        t = np.arange(start, min(start + 100_000, n)) / FS
        hum = 300 * np.sin(2 * np.pi * 50 * t)
        x[start : start + 100_000] = 100 * rng.normal(size=(len(t), CHANNELS)) + hum[:, None]
    return x


def main() -> None:
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 50
    band = sigconv.bandpass((1, 40), fs=FS) * sigconv.notch(50, fs=FS)
    with tempfile.TemporaryDirectory() as folder:
        x = make_up(Path(folder) / "x.bin", megabytes)
        y = np.memmap(Path(folder) / "y.bin", np.float32, "w+", shape=x.shape)
        band.filtfilt(x[:5000], axis=0)  # compiles
        tracemalloc.start()
        began = time.perf_counter()
        band.filtfilt(x, axis=0, out=y)
        seconds = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"{x.nbytes / 1e6:.0f} MB in {seconds:.1f} s with {peak:.0f} MB of memory")
        if megabytes <= 100:
            same = np.array_equal(y, band.filtfilt(x, axis=0, dtype="float32"))
            print("the same bits as in memory:", same)
        del x, y  # a mapped file cannot be removed everywhere


if __name__ == "__main__":
    main()
