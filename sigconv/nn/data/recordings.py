"""A data set out of recordings: which windows they hold, in memory or in a cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _checks, io
from ...pipeline import Pipeline
from ...recording import Recording
from . import matching, sequences
from .cache import Facts, WindowCache
from .labels import GROUPS, LABELS, Source
from .table import LabelTable
from .windows import LENGTHS, Cutter, Window, events_file

Progress = Callable[[Iterable[Any]], Iterable[Any]]

#: What is learned of windows: a class, a value, or a class of each of their places.
TASKS = ("classify", "regress", "sequence")

#: What `from_recordings` and `from_bids` take alike.
OF_WINDOWS = ("classes", "pipeline", "channels", "sliding", "overlap", "reject", "flat")


def cutter(
    *,
    labels: str,
    window: tuple[float, float],
    group: str,
    session: str,
    classes: Mapping[str, str] | None = None,
    events_suffix: str = "-eve.fif",
    pipeline: Pipeline | None = None,
    sliding: float | None = None,
    overlap: float = 0.0,
    reject: float | None = None,
    flat: float | None = None,
    lengths: str = "drop",
    task: str = "classify",
    target: str = "label",
    place: float | None = None,
    elsewhere: str | None = None,
) -> Cutter:
    """Check the arguments of `EEGDataset.from_recordings`."""
    start, end = (_checks.number("window", edge) for edge in window)
    if start >= end:
        raise ValueError(f"window must be (start, end) with start < end; got {window}")
    for name, value in (("sliding", sliding), ("reject", reject), ("flat", flat)):
        if value is not None:
            _checks.number(name, value, above=0)
    source = Source.parse("labels", labels, LABELS)
    _checks.one_of("task", task, TASKS)
    if task == "sequence" and source.kind in ("folder", "filename"):
        raise ValueError(
            "labels must be 'annotations', 'events' or TABLE.csv with task 'sequence'; got "
            f"{labels!r}"
        )
    if task != "sequence" and (place is not None or elsewhere is not None):
        raise ValueError("place and elsewhere must not be given without task 'sequence'")
    if task == "sequence" and sliding is not None:
        raise ValueError("sliding must not be given with task 'sequence' (overlap may)")
    if target != "label" and source.kind != "table":
        raise ValueError(f"target must name a column of labels TABLE.csv; labels are {labels!r}")
    if place is not None:
        n = (end - start) / _checks.number("place", place, above=0)
        if round(n) < 1 or abs(n - round(n)) > 1e-6 * n:
            raise ValueError(
                f"window must be a whole number of places of {place:g} s long; got {end - start:g}"
            )
    per_event = source.kind in ("annotations", "events")
    if sliding is not None and per_event and sliding > end - start:
        raise ValueError(
            f"sliding must be no longer than the window of {end - start:g} s; got {sliding:g}"
        )
    return Cutter(
        labels=source,
        group=Source.parse("group", group, GROUPS),
        session=Source.parse("session", session, GROUPS),
        classes=dict(classes or {}),
        events_suffix=events_suffix,
        pipeline=pipeline or Pipeline(),
        window=(start, end),
        sliding=sliding,
        overlap=_checks.number("overlap", overlap, at_least=0, below=1),
        reject=reject,
        flat=flat,
        table=LabelTable.read(source.pattern, target) if source.kind == "table" else None,
        lengths=_checks.one_of("lengths", lengths, LENGTHS),
        task=task,
        place=place,
        elsewhere=elsewhere,
    )


def read(path: Path, fs: float | None = None) -> Recording:
    """Read a recording or a table; `fs` in Hz is that of files that do not say theirs."""
    if io.is_table(path):
        return io.read_table(path, fs=fs)
    return io.read(path, fs=fs if path.suffix == ".npy" else None)


def collect(
    files: Sequence[Path],
    cutter: Cutter,
    *,
    channels: Sequence[str] | None = None,
    cache: str | Path | None = None,
    cache_dtype: str = "float32",
    progress: Progress = iter,
    read: Callable[[Path], Recording] = read,
    at_least: int = 2,
) -> dict[str, Any]:
    """Return the fields of an `EEGDataset` of so many classes."""
    if not files:
        raise ValueError("paths must name at least one recording; got none")

    def make(keep: Callable[[Sequence[Window]], None]) -> Facts:
        return _cut_all(files, cutter, channels, progress, read, keep)

    if cache is None:
        kept: list[Any] = []
        facts = make(lambda windows: kept.extend(w.data for w in windows if w.data is not None))
        _require_classes(facts, at_least, cutter.task)
        return _fields(np.stack(kept), facts, cutter)
    there = WindowCache(cache, cache_dtype, _made_of(cutter, channels), _depended_on(files, cutter))
    found = there.read()
    if found is None:
        there.write(make)
        found = there.read()
        assert found is not None
    _require_classes(found[1], at_least, cutter.task)
    return _fields(*found, cutter)


def for_checkpoint(
    files: Sequence[Path],
    checkpoint: Any,
    *,
    labels: str,
    window: tuple[float, float] | None,
    classes: Mapping[str, str] | None,
    events_suffix: str,
    fs: float | None = None,
    target: str = "label",
    elsewhere: str | None = None,
) -> dict[str, Any]:
    """Return the fields of an `EEGDataset` of windows as a network was trained on."""
    start, end = window or checkpoint.window
    length = checkpoint.window[1] - checkpoint.window[0]
    found = collect(
        files,
        cutter(
            labels=labels,
            window=(start, end),
            group="file",
            session="file",
            classes=classes,
            events_suffix=events_suffix,
            pipeline=checkpoint.pipeline,
            sliding=None if round(end - start - length, 9) == 0 else length,
            lengths=checkpoint.lengths,
            task=checkpoint.task,
            target=target,
            place=checkpoint.place or None,
            elsewhere=elsewhere,
        ),
        channels=checkpoint.channels,
        read=lambda path: matching.for_checkpoint(path, read(path, fs), checkpoint),
        at_least=1,
    )
    if checkpoint.task == "regress":
        return {**found, "classes": tuple(checkpoint.classes), "inputs": checkpoint.inputs}
    unknown = [name for name in found["classes"] if name not in checkpoint.classes]
    if unknown:
        raise ValueError(
            f"classes must be among the network's, {', '.join(checkpoint.classes)}; "
            f"got {', '.join(unknown)} (say with classes= which label is which)"
        )
    places = [*(checkpoint.classes.index(name) for name in found["classes"]), -1]
    return {
        **found,
        "y": np.array(places)[found["y"]],
        "classes": tuple(checkpoint.classes),
        "inputs": checkpoint.inputs,
    }


def of_bids(
    root: str | Path,
    task: str | None,
    *,
    window: tuple[float, float],
    progress: Progress,
    channels: Sequence[str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Return the fields of an `EEGDataset` of a BIDS folder."""
    known = {run.path: run for run in io.find_bids(root, task)}
    found = collect(
        list(known),
        cutter(labels="annotations", window=window, group="file", session="file", **options),
        channels=channels,
        progress=progress,
        read=lambda path: io.read_bids(known[path]),
    )
    runs = [known[Path(name)] for name in found["files"]]
    found["groups"] = np.array([run.subject for run in runs])
    found["sessions"] = np.array([run.session or run.run or "" for run in runs])
    return found


