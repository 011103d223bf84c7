"""Reading and writing one recording, picture or volume, whatever its format."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from .. import _checks, _files
from ..recording import Recording
from ..volume import Volume
from .formats import COMPANIONS, Format, extension_of, format_of, volume_format_of


def read(path: str | PathLike[str]) -> Recording:
    """Read a recording: EDF, BDF, FIF, BrainVision, EEGLAB, CNT, GDF, WAV, FLAC or OGG.

    EEG comes in volts, audio in [-1, 1]. The signals are read into memory as float64. What a
    `Recording` has no word for (positions, calibration, bit depth) travels in its `origin`,
    where `write` finds it.

    Parameters
    ----------
    path : path-like
        The extension says the format; of several files it is the header (.vhdr, .set).

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
    path = Path(path)
    if path.is_dir():
        raise _checks.FileError(f"{path}: is a folder, not a recording")
    recording: Recording = _read(path, format_of(path))
    if recording.n_times == 0 or recording.n_channels == 0:
        raise _checks.FileError(f"{path}: holds no samples")
    return recording


def write(path: str | PathLike[str], recording: Recording, *, overwrite: bool = False) -> None:
    """Write a recording in the format that the extension says.

    The file appears whole or not at all. Calibration, positions, bit depth and the like are
    taken from where the recording was read. What the format cannot hold is an error if it
    concerns the samples, and a `FileNotice` warning if it concerns what accompanies them.

    Parameters
    ----------
    path : path-like
        .edf, .bdf, .fif, .fif.gz, .vhdr (with .eeg and .vmrk), .set, .wav, .flac or .ogg.
    recording : Recording
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
    if not isinstance(recording, Recording):
        raise TypeError(f"recording must be a Recording; got {type(recording).__name__}")
    entry = format_of(path, to_write=True)
    if recording.n_times == 0 or recording.n_channels == 0:
        raise _checks.FileError(f"{path}: a recording without samples cannot be written")
    if np.iscomplexobj(recording.data):
        raise _checks.FileError(f"{path}: {entry.name} cannot hold complex numbers")
    _write(path, recording, entry, overwrite)


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
    path = Path(path)
    if path.is_dir():
        raise _checks.FileError(f"{path}: is a folder, not a picture or volume")
    volume: Volume = _read(path, volume_format_of(path))
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
    entry = volume_format_of(path)
    if volume.data.size == 0:
        raise _checks.FileError(f"{path}: a {entry.name} file without samples cannot be written")
    _write(path, volume, entry, overwrite)


def _read(path: Path, entry: Format) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise _checks.FileError(f"{path}: the file is empty")
    try:
        return entry.module().read(path)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # a reader meets damage in every way there is
        raise _checks.FileError(
            f"{path}: cannot be read as {entry.name} ({_one_line(error)})"
        ) from error


def _write(path: Path, content: Recording | Volume, entry: Format, overwrite: bool) -> None:
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise _checks.FileError(f"{path}: is a folder")
    if not overwrite:
        for part in parts(path):
            if part.exists():
                raise FileExistsError(f"{part}: exists already; pass overwrite=True to replace it")
    try:
        with _files.whole(path) as partial:
            entry.module().write(partial, content, path)
    except (_checks.FileError, _checks.MissingExtra, MemoryError):
        raise
    except Exception as error:  # of the packages that write, and of the disk
        raise _checks.FileError(
            f"{path}: cannot be written as {entry.name} ({_one_line(error)})"
        ) from error


def parts(path: Path) -> list[Path]:
    """Return the files that writing to `path` makes, `path` itself first."""
    mates = [part for part, whole in COMPANIONS.items() if whole == extension_of(path) == ".vhdr"]
    return [path, *(path.with_suffix(part) for part in mates)]


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
