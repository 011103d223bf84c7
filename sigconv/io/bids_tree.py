"""Derivative data sets in BIDS, through mne-bids: where results lie, and what tells of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__, _checks, _files
from .files import open_recording
from .formats import extension_of, format_of
from .mne_objects import mne_for
from .notices import quiet

#: The formats that BIDS takes of EEG; others become the last.
EXTENSIONS = (".edf", ".bdf", ".set", ".vhdr")

#: What a result is told apart by from its source, if nothing else is said.
DESCRIPTION = "filt"

#: Files of a data set that tell of several recordings.
_SHARED = ("participants.tsv", "_scans.tsv")

#: What mne-bids finds in a recording itself, and knows better than the source's sidecar.
_MEASURED = ("SamplingFrequency", "RecordingDuration", "RecordingType", "SoftwareFilters")


@dataclass(frozen=True)
class BidsTree:
    """A derivative data set.

    Parameters
    ----------
    root : Path
        Its folder; made if need be.
    entities : mapping of str to str
        In BIDS' long words (subject, session, task, run, acquisition, description, ...); they go
        before those in the names of the inputs.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sigconv.io import BidsTree
    >>> tree = BidsTree(Path("derivatives/clean"))
    >>> tree.place(Path("raw/sub-01/eeg/sub-01_task-rest_eeg.bdf")).as_posix()
    'derivatives/clean/sub-01/eeg/sub-01_task-rest_desc-filt_eeg.bdf'
    >>> BidsTree(Path("clean"), {"subject": "07", "task": "rest"}).place(Path("x.cnt")).name
    'sub-07_task-rest_desc-filt_eeg.vhdr'
    """

    root: Path
    entities: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        allowed = _words()
        for name in self.entities:
            _checks.one_of("entities", name, allowed)

    def place(self, source: Path) -> Path:
        """Return where the result of a source belongs.

        Raises
        ------
        FileError
            If neither its name nor the entities tell of a subject and a task, or it is no EEG.
        """
        extension = extension_of(source)
        if format_of(source).family == "audio":
            raise _checks.FileError(f"{source}: BIDS has no place for audio files")
        extension = extension if extension in EXTENSIONS else EXTENSIONS[-1]
        return Path(self._path(source, extension).fpath)

    def _path(self, source: Path, extension: str) -> Any:
        bids = _mne_bids()
        with quiet(source, ("",)):
            found = bids.get_entities_from_fname(source.name, on_error="ignore")
        known = {key: value for key, value in found.items() if key in _words()}
        known["description"] = known.get("description") or DESCRIPTION
        known |= self.entities
        if not (known.get("subject") and known.get("task")):
            raise _checks.FileError(
                f"{source}: must tell of a subject and a task, as sub-01_task-rest_eeg.edf does, "
                "or --bids-entities must (subject=01,task=rest)"
            )
        kind = "ieeg" if source.stem.endswith("_ieeg") else "eeg"
        try:
            return bids.BIDSPath(
                **known, suffix=kind, datatype=kind, extension=extension, root=self.root
            )
        except ValueError as error:
            raise _checks.FileError(f"{source}: {' '.join(str(error).split())}") from error

    def describe(self, target: Path, source: Path, filters: Mapping[str, Any]) -> None:
        """Write the files that tell of a result: sidecar, channels, events, scans, participants.

        Parameters
        ----------
        target : Path
            Written already, to its `place`.
        source : Path
            What BIDS files beside it say that is not in the recording is kept.
        filters : mapping
            For the sidecar's field "SoftwareFilters".
        """
        bids, mne = _mne_bids(), mne_for("describing results in BIDS")
        with open_recording(source) as reader:  # the target's format may know no kinds
            kinds = dict(zip(reader.frame.channels, reader.frame.kinds, strict=True))
        there = bids.get_bids_path_from_fname(target, check=False).update(root=self.root)
        name = there.basename.removesuffix(there.extension)
        generated = {"Name": "sigconv", "Version": __version__}
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".bids-") as folder:
            draft = there.copy().update(root=folder)
            for path in self.root.rglob("*"):  # mne-bids adds to what is there
                if path.name.endswith(_SHARED) and ".bids-" not in str(path):
                    copy = Path(folder) / path.relative_to(self.root)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, copy)
            with quiet(target, ("",)):
                raw = mne.io.read_raw(target, preload=False, verbose="error")
                raw.set_channel_types({name: kinds[name] for name in raw.ch_names if name in kinds})
                bids.write_raw_bids(raw, draft, overwrite=True, verbose="error")
                sidecar = draft.copy().update(extension=".json")
                known = _beside(source, ".json")
                entries = {key: known[key] for key in known if key not in _MEASURED}
                entries |= {"SoftwareFilters": dict(filters) or "n/a", "GeneratedBy": [generated]}
                bids.update_sidecar_json(sidecar, entries, verbose="error")
            _take_events(source, Path(folder), name, float(raw.info["sfreq"]))
            for path in sorted(Path(folder).rglob("*")):
                is_data = path.suffix in (*EXTENSIONS, ".eeg", ".vmrk", ".fdt")
                is_told = path.name.startswith(name) or path.name.endswith(_SHARED)
                place = self.root / path.relative_to(folder)
                if path.is_file() and not is_data and (is_told or not place.exists()):
                    path.replace(place)
        self._describe_set(generated)

    def _describe_set(self, generated: Mapping[str, str]) -> None:
        with quiet(self.root, ("",)):
            _mne_bids().make_dataset_description(
                path=self.root,
                name="filtered by sigconv",
                dataset_type="derivative",
                generated_by=[dict(generated)],
                overwrite=True,
                verbose="error",
            )
        ignored = self.root / ".bidsignore"
        if not ignored.exists():
            with _files.whole(ignored) as path:
                path.write_text("*.sigconv.json\n", encoding="utf-8")


def _take_events(source: Path, folder: Path, name: str, fs: float) -> None:
    """Take over the events that a BIDS source has beside it: the recording may not hold them."""
    table = _mate(source, "events", ".tsv")
    if table is None:
        return
    (place,) = folder.rglob("*_channels.tsv")
    stem = name.rsplit("_", 1)[0]
    lines = table.read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
    header = lines[0].split("\t")
    rows = [line.split("\t") for line in lines[1:]]
    if "sample" in header:  # counted at the rate of the result
        for row in rows:
            if row[header.index("onset")] != "n/a":
                row[header.index("sample")] = str(round(float(row[header.index("onset")]) * fs))
    text = "\n".join("\t".join(row) for row in [header, *rows]) + "\n"
    place.with_name(f"{stem}_events.tsv").write_text(text, encoding="utf-8")
    words = _mate(source, "events", ".json")
    if words is not None:
        shutil.copyfile(words, place.with_name(f"{stem}_events.json"))


def _mate(source: Path, suffix: str, extension: str) -> Path | None:
    """Return the file of another kind beside a BIDS recording, if there is one."""
    stem = source.name[: -len(extension_of(source))]
    path = source.with_name(f"{stem.rsplit('_', 1)[0]}_{suffix}{extension}")
    return path if "_task-" in path.name and path.is_file() else None


def _beside(source: Path, extension: str) -> dict[str, Any]:
    """Return what the sidecar beside a BIDS recording says."""
    stem = source.name[: -len(extension_of(source))]
    path = _mate(source, stem.rsplit("_", 1)[-1], extension)
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _words() -> list[str]:
    return [
        *("subject", "session", "task", "acquisition", "run", "processing"),
        *("space", "recording", "description"),
    ]


def _mne_bids() -> Any:
    return _checks.require("mne_bids", extra="bids", purpose="writing BIDS")
