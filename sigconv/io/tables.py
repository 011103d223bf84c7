"""Signals in tables: CSV files with a column a channel, and NumPy archives with an array each."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import Recording

#: Extensions of tables; an archive counts as a folder of sequences: "moves.npz/train/walking_1".
TABLES = (".csv", ".npz")
#: What a column of times may be called.
_TIMES = ("time", "times", "t", "timestamp", "seconds")
#: By how much a step in time may differ from the median one: what digits cut off.
_UNEVEN = 0.01


def is_table(path: Path) -> bool:
    """Tell by the name alone whether `read_table` takes a file, or a member of an archive."""
    return path.suffix.lower() == ".csv" or _archive(path) is not None


def table_members(path: Path) -> list[Path]:
    """Return the sequences of an archive as paths below it, or the table itself.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sigconv.io import table_members
    >>> table_members(Path("walk.csv"))
    [PosixPath('walk.csv')]
    """
    if path.suffix.lower() != ".npz":
        return [path]
    with _opened(path) as archive:
        return [path / name for name in archive.files]


def table_file(path: Path) -> Path:
    """Return the file that a table or a member of an archive lies in."""
    return _archive(path) or path


def read_table(path: str | Path, *, fs: float | None = None) -> Recording:
    r"""Read signals from a table.

    Parameters
    ----------
    path : path
        A CSV file with a line of names and a line for each moment, or a sequence
        of an archive, as in 'moves.npz/train/walking_1': an array of shape (n_times, n_channels).
    fs : float, optional
        Hz; needed where no column `time` (seconds) tells.

    Returns
    -------
    Recording
        Its kind is 'motion' and its unit ''; empty fields are NaN.

    Raises
    ------
    FileError
        If it is none, times are not evenly spaced, or a field is no number.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv.io import read_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "walk.csv"
    ...     _ = path.write_text("time,knee,hip\n0,1,5\n0.01,2,4\n0.02,3,3\n")
    ...     read_table(path)
    <Recording: 2 channels (motion), 3 samples at 100 Hz, 0.03 s, 0 annotations>
    """
    path = Path(path)
    archive = _archive(path)
    names: list[str] = []
    if archive is None:
        names, values = _columns(path)
        for name in _TIMES:
            if name in map(str.lower, names):
                place = [each.lower() for each in names].index(name)
                fs = _rate(path, values[:, place])
                values = np.delete(values, place, axis=1)
                del names[place]
                break
    else:
        values = _member(path, archive)
    if fs is None:
        raise _checks.FileError(f"{path}: has no column 'time' (seconds), so fs must be given")
    if not values.size:
        raise _checks.FileError(f"{path}: holds no signal")
    return Recording(values.T, fs, channels=names, kinds="motion", units="")


def _columns(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        names = [name.strip() for name in next(lines, [])]
        if not names or len(set(names)) < len(names):
            raise _checks.FileError(f"{path}: must begin with a line of names, each once")
        rows = []
        for number, line in enumerate(lines, start=2):
            if not line:
                continue
            try:
                row = [float(text) if text.strip() else np.nan for text in line]
            except ValueError as error:
                raise _checks.FileError(f"{path}: line {number}: {error}") from None
            if len(row) != len(names):
                raise _checks.FileError(
                    f"{path}: line {number}: must have {len(names)} fields; got {len(row)}"
                )
            rows.append(row)
    return names, np.array(rows, dtype=np.float64).reshape(-1, len(names))


def _member(path: Path, archive: Path) -> NDArray[np.float64]:
    name = path.relative_to(archive).as_posix()
    with _opened(archive) as there:
        if name not in there.files:
            raise _checks.FileError(f"{path}: {archive.name} holds no {name!r}")
        values = there[name]
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or values.dtype.kind not in "iuf":
        raise _checks.FileError(
            f"{path}: must be numbers of shape (n_times, n_channels); got {values.shape} of "
            f"{values.dtype}"
        )
    return values.astype(np.float64)


def _opened(path: Path) -> np.lib.npyio.NpzFile:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    if not zipfile.is_zipfile(path):  # NumPy would leave the file open
        raise _checks.FileError(f"{path}: is not a NumPy archive")
    archive: np.lib.npyio.NpzFile = np.load(path, allow_pickle=False)
    return archive


def _archive(path: Path) -> Path | None:
    """Return the archive that a path names or lies below."""
    found = [each for each in (path, *path.parents) if each.suffix.lower() == ".npz"]
    return next((each for each in found if each.is_file()), found[-1] if found else None)


def _rate(path: Path, times: NDArray[np.float64]) -> float:
    steps = np.diff(times)
    step = float(np.median(steps)) if len(steps) else np.nan
    if not step > 0 or not (np.abs(steps - step) <= _UNEVEN * step).all():
        raise _checks.FileError(f"{path}: its times must rise by even steps of seconds")
    fs = (len(times) - 1) / float(times[-1] - times[0])
    # written with a few digits, 1/120 s makes 119.9976 Hz
    return float(round(fs)) if abs(fs - round(fs)) < 1e-4 * fs else fs
