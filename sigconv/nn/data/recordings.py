"""A data set out of recordings: which windows they hold, in memory or in a cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ... import _checks, io
from ...pipeline import Pipeline
from ...recording import Recording
from . import matching
from .cache import Facts, WindowCache
from .labels import GROUPS, LABELS, Source
from .table import LabelTable
from .windows import LENGTHS, Cutter, Window, events_file

Progress = Callable[[Iterable[Any]], Iterable[Any]]

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
) -> Cutter:
    """Check the arguments of `EEGDataset.from_recordings`."""
    start, end = (_checks.number("window", edge) for edge in window)
    if start >= end:
        raise ValueError(f"window must be (start, end) with start < end; got {window}")
    for name, value in (("sliding", sliding), ("reject", reject), ("flat", flat)):
        if value is not None:
            _checks.number(name, value, above=0)
    source = Source.parse("labels", labels, LABELS)
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
        table=LabelTable.read(source.pattern) if source.kind == "table" else None,
        lengths=_checks.one_of("lengths", lengths, LENGTHS),
    )


def read(path: Path, rate: float | None = None) -> Recording:
    """Read a recording or a table; `rate` in Hz is that of tables without times."""
    return io.read_table(path, fs=rate) if io.is_table(path) else io.read(path)


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
        _require_classes(facts, at_least)
        return _fields(np.stack(kept), facts, cutter)
    there = WindowCache(cache, cache_dtype, _made_of(cutter, channels), _depended_on(files, cutter))
    found = there.read()
    if found is None:
        there.write(make)
        found = there.read()
        assert found is not None
    _require_classes(found[1], at_least)
    return _fields(*found, cutter)


def for_checkpoint(
    files: Sequence[Path],
    checkpoint: Any,
    *,
    labels: str,
    window: tuple[float, float] | None,
    classes: Mapping[str, str] | None,
    events_suffix: str,
    rate: float | None = None,
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
        ),
        channels=checkpoint.channels,
        read=lambda path: matching.for_checkpoint(path, read(path, rate), checkpoint),
        at_least=1,
    )
    unknown = [name for name in found["classes"] if name not in checkpoint.classes]
    if unknown:
        raise ValueError(
            f"classes must be among the network's, {', '.join(checkpoint.classes)}; "
            f"got {', '.join(unknown)} (say with classes= which label is which)"
        )
    places = [checkpoint.classes.index(name) for name in found["classes"]]
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
        kept += [
            Window(None, w.label, w.group, w.session, w.trial, w.file, w.start)
            for w in windows
            if w.data is not None
        ]
        left_out.update(w.reason for w in windows if w.reason)
    assert wanted is not None
    return {
        "labels": [window.label for window in kept],
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


def _require_classes(facts: Facts, at_least: int) -> None:
    names = sorted(set(facts["labels"]))
    if len(names) < at_least:
        found = f"only {names[0]!r}" if names else "none"
        left_out = ", ".join(f"{n} {reason}" for reason, n in facts["left_out"].items())
        raise ValueError(
            f"labels must give windows of {'at least two classes' if at_least > 1 else 'a class'}; "
            f"found {found}" + (f" (left out: {left_out})" if left_out else "")
        )


def _fields(X: Any, facts: Facts, cutter: Cutter) -> dict[str, Any]:
    classes, y = np.unique(facts["labels"], return_inverse=True)
    start = cutter.window[0] if cutter.sliding is None else 0.0
    whole = cutter.sliding is None
    return {
        "X": X,
        "y": y.astype(np.int64),
        "classes": tuple(str(name) for name in classes),
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


def _made_of(cutter: Cutter, channels: Sequence[str] | None) -> dict[str, Any]:
    plain = {
        key: value
        for key, value in vars(cutter).items()
        if key not in ("labels", "group", "session", "pipeline", "table")
    }
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
