"""Smooth a file that is larger than the memory one wants to give: python 09_larger_than_memory.py.

A made-up recording of 64 channels (400 MB, written piece by piece into a temporary folder) is
convolved from file into file. Then a part of the same answer comes out of a Dask array, if Dask is
installed: nothing is computed until it is asked for, and then only what it takes.
"""

import tempfile
import time
import tracemalloc
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import sigconv

CHANNELS, SAMPLES = 64, 800_000


def make_up(path: Path) -> np.memmap:
    """Return a mapped file of noise that drifts."""
    x = np.memmap(path, np.float64, "w+", shape=(CHANNELS, SAMPLES))
    rng = np.random.default_rng(0)
    for channel in x:
        channel[:] = rng.normal(size=SAMPLES)
        channel += np.linspace(-3, 3, SAMPLES)
    return x


def main() -> None:
    h = sigconv.kernels.window("hann", 501)
    form = {"axes": -1, "mode": "same", "boundary": "edge"}
    with tempfile.TemporaryDirectory() as folder:
        x = make_up(Path(folder) / "x.bin")
        y = np.memmap(Path(folder) / "y.bin", np.float64, "w+", shape=x.shape)

        sigconv.convolve(x[:, :20_000], h, **form)  # compiles
        tracemalloc.start()
        began = time.perf_counter()
        sigconv.convolve(x, h, out=y, **form)
        seconds = time.perf_counter() - began
        megabytes = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"{x.nbytes / 1e6:.0f} MB in {seconds:.1f} s with {megabytes:.0f} MB of memory")

        if find_spec("dask") is not None:
            import dask.array as da

            lazy = sigconv.convolve(da.from_array(x, chunks=(16, 200_000)), h, **form)
            part = lazy[3, 390_000:400_000].compute()
            error = np.abs(part - y[3, 390_000:400_000]).max()
            print(f"Dask: {lazy.npartitions} chunks; largest difference {error:.0e}")
        del x, y  # a mapped file cannot be removed everywhere


if __name__ == "__main__":
    main()
