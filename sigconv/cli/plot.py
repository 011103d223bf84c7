"""`sigconv plot`: a picture of a recording."""

from __future__ import annotations

import argparse
from typing import Any

from . import options
from .progress import say, shown


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "plot",
        help="draw a recording",
        description="Draw a recording to a picture: traces of a stretch, spectra of all channels, "
        "the spectrogram of the first.",
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument(
        "-o",
        "--out",
        metavar="PICTURE",
        help="where to (.png, .svg, .pdf); FILE's name with .png in this folder if not given",
    )
    parser.add_argument(
        "--channels",
        type=lambda text: text.split(","),
        default=(),
        metavar="NAME,...",
        help="which (default: the first 16)",
    )
    parser.add_argument(
        "--start", type=float, default=0.0, metavar="SECONDS", help="of the traces (default: 0)"
    )
    parser.add_argument(
        "--length",
        type=options.seconds,
        default=10.0,
        metavar="SECONDS",
        help="of the traces (default: 10)",
    )
    options.add_rate(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace a picture that exists")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from pathlib import Path

    from .. import io
    from ..report import draw_overview

    source = Path(args.file)
    out = Path(f"{source.name}.png" if args.out is None else args.out)
    if out.exists() and not args.overwrite:
        options.wrong_usage(args, f"out must not exist ({out} does); --overwrite replaces it")
    if not out.parent.is_dir():
        options.wrong_usage(args, f"out must lie in a folder that exists; got {str(out)!r}")
    try:
        with io.collected() as notices:
            recording = io.read(source, fs=args.fs)
    except (ImportError, OSError, ValueError) as error:
        say(shown(error), error=True)
        return 1
    for sentence in notices:
        say(f"notice: {shown(sentence)}", error=True)
    plural = "" if recording.n_channels == 1 else "s"
    title = (
        f"{shown(source.name)}: {recording.n_channels} channel{plural}, {recording.fs:g} Hz, "
        f"{recording.duration:.6g} s"
    )
    draw_overview(
        recording,
        out,
        channels=args.channels,
        start=args.start,
        length=args.length,
        title=title.replace("$", r"\$"),
    )
    say(f"{shown(source)} -> {shown(out)}")
    return 0
