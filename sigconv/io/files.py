"""Reading and writing one recording, picture or volume, whatever its format."""

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
from .formats import FOLDERS, Format, extension_of, format_of, volume_format_of
from .heading import Heading
from .reader import Loaded, Reader, cannot_be_read, one_line

#: No file gets less room than this on a disk.
_BLOCK = 4096


def read(path: str | PathLike[str]) -> Recording:
    """Read a recording: EDF, BDF, FIF, BrainVision, EEGLAB, what else MNE reads, or audio.

    EEG comes in volts, audio in [-1, 1]. The signals are read into memory as float64. What a
    `Recording` has no word for (positions, calibration, bit depth) travels in its `origin`,
    where `write` finds it.

    Parameters
    ----------
    path : path-like
        The extension says the format (`sigconv.io.FORMATS` lists them); of several files it is the
        header (.vhdr, .set).

    Returns
    -------
    Recording

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the format is unknown or the file is empty, truncated or damaged (a ValueError).
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
    with open_recording(path) as reader:
        return reader.load()


def open_recording(path: str | PathLike[str]) -> Reader:
    """Open a recording to read it piece by piece.

    Nearly every format keeps its samples in the file until they are asked for; what MNE has to
    load at once (EEGLAB in one file, .fif.gz, some makers' formats) is loaded here.

    Parameters
    ----------
    path : path-like
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
    reader: Reader = _read(path, format_of(path), "open_")
    reader.path, reader.name = path, format_of(path).name
    if 0 in reader.shape:
        reader.close()
        raise _checks.FileError(f"{path}: holds no samples")
    return reader


def read_heading(path: str | PathLike[str]) -> Heading:
    """Read what a file says of its recording, without the samples where the format lets it.

    Parameters
    ----------
    path : path-like
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
    with open_recording(path) as reader:
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
        .mp3, .aif or .aiff.
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
    _refuse(path, recording)
    _write(path, recording, overwrite)


def read_volume(path: str | PathLike[str]) -> Volume:
    """Read a picture or a volume: PNG, JPEG, TIFF, NIfTI (.nii, .nii.gz) or .npy.

    Pictures come as they are meant to be seen (EXIF's orientation is applied), their samples in
    the type of the file. Scaled NIfTI samples come scaled, as float64. In a .npy file the last
    axis is x.

    Parameters
    ----------
    path : path-like
        The extension says the format.

    Returns
    -------
    Volume

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the format is unknown, the file is empty, truncated or damaged, or holds something
        that is no one picture or volume (a ValueError).
    MissingExtra
        If the package that reads the format is not installed (an ImportError).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Volume, read_volume, write_volume
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_volume(Path(folder) / "a.npy", Volume(np.zeros((20, 64, 64), np.int16)))
    ...     read_volume(Path(folder) / "a.npy")
    <Volume: 20 x 64 x 64 int16 (z, y, x)>
    """
    return _volume(Path(path), "read")


def volume_frame(path: str | PathLike[str]) -> Volume:
    """Read what a volume's file says without its samples; pictures are read.

    Parameters
    ----------
    path : path-like
        As for `read_volume`, which tells the same and raises the same errors.

    Returns
    -------
    Volume
        With zeros, which take no room, or samples that are in the file still.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Volume, write_volume
    >>> from sigconv.io import volume_frame
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_volume(Path(folder) / "a.npy", Volume(np.zeros((20, 64, 64), np.int16)))
    ...     volume_frame(Path(folder) / "a.npy").grid
    (20, 64, 64)
    """
    path = Path(path)
    has_frame = volume_format_of(path).family == "volume"
    return _volume(path, "frame" if has_frame else "read")


def _volume(path: Path, what: str) -> Volume:
    if path.is_dir():
        raise _checks.FileError(f"{path}: is a folder, not a picture or volume")
    volume: Volume = _read(path, volume_format_of(path), what)
    if volume.data.size == 0:
        raise _checks.FileError(f"{path}: holds no samples")
    return volume


def write_volume(path: str | PathLike[str], volume: Volume, *, overwrite: bool = False) -> None:
    """Write a picture or a volume in the format that the extension says.

    The file appears whole or not at all. Pictures keep the bit depth of the file they were read
    from: samples are rounded and cut off at its limits. Volumes keep their source's type where it
    holds the samples exactly and become floats where not. Each of these is a `FileNotice` warning.

    Parameters
    ----------
    path : path-like
        .png, .jpg, .jpeg, .tif, .tiff, .nii, .nii.gz or .npy.
    volume : Volume
    overwrite : bool
        Replace what is there already; otherwise that is an error.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is not set.
    FileNotFoundError
        If the folder does not exist.
    FileError
        If the format cannot hold this picture or volume, or the file cannot be written.
    MissingExtra
        If the package that writes the format is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Volume, read_volume, write_volume
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_volume(Path(folder) / "a.npy", Volume(np.arange(6).reshape(2, 3)))
    ...     read_volume(Path(folder) / "a.npy").data[1]
    array([3, 4, 5])
    """
    path = Path(path)
    if not isinstance(volume, Volume):
        raise TypeError(f"volume must be a Volume; got {type(volume).__name__}")
    _refuse(path, volume)
    _write(path, volume, overwrite)


def _read(path: Path, entry: Format, what: str = "read") -> Any:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    if path.is_file() and path.stat().st_size == 0:
        raise _checks.FileError(f"{path}: the file is empty")
    try:
        return getattr(entry.module(), what)(path)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # a reader meets damage in every way there is
        raise cannot_be_read(path, entry.name, error) from error


def write_into(partial: Path, content: Recording | Reader | Volume, target: Path) -> None:
    """Write to `partial`, a path of `_files.whole`; errors and notices are about `target`."""
    entry = _refuse(target, content)
    if isinstance(content, Recording):
        content = Loaded(content)
    try:
        entry.module().write(partial, content, target)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # of the packages that write, and of the disk
        raise _cannot_be_written(target, entry, error) from error


def _refuse(path: Path, content: Recording | Reader | Volume) -> Format:
    """Return the format that a path says, or raise FileError if it cannot hold the content."""
    if isinstance(content, Volume):
        entry = volume_format_of(path)
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


def _write(path: Path, content: Recording | Reader | Volume, overwrite: bool) -> None:
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
        raise _cannot_be_written(path, _refuse(path, content), error) from error


def _cannot_be_written(path: Path, entry: Format, error: Exception) -> _checks.FileError:
    if isinstance(error, OSError) and error.errno is None:  # NumPy counts the bytes, and no more
        with contextlib.suppress(OSError):
            if shutil.disk_usage(path.parent).free < _BLOCK:
                error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return _checks.FileError(f"{path}: cannot be written as {entry.name} ({one_line(error)})")
