"""Splits into training and test windows that cannot leak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, TimeSeriesSplit

from ... import _checks
from . import blocks
from .blocks import require

if TYPE_CHECKING:
    from .dataset import EEGDataset
    from .kinds import Dataset

#: Kind of split -> what its folds never part.
SPLITS = {
    "leave-one-subject-out": ("groups", "trials"),
    "leave-one-session-out": ("sessions", "trials"),
    "group-k-fold": ("groups", "trials"),
    "within-subject": ("trials",),
    "by-time": ("trials",),
    "few-shot": ("trials",),
    "blocks": ("times",),
}
#: Those that are followed by the number of their parts.
_COUNTED = ("group-k-fold", "within-subject", "by-time", "few-shot", "blocks")
#: Kind of split -> what nothing may be known of beforehand, where that is more than it keeps.
_NEW = {"few-shot": ("groups", "trials")}
#: Those that only one task has, or all but one.
_ONLY = {"few-shot": ("classify",), "blocks": ("sequence",)}
_NEVER = {"by-time": ("segment",)}
#: Parts of a split that does not say how many.
_PARTS = 5


@dataclass(frozen=True)
class Fold:
    """One split: the indices of the training and the test windows, and a name for it.

    `keeps` names the fields of the data set of which no value stands on both sides, and is
    what early stopping keeps whole too: the first of them. A network that a training starts from
    may not have seen the test windows' values of the fields in `new` (of `keeps`, if not given).
    Where it keeps 'times', no sample stands on both sides, and `stretches` says which training
    windows lie together.
    """

    name: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    keeps: tuple[str, ...] = ("groups", "trials")
    new: tuple[str, ...] = ()
    stretches: NDArray[np.str_] | None = None

    @property
    def whole(self) -> tuple[str, ...]:
        """What is never parted: what it keeps, and trials, of which times are parts."""
        return (
            self.keeps if "times" in self.keeps else tuple(dict.fromkeys([*self.keeps, "trials"]))
        )


def folds(split: str, data: Dataset, *, seed: int = 0) -> Iterator[Fold]:
    """Yield the folds of a split.

    Parameters
    ----------
    split : str
        'leave-one-subject-out': each group is held out once. 'group-k-fold:K': K parts of whole
        groups. 'leave-one-session-out': in each group each session is held out once, and the
        others of the group are trained on. 'within-subject:K': in each group K parts of its
        trials, drawn by lot, with the classes' shares kept. 'by-time:K': in each group K times the
        trials up to a moment are trained on and the next ones tested. 'few-shot:K': of each group
        the first K trials of each class are trained on and all its others tested, for networks
        that start from one trained on other groups. 'blocks:K' (task 'sequence'): in each group
        K parts of the time of every recording; windows that reach from one part into another are
        left out, and so are training windows nearer to the tested part than the length of a
        window. K is 5 if left out.
    data : EEGDataset or VolumeDataset
    seed : int
        Of the lot.

    Raises
    ------
    ValueError
        If the data has too few groups, sessions or trials, or a fold parts what it must not.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import EEGDataset
    >>> from sigconv.nn.data import folds
    >>> X = np.random.default_rng(0).normal(size=(3, 1, 8))
    >>> data = EEGDataset.from_arrays(X, [0, 1, 0], groups=["a", "a", "b"], fs=8)
    >>> for fold in folds("leave-one-subject-out", data):
    ...     print(fold.name, fold.train, fold.test)
    a [2] [0 1]
    b [0 1] [2]
    """
    kind, colon, count = split.partition(":")
    if kind not in SPLITS or (colon and (kind not in _COUNTED or not count.isdigit())):
        allowed = [
            name for each in SPLITS for name in (each, f"{each}:K")[: 1 + (each in _COUNTED)]
        ]
        _checks.one_of("split", split, allowed)
    if data.task not in _ONLY.get(kind, (data.task,)) or data.task in _NEVER.get(kind, ()):
        raise ValueError(f"split must be one that task {data.task!r} has; got {split!r}")
    parts = _checks.whole(
        "the K of split", int(count or _PARTS), at_least=1 if kind == "few-shot" else 2
    )
    windows: Any = data  # volumes know no times, and their classes are not one each
    ways = {
        "leave-one-subject-out": lambda: _each_out(data.groups, np.arange(len(data)), split),
        "group-k-fold": lambda: _parts_of_groups(data, parts, split),
        "leave-one-session-out": lambda: _sessions_out(data, split),
        "within-subject": lambda: _within(windows, parts, seed, split),
        "by-time": lambda: _by_time(windows, parts, split),
        "few-shot": lambda: _few_shot(windows, parts, split),
        "blocks": lambda: blocks.in_groups(windows, parts, split),
    }
    for name, train, test, *stretches in ways[kind]():
        fold = Fold(name, train, test, SPLITS[kind], _NEW.get(kind, ()), *stretches)
        check(fold, data)
        yield fold


def check(fold: Fold, data: Dataset) -> None:
    """Raise ValueError if a trial, or what else a fold keeps whole, stands on both sides."""
    for field in fold.whole:
        if field == "times":
            shared = data.files[fold.test[blocks.overlapping(data, fold.train, fold.test)]]
        else:
            values = within_files(data, field)
            shared = np.intersect1d(values[fold.train], values[fold.test])
        if shared.size:
            raise ValueError(
                f"fold {fold.name!r} must keep {field} whole; {str(shared[0])!r} stands on both "
                "sides"
            )
    if np.intersect1d(fold.train, fold.test).size:
        raise ValueError(f"fold {fold.name!r} has windows that stand on both sides")
    if not len(fold.train) or not len(fold.test):
        raise ValueError(f"fold {fold.name!r} must have windows on both sides")


Indices = NDArray[np.intp]
#: Name, training windows, test windows, and perhaps the stretches of the training windows.
Parts = Iterator[tuple[Any, ...]]


def _each_out(values: NDArray[np.str_], rows: Indices, split: str) -> Parts:
    names = np.unique(values[rows])
    require(split, "groups", len(names), 2, "say with group= what belongs together")
    for name in names:
        out = values[rows] == name
        yield str(name), rows[~out], rows[out]


def _parts_of_groups(data: Dataset, parts: int, split: str) -> Parts:
    n_groups = len(np.unique(data.groups))
    require(split, "groups", n_groups, parts, "say with group= what belongs together")
    splitter = GroupKFold(parts).split(data.groups, groups=data.groups)
    for number, (train, test) in enumerate(splitter, start=1):
        yield f"part{number}", train, test


def _sessions_out(data: Dataset, split: str) -> Parts:
    sessions = within_files(data, "sessions")
    for group in np.unique(data.groups):
        rows = np.flatnonzero(data.groups == group)
        names = np.unique(data.sessions[rows])
        require(
            split, f"sessions of {str(group)!r}", len(names), 2, "say with session= what they are"
        )
        for name in names:
            out = sessions[rows] == f"{group}/{name}"
            yield (
                f"{group}/{name}" if len(np.unique(data.groups)) > 1 else str(name),
                (rows[~out]),
                rows[out],
            )


def _within(data: EEGDataset, parts: int, seed: int, split: str) -> Parts:
    for group in np.unique(data.groups):
        rows = np.flatnonzero(data.groups == group)
        trials = data.trials[rows]
        if data.task != "classify":
            n = len(np.unique(trials))
            require(
                split, f"trials in {str(group)!r}", n, parts, "a recording is one in a sequence"
            )
            for number, (train, test) in enumerate(GroupKFold(parts).split(rows, groups=trials), 1):
                yield f"{group}/part{number}", rows[train], rows[test]
            continue
        y = data.y[rows]
        for label in np.unique(y):
            n = len(np.unique(trials[y == label]))
            require(
                split,
                f"trials of {data.classes[label]!r} in {str(group)!r}",
                n,
                parts,
                "a recording with one label is one trial",
            )
        splitter = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        for number, (train, test) in enumerate(splitter.split(y, y, trials), start=1):
            yield f"{group}/part{number}", rows[train], rows[test]


def _in_time(data: EEGDataset, group: str) -> Indices:
    rows = np.flatnonzero(data.groups == group)
    return rows[np.lexsort((data.starts[rows], data.files[rows], data.sessions[rows]))]


def _few_shot(data: EEGDataset, shots: int, split: str) -> Parts:
    for group in np.unique(data.groups):
        rows = _in_time(data, group)
        y, trials = data.y[rows], data.trials[rows]
        shown = []
        for label in np.unique(y):
            of_class = list(dict.fromkeys(trials[y == label]))
            what = f"trials of {data.classes[label]!r} in {str(group)!r}"
            require(split, what, len(of_class), shots + 1, f"{shots} to train on, one to test")
            shown += of_class[:shots]
        train = np.isin(trials, shown)
        yield str(group), rows[train], rows[~train]


def _by_time(data: EEGDataset, parts: int, split: str) -> Parts:
    for group in np.unique(data.groups):
        rows = _in_time(data, group)
        _, first, trial = np.unique(data.trials[rows], return_index=True, return_inverse=True)
        place = np.argsort(np.argsort(first))[trial]  # trials numbered in time
        n = len(first)
        require(
            split, f"trials in {str(group)!r}", n, parts + 1, "each part needs one, and the first"
        )
        splitter = TimeSeriesSplit(parts).split(np.arange(n))
        for number, (train, test) in enumerate(splitter, start=1):
            yield f"{group}/part{number}", rows[np.isin(place, train)], rows[np.isin(place, test)]


def within_files(data: Dataset, field: str) -> NDArray[np.str_]:
    """Return a field; sessions of different groups may have the same names."""
    values: NDArray[np.str_] = getattr(data, field)
    if field != "sessions":
        return values
    return np.array([f"{group}/{name}" for group, name in zip(data.groups, values, strict=True)])
