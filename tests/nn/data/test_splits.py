"""Splits part nothing that belongs together and use every window once."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv.nn.data import EEGDataset, Fold, check, folds


def dataset(groups, y=None, **fields):
    """Windows of nothing: splits look at all else."""
    y = np.arange(len(groups)) % 2 if y is None else y
    return EEGDataset.from_arrays(np.zeros((len(groups), 1, 4)), y, groups, fs=4, **fields)


@pytest.mark.parametrize("split", ["leave-one-subject-out", "group-k-fold:3", "group-k-fold:2"])
@given(seed=st.integers(0, 1000), n_groups=st.integers(3, 8))
def test_no_group_on_both_sides_and_every_window_tested_once(split, seed, n_groups):
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(n_groups), rng.integers(0, n_groups, 40)]).astype(str)
    tested = []
    for fold in folds(split, dataset(groups)):
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert len(fold.train) + len(fold.test) == len(groups)
        tested.extend(fold.test)
    assert sorted(tested) == list(range(len(groups)))


@given(seed=st.integers(0, 1000), n_groups=st.integers(1, 3), n_parts=st.integers(2, 4))
def test_within_subject_no_trial_on_both_sides(seed, n_groups, n_parts):
    """Three windows a trial, trials of two classes, several subjects."""
    rng = np.random.default_rng(seed)
    n = n_groups * 10
    order = rng.permutation(3 * n)
    trial = np.repeat(np.arange(n), 3)[order]
    data = dataset(trial % n_groups, trial // n_groups % 2, trials=trial)
    tested = []
    for fold in folds(f"within-subject:{n_parts}", data, seed=seed):
        assert not set(trial[fold.train]) & set(trial[fold.test])
        assert len(set(data.groups[np.concatenate([fold.train, fold.test])])) == 1
        assert set(data.y[fold.train]) == {0, 1}
        tested.extend(fold.test)
    assert sorted(tested) == list(range(3 * n))


def test_leave_one_out_is_named_after_whom_it_leaves_out():
    data = dataset(["b", "a", "b", "c"])
    assert [(f.name, f.test.tolist()) for f in folds("leave-one-subject-out", data)] == [
        ("a", [1]),
        ("b", [0, 2]),
        ("c", [3]),
    ]


def test_sessions_are_held_out_within_their_group():
    sessions = ["1", "1", "2", "2"] * 2
    data = dataset(["a"] * 4 + ["b"] * 4, sessions=sessions)
    found = [
        (f.name, f.train.tolist(), f.test.tolist()) for f in folds("leave-one-session-out", data)
    ]
    assert found == [
        ("a/1", [2, 3], [0, 1]),
        ("a/2", [0, 1], [2, 3]),
        ("b/1", [6, 7], [4, 5]),
        ("b/2", [4, 5], [6, 7]),
    ]


def test_by_time_trains_on_the_past_alone():
    trial = np.repeat(np.arange(9), 2)
    data = dataset(np.zeros(18), trial % 2, trials=trial)
    found = list(folds("by-time:2", data))
    assert len(found) == 2
    for fold in found:
        assert data.starts[fold.train].max() < data.starts[fold.test].min()
        assert not set(trial[fold.train]) & set(trial[fold.test])
    assert found[-1].test.max() == 17


def test_five_parts_unless_said_otherwise():
    assert len(list(folds("group-k-fold", dataset(np.arange(10))))) == 5


@pytest.mark.parametrize(
    ("split", "groups", "message"),
    [
        ("leave-one-subject-out", ["a", "a"], "needs at least 2 groups; the data has 1"),
        ("group-k-fold:4", ["a", "b", "c"], "needs at least 4 groups; the data has 3"),
        ("group-k-fold:1", ["a", "b"], "the K of split must be a whole number of at least 2"),
        ("leave-one-subject", ["a", "b"], "split must be one of .*did you mean"),
        ("group-k-fold:x", ["a", "b"], "split must be one of"),
        ("leave-one-subject-out:3", ["a", "b"], "split must be one of"),
        ("leave-one-session-out", ["a", "b"], "needs at least 2 sessions of 'a'; the data has 1"),
        ("within-subject:2", ["a", "a"], "needs at least 2 trials of '0' in 'a'; the data has 1"),
        ("by-time:3", ["a", "a", "a"], "needs at least 4 trials in 'a'; the data has 3"),
    ],
)
def test_impossible_splits(split, groups, message):
    with pytest.raises(ValueError, match=message):
        list(folds(split, dataset(groups)))


def test_windows_of_one_recording_with_one_label_are_not_to_be_parted():
    data = dataset(["a"] * 20, np.arange(20) // 10, trials=np.arange(20) // 10)
    with pytest.raises(ValueError, match="a recording with one label is one trial"):
        list(folds("within-subject:5", data))


@pytest.mark.parametrize(
    ("keeps", "message"),
    [
        (("groups",), "fold 'mine' must keep groups whole; 'a' stands on both sides"),
        (("sessions",), "fold 'mine' must keep sessions whole; 'a/a' stands on both sides"),
        ((), "fold 'mine' must keep trials whole; '1' stands on both sides"),
    ],
)
def test_a_leaky_fold_is_refused(keeps, message):
    data = dataset(["a", "a", "a", "a"], trials=[0, 1, 1, 2])
    with pytest.raises(ValueError, match=message):
        check(Fold("mine", np.array([0, 1]), np.array([2, 3]), keeps), data)


def test_a_fold_needs_both_sides():
    data = dataset(["a", "b"])
    with pytest.raises(ValueError, match="fold 'mine' must have windows on both sides"):
        check(Fold("mine", np.array([0, 1]), np.array([], dtype=int)), data)


def test_few_shot_takes_the_first_trials_of_each_class():
    """The order of the rows is not that of time; windows of one trial stay together."""
    rng = np.random.default_rng(0)
    n = 24
    trials = np.repeat(np.arange(n), 2)  # two windows each
    y = np.tile([0, 0, 1], n // 3)[trials]
    groups = np.where(trials < n // 2, "a", "b")
    order = rng.permutation(2 * n)
    data = EEGDataset.from_arrays(
        rng.normal(size=(2 * n, 1, 8)), y[order], groups[order], fs=8, trials=trials[order]
    )
    data = dataclasses.replace(data, starts=trials[order].astype(float))
    parts = list(folds("few-shot:3", data))
    assert [part.name for part in parts] == ["a", "b"]
    for part in parts:
        mine = np.unique(trials[groups == part.name])
        expected = [t for label in (0, 1) for t in mine[y[2 * mine] == label][:3]]
        assert sorted(set(trials[order][part.train])) == sorted(expected)
        assert set(trials[order][part.test]) == set(mine) - set(expected)
        assert part.new == ("groups", "trials")
    with pytest.raises(ValueError, match="needs at least 5 trials of '1' in 'a'; the data has 4"):
        list(folds("few-shot:4", data))
    with pytest.raises(ValueError, match="the K of split must be a whole number of at least 1"):
        list(folds("few-shot:0", data))
