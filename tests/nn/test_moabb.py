"""MOABB's sets as ours, and networks in MOABB's evaluations: on its own made-up set."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sigconv.nn import CNNClassifier, EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.data import folds

moabb = pytest.importorskip("moabb", reason="moabb is not installed")
from moabb import evaluations  # noqa: E402
from moabb.datasets.fake import FakeDataset  # noqa: E402
from moabb.paradigms import LeftRightImagery  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    """Three people, two sessions each, of 120 s."""
    patch = pytest.MonkeyPatch()
    for name in ("MNE_DATA", "MOABB_RESULTS", "_MNE_FAKE_HOME_DIR"):
        patch.setenv(name, str(tmp_path_factory.mktemp("moabb")))
    moabb.set_log_level("error")
    names = ["left_hand", "right_hand"]
    yield FakeDataset(names, n_subjects=3, n_sessions=2, n_runs=1, n_events=20, seed=0)
    patch.undo()


@pytest.fixture(scope="module")
def paradigm():
    return LeftRightImagery(fmin=4, fmax=40, resample=64)


@pytest.fixture(scope="module")
def data(fake, paradigm):
    return EEGDataset.from_moabb(fake, paradigm)


def network():
    return CNNClassifier(model="plain_cnn", epochs=1, random_state=0)


def test_windows_labels_and_groups_are_those_of_the_paradigm(fake, paradigm, data):
    X, y, about = paradigm.get_data(fake)
    np.testing.assert_allclose(data.X, X * 1e-6, rtol=1e-5, atol=1e-12)  # theirs are in uV
    assert [data.classes[i] for i in data.y] == list(y)
    np.testing.assert_array_equal(data.groups, about["subject"].astype(str))
    np.testing.assert_array_equal(data.sessions, about["session"])
    assert (data.fs, data.channels, data.kind) == (64.0, ("C3", "Cz", "C4"), "eeg")
    one = EEGDataset.from_moabb(fake, paradigm, subjects=[2])
    np.testing.assert_array_equal(one.X, data.X[data.groups == "2"])


def test_a_set_is_split_and_trained_on(data):
    assert [fold.name for fold in folds("leave-one-subject-out", data)] == ["1", "2", "3"]
    assert len(list(folds("leave-one-session-out", data))) == 6
    config = TrainingConfig(epochs=1)
    results = [result for result, _ in cross_validate(data, config=config)]
    assert [len(result.test) for result in results] == [len(data) // 3] * 3


def run(kind, fake, paradigm, folder):
    evaluation = kind(
        paradigm=paradigm,
        datasets=[fake],
        overwrite=True,
        hdf5_path=str(folder),
        random_state=0,
        n_jobs=1,
    )
    return evaluation.process({"network": network()})


def test_across_subjects_its_scores_are_those_of_our_folds(fake, paradigm, data, tmp_path):
    found = run(evaluations.CrossSubjectEvaluation, fake, paradigm, tmp_path)
    assert len(found) == 6
    for fold in folds("leave-one-subject-out", data):
        model = network().fit(data.X[fold.train], data.y[fold.train])
        said = model.predict_proba(data.X[fold.test])[:, 1]
        for session in ("0", "1"):
            own = data.sessions[fold.test] == session
            expected = roc_auc_score(data.y[fold.test][own], said[own])
            row = found[(found["subject"] == fold.name) & (found["session"] == session)]
            assert row["score"].item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["WithinSessionEvaluation", "CrossSessionEvaluation"])
def test_it_goes_through_the_other_evaluations(fake, paradigm, tmp_path, name):
    found = run(getattr(evaluations, name), fake, paradigm, tmp_path)
    assert len(found) == 6
    assert found["score"].between(0, 1).all()
