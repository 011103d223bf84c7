"""Reading and writing one recording, whatever its format."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from os import PathLike
from pathlib import Path
from typing import Any

from .. import _checks, _files
from ..recording import Recording
from ..volume import Volume
from .companions import parts
from .formats import FOLDERS, Format, extension_of, format_of, npy_sidecar, volume_format_of
from .heading import Heading
from .reader import Loaded, Reader, cannot_be_read, one_line

#: No file gets less room than this on a disk.
_BLOCK = 4096


def read(path: str | PathLike[str], *, fs: float | None = None) -> Recording:
    """Read a recording: EDF, BDF, FIF, BrainVision, EEGLAB, what else MNE reads, audio, .npy.

    EEG comes in volts, audio in [-1, 1]. The signals are read into memory as float64. What a
    `Recording` has no word for (positions, calibration, bit depth) travels in its `origin`,
    where `write` finds it.

    Parameters
    ----------
    path : path-like
        The extension says the format (`sigconv.io.FORMATS` lists them); of several files it is the
        header (.vhdr, .set). An array (.npy) has shape (n_channels, n_times); what else is known of
        it stands in JSON in its sidecar (a.npy.json): `fs`, and the other fields of a Recording.
    fs : float, optional
        Sampling rate in Hz of an array whose sidecar does not say it; other formats do.

    Returns
    -------
    Recording

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the format is unknown or the file is empty, truncated or damaged (a ValueError); if the
        rate is not known, or known already.
    MissingExtra
        If the package that reads the format is not installed (an ImportError).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Recording, read, write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    ...     write(Path(folder) / "tone.wav", Recording(tone, fs=8000, kinds="audio", units=""))
    ...     read(Path(folder) / "tone.wav")
    <Recording: 1 channel (audio), 8000 samples at 8000 Hz, 1 s, 0 annotations>
    """
    with open_recording(path, fs=fs) as reader:
        return reader.load()


def open_recording(path: str | PathLike[str], *, fs: float | None = None) -> Reader:
    """Open a recording to read it piece by piece.

    Nearly every format keeps its samples in the file until they are asked for; what MNE has to
    load at once (EEGLAB in one file, .fif.gz, some makers' formats) is loaded here.

    Parameters
    ----------
    path : path-like
    fs : float, optional
        As for `read`.

    Returns
    -------
    Reader
        With `frame` (a Recording without its samples), `shape`, `dtype`, and `read(start, stop)`; a
        context manager. Filters take it for a signal, with `out`.

    Raises
    ------
    FileNotFoundError, FileError, MissingExtra
        As for `read`; a damage of the samples is found where they are read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Recording, bandpass, open_recording, write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "a.edf", Recording(np.random.randn(2, 5000) * 1e-5, fs=250))
    ...     with open_recording(Path(folder) / "a.edf") as reader:
    ...         out = np.lib.format.open_memmap(Path(folder) / "out.npy", "w+", shape=reader.shape)
    ...         _ = bandpass((1, 40), fs=reader.frame.fs).zero_phase(reader, out=out)
    ...         reader.read(0, 100).shape, out.shape
    ((2, 100), (2, 5000))
    """
    path = Path(path)
    if path.is_dir() and extension_of(path) not in FOLDERS:
        raise _checks.FileError(f"{path}: is a folder, not a recording")
    entry = format_of(path)
    given: dict[str, Any] = {}
    if fs is not None:
        if entry.has_rate:
            raise _checks.FileError(f"{path}: {entry.name} says its own rate; got fs {fs!r}")
        given["fs"] = _checks.sampling_rate(fs)
    reader: Reader = read_as(path, entry, "open_", **given)
    reader.path, reader.name = path, entry.name
    if 0 in reader.shape:
        reader.close()
        raise _checks.FileError(f"{path}: holds no samples")
    return reader


def read_heading(path: str | PathLike[str], *, fs: float | None = None) -> Heading:
    """Read what a file says of its recording, without the samples where the format lets it.

    Parameters
    ----------
    path : path-like
    fs : float, optional
        As for `read`, which gives the same facts and raises the same errors (a damage of the
        samples is found only by reading them).

    Returns
    -------
    Heading

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Recording, write
    >>> from sigconv.io import read_heading
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "a.edf", Recording(np.ones((2, 500)) * 1e-6, fs=250))
    ...     heading = read_heading(Path(folder) / "a.edf")
    >>> heading.fs, heading.n_times, heading.channels
    (250.0, 500, ('ch1', 'ch2'))
    """
    with open_recording(path, fs=fs) as reader:
        return reader.heading


def write(
    path: str | PathLike[str], recording: Recording | Reader, *, overwrite: bool = False
) -> None:
    """Write a recording in the format that the extension says.

    The file appears whole or not at all. Calibration, positions, bit depth and the like are
    taken from where the recording was read. What the format cannot hold is an error if it
    concerns the samples, and a `FileNotice` warning if it concerns what accompanies them.

    Parameters
    ----------
    path : path-like
        .edf, .bdf, .fif, .fif.gz, .vhdr (with .eeg and .vmrk), .set, .wav, .rf64, .flac, .ogg,
        .mp3, .aif, .aiff or .npy (with .npy.json).
    recording : Recording or Reader
        What was opened by `open_recording` is copied piece by piece (into .set all at once).
    overwrite : bool
        Replace what is there already; otherwise that is an error.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is not set.
    FileNotFoundError
        If the folder does not exist.
    FileError
        If the format cannot hold this recording, or the file cannot be written.
    MissingExtra
        If the package that writes the format is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Recording, read, write
    >>> eeg = Recording(np.ones((2, 500)) * 1e-6, fs=250, channels=["C3", "C4"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "rest.edf", eeg)
    ...     read(Path(folder) / "rest.edf").channels
    ('C3', 'C4')
    """
    path = Path(path)
    if not isinstance(recording, Recording | Reader):
        raise TypeError(f"recording must be a Recording; got {type(recording).__name__}")
    refuse(path, recording)
    write_whole(path, recording, overwrite)


def read_as(path: Path, entry: Format, what: str = "read", **given: Any) -> Any:
    """Call what the module of a format has under a name, and raise one sentence if it fails."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    if path.is_file() and path.stat().st_size == 0:
        raise _checks.FileError(f"{path}: the file is empty")
    try:
        return getattr(entry.module(), what)(path, **given)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # a reader meets damage in every way there is
        raise cannot_be_read(path, entry.name, error) from error


def write_into(partial: Path, content: Recording | Reader | Volume, target: Path) -> None:
    """Write to `partial`, a path of `_files.whole`; errors and notices are about `target`."""
    entry = refuse(target, content)
    if isinstance(content, Recording):
        content = Loaded(content)
    try:
        entry.module().write(partial, content, target)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # of the packages that write, and of the disk
        raise _cannot_be_written(target, entry, error) from error


def refuse(path: Path, content: Recording | Reader | Volume) -> Format:
    """Return the format that a path says, or raise FileError if it cannot hold the content."""
    if isinstance(content, Volume):
        entry = volume_format_of(path)
        if path.suffix.lower() == ".npy" and npy_sidecar(path).exists():
            raise _checks.FileError(
                f"{path}: would be no volume, for {npy_sidecar(path).name} makes it a recording"
            )
        if content.data.size == 0:
            raise _checks.FileError(
                f"{path}: a {entry.name} file without samples cannot be written"
            )
        return entry
    entry = format_of(path, to_write=True)
    samples = content if isinstance(content, Reader) else content.data
    if 0 in samples.shape:
        raise _checks.FileError(f"{path}: a recording without samples cannot be written")
    if samples.dtype.kind == "c":
        raise _checks.FileError(f"{path}: {entry.name} cannot hold complex numbers")
    return entry


def write_whole(path: Path, content: Recording | Reader | Volume, overwrite: bool) -> None:
    """Write a file so that it appears whole or not at all."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise _checks.FileError(f"{path}: is a folder")
    if not overwrite:
        for part in parts(path):
            if part.exists():
                raise FileExistsError(f"{part}: exists already; pass overwrite=True to replace it")
    try:
        with _files.whole(path, replace=overwrite) as partial:
            write_into(partial, content, path)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # of the disk
        raise _cannot_be_written(path, refuse(path, content), error) from error


def _cannot_be_written(path: Path, entry: Format, error: Exception) -> _checks.FileError:
    if isinstance(error, OSError) and error.errno is None:  # NumPy counts the bytes, and no more
        with contextlib.suppress(OSError):
            if shutil.disk_usage(path.parent).free < _BLOCK:
                error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return _checks.FileError(f"{path}: cannot be written as {entry.name} ({one_line(error)})")