def _cut_all(
    files: Sequence[Path],
    cutter: Cutter,
    channels: Sequence[str] | None,
    progress: Progress,
    read: Callable[[Path], Recording],
    keep: Callable[[Sequence[Window]], None],
) -> Facts:
    """Give the windows of each recording away as they are cut; return all else about them."""
    wanted: tuple[Sequence[str], Sequence[str]] | None = None
    fs, kind = 0.0, ""
    kept: list[Window] = []
    left_out: Counter[str] = Counter()
    for path in progress(files):
        recording = matching.signals_only(path, read(path))
        if wanted is None:
            names = list(channels or recording.channels)
            if len(set(names)) < len(names):
                raise ValueError(f"channels must differ from each other; got {', '.join(names)}")
            wanted = names, matching.like(path, recording, channels=names).units
            fs = cutter.pipeline.rate_after(recording.fs)
            kind = recording.kinds[0]
        recording = matching.like(
            path, recording, channels=wanted[0], units=wanted[1], fs=fs, pipeline=cutter.pipeline
        )
        windows = cutter.cut(path, recording)
        keep(windows)
        kept += [replace(w, data=None) for w in windows if w.data is not None]
        left_out.update(w.reason for w in windows if w.reason)
    assert wanted is not None
    return {
        "labels": [window.label for window in kept],
        "runs": [window.labels for window in kept],
        "groups": [window.group for window in kept],
        "sessions": [window.session for window in kept],
        "trials": [window.trial for window in kept],
        "files": [window.file for window in kept],
        "starts": [window.start for window in kept],
        "channels": list(wanted[0]),
        "units": list(wanted[1]),
        "fs": fs,
        "kind": kind,
        "left_out": dict(left_out),
    }


