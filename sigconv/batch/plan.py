"""Which files a batch reads and which it writes, settled before any work."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from .. import _checks, _files, io
from .job import Job, Naming, PlanError, job_of


class _Kinds(NamedTuple):
    """Which files a batch is for."""

    called: str
    tests: tuple[Callable[[Path, float | None], bool], ...]
    fs: float | None = None

    def include(self, path: Path) -> bool:
        """Tell by the names alone whether a file is meant."""
        return any(test(path, self.fs) for test in self.tests)

    def at(self, fs: float) -> _Kinds:
        """Return the same with all arrays as recordings at a rate."""
        return self._replace(fs=fs)


_RECORDINGS = _Kinds("recordings", (io.is_recording,))
_VOLUMES = _Kinds("pictures or volumes", (io.is_volume,))
_ALL = _Kinds("recordings, pictures or volumes", (io.is_recording, io.is_volume))


def plan(
    inputs: Iterable[str | PathLike[str]],
    out: str | PathLike[str],
    *,
    volumes: bool = False,
    name: str = "{stem}{ext}",
    to: str = "",
    tree: io.BidsTree | None = None,
    fs: float | None = None,
) -> list[Job]:
    """Expand files, folders and globs into jobs, in the order given, each source once.

    Folders are searched through, and their tree is mirrored below `out`; the same goes for
    the part of a glob before its first wildcard. Files named one by one go into `out`
    directly. In folders and globs whatever is no recording is passed over, as are hidden
    files and links to folders; a file named outright that cannot be read becomes a job with a
    `problem`. Formats that cannot be written become FIF. Event files (`-eve.fif`) are copied
    with the recording they belong to.

    Parameters
    ----------
    inputs : iterable of path-like
    out : path-like
        The output folder; it need not exist.
    volumes : bool
        Take pictures and volumes too.
    name : str
        How targets are named: {stem} is the source's name without its extension, {ext} the
        extension of the target, as in "{stem}_desc-filt{ext}".
    to : str
        Extension of another format, ".edf" or "edf", for all targets; that of a picture or volume
        takes pictures and volumes only (.npy takes recordings too).
    tree : BidsTree, optional
        A derivative data set in BIDS, whose places go before `out`, `name` and `to`; `described`
        writes the files that tell of the results.
    fs : float, optional
        Sampling rate in Hz of the arrays (.npy) among the recordings, which are passed over in
        folders and globs where neither this nor their sidecars tell it.

    Returns
    -------
    list of Job

    Raises
    ------
    PlanError
        If nothing is found, if two sources have one target, if a target is a source, if `name`
        has other fields or makes no file name, if `to` is no format that can be written, or if `fs`
        is given for nothing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv.batch import plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "day1").mkdir()
    ...     for name in ("day1/a.edf", "day1/notes.txt", "b.wav"):
    ...         (Path(folder) / name).touch()
    ...     jobs = plan([folder], Path(folder) / "filtered")
    ...     [str(job.target.relative_to(folder)) for job in jobs]
    ['filtered/b.wav', 'filtered/day1/a.edf']
    """
    folder = Path(out)
    jobs: dict[Path, Job] = {}
    kinds = _ALL if volumes else _RECORDINGS
    extension = _format(to)
    if extension in io.VOLUME_FORMATS:
        kinds = _ALL if extension in io.FORMATS else _VOLUMES
    naming, volumes = Naming(name, extension), kinds is not _RECORDINGS
    if fs is not None:
        fs = _checks.sampling_rate(fs)
        kinds = kinds.at(fs)
    for source, below in _sources(inputs, folder, kinds):
        job = job_of(source, folder / below, naming, volumes=volumes, fs=fs)
        if tree is not None:
            job = _in_tree(tree, job)
        jobs.setdefault(_real(source), job)
    result = list(jobs.values())
    if fs is not None and all(job.fs is None for job in result):
        raise PlanError("fs is for arrays (.npy), which hold no rate; none is among the inputs")
    _refuse_collisions(result)
    return result


def _in_tree(tree: io.BidsTree, job: Job) -> Job:
    """Return a job whose target lies in its place of a data set, or that tells why it has none."""
    if job.problem:
        return job
    try:
        target = tree.place(job.source)
    except ValueError as error:
        return replace(job, problem=str(error))
    converted = io.extension_of(target) != io.extension_of(job.source)
    return replace(job, target=target, events=(), converted=converted)


def find(inputs: Iterable[str | PathLike[str]]) -> list[Path]:
    """Expand files, folders and globs into recordings, as `plan` does, each once.

    Parameters
    ----------
    inputs : iterable of path-like

    Returns
    -------
    list of Path
        Files named outright are there whatever they are; reading them will tell.

    Raises
    ------
    PlanError
        If an input holds no recordings.

    Examples
    --------
    >>> from sigconv.batch import find
    >>> find(["nowhere/*.edf"])
    Traceback (most recent call last):
    ...
    sigconv.batch.job.PlanError: input 'nowhere/*.edf' must hold recordings; found none
    """
    found: dict[Path, Path] = {}
    for source, _ in _sources(inputs, None, _RECORDINGS):
        found.setdefault(_real(source), source)
    return list(found.values())


def check_output(out: str | PathLike[str]) -> None:
    """Raise PlanError unless `out` is a folder that can be written to, or can be made."""
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise PlanError(f"out must be a folder; got the file {str(folder)!r}")
    above = folder.absolute()
    while not above.exists():
        above = above.parent
    try:
        # asking for permissions is not enough: root has them all, read-only disks or not
        with tempfile.TemporaryDirectory(suffix=_files.PARTIAL, prefix=".", dir=above):
            pass
    except OSError as error:
        raise PlanError(
            f"out must be a folder that can be written to; got {str(folder)!r} ({error.strerror})"
        ) from error


def _sources(
    inputs: Iterable[str | PathLike[str]], out: Path | None, kinds: _Kinds
) -> Iterator[tuple[Path, Path]]:
    """Yield sources and their places below the output folder."""
    if isinstance(inputs, str | PathLike):
        inputs = [inputs]
    found_any = False
    for given in inputs:
        found = list(_expand(os.fspath(given), out, kinds))
        if not found:
            raise PlanError(f"input {os.fspath(given)!r} must hold {kinds.called}; found none")
        found_any = True
        yield from found
    if not found_any:
        raise PlanError("inputs must name at least one file, folder or glob; got none")


def _expand(given: str, out: Path | None, kinds: _Kinds) -> Iterator[tuple[Path, Path]]:
    path = Path(given)
    if path.is_dir() and not (io.extension_of(path) in io.FOLDERS and kinds.include(path)):
        for source in _walk(path, out, kinds):
            yield source, source.relative_to(path)
    elif path.exists() or not glob.has_magic(given):
        yield path, Path(path.name)
    else:
        fixed = _before_wildcards(path)
        for found in sorted(fixed.glob(str(path.relative_to(fixed)))):
            hidden = any(part.startswith(".") for part in found.relative_to(fixed).parts)
            if hidden or _is_in(found, out):
                continue
            if found.is_dir() and io.extension_of(found) not in io.FOLDERS:
                for source in _walk(found, out, kinds):
                    yield source, source.relative_to(fixed)
            elif _wanted(found, kinds):
                yield found, found.relative_to(fixed)


def _walk(folder: Path, out: Path | None, kinds: _Kinds) -> Iterator[Path]:
    """Yield the files below a folder in order; what lies in the output folder is not input.

    Links to folders are not followed, so none can lead in a circle.
    """
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and not _is_in(Path(where, name), out)
        )
        whole = [name for name in folders if io.extension_of(Path(name)) in io.FOLDERS]
        folders[:] = [name for name in folders if name not in whole]
        found = (Path(where, name) for name in sorted([*files, *whole]))
        yield from (path for path in found if _wanted(path, kinds))


def _before_wildcards(path: Path) -> Path:
    fixed = Path(path.anchor)
    for part in path.relative_to(path.anchor).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed /= part
    return fixed


def _wanted(path: Path, kinds: _Kinds) -> bool:
    return not path.name.startswith(".") and kinds.include(path)


def _format(to: str) -> str:
    """Return the extension that a user means."""
    if not to:
        return ""
    extension = f".{to.lower().removeprefix('.')}"
    allowed = (*io.writable(), *io.VOLUME_FORMATS)
    if extension not in allowed:
        raise PlanError(f"to must be one of {', '.join(allowed)}; got {to!r}")
    return extension


def _refuse_collisions(jobs: list[Job]) -> None:
    sources = {_real(job.source) for job in jobs}
    targets: dict[Path, Job] = {}
    for job in jobs:
        if job.problem:
            continue
        for part in [*io.parts(job.target), *(copy for _, copy in job.events)]:
            real = _real(part)
            if real in sources or any(real == _real(event) for event, _ in job.events):
                raise PlanError(f"out must not be where the input lies: {part} would be replaced")
            other = targets.setdefault(real, job)
            if other.source != job.source:
                raise PlanError(
                    f"inputs must not share an output: {other.source} and {job.source} would "
                    f"both become {part}"
                )


def _is_in(path: Path, folder: Path | None) -> bool:
    return folder is not None and _real(path).is_relative_to(_real(folder))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
