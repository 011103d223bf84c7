"""The report of a run: one page with its files, what they look like, and what was done to them."""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from os import PathLike
from pathlib import Path
from typing import Any

from .. import __version__, _checks, _files
from ..pipeline import Pipeline
from ..report import before_after, methods, page, responses, slices
from ..report.glimpse import Glimpse
from ..report.slices import Slice
from .job import PlanError
from .looking import Seen
from .run import Outcome

#: So many files, the first ones, are drawn: each takes about 60 kB.
PICTURES = 50
#: Responses are drawn for so many sampling rates.
_MOST_RATES = 3
#: What has a say in the numbers: distribution -> its name in a paper.
_VERSIONS = {"numpy": "NumPy", "scipy": "SciPy", "numba": "Numba"}
_OTHERS = ("mne", "edfio", "pybv", "eeglabio", "soundfile", "soxr", "nibabel", "pillow")

_COLUMNS = (
    *("file", "status", "time", "rate", "channels", "length"),
    *("clipped", "flat", "not finite", "notices"),
)


def check_report(path: str | PathLike[str]) -> None:
    """Raise PlanError unless a report can be written there; an older report may be replaced."""
    place = Path(path)
    try:
        if place.exists() and (place.is_dir() or not page.is_page(place)):
            raise PlanError(f"report must be a new file, or an older report; got {str(place)!r}")
        with tempfile.TemporaryDirectory(suffix=_files.PARTIAL, prefix=".", dir=place.parent):
            pass
    except OSError as error:
        raise PlanError(
            f"report must be a file that can be written; got {str(place)!r} ({error.strerror})"
        ) from error


class RunReport:
    """Gathers what becomes of the files of a run, and makes a page of it.

    Parameters
    ----------
    command : str
        What was asked for, as in "sigconv filter recordings -o filtered --lowpass 40".
    work : Pipeline or callable
        What is done to every file.
    n_files : int
        How many there are.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv import Pipeline, Step, simulate_eeg, write
    >>> from sigconv.batch import RunReport, plan, run
    >>> from sigconv.report import page
    >>> steps = Pipeline([Step("lowpass", cutoff=40)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "a.fif", simulate_eeg(seed=0, n_trials=2))
    ...     jobs = plan([folder], Path(folder) / "out")
    ...     report = RunReport("from Python", steps, len(jobs))
    ...     for outcome in run(jobs, steps, pictures=10):
    ...         report.add(outcome)
    ...     page.save(Path(folder) / "report.html", report.html())
    """

    def __init__(self, command: str, work: Any, n_files: int) -> None:
        _checks.require("matplotlib", extra="plot", purpose="a report")
        self._command, self._work, self._n_files = command, work, n_files
        self._begun, self._clock = datetime.now().astimezone(), time.perf_counter()
        self._rows: list[tuple[page.Part, ...]] = []
        self._sections: list[page.Html] = []
        self._counts = {"done": 0, "skipped": 0, "failed": 0}
        self._drawn = 0
        self._rates: dict[float, int] = {}

    def add(self, outcome: Outcome) -> None:
        """Take what became of a file; what is to be drawn is drawn now."""
        number = len(self._rows)
        seen = outcome.seen or Seen()
        if isinstance(seen.before, Glimpse):
            self._rates[seen.before.fs] = self._rates.get(seen.before.fs, 0) + 1
        self._counts[outcome.status] += 1
        self._rows.append(_row(outcome, seen, f"file-{number}"))
        self._sections.append(_section(outcome, seen, f"file-{number}"))
        self._drawn += seen.after is not None

    def html(self) -> page.Html:
        """Return the page, of what has come so far."""
        counts = self._counts
        word = "file" if self._n_files == 1 else "files"
        return page.document(
            f"sigconv: {counts['done'] + counts['skipped']} of {self._n_files} {word} done",
            self._summary(),
            page.section("Methods", *self._methods()),
            page.section("Files", page.table(_COLUMNS, self._rows, search=True), self._limits()),
            page.section("What was done", page.code(_as_text(self._work)), *self._responses()),
            page.section("Each file", *self._sections),
            page.section("Versions", page.facts(_versions(all_of_them=True))),
        )

    def _summary(self) -> page.Html:
        counts = self._counts
        left = self._n_files - sum(counts.values())
        told = f"{counts['done']} done, {counts['skipped']} done already, {counts['failed']} failed"
        return page.facts(
            {
                "command": self._command,
                "begun": f"{self._begun:%Y-%m-%d %H:%M:%S %z}",
                "took": _seconds(time.perf_counter() - self._clock),
                "files": told + (f", {left} not begun" if left else ""),
            }
        )

    def _methods(self) -> Iterator[page.Part]:
        if not isinstance(self._work, Pipeline):
            yield f"Done with sigconv {__version__}; see below for what was done."
        elif not self._rates:
            yield "No file was done."
        else:
            yield from methods.sentences(self._work, sorted(self._rates), _versions())

    def _responses(self) -> Iterator[page.Part]:
        if not isinstance(self._work, Pipeline):
            return
        for fs in self._common_rates():
            try:
                known = responses.responses(self._work, fs)
            except ValueError:
                continue
            if known:
                figure = responses.figure_of(known)
                caption = f"Gains of the linear steps as they run, for signals sampled at {fs:g} Hz"
                yield page.picture(figure, f"gain over frequency at {fs:g} Hz", caption=caption)
        if len(self._rates) > _MOST_RATES:
            yield f"Drawn for the {_MOST_RATES} most common of {len(self._rates)} sampling rates."

    def _common_rates(self) -> list[float]:
        return sorted(self._rates, key=lambda fs: -self._rates[fs])[:_MOST_RATES]

    def _limits(self) -> page.Part:
        done = self._counts["done"] + self._counts["skipped"]
        if self._drawn >= done:
            return None
        return (
            f"Pictures are of {self._drawn} files, from the first {PICTURES} of the run, to keep "
            "this page small; the table has all files."
        )


