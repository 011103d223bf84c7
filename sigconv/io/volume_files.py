"""Reading and writing one picture or volume, whatever its format."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from .. import _checks
from ..volume import Volume
from .files import read_as, refuse, write_whole
from .formats import volume_format_of
from .volume_reader import VolumeReader


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


def open_volume(path: str | PathLike[str]) -> VolumeReader | None:
    """Open a volume to read it slab by slab; None for pictures, which are read whole.

    Parameters
    ----------
    path : path-like
        As for `read_volume`, which raises the same errors.

    Returns
    -------
    VolumeReader or None
        With `frame`, a Volume without its samples, and `copy_into(out)`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Volume, write_volume
    >>> from sigconv.io import open_volume
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_volume(Path(folder) / "a.npy", Volume(np.arange(6).reshape(2, 3)))
    ...     reader = open_volume(Path(folder) / "a.npy")
    ...     out = np.empty((2, 3), order=reader.order)
    ...     reader.copy_into(out)
    >>> out[1]
    array([3., 4., 5.])
    """
    path = Path(path)
    if volume_format_of(path).family != "volume":
        return None
    volume_frame(path)  # which refuses what holds no samples
    reader: VolumeReader = read_as(path, volume_format_of(path), "open_")
    return reader


def _volume(path: Path, what: str) -> Volume:
    if path.is_dir():
        raise _checks.FileError(f"{path}: is a folder, not a picture or volume")
    volume: Volume = read_as(path, volume_format_of(path), what)
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
    refuse(path, volume)
    write_whole(path, volume, overwrite)
