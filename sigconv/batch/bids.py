"""Results in a derivative data set of BIDS: where they go, and what is written about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from .. import io
from .run import Outcome
from .sidecar import describe


def described(outcomes: Iterable[Outcome], tree: io.BidsTree, work: Any) -> Iterator[Outcome]:
    """Pass outcomes of a run on; of those that are done, write the files that tell of them.

    One after the other, since some of these files tell of many recordings.

    Parameters
    ----------
    outcomes : iterable of Outcome
        From `run`, of jobs planned with this tree.
    tree : BidsTree
    work : Pipeline or callable
        What `run` was given.

    Yields
    ------
    Outcome
        "failed" if a result lies in its place but could not be described.
    """
    filters = software_filters(work)
    for outcome in outcomes:
        if outcome.status == "done":
            try:
                with io.collected() as notices:
                    tree.describe(outcome.target, outcome.source, filters)
                outcome = replace(outcome, notices=(*outcome.notices, *notices))
            except Exception as error:  # whatever it is, it concerns this file only
                reason = " ".join(str(error).split()) or type(error).__name__
                message = f"{outcome.target}: is done, but BIDS' files about it are not ({reason})"
                outcome = replace(outcome, status="failed", message=message)
        yield outcome


def software_filters(work: Any) -> dict[str, Any]:
    """Return what BIDS calls software filters: the steps by number and name, with parameters.

    Examples
    --------
    >>> from sigconv import Pipeline, Step
    >>> from sigconv.batch.bids import software_filters
    >>> software_filters(Pipeline([Step("notch", freq=50)]))
    {'1 notch': {'freq': 50}}
    """
    plain = describe(work) or {}
    if "pipeline" not in plain:
        return plain
    steps = plain["pipeline"]["step"]
    return {
        f"{number} {step['name']}": {key: step[key] for key in step if key != "name"}
        for number, step in enumerate(steps, start=1)
    }
