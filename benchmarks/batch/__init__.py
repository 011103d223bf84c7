"""Whole runs of the command against what people write otherwise: time, and memory of all processes.

The parts: (a) `recordings` has the EDF files against MNE, (b) `audio` the FLAC files against sox
and soundfile, `single` (c) one long file and (d) one short; `inputs` makes the files, `processes`
runs and watches.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import requirements

INTRODUCTION = """\
Every contender is a command of its own, started from nothing, and reads files that lie in the
system's cache. Memory is the largest sum over all its processes of what they do not share, and
their parts of what they do (PSS, looked at 20 times a second). The outputs are compared before
a time counts."""


#: What --only takes.
PARTS = ("a", "b", "c", "d")


def run(only: Sequence[str] = (), *, quick: bool = False) -> Iterator[tuple[str, str]]:
    """Yield heading and text of all parts or some; raise if a peer is missing."""
    requirements.require(requirements.BATCH_PEERS, requirements.BATCH_PROGRAMS)
    from ..results import circumstances
    from . import audio, recordings, single

    where = circumstances(*requirements.distributions(requirements.BATCH_PEERS))
    shortened = " Shortened run: its numbers mean little." if quick else ""
    runs = (recordings.run, audio.run, single.long, single.short)
    for name, part in zip(PARTS, runs, strict=True):
        if only and name not in only:
            continue
        with tempfile.TemporaryDirectory(prefix="sigconv-batch-") as folder:
            text = part(Path(folder), quick=quick)
        introduction = "" if name == "d" else f"\n\n{INTRODUCTION}"
        yield f"batch: {name}", f"{where}{shortened}{introduction}\n\n{text}"