def _require_classes(facts: Facts, at_least: int, task: str) -> None:
    of_places = sequences.texts(facts["runs"])
    names = sorted(set(of_places if task == "sequence" else facts["labels"]))
    if len(names) < at_least:
        found = f"only {names[0]!r}" if names else "none"
        left_out = ", ".join(f"{n} {reason}" for reason, n in facts["left_out"].items())
        raise ValueError(
            f"labels must give windows of {'at least two' if at_least > 1 else 'a'} "
            f"{_KINDS[task][at_least > 1]}; "
            f"found {found}" + (f" (left out: {left_out})" if left_out else "")
        )


def _fields(X: Any, facts: Facts, cutter: Cutter) -> dict[str, Any]:
    classes, y = _targets(facts, cutter)
    start = cutter.window[0] if cutter.sliding is None else 0.0
    whole = cutter.sliding is None
    return {
        "X": X,
        "y": y,
        "classes": classes,
        "task": cutter.task,
        "place": (cutter.place or 1 / facts["fs"]) if cutter.task == "sequence" else 0.0,
        "channels": tuple(facts["channels"]),
        "units": tuple(facts["units"]),
        "fs": facts["fs"],
        "kind": facts["kind"],
        "starts": np.array(facts["starts"], dtype=np.float64),
        "pipeline": cutter.pipeline,
        "window": cutter.window if whole else (start, start + cutter.length),
        "left_out": facts["left_out"],
        "lengths": cutter.lengths,
        **{key: np.array(facts[key]) for key in ("groups", "sessions", "trials", "files")},
    }


#: What a task's labels are: one of them, and several.
_KINDS = {
    "classify": ("class", "classes"),
    "regress": ("value", "values"),
    "sequence": ("class", "classes"),
}


def _targets(facts: Facts, cutter: Cutter) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return what the outputs of a network are called, and what it has to learn."""
    if cutter.task == "regress":
        name = cutter.table.target if cutter.table is not None else "value"
        try:
            return (name,), np.array([float(text) for text in facts["labels"]])
        except ValueError:
            words = [text for text in facts["labels"] if not _is_number(text)]
            raise ValueError(
                f"labels must be numbers with task 'regress'; got {words[0]!r}"
            ) from None
    if cutter.task == "sequence":
        names = tuple(sorted(set(sequences.texts(facts["runs"]))))
        return names, sequences.indices(names, facts["runs"])
    classes, y = np.unique(facts["labels"], return_inverse=True)
    return tuple(str(name) for name in classes), y.astype(np.int64)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _made_of(cutter: Cutter, channels: Sequence[str] | None) -> dict[str, Any]:
    plain = {
        key: value
        for key, value in vars(cutter).items()
        if key not in ("labels", "group", "session", "pipeline", "table")
    }
    plain["target"] = None if cutter.table is None else cutter.table.target
    sources = {key: asdict(getattr(cutter, key)) for key in ("labels", "group", "session")}
    return {
        **plain,
        **sources,
        "pipeline": cutter.pipeline.to_dict(),
        "channels": None if channels is None else list(channels),
    }


def _depended_on(files: Sequence[Path], cutter: Cutter) -> list[Path]:
    found = [
        part
        for path in files
        for part in ([io.table_file(path)] if io.is_table(path) else io.companions(path))
    ]
    if cutter.labels.kind == "events":
        found += [events_file(path, cutter.events_suffix) for path in files]
    if cutter.table is not None:
        found.append(cutter.table.path)
    for path in found:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file")
    return found
