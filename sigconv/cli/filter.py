"""`sigconv filter`: filters and smoothers over many files."""

from __future__ import annotations

import argparse
from typing import Any

from . import options
from .steps import STEP_OPTIONS, add_step_options, pipeline_of


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "filter",
        help="filter files",
        description="Apply steps to recordings. Filters are zero-phase Butterworth filters of "
        "order 4 unless told otherwise. Files keep their format; triggers, markers and names "
        "stay as they are.",
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    add_step_options(parser)
    options.add_batch(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; return its exit code."""
    from .batch import run_batch

    if not args.steps:
        options.wrong_usage(args, f"at least one step must be given: {', '.join(STEP_OPTIONS)}")
    return run_batch(args, pipeline_of(args))
