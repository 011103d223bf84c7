"""What a network was trained on, so that what starts from it is not tested on that."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...io import companions
from .kinds import Dataset
from .splits import Fold, within_files

#: (start, stop) in seconds of a file.
Stretch = tuple[float, float]


@dataclass(frozen=True)
class Seen:
    """Stretches of recordings, known by what the files hold: names and folders may change.

    Parameters
    ----------
    stretches : mapping of str to stretches
        Digest of a file's bytes (with its companions') -> (start, stop) in seconds. A window
        that is from no file has a digest of its own samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import EEGDataset
    >>> from sigconv.nn.data import Seen
    >>> X = np.random.default_rng(0).normal(size=(4, 2, 100))
    >>> data = EEGDataset.from_arrays(X, ["rest", "move"] * 2, fs=100)
    >>> Seen.of(data, [0, 1]).windows(data)
    array([ True,  True, False, False])
    """

    stretches: Mapping[str, tuple[Stretch, ...]]

    @classmethod
    def of(cls, data: Dataset, rows: Iterable[int]) -> Seen:
        """Return the stretches of some windows of a data set."""
        found: dict[str, list[Stretch]] = {}
        chosen = np.asarray(list(rows), dtype=np.intp)
        starts, length, _ = data.seconds()
        for digest, start in zip(_digests(data, chosen), starts[chosen], strict=True):
            found.setdefault(digest, []).append((float(start), float(start) + length))
        return cls({digest: _joined(parts) for digest, parts in found.items()})

    def __or__(self, other: Seen) -> Seen:
        both = {
            digest: _joined([*self.stretches.get(digest, ()), *other.stretches.get(digest, ())])
            for digest in {**self.stretches, **other.stretches}
        }
        return Seen(both)

    def files(self, data: Dataset) -> NDArray[np.bool_]:
        """Return which windows are from a file of which something was seen."""
        return np.isin(_digests(data, np.arange(len(data))), list(self.stretches))

    def windows(self, data: Dataset) -> NDArray[np.bool_]:
        """Return which windows share a sample with what was seen."""
        digests = _digests(data, np.arange(len(data)))
        starts, length, half = data.seconds()
        return np.array(
            [
                any(
                    begin < start + length - half and start < end - half
                    for begin, end in self.stretches.get(digest, ())
                )
                for digest, start in zip(digests, starts, strict=True)
            ]
        )

    def refusal(self, fold: Fold, data: Dataset) -> str:
        """Return why a fold's test windows are not new to who saw this; "" if they are."""
        for field in dict.fromkeys([*(fold.new or fold.keeps), *fold.whole]):
            if field == "times":
                known = data.files[fold.test[self.windows(data)[fold.test]]]
            else:
                # a trial was seen if one of its samples was; a person, if a file of theirs was
                seen = self.windows(data) if field == "trials" else self.files(data)
                values = within_files(data, field)
                known = np.intersect1d(values[seen], values[fold.test])
            if known.size:
                return f"{field} {str(known[0])!r} of the test windows"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; `from_dict` is the way back."""
        return {
            digest: [[round(edge, 6) for edge in stretch] for stretch in stretches]
            for digest, stretches in self.stretches.items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Seen:
        """Make one of what `to_dict` returned."""
        return cls({k: tuple((float(a), float(b)) for a, b in v) for k, v in plain.items()})


def _digests(data: Dataset, rows: NDArray[np.intp]) -> list[str]:
    of_files = {name: _of_file(name) for name in np.unique(data.files[rows])}
    return [
        of_files[data.files[row]]
        or hashlib.sha256(data.samples(int(row)).tobytes()).hexdigest()[:24]
        for row in rows
    ]


def _of_file(name: str) -> str:
    """Return the digest of a recording, "" if it is not there."""
    parts = [part for part in companions(Path(name)) if part.is_file()] if name else []
    if not parts:
        return ""
    states = [(part, part.stat().st_size, part.stat().st_mtime_ns) for part in parts]
    return _of_contents(tuple(states))


@functools.lru_cache(maxsize=4096)
def _of_contents(states: tuple[tuple[Path, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for path, _, _ in states:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:24]


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return stretches in order, those that touch as one."""
    found: list[Stretch] = []
    for start, stop in sorted(stretches):
        if found and start <= found[-1][1] + 1e-6:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return tuple(found)
