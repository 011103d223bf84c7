"""Spoken digits from their waveforms, with M5: python 20_digits_from_waveforms.py.

The Free Spoken Digit Dataset (`{digit}_{speaker}_{index}.wav`, 8 kHz) lies in $SIGCONV_DATA/audio.
Its README makes indices 0 to 4 the test set. The settings were chosen by training on indices 5 to
19 and looking at 20 to 24; then the test set was used once.
"""

import os
from pathlib import Path

import numpy as np

import sigconv
from sigconv.nn import Augmentation, TrainingConfig, build_model, evaluate, fit
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "audio/fsdd/recordings"
LENGTH = 6000  # 0.75 s; 2 % of the recordings are longer and lose their end
SETTINGS = {"batch_size": 32, "learning_rate": 0.01, "weight_decay": 0.05, "mixup": 0.3}
CHANGES = (
    Augmentation("time_shift", p=1.0, limit=1000),  # samples
    Augmentation("sign_flip"),
    Augmentation("noise", deviation=0.05),
)


def clip(path: Path) -> np.ndarray:
    """Return a recording as loud as the others, in the middle of silence."""
    x = sigconv.read(path).data[:, :LENGTH]
    before = (LENGTH - x.shape[1]) // 2
    return np.pad(x / x.std(), ((0, 0), (before, LENGTH - x.shape[1] - before)))


def main(epochs: int = 25, every: int = 1) -> float:
    """Train on all but the test set (`every` second, third ... file); return the accuracy."""
    files = sorted(DATA.glob("*.wav"))[::every]
    X = np.stack([clip(path) for path in files]).astype(np.float32)
    digit, _, index = np.array([path.stem.split("_") for path in files]).T
    y, test = digit.astype(int), index.astype(int) < 5
    model = seeded(0, lambda: build_model("m5", in_channels=1, num_classes=10, width=0.5))
    config = TrainingConfig(epochs=epochs, augment=CHANGES, **SETTINGS)
    fit(model, X[~test], y[~test], config, on_epoch=lambda e: print(f"{e.number}: {e.loss:.3f}"))
    scores = evaluate(model, X[test], y[test])
    print(f"accuracy {scores.accuracy:.3f} of {test.sum()} test files (chance {scores.chance:.2f})")
    return scores.accuracy


if __name__ == "__main__":
    main()
