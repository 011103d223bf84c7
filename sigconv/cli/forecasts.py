"""What --dry-run says: for each file what would be done, from its header alone."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .progress import say, shown

if TYPE_CHECKING:
    from ..batch import Forecast, Job


def tell(jobs: Sequence[Job], work: Any, args: argparse.Namespace) -> int:
    """Tell what a run would do with each file; return its exit code as far as can be seen."""
    from .. import batch, io

    failed = False
    for job in jobs:
        problem, seen = job.problem, None
        try:
            with io.collected():
                if not problem:
                    limits = {"max_memory": args.max_memory, "at_once": min(args.jobs, len(jobs))}
                    seen = batch.forecast(job, work, **limits)
        except Exception as error:  # whatever it is, it concerns this file only
            problem = " ".join(str(error).split()) or type(error).__name__
            if not problem.startswith(str(job.source)):
                problem = f"{job.source}: {problem}"
        failed = failed or bool(problem)
        if args.json:
            facts = {"source": str(job.source), "target": str(job.target), "problem": problem}
            say(json.dumps({**facts, **(_facts(seen) if seen else {})}))
        elif problem:
            say(shown(problem), error=True)
        else:
            facts_text = f": {_text(seen)}" if seen else ""
            say(f"{shown(job.source)} -> {shown(job.target)}{facts_text}")
    return int(failed)


def _facts(seen: Forecast) -> dict[str, Any]:
    facts = dataclasses.asdict(seen)
    facts["filters"] = [
        {"step": step, "filter": text, "transient_s": transient}
        for step, text, transient in seen.filters
    ]
    return facts


def _text(seen: Forecast) -> str:
    rate = f"{seen.fs:g} Hz"
    if seen.new_fs != seen.fs:
        rate += f" to {seen.new_fs:g} Hz"
    channels = f"{seen.n_channels} channel{'' if seen.n_channels == 1 else 's'}"
    if seen.n_signals < seen.n_channels:
        channels += f" ({seen.n_channels - seen.n_signals} untouched)"
    filters = [
        f"{step} ({text}; transient {transient:.3g} s)" for step, text, transient in seen.filters
    ]
    memory, size = _bytes(seen.memory_bytes), _bytes(seen.output_bytes)
    pieces = " (in pieces)" if seen.in_pieces else ""
    about = f"up to {memory} of memory{pieces}, about {size} of output"
    return ", ".join([rate, channels, f"{seen.seconds:.6g} s", *filters, about])


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
