"""What the commands over many files share: planning, running, telling."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from . import options
from .progress import bar, say

if TYPE_CHECKING:
    from ..batch import Job, Outcome
    from ..batch.run import Work
    from ..pipeline import Pipeline


def run_batch(args: argparse.Namespace, work: Pipeline | Work, *, volumes: bool = False) -> int:
    """Do the same to the inputs of the command line, `volumes` too; return the exit code."""
    from .. import batch

    try:
        jobs = batch.plan(args.inputs, args.out, volumes=volumes)
        batch.check_output(args.out)
    except batch.PlanError as error:
        options.wrong_usage(args, str(error))
    if args.dry_run:
        for job in jobs:
            _tell_plan(job, as_json=args.json)
        return int(any(job.problem for job in jobs))
    silent = args.quiet or args.json
    counts = {"done": 0, "failed": 0}
    outcomes = batch.run(jobs, work, overwrite=args.overwrite, at_once=args.jobs)
    try:
        for outcome in bar(outcomes, "files", quiet=silent, total=len(jobs)):
            counts[outcome.status] += 1
            _tell(outcome, as_json=args.json, quiet=args.quiet)
    finally:
        left = len(jobs) - sum(counts.values())
        if not silent:
            rest = f", {left} not begun" if left else ""
            say(f"{counts['done']} done, {counts['failed']} failed{rest}")
    return int(counts["failed"] > 0)


def _tell_plan(job: Job, *, as_json: bool) -> None:
    if as_json:
        facts = {"source": str(job.source), "target": str(job.target), "problem": job.problem}
        say(json.dumps(facts))
    elif job.problem:
        say(job.problem, error=True)
    else:
        say(f"{job.source} -> {job.target}")


def _tell(outcome: Outcome, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        facts = {
            "source": str(outcome.source),
            "target": str(outcome.target),
            "status": outcome.status,
            "message": outcome.message,
            "notices": outcome.notices,
            "seconds": round(outcome.seconds, 4),
        }
        say(json.dumps(facts))
        return
    if outcome.status == "failed":
        say(outcome.message, error=True)
    if quiet:
        return
    for sentence in outcome.notices:
        say(f"notice: {sentence}", error=True)
    if outcome.status == "done" and not sys.stderr.isatty():  # a terminal has the bar
        say(f"{outcome.source} -> {outcome.target}")
