"""Which action a motion capture shows: python 23_actions_from_motion.py.

$SIGCONV_DATA/mocap/cmu8.npz holds sequences of 117 joint angles. Whole sequences are held out:
those under `test/`, and one each of the two actions that have none there. The settings were chosen
by holding out the sequences that end in `_4` instead. Each angle's mean and deviation are taken out
of every window: a posture tells who it is and so what he did (a linear classifier needs no more).
"""

import os
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from sigconv.nn import TrainingConfig, build_model, fit, predict_proba
from sigconv.nn.data import standardise
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "mocap/cmu8.npz"
WINDOW, STEP = 60, 30
ALSO_TEST = ("basketball_signal_5", "directing_traffic_4")
NET = {"kernels": (15, 7, 3), "pool": 2}


def windows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return windows (n, 117, 60), their actions, and whether their sequence is held out."""
    file = np.load(DATA)
    X, actions, test = [], [], []
    for name in file.files:
        _, action, sequence = name.split("/")
        cut = np.lib.stride_tricks.sliding_window_view(file[name], WINDOW, axis=0)[::STEP]
        X.append(cut)
        actions += [action] * len(cut)
        test += [name.startswith("test/") or sequence in ALSO_TEST] * len(cut)
    return standardise(np.concatenate(X)), np.array(actions), np.array(test)


def main(epochs: int = 20) -> tuple[float, float]:
    """Return the balanced accuracy of a 1D network and of a linear classifier."""
    X, actions, test = windows()
    known = np.isin(actions, np.unique(actions[~test]))  # one action has a test sequence only
    X, test = X[known], test[known]
    classes, y = np.unique(actions[known], return_inverse=True)
    build = {"in_channels": X.shape[1], "num_classes": len(classes), **NET}
    model = seeded(0, lambda: build_model("plain_cnn", **build))
    config = TrainingConfig(epochs=epochs, learning_rate=0.003, class_weights="balanced")
    fit(model, X[~test], y[~test], config)
    linear = LogisticRegression(C=1e-4, max_iter=300, class_weight="balanced")
    flat = X.reshape(len(X), -1)
    called = {"linear": linear.fit(flat[~test], y[~test]).predict(flat[test])}
    called["network"] = predict_proba(model, X[test]).argmax(1)
    scores = {name: balanced_accuracy_score(y[test], guess) for name, guess in called.items()}
    print(f"{test.sum()} windows of {len(classes)} actions, balanced accuracy: {scores}")
    return scores["network"], scores["linear"]


if __name__ == "__main__":
    main()
