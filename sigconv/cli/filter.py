"""`sigconv filter`: filters and smoothers over many files."""

from __future__ import annotations

import argparse
from typing import Any

from . import options
from .steps import STEP_OPTIONS, add_step_options, pipeline_of, save_pipeline


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
    parser.add_argument("--save-pipeline", metavar="FILE", help="write the steps to a TOML file")
    options.add_batch(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; return its exit code."""
    from .batch import run_batch

    if not args.steps:
        options.wrong_usage(args, f"at least one step must be given: {', '.join(STEP_OPTIONS)}")
    pipeline = pipeline_of(args)
    if not args.dry_run:
        save_pipeline(args, pipeline)
    return run_batch(args, pipeline)
