"""Splits keep groups whole and use every trial once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv.nn.data import folds


@pytest.mark.parametrize("split", ["leave-one-subject-out", "group-k-fold:3", "group-k-fold:2"])
@given(seed=st.integers(0, 1000), n_groups=st.integers(3, 8))
def test_no_group_on_both_sides_and_every_trial_tested_once(split, seed, n_groups):
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(n_groups), rng.integers(0, n_groups, 40)]).astype(str)
    tested = []
    for fold in folds(split, groups):
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert len(fold.train) + len(fold.test) == len(groups)
        tested.extend(fold.test)
    assert sorted(tested) == list(range(len(groups)))


def test_leave_one_out_is_named_after_whom_it_leaves_out():
    groups = np.array(["b", "a", "b", "c"])
    assert [(f.name, f.test.tolist()) for f in folds("leave-one-subject-out", groups)] == [
        ("a", [1]),
        ("b", [0, 2]),
        ("c", [3]),
    ]


def test_five_parts_unless_said_otherwise():
    assert len(list(folds("group-k-fold", np.arange(10).astype(str)))) == 5


@pytest.mark.parametrize(
    ("split", "groups", "message"),
    [
        ("leave-one-subject-out", ["a", "a"], "needs at least 2 groups; the data has 1"),
        ("group-k-fold:4", ["a", "b", "c"], "needs at least 4 groups; the data has 3"),
        ("group-k-fold:1", ["a", "b"], "the K of split must be a whole number of at least 2"),
        ("leave-one-subject", ["a", "b"], "split must be one of .*did you mean"),
        ("group-k-fold:x", ["a", "b"], "split must be one of"),
        ("leave-one-subject-out:3", ["a", "b"], "split must be one of"),
    ],
)
def test_impossible_splits(split, groups, message):
    with pytest.raises(ValueError, match=message):
        list(folds(split, np.array(groups)))
