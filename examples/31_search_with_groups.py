"""Which settings serve a new subject? python 31_search_with_groups.py.

Made-up EEG of six subjects: a rhythm of 10 or of 14 Hz, 2 s long, in noise, and in each subject a
rhythm of its own that says nothing. Each subject is the test once. The settings are searched for
among the others alone, each time on subjects that the candidate has not seen either.
"""

import numpy as np
import sklearn
from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut, cross_validate

from sigconv.nn import CNNClassifier

FS, SUBJECTS, TRIALS = 64, 6, 20
GRID = {"learning_rate": [1e-4, 5e-3], "options": [{"dropout": 0.25}, {"dropout": 0.5}]}


def recorded() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return trials (n, channels, times), what is to be told, and whose they are."""
    rng = np.random.default_rng(0)
    subjects = np.repeat(np.arange(SUBJECTS), TRIALS)
    y = np.tile(["10 Hz", "14 Hz"], len(subjects) // 2)
    times = np.arange(2 * FS) / FS
    phases = rng.uniform(0, 2 * np.pi, (2, len(y), 1))
    rhythm = np.where(y == "10 Hz", 10, 14)[:, None]
    own = rng.uniform(2, 30, SUBJECTS)[subjects][:, None]
    X = rng.normal(size=(len(y), 3, len(times)))
    X[:, 0] += np.sin(2 * np.pi * rhythm * times + phases[0])
    X[:, 1] += 2 * np.sin(2 * np.pi * own * times + phases[1])
    return 1e-5 * X, y, subjects


def main(epochs: int = 15) -> float:
    """Return the mean accuracy over the subjects."""
    X, y, subjects = recorded()
    network = CNNClassifier("plain_cnn", fs=FS, epochs=epochs, random_state=0)
    search = GridSearchCV(network, GRID, cv=GroupKFold(2))
    with sklearn.config_context(enable_metadata_routing=True):  # groups go wherever they belong
        done = cross_validate(
            search,
            X,
            y,
            cv=LeaveOneGroupOut(),
            params={"groups": subjects},
            return_estimator=True,
        )
    for subject, (score, fitted) in enumerate(
        zip(done["test_score"], done["estimator"], strict=True)
    ):
        print(f"subject {subject}: {score:.2f} with {fitted.best_params_}")
    return float(done["test_score"].mean())


if __name__ == "__main__":
    main()
