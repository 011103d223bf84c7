"""Labels in a table: one line a recording, or one an event."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ... import _checks
from ...recording import Annotation
from .labels import Trial


@dataclass(frozen=True)
class LabelTable:
    """A CSV file with the columns `file` and `label` (or another `target`), and more for groups.

    With a column `onset` (seconds) each line is an event of a recording; without, a line says what
    a whole recording is. `file` is a path beside the table, a name, or a name without its ending.
    """

    path: Path
    rows: Mapping[str, Sequence[Mapping[str, str]]]
    has_onsets: bool
    target: str = "label"

    @classmethod
    def read(cls, path: str | Path, target: str = "label") -> LabelTable:
        """Read a table."""
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file")
        rows: dict[str, list[Mapping[str, str]]] = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for name in ("file", target):
                if name not in (reader.fieldnames or ()):
                    raise _checks.FileError(
                        f"{path}: must have the columns 'file' and {target!r}; got "
                        f"{', '.join(map(repr, reader.fieldnames or ['nothing']))}"
                    )
            has_onsets = "onset" in (reader.fieldnames or ())
            for number, row in enumerate(reader, start=2):
                known = {key: (value or "").strip() for key, value in row.items() if key}
                if has_onsets:
                    try:
                        float(known["onset"])
                    except ValueError:
                        raise _checks.FileError(
                            f"{path}: line {number}: onset must be a number of seconds; "
                            f"got {known['onset']!r}"
                        ) from None
                rows.setdefault(known["file"], []).append(known)
        return cls(path, rows, has_onsets, target)

    def of_file(self, path: Path) -> Sequence[Mapping[str, str]]:
        """Return the lines of a recording."""
        for name, rows in self.rows.items():
            if (self.path.parent / name).resolve() == path.resolve():
                return rows
        for name in (path.name, path.name.removesuffix("".join(path.suffixes)), path.stem):
            if name in self.rows:
                return self.rows[name]
        raise _checks.FileError(f"{path}: {self.path} has no line for it")

    def column(self, path: Path, name: str, row: Mapping[str, str]) -> str:
        """Return what a column says of a trial or its recording."""
        row = row or self.of_file(path)[0]
        if name not in row:
            raise ValueError(
                f"group must name a column of {self.path}: {', '.join(row)}; got {name!r}"
            )
        return row[name]

    def events(
        self, path: Path, window: tuple[float, float], classes: Mapping[str, str]
    ) -> list[Trial]:
        """Return the trials of a recording whose lines are events."""
        return [
            Trial(
                float(row["onset"]) + window[0],
                float(row["onset"]) + window[1],
                classes.get(row[self.target], row[self.target]),
                str(number),
                row,
            )
            for number, row in enumerate(self.of_file(path))
            if not classes or row[self.target] in classes
        ]

    def annotations(self, path: Path) -> list[Annotation]:
        """Return the lines of a recording as annotations; a column `duration` says how long."""
        try:
            return [
                Annotation(float(row["onset"]), float(row["duration"]), row[self.target])
                for row in self.of_file(path)
            ]
        except (KeyError, ValueError):
            raise _checks.FileError(
                f"{self.path}: must have the columns 'onset' and 'duration' in seconds, to label "
                "stretches"
            ) from None
