"""What the commands over many files share: planning, running, telling."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import forecasts, options
from .progress import Bars, say
from .telling import Teller

if TYPE_CHECKING:
    from ..batch import Job, RunReport
    from ..batch.one import Work
    from ..io import BidsTree
    from ..pipeline import Pipeline

#: The exit code of a run that Ctrl-C ended.
INTERRUPTED = 130


def run_batch(
    args: argparse.Namespace, work: Pipeline | Work, *, volumes: bool = False, to: str = ""
) -> int:
    """Do the same to the inputs of the command line, `volumes` too; return the exit code."""
    from .. import batch

    try:
        inputs = options.inputs_of(args)
        args.tree = _tree(args)
        jobs = batch.plan(
            inputs,
            args.out,
            volumes=volumes,
            name=args.name,
            to=to,
            tree=args.tree,
            fs=args.fs,
        )
        batch.check_output(args.out)
        if args.report is not None:
            batch.check_report(args.report)
    except batch.PlanError as error:
        options.wrong_usage(args, str(error))
    if args.dry_run and args.report is not None:
        options.wrong_usage(args, "--report tells of files that are done; --dry-run does none")
    if args.dry_run:
        return forecasts.tell(jobs, work, args)
    try:
        teller = Teller(args, work)
    except OSError as error:
        options.wrong_usage(args, f"--log: {args.log}: {error.strerror}")
    report = None
    if args.report is not None:
        report = batch.RunReport(shlex.join(["sigconv", *args.words]), work, len(jobs))
    with teller, _stopped_by_interrupt(teller.quiet) as stop:
        return _run(args, jobs, work, teller, report, stop)


def _run(
    args: argparse.Namespace,
    jobs: list[Job],
    work: Pipeline | Work,
    teller: Teller,
    report: RunReport | None,
    stop: threading.Event,
) -> int:
    from .. import batch
    from ..pipeline import Pipeline
    from ..report import page

    stages = 2 + (report is not None) + (len(work) if isinstance(work, Pipeline) else 0)
    show = sys.stderr.isatty() and not teller.quiet and not args.json
    bars = Bars({job.source: _size(job) for job in jobs}, stages, shown=show)
    try:
        outcomes = batch.run(
            jobs,
            work,
            overwrite=args.overwrite,
            skip_done=args.skip_done,
            at_once=args.jobs,
            scheduler=args.scheduler,
            max_memory=args.max_memory,
            pictures=None if report is None else batch.PICTURES,
            stop=stop,
            tell=lambda job, stage: bars.stage(job.source, stage),
        )
        if args.tree is not None:
            outcomes = batch.described(outcomes, args.tree, work)
        for outcome in outcomes:
            bars.finish(outcome.source)
            teller.outcome(outcome)
            if report is not None:
                report.add(outcome)
    finally:
        bars.close()
        if report is not None:
            page.save(args.report, report.html())
        teller.summary(len(jobs), interrupted=stop.is_set())
    if stop.is_set():
        say("sigconv: interrupted", error=True)
        return INTERRUPTED
    return int(teller.counts["failed"] > 0)


def _tree(args: argparse.Namespace) -> BidsTree | None:
    """Return the data set that --bids makes of the output folder."""
    from pathlib import Path

    from .. import io

    if not args.bids:
        if args.bids_entities:
            options.wrong_usage(args, "--bids-entities belongs to --bids")
        return None
    if args.name != args.parser.get_default("name"):
        options.wrong_usage(args, "--bids names the results itself; --name cannot")
    try:
        return io.BidsTree(Path(args.out), args.bids_entities or {})
    except ValueError as error:
        options.wrong_usage(args, f"--bids-entities: {error}")


def _size(job: Job) -> int:
    from .. import io

    return sum(part.stat().st_size for part in io.companions(job.source) if part.is_file())


@contextlib.contextmanager
def _stopped_by_interrupt(quiet: bool) -> Iterator[threading.Event]:
    """Give an event that Ctrl-C sets; a second one ends the process at once."""
    stop = threading.Event()

    def interrupt(number: int, frame: object) -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)  # what is half made is hidden, and removed by the next run
        stop.set()
        if not quiet:
            os.write(2, b"\nfinishing the files begun; Ctrl-C again stops at once\n")

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
