"""Splits into training and test trials that keep every group whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from ... import _checks

SPLITS = ("leave-one-subject-out", "group-k-fold", "group-k-fold:K")


@dataclass(frozen=True)
class Fold:
    """One split: the indices of the training and the test trials, and a name for it."""

    name: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]


def folds(split: str, groups: NDArray[np.str_]) -> Iterator[Fold]:
    """Yield the folds of a split; no group stands on both sides of one.

    Parameters
    ----------
    split : str
        'leave-one-subject-out' (each group is held out once) or 'group-k-fold:K' (K parts of
        whole groups, 5 if K is left out).
    groups : array, shape (n_trials,)

    Raises
    ------
    ValueError
        If there are fewer groups than the split needs.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.data.splits import folds
    >>> for fold in folds("leave-one-subject-out", np.array(["a", "a", "b"])):
    ...     print(fold.name, fold.train, fold.test)
    a [2] [0 1]
    b [0 1] [2]
    """
    kind, colon, count = split.partition(":")
    if kind not in SPLITS or (colon and (kind != "group-k-fold" or not count.isdigit())):
        _checks.one_of("split", split, SPLITS)
    n_groups = len(np.unique(groups))
    if kind == "leave-one-subject-out":
        needed, splitter = 2, LeaveOneGroupOut()
    else:
        needed = _checks.whole("the K of split", int(count or 5), at_least=2)
        splitter = GroupKFold(needed)
    if n_groups < needed:
        raise ValueError(
            f"split {split!r} needs at least {needed} groups; the data has {n_groups} "
            "(say with group= what belongs together)"
        )
    for number, (train, test) in enumerate(splitter.split(groups, groups=groups), start=1):
        shared = np.intersect1d(groups[train], groups[test])
        if shared.size:
            raise RuntimeError(f"split {split!r} put {shared[0]!r} on both sides")
        held_out = np.unique(groups[test])
        name = str(held_out[0]) if kind == "leave-one-subject-out" else f"part{number}"
        yield Fold(name, train, test)