def _row(outcome: Outcome, seen: Seen, anchor: str) -> tuple[page.Part, ...]:
    took = page.Number(outcome.seconds, _seconds(outcome.seconds))
    told = len(outcome.notices) + bool(outcome.message) + bool(seen.problem)
    head = (page.link(str(outcome.source), anchor), outcome.status, took)
    before, after = seen.before, seen.after
    if isinstance(before, Glimpse):
        rate = f"{before.fs:g} Hz"
        if isinstance(after, Glimpse) and after.fs != before.fs:
            rate += f" to {after.fs:g} Hz"
        facts: tuple[page.Part, ...] = (
            page.Number(before.fs, rate),
            before.n_channels,
            page.Number(before.duration, _seconds(before.duration)),
            len(before.clipped),
            len(before.flat),
            before.not_finite,
        )
    elif isinstance(before, Slice):
        facts = (None, None, " x ".join(map(str, before.shape)), None, None, before.not_finite)
    else:
        facts = (None,) * 6
    return (*head, *facts, told)


def _section(outcome: Outcome, seen: Seen, anchor: str) -> page.Html:
    told: dict[str, page.Part] = {"status": outcome.status, "written to": str(outcome.target)}
    if outcome.status == "failed":
        told = {"status": outcome.status, "why": outcome.message}
    for number, notice in enumerate(outcome.notices, start=1):
        told[f"notice {number}"] = notice
    if seen.problem:
        told["problem"] = seen.problem
    if isinstance(seen.before, Glimpse):
        told |= _facts(seen.before)
    return page.section(
        str(outcome.source), page.facts(told), _picture(seen), anchor=anchor, level=3
    )


def _facts(seen: Glimpse) -> dict[str, page.Part]:
    told: dict[str, page.Part] = {
        "channels": f"{seen.n_channels}, {seen.n_signals} of them signals",
        "clipped": ", ".join(seen.clipped) or None,
        "flat": ", ".join(seen.flat) or None,
        "not finite": f"{seen.not_finite} samples" if seen.not_finite else None,
        "annotations": "; ".join(f"{text} ({count})" for text, count in seen.annotations) or None,
    }
    return {name: part for name, part in told.items() if part is not None}


def _picture(seen: Seen) -> page.Part:
    if isinstance(seen.before, Glimpse) and isinstance(seen.after, Glimpse):
        figure = before_after.figure_of(
            {"before": seen.before, "after": seen.after}, row_height=1.3
        )
        return page.picture(figure, "traces and spectra before and after", dpi=70)
    if isinstance(seen.before, Slice) and isinstance(seen.after, Slice):
        figure = slices.figure_of({"before": seen.before, "after": seen.after})
        return page.picture(figure, "a slice before and after", dpi=70)
    return None


def _as_text(work: Any) -> str:
    if isinstance(work, Pipeline):
        return work.to_toml()
    return json.dumps(work.to_dict(), indent=2) if hasattr(work, "to_dict") else repr(work)


def _versions(*, all_of_them: bool = False) -> dict[str, str]:
    found = {"sigconv": __version__}
    for name, shown in _VERSIONS.items():
        found[shown] = metadata.version(name)
    if not all_of_them:
        return found
    for name in _OTHERS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {**found, "Python": platform.python_version(), "machine": platform.platform()}


def _seconds(value: float) -> str:
    if value < 0.0995:
        return f"{1e3 * value:.0f} ms"
    if value < 120:
        return f"{value:.3g} s"
    return f"{value / 60:.3g} min"
