"""Data sets out of arrays and other libraries' objects, which come with windows cut already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks
from ...recording import UNTOUCHED_KINDS


def of_arrays(
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None,
    *,
    fs: float,
    channels: Sequence[str],
    sessions: ArrayLike | None,
    trials: ArrayLike | None,
) -> dict[str, Any]:
    """Return the fields of an `EEGDataset` of arrays."""
    X = _checks.numeric("X", X)
    if X.ndim != 3:
        raise ValueError(f"X must have shape (n_windows, n_channels, n_times); got {X.shape}")
    n = len(X)
    words = np.asarray(y).astype(str)
    if words.shape != (n,):
        raise ValueError(f"y must hold one label for each of {n} windows; got {words.shape}")
    numbers = np.arange(n)
    units = _one_each("groups", groups, numbers)
    bad = ~np.isfinite(X).reshape(n, -1).all(axis=1)
    if bad.any():
        raise ValueError(
            f"X must hold finite numbers; NaN or infinity stands in window {bad.argmax()}"
        )
    classes, indices = np.unique(words, return_inverse=True)
    return {
        "X": X.astype(np.float32),
        "y": indices.astype(np.int64),
        "groups": units,
        "classes": tuple(str(name) for name in classes),
        "channels": tuple(channels) or tuple(f"ch{i}" for i in range(1, X.shape[1] + 1)),
        "fs": _checks.sampling_rate(fs),
        "files": np.full(n, ""),
        "sessions": _one_each("sessions", sessions, units),
        "trials": _one_each("trials", trials, numbers),
        "starts": numbers * X.shape[2] / fs,
        "units": ("",) * X.shape[1],
        "window": (0.0, X.shape[2] / fs),
    }


def of_epochs(
    epochs: Any,
    groups: ArrayLike | str | None,
    *,
    classes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the fields of an `EEGDataset` of MNE's epochs."""
    several = list(epochs) if isinstance(epochs, list | tuple) else [epochs]
    if not several or not all(hasattr(each, "event_id") for each in several):
        raise TypeError(f"epochs must be mne.Epochs or a list of them; got {epochs!r}")
    kinds = several[0].get_channel_types()
    names = [
        name
        for name, kind in zip(several[0].ch_names, kinds, strict=True)
        if kind not in UNTOUCHED_KINDS
    ]
    X, words, units, starts = [], [], [], []
    for number, each in enumerate(several):
        missing = [name for name in names if name not in each.ch_names]
        if missing or len(each.times) != len(several[0].times):
            what = f"lacks {missing[0]}" if missing else f"has {len(each.times)} times"
            raise ValueError(
                f"epochs must have the same channels and times; number {number + 1} {what}"
            )
        by_code = {code: name for name, code in each.event_id.items()}
        X.append(each.get_data(picks=names))
        words += [by_code[code] for code in each.events[:, 2]]
        starts += list(each.events[:, 0] / each.info["sfreq"])
        if isinstance(groups, str):
            if each.metadata is None or groups not in each.metadata:
                raise ValueError(f"groups must name a column of the metadata; got {groups!r}")
            units += list(each.metadata[groups])
        elif groups is None:
            units += [number] * len(each) if len(several) > 1 else list(range(len(each)))
    if groups is not None and not isinstance(groups, str):
        units = list(np.asarray(groups))
    data = np.concatenate(X)
    if len(units) != len(data):
        raise ValueError(f"groups must hold one for each of {len(data)} epochs; got {len(units)}")
    kept = [i for i, word in enumerate(words) if classes is None or word in classes]
    named = [words[i] if classes is None else classes[words[i]] for i in kept]
    step = several[0].times[1] - several[0].times[0]
    return _fields(
        data[kept],
        named,
        np.array(units).astype(str)[kept],
        sessions=np.array(units).astype(str)[kept],
        starts=np.array(starts)[kept],
        channels=names,
        units=("V",) * len(names),
        fs=float(several[0].info["sfreq"]),
        window=(float(several[0].times[0]), float(several[0].times[-1] + step)),
    )


def of_moabb(dataset: Any, paradigm: Any, subjects: Sequence[int] | None) -> dict[str, Any]:
    """Return the fields of an `EEGDataset` of what a paradigm of MOABB's gives."""
    chosen = None if subjects is None else list(subjects)
    epochs, words, about = paradigm.get_data(dataset, subjects=chosen, return_epochs=True)
    groups = about["subject"].astype(str).to_numpy()
    sessions = about["session"].astype(str).to_numpy()
    found = of_epochs(epochs, groups)
    words = np.asarray(words).astype(str)
    found["classes"], y = np.unique(words, return_inverse=True)
    return {**found, "classes": tuple(map(str, found["classes"])), "y": y, "sessions": sessions}


def _fields(
    X: Any,
    words: Sequence[str],
    groups: Any,
    *,
    sessions: Any,
    starts: Any,
    **known: Any,
) -> dict[str, Any]:
    if not np.isfinite(X).all():
        raise ValueError("epochs must hold finite numbers; NaN or infinity stands in them")
    classes, y = np.unique(words, return_inverse=True)
    return {
        "X": X.astype(np.float32),
        "y": y.astype(np.int64),
        "groups": groups,
        "classes": tuple(str(name) for name in classes),
        "files": np.full(len(X), ""),
        "sessions": sessions,
        "trials": np.arange(len(X)).astype(str),
        "starts": starts,
        **{**known, "channels": tuple(known["channels"])},
    }


def _one_each(name: str, given: ArrayLike | None, default: NDArray[Any]) -> NDArray[np.str_]:
    values = default if given is None else np.asarray(given)
    if values.shape != default.shape:
        raise ValueError(
            f"{name} must hold one for each of {len(default)} windows; got {values.shape}"
        )
    return values.astype(str)
