"""A neocognitron that learns five digits without being told: python 27_a_neocognitron.py [PICTURE].

Five handwritten digits ($SIGCONV_DATA/image/mnist_subset.npz) are shown again and again. No labels
are given, yet each digit finds a plane of cells of its own, which knows it again where it is moved
(Fukushima 1980).
"""

import os
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from sigconv.nn import build_model
from sigconv.nn.models import self_organise
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "image/mnist_subset.npz"


def digits() -> np.ndarray:
    """Return the first 0, 1, 2, 3 and 4 of the training set, (5, 1, 16, 16), from 0 to 1."""
    file = np.load(DATA)
    first = [np.flatnonzero(file["y_train"] == k)[0] for k in range(5)]
    images = np.pad(file["x_train"][first] / 255, ((0, 0), (2, 2), (2, 2)))
    return images.reshape(5, 1, 16, 2, 16, 2).mean((3, 5)).astype(np.float32)


def main() -> float:
    """Return the share of moved digits that are known again."""
    x = digits()
    options = {"num_classes": 5, "selectivity": (4.0, 1.5, 3.0)}
    model = seeded(0, lambda: build_model("neocognitron", ndim=2, in_channels=1, **options))
    self_organise(model, x, rounds=20)

    def planes(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model.pool(model.features(torch.as_tensor(images))).argmax(1).numpy()

    print("planes of the five digits:", own := planes(x))
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    known = np.mean([planes(np.roll(x, shift, (-2, -1))) == own for shift in shifts])
    print(f"known again when moved by a pixel: {known:.0%}")
    learnt = model.features[0].excitatory.detach().numpy()[:, 0]
    figure, axes = plt.subplots(2, 12, figsize=(12, 2.3), layout="constrained")
    for ax, plane in zip(axes.flat, learnt, strict=True):
        ax.imshow(plane, cmap="gray")
        ax.set_axis_off()
    figure.suptitle("what the 24 planes of the first stage look for")
    figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "neocognitron.png", dpi=100)
    return float(known)


if __name__ == "__main__":
    main()
