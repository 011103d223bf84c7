"""Filters, smoothing and running medians against SciPy, MNE, bottleneck and pandas.

`cases` draws the data and calls everybody, `measure` checks and times a case, `table` says what
came out. This file strings them together; it loads the peers only when they are known to be there.
"""

from .. import requirements

INTRODUCTION = """\
One process, same data; peers have one thread (these have no second), sigconv has one and then
two. Times are the shortest of several rounds in which all have their turn, outputs allocated
inside the time; of ours, results of up to 128 MB lie from the second round on in memory that the
round before has left, which is a part of what we gain: a program that keeps its results pays for
fresh pages as the peers do. "out=" is one thread that writes into an array which is there already.
Ratio: how many times faster than the fastest peer. Errors are the largest difference from extended
precision over the largest value, over the whole first and last channel (medians are exact)."""


def run() -> str:
    """Return the text of the section; raise if a peer is missing."""
    requirements.require(requirements.FILTER_PEERS)
    from ..results import circumstances
    from . import cases, measure, table

    where = circumstances(*requirements.distributions(requirements.FILTER_PEERS))
    rows = [measure.run(case) for case in cases.of(cases.Sizes())]
    copy = measure.against_copy(cases.copy_case(cases.Sizes()))
    return "\n\n".join([where, INTRODUCTION, table.of(rows), table.verdicts(rows, copy)])
