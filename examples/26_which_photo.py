"""Which of two photographs a patch is from: python 26_which_photo.py.

scikit-learn's two colour photographs, a temple and a flower, cut into patches of 32 x 32. The left
part of both is trained on, the right part is held out; of the left, columns 320 to 415 served to
choose the settings.
"""

import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.linear_model import LogisticRegression

from sigconv.nn import TrainingConfig, build_model, evaluate, fit
from sigconv.nn.training import seeded

SIDE, HELD_OUT = 32, 416  # samples; the column from which on nothing was seen


def patches(photos: list[np.ndarray], columns: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return patches side by side, (n, 3, 32, 32), and the photograph that each is from."""
    X, y = [], []
    for k, photo in enumerate(photos):
        part = photo[:, columns].astype(np.float32) / 255
        rows, width = part.shape[0] // SIDE, part.shape[1] // SIDE
        tiles = part[: rows * SIDE, : width * SIDE].reshape(rows, SIDE, width, SIDE, 3)
        X.append(tiles.transpose(0, 2, 4, 1, 3).reshape(-1, 3, SIDE, SIDE))
        y += [k] * (rows * width)
    return np.concatenate(X), np.array(y)


def main(epochs: int = 20) -> tuple[float, float]:
    """Return the accuracy of a 2D network and of a linear classifier."""
    photos = load_sample_images().images
    X, y = patches(photos, slice(0, HELD_OUT))
    X_test, y_test = patches(photos, slice(HELD_OUT, None))
    model = seeded(0, lambda: build_model("plain_cnn", ndim=2, in_channels=3, num_classes=2))
    fit(model, X, y, TrainingConfig(epochs=epochs, learning_rate=0.005))
    linear = LogisticRegression(C=1.0, max_iter=500).fit(X.reshape(len(X), -1), y)
    scores = evaluate(model, X_test, y_test)
    baseline = linear.score(X_test.reshape(len(X_test), -1), y_test)
    n = sum(p.numel() for p in model.parameters())
    print(f"{len(y_test)} patches: network ({n:,} parameters) {scores.accuracy:.3f}, ", end="")
    print(f"linear ({2 * X[0].size:,}) {baseline:.3f}, chance {scores.chance:.2f}")
    return scores.accuracy, baseline


if __name__ == "__main__":
    main()
