"""The table of file formats: which extension belongs to which family."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from .. import _checks


@dataclass(frozen=True)
class Format:
    """A file format, known by its extension.

    Parameters
    ----------
    name : str
        What people call it.
    family : str
        The module of `sigconv.io` that reads and writes it.
    writable : bool
        Whether it can be written.
    has_rate : bool
        Whether a file always says its sampling rate.
    """

    name: str
    family: str
    writable: bool = True
    has_rate: bool = True

    def module(self) -> ModuleType:
        """Load the family's module: `open_` (of pictures `read`) and, if writable, `write`."""
        return importlib.import_module(f"sigconv.io.{self.family}")


#: Extension -> format.
FORMATS = {
    ".edf": Format("EDF", "edf"),
    ".bdf": Format("BDF", "edf"),
    ".fif": Format("FIF", "fif"),
    ".fif.gz": Format("FIF", "fif"),
    ".vhdr": Format("BrainVision", "brainvision"),
    ".set": Format("EEGLAB", "eeglab"),
    ".cnt": Format("CNT", "other_eeg", writable=False),  # Neuroscan's or ANT Neuro's
    ".gdf": Format("GDF", "other_eeg", writable=False),
    ".ahdr": Format("BrainVision", "other_eeg", writable=False),
    ".mff": Format("EGI", "other_eeg", writable=False),
    ".eeg": Format("Nihon Kohden", "other_eeg", writable=False),
    ".lay": Format("Persyst", "other_eeg", writable=False),
    ".data": Format("Nicolet", "other_eeg", writable=False),
    ".cdt": Format("Curry", "other_eeg", writable=False),
    ".dap": Format("Curry", "other_eeg", writable=False),
    ".nedf": Format("Neuroelectrics", "other_eeg", writable=False),
    ".nxe": Format("Eximia", "other_eeg", writable=False),
    ".ns3": Format("Blackrock", "other_eeg", writable=False),
    ".mefd": Format("MEF3", "other_eeg", writable=False),
    ".sqd": Format("KIT", "other_eeg", writable=False),
    ".con": Format("KIT", "other_eeg", writable=False),
    ".ds": Format("CTF", "other_eeg", writable=False),
    ".snirf": Format("SNIRF", "other_eeg", writable=False),
    ".wav": Format("WAV", "audio"),
    ".rf64": Format("RF64", "audio"),
    ".flac": Format("FLAC", "audio"),
    ".ogg": Format("OGG", "audio"),
    ".mp3": Format("MP3", "audio"),
    ".aiff": Format("AIFF", "audio"),
    ".aif": Format("AIFF", "audio"),
    ".npy": Format("NumPy", "npy", has_rate=False),
}

#: Extensions of formats that are written all at once, whatever their length.
WHOLE_FORMATS = (".set",)

#: Extensions of recordings that are folders.
FOLDERS = (".mff", ".mefd", ".ds")

#: Extension -> format of what holds a picture or a volume.
VOLUME_FORMATS = {
    ".png": Format("PNG", "image"),
    ".jpg": Format("JPEG", "image"),
    ".jpeg": Format("JPEG", "image"),
    ".tif": Format("TIFF", "tiff"),
    ".tiff": Format("TIFF", "tiff"),
    ".nii": Format("NIfTI", "volume"),
    ".nii.gz": Format("NIfTI", "volume"),
    ".npy": Format("NumPy", "volume"),
}

#: Extension of a file that is part of a recording -> the extension that names the recording.
#: Nihon Kohden's .eeg, which has others beside it, is none.
COMPANIONS = {".eeg": ".vhdr", ".vmrk": ".vhdr", ".fdt": ".set"}

#: Endings of event files, which lie beside their recordings.
EVENT_ENDINGS = ("-eve.fif", "_eve.fif", "-eve.fif.gz", "_eve.fif.gz")

#: Extension of a recording -> those of the files that it may consist of besides.
MATES = {
    ".lay": (".dat",),
    ".data": (".head",),
    ".cdt": (".cdt.dpa", ".cdt.dpo", ".cdt.ceo", ".cdt.cef"),
    ".dap": (".dat", ".rs3", ".cef", ".ceo"),
    ".eeg": (".pnt", ".log", ".21e", ".PNT", ".LOG", ".21E"),
    ".ns3": (".nev",),
}


def readable() -> list[str]:
    """Return the extensions that `read` takes."""
    return list(FORMATS)


def writable() -> list[str]:
    """Return the extensions that `write` takes."""
    return [extension for extension, entry in FORMATS.items() if entry.writable]


def extension_of(path: Path) -> str:
    """Return the extension in lower case, ".fif.gz" and ".nii.gz" as one."""
    name = path.name.lower()
    double = [end for end in (".fif.gz", ".nii.gz") if name.endswith(end)]
    return double[0] if double else Path(name).suffix


def npy_sidecar(path: Path) -> Path:
    """Return where lies what is known of the recording in a .npy file."""
    return path.with_name(path.name + ".json")


def is_recording(path: Path, fs: float | None = None) -> bool:
    """Tell by the names alone whether a file is a recording that `read` takes.

    An array (.npy) is one if its rate is known: from its sidecar, or because `fs` is given.
    """
    extension = extension_of(path)
    if extension == ".npy":
        return fs is not None or npy_sidecar(path).is_file()
    if extension in COMPANIONS and not _is_nihon(path):
        return False
    return extension in FORMATS and not path.name.lower().endswith(EVENT_ENDINGS)


def is_volume(path: Path, fs: float | None = None) -> bool:
    """Tell by the names alone whether a file is a picture or volume that `read_volume` takes.

    An array (.npy) is one if it is no recording, see `is_recording`.
    """
    extension = extension_of(path)
    return extension in VOLUME_FORMATS and not (extension == ".npy" and is_recording(path, fs))


def _is_nihon(path: Path) -> bool:
    """Tell whether an .eeg file is Nihon Kohden's: it has its patient or its log beside it."""
    return path.suffix.lower() == ".eeg" and any(
        path.with_suffix(mate).exists() for mate in MATES[".eeg"]
    )


def format_of(path: Path, *, to_write: bool = False) -> Format:
    """Return the format of a recording's path, or raise FileError that names those there are."""
    extension = extension_of(path)
    allowed = writable() if to_write else readable()
    if extension in allowed and (extension not in COMPANIONS or _is_nihon(path)):
        return FORMATS[extension]
    if extension in COMPANIONS:
        whole = path.with_suffix(COMPANIONS[extension]).name
        raise _checks.FileError(f"{path}: is a part of a recording; name the file {whole} instead")
    verb = "written" if to_write else "read"
    if extension in VOLUME_FORMATS:
        raise _checks.FileError(
            f"{path}: is a picture or a volume, not a recording; what takes those is "
            f"{'write' if to_write else 'read'}_volume or `sigconv convolve`"
        )
    raise _checks.FileError(
        f"{path}: the extension {extension!r} cannot be {verb}; "
        f"those that can are {', '.join(allowed)}"
    )


def volume_format_of(path: Path) -> Format:
    """Return the format of a picture's or volume's path, or raise FileError."""
    extension = extension_of(path)
    if extension in VOLUME_FORMATS:
        return VOLUME_FORMATS[extension]
    raise _checks.FileError(
        f"{path}: the extension {extension!r} is none of a picture or volume; "
        f"those are {', '.join(VOLUME_FORMATS)}"
    )
