"""Filter a recording piece by piece, in as much memory as you allow, and look at a stretch of it.

python examples/15_longer_than_memory.py [FILE]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import sigconv
from sigconv import Pipeline, Step
from sigconv.batch import run_file


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "long.edf"
        if len(sys.argv) < 2:
            noise = np.random.default_rng(0).normal(size=(16, 250 * 600)) * 2e-5
            sigconv.write(source, sigconv.Recording(noise, fs=250))

        clean = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)])
        target = folder / f"clean{source.suffix}"
        run_file(source, target, clean, max_memory=50_000_000)

        # nothing but the header is read until samples are asked for
        with sigconv.open_recording(source) as before, sigconv.open_recording(target) as after:
            print(after)
            middle = after.shape[1] // 2
            for reader in (before, after):
                stretch = reader.read(middle, middle + 1000)
                print(f"mean {stretch.mean():.2e}, deviation {stretch.std():.2e}")


if __name__ == "__main__":
    main()
