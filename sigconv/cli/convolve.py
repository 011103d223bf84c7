"""`sigconv convolve`: one kernel over recordings, pictures and volumes."""

from __future__ import annotations

import argparse
from typing import Any

from . import options
from .kernels import HELP, kernel_of


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "convolve",
        help="convolve recordings, pictures and volumes with a kernel",
        description="Convolve recordings along time, pictures (PNG, JPEG, TIFF) along x and y, "
        "volumes (NIfTI, .npy) along x, y and z. Triggers, annotations and transparency stay as "
        "they are. Pictures keep their bit depth: what was rounded or cut off is said. Volumes "
        "become floats where their type cannot hold the result.",
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--kernel",
        required=True,
        metavar="NAME|FILE",
        help=HELP,
    )
    parser.add_argument("--mode", default="same", help="full, same or valid (default: same)")
    parser.add_argument(
        "--boundary",
        default="edge",
        metavar="NAME",
        help="what lies beyond the ends: zero, edge, reflect, symmetric or wrap (default: edge, "
        "which makes no edges of its own)",
    )
    parser.add_argument(
        "--correlate", action="store_true", help="correlate: the kernel is not reversed"
    )
    parser.add_argument(
        "--axes", default="", metavar="XYZ", help="which axes, as in xy (default: all of the file)"
    )
    options.add_batch(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..batch import KernelChoice, convolution
    from .batch import run_batch

    try:
        work = convolution(
            KernelChoice(*kernel_of(args.kernel, "--kernel")),
            mode=args.mode,
            boundary=args.boundary,
            correlation=args.correlate,
            axes=args.axes,
        )
    except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
        options.wrong_usage(args, str(error))
    return run_batch(args, work, volumes=True)
