"""Handwritten digits with LeNet-5: python 22_handwritten_digits.py.

$SIGCONV_DATA/image/mnist_subset.npz holds 10,000 digits to train on and 2,000 to test. The settings
were chosen on the last 1,000 of the former; then the test set was used once.
"""

import os
from pathlib import Path

import numpy as np

from sigconv.nn import TrainingConfig, build_model, evaluate, fit
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "image/mnist_subset.npz"


def images(x: np.ndarray) -> np.ndarray:
    """Return pictures of 28 x 28 bytes as (n, 1, 32, 32): LeNet-5 wants room around a digit."""
    return np.pad(x[:, None] / np.float32(255), ((0, 0), (0, 0), (2, 2), (2, 2)))


def main(epochs: int = 8, n_train: int = 10_000) -> float:
    """Return the accuracy on the test set."""
    file = np.load(DATA)
    X, y = images(file["x_train"][:n_train]), file["y_train"][:n_train].astype(int)
    model = seeded(0, lambda: build_model("lenet5", ndim=2, in_channels=1, num_classes=10))
    config = TrainingConfig(epochs=epochs, batch_size=64, learning_rate=0.003)
    fit(model, X, y, config, on_epoch=lambda e: print(f"{e.number}: {e.loss:.3f}"))
    scores = evaluate(model, images(file["x_test"]), file["y_test"].astype(int))
    n = sum(p.numel() for p in model.parameters())
    print(f"accuracy {scores.accuracy:.3f} of {scores.n_trials} digits, {n:,} parameters")
    return scores.accuracy


if __name__ == "__main__":
    main()
