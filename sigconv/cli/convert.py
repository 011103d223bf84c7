"""`sigconv convert`: other formats, the same signals."""

from __future__ import annotations

import argparse
from typing import Any

from . import options


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "convert",
        help="write files in another format",
        description="Write recordings, or pictures and volumes, in another format. What it cannot "
        "hold is said; what it cannot hold of the samples fails.",
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--to", required=True, metavar="EXT", help="the format by its extension: edf, fif, flac ..."
    )
    options.add_batch(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..batch import Conversion
    from .batch import run_batch

    return run_batch(args, Conversion(), to=args.to)
