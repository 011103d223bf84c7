"""`sigconv smooth`: one smoother over many files."""

from __future__ import annotations

import argparse
from typing import Any

from . import options
from .steps import smooth_step


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "smooth",
        help="smooth files",
        description="Smooth recordings. Signals keep their format; triggers, markers and names "
        "are kept.",
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--width",
        type=options.seconds,
        required=True,
        metavar="SECONDS",
        help="how far a sample is spread: the window, the gaussian's standard deviation or what "
        "else the method calls its width (the docstring of sigconv.smooth has a table)",
    )
    parser.add_argument(
        "--method",
        type=options.name_and_parameters,
        default=("moving_average", {}),
        metavar="NAME",
        help="method, with parameters as in savitzky_golay:order=3 (default: moving_average)",
    )
    options.add_batch(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..pipeline import Pipeline
    from .batch import run_batch

    method, parameters = args.method
    if "width" in parameters:
        options.wrong_usage(args, "the width belongs to --width, not to --method")
    try:
        pipeline = Pipeline([smooth_step(method, {"width": args.width, **parameters})])
    except (TypeError, ValueError) as error:
        options.wrong_usage(args, str(error))
    return run_batch(args, pipeline)
