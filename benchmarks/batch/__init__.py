"""Whole runs of the command against what people write otherwise: time, and memory of all processes.

`recordings` has the EDF files against MNE, `audio` the FLAC files against sox and soundfile,
`single` one long file and one short; `inputs` makes the files, `processes` runs and watches.
"""

import tempfile
from pathlib import Path

from .. import requirements

INTRODUCTION = """\
Every contender is a command of its own, started from nothing, and reads files that lie in the
system's cache. Memory is the largest sum over all its processes of what they do not share, and
their parts of what they do (PSS, looked at 20 times a second). The outputs are compared before
a time counts."""


def run(*, quick: bool = False) -> str:
    """Return the text of the section; raise if a peer is missing."""
    requirements.require(requirements.BATCH_PEERS, requirements.BATCH_PROGRAMS)
    from ..results import circumstances
    from . import audio, recordings, single

    where = circumstances(*requirements.distributions(requirements.BATCH_PEERS))
    shortened = " Shortened run: its numbers mean little." if quick else ""
    parts = [where + shortened, INTRODUCTION]
    for part in (recordings, audio, single):
        with tempfile.TemporaryDirectory(prefix="sigconv-batch-") as folder:
            parts.append(part.run(Path(folder), quick=quick))
    return "\n\n".join(parts)
