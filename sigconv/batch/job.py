"""One file to process: what is read, what is written and under which name."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path

from .. import io


class PlanError(ValueError):
    """A batch that cannot begin; the sentence names the argument."""


@dataclass(frozen=True)
class Job:
    """One file to process.

    Parameters
    ----------
    source, target : Path
        What is read and what is written.
    events : tuple of (Path, Path)
        Event files beside the source, and where their copies go.
    problem : str
        Why the file cannot be processed, if that is known already.
    converted : bool
        Whether the target has another format because the source's cannot be written.
    fs : float, optional
        Sampling rate in Hz of a source that holds none.
    """

    source: Path
    target: Path
    events: tuple[tuple[Path, Path], ...] = ()
    problem: str = ""
    converted: bool = False
    fs: float | None = None

    @property
    def is_volume(self) -> bool:
        """Whether a picture or a volume becomes one."""
        there = io.extension_of(self.target) in io.VOLUME_FORMATS
        return there and io.is_volume(self.source, self.fs)


@dataclass(frozen=True)
class Naming:
    """How targets are named after their sources.

    Parameters
    ----------
    pattern : str
        With the fields {stem}, the source's name without its extension, and {ext}, the target's
        extension with its dot.
    extension : str
        Another format for all targets; empty for the source's own.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sigconv.batch.job import Naming
    >>> Naming("{stem}_desc-filt{ext}").target(Path("day1/a.edf")).name
    'a_desc-filt.edf'
    >>> Naming(extension=".fif").target(Path("day1/a.edf")).name
    'a.fif'
    """

    pattern: str = "{stem}{ext}"
    extension: str = ""

    def __post_init__(self) -> None:
        try:
            fields = [field for _, field, *_ in string.Formatter().parse(self.pattern) if field]
            name = self.pattern.format(stem="a", ext=".b")
        except (KeyError, IndexError, ValueError, AttributeError):
            fields, name = ["?"], ""
        if not set(fields) <= {"stem", "ext"} or "stem" not in fields or not name.endswith(".b"):
            raise PlanError(
                "name must be made of {stem} and, at its end, {ext}, as in "
                f"'{{stem}}_desc-filt{{ext}}'; got {self.pattern!r}"
            )
        if Path(name).name != name or "\0" in name or name.startswith("."):
            raise PlanError(f"name must be that of a file that is not hidden; got {self.pattern!r}")

    def target(self, path: Path, extension: str = "") -> Path:
        """Return the path of a target from what it would be under the source's own name."""
        own = path.name[len(path.name) - len(io.extension_of(path)) :]
        stem = path.name.removesuffix(own)
        ending = extension or self.extension or own
        return path.with_name(self.pattern.format(stem=stem, ext=ending))


def job_of(
    source: Path,
    path: Path,
    naming: Naming | None = None,
    *,
    volumes: bool = False,
    fs: float | None = None,
) -> Job:
    """Return the job for a source whose target, under the source's own name, would be `path`.

    Without a `naming` the target is `path` itself. `fs` is for a source that holds no rate.
    """
    target = path if naming is None else naming.target(path)
    if not source.exists():
        return Job(source, target, problem=f"{source}: no such file")
    if source.name.lower().endswith(io.EVENT_ENDINGS):
        return Job(source, target, problem=f"{source}: is an event file, not a recording")
    if volumes and io.is_volume(source, fs):
        return Job(source, target)
    try:
        entry = io.format_of(source)
    except ValueError as error:
        return Job(source, target, problem=str(error))
    if not entry.writable and naming is not None and not naming.extension:
        return Job(source, naming.target(path, "_raw.fif"), converted=True)
    events = _events_beside(source, target)
    return Job(source, target, events, fs=None if entry.has_rate else fs)


def _events_beside(source: Path, target: Path) -> tuple[tuple[Path, Path], ...]:
    """Find the event files of a FIF recording: they share its name up to "_raw".

    Their samples count from the start of the acquisition, which only FIF knows: they go with FIF.
    """
    if not all(io.extension_of(path).startswith(".fif") for path in (source, target)):
        return ()
    stem, new = (_event_stem(path) for path in (source, target))
    found = ((source.with_name(stem + end), end) for end in io.EVENT_ENDINGS)
    return tuple((file, target.with_name(new + end)) for file, end in found if file.is_file())


def _event_stem(path: Path) -> str:
    return path.name.split(".fif")[0].removesuffix("raw").rstrip("_-")
