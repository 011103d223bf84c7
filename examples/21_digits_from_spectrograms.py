"""Spoken digits from their log-mel spectrograms: python 21_digits_from_spectrograms.py.

The same recordings, test set and way of choosing as in 20_digits_from_waveforms.py. C3D in 2D keeps
its dense layers, which know at which frequency a pattern stands; a global average does not.
"""

import os
from pathlib import Path

import numpy as np

import sigconv
from sigconv.nn import TrainingConfig, build_model, evaluate, fit
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "audio/fsdd/recordings"
FS, LENGTH = 8000, 6000
MEL = {"n_mels": 40, "length": 0.032, "step": 0.012, "floor": 1e-8}


def clip(path: Path) -> np.ndarray:
    """Return a recording as loud as the others, in the middle of silence."""
    x = sigconv.read(path).data[0, :LENGTH]
    before = (LENGTH - len(x)) // 2
    return np.pad(0.1 * x / x.std(), (before, LENGTH - len(x) - before))


def scaled(X: np.ndarray) -> np.ndarray:
    """Give each spectrogram mean 0 and deviation 1."""
    axes = (1, 2, 3)
    return (X - X.mean(axes, keepdims=True)) / X.std(axes, keepdims=True)


def main(epochs: int = 15, every: int = 1) -> float:
    """Train on all but the test set (`every` second, third ... file); return the accuracy."""
    files = sorted(DATA.glob("*.wav"))[::every]
    mel = sigconv.log_mel(np.stack([clip(path) for path in files]), fs=FS, **MEL)
    X = mel.values[:, None].astype(np.float32)  # (files, 1, bands, windows)
    digit, _, index = np.array([path.stem.split("_") for path in files]).T
    y, test = digit.astype(int), index.astype(int) < 5
    options = {"input_shape": X.shape[2:], "width": 0.25}
    model = seeded(0, lambda: build_model("c3d", ndim=2, in_channels=1, num_classes=10, **options))
    config = TrainingConfig(epochs=epochs, learning_rate=0.002)
    report = {"on_epoch": lambda e: print(f"{e.number}: {e.loss:.3f}")}
    fit(model, X[~test], y[~test], config, prepare=scaled, **report)
    scores = evaluate(model, X[test], y[test], prepare=scaled)
    print(f"accuracy {scores.accuracy:.3f} of {test.sum()} test files (chance {scores.chance:.2f})")
    return scores.accuracy


if __name__ == "__main__":
    main()
