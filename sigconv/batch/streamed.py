"""Recordings that do not fit into the memory that is allowed: worked on piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _maps, io
from ..pipeline import Pipeline
from ..pipeline import pieces as pipeline_pieces
from ..recording import Recording
from . import memory


class Pieced(io.Reader):
    """Signals and other channels that lie apart, as one recording."""

    def __init__(self, state: pipeline_pieces.State) -> None:
        super().__init__(state.frame)
        self._state = state

    def _read(self, start: int, stop: int, rows: Any) -> NDArray[np.float64]:
        state = self._state
        out = np.empty((self.frame.n_channels, stop - start))
        for source, where in ((state.signals, state.rows), (state.others, state.rest)):
            if where:
                out[where] = source[:, start:stop]
        for each in (state.signals, state.others):
            _maps.release(each)
        return out[rows]


def apply(
    pipeline: Pipeline,
    reader: io.Reader,
    room: Path,
    *,
    allowed: int,
    workers: int | None,
    tell: Callable[[str], None],
) -> Pieced:
    """Apply a pipeline to a recording piece by piece, with the bits of the whole at once.

    Raises
    ------
    FileError
        If a step takes more at once than is allowed.
    """
    path = reader.path
    assert path is not None
    refuse_whole_steps(pipeline, path, reader.frame, allowed)
    try:
        state = pipeline_pieces.run(
            pipeline, reader, room, memory=allowed, workers=workers, tell=tell
        )
    except pipeline_pieces.TooLarge as error:
        raise _checks.FileError(f"{path}: {error}") from error
    return Pieced(state)


def refuse_whole_steps(pipeline: Pipeline, path: Path, frame: Recording, allowed: int) -> None:
    """Raise FileError if a step takes the whole recording at once, which does not fit."""
    whole = pipeline_pieces.whole_steps(pipeline)
    if whole:
        needed = memory.at_once(frame, pipeline)
        raise _checks.FileError(
            f"{path}: the step {whole[0].name!r} takes the whole recording at once, "
            f"{needed / 1e6:.0f} MB of memory; {allowed / 1e6:.0f} MB are allowed for each file "
            "(--max-memory)"
        )
