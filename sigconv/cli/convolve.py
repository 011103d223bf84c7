"""`sigconv convolve`: one kernel over recordings, pictures and volumes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from . import options

if TYPE_CHECKING:
    from ..batch import KernelChoice


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
        help="a name with its parameters, as sobel-x, gaussian:sigma=2, gaussian:sigma=3mm or "
        "motion-blur:length=9,direction=1/1 (a wrong name lists them all), or a .npy file",
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
    from ..batch import convolution
    from .batch import run_batch

    try:
        work = convolution(
            _kernel(args.kernel),
            mode=args.mode,
            boundary=args.boundary,
            correlation=args.correlate,
            axes=args.axes,
        )
    except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
        options.wrong_usage(args, str(error))
    return run_batch(args, work, volumes=True)


def _kernel(text: str) -> KernelChoice:
    from pathlib import Path

    from .. import _checks, io
    from ..batch import KernelChoice
    from ..kernels import words

    if text.lower().endswith(".npy"):
        try:
            taps = io.read_volume(Path(text)).data
        except OSError as error:
            raise ValueError(f"--kernel: {error}") from error
        return KernelChoice(text, taps=taps)
    name, parameters = options.name_and_parameters(text, first="")
    _checks.one_of("--kernel", name, words.MAKERS)
    if "" in parameters:
        first = words.parameter_names(name)
        if not first:
            raise ValueError(f"--kernel {name} takes no parameters; got {text!r}")
        parameters = {first[0]: parameters.pop(""), **parameters}
    return KernelChoice(name, parameters)
