"""`sigconv response`: what a filter does, before it is used."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import options
from .progress import say
from .steps import add_step_options, pipeline_of

if TYPE_CHECKING:
    from ..filters import TransferFunction
    from ..pipeline import Pipeline, Step


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "response",
        help="show a filter before it is used",
        description="Tell what filter each step is at a sampling rate: its order, what it passes "
        "and stops, how long it rings; with --plot as a picture (of one filter).",
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--fs", type=options.hertz, required=True, metavar="HZ", help="sampling rate"
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the filter (.png, .svg, .pdf)")
    add_step_options(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..pipeline import DESIGNS

    steps = [(step, fs) for step, fs in _rates(pipeline_of(args), args.fs) if step.name in DESIGNS]
    if not steps:
        options.wrong_usage(args, "a filter must be given, as in --bandpass 1 40")
    if args.plot and len(steps) > 1:
        options.wrong_usage(args, "--plot draws one filter; give one step")
    try:
        designed = [(step, step.filter_at(fs)) for step, fs in steps]
    except ValueError as error:
        options.wrong_usage(args, str(error))
    facts = [_facts(step, tf) for step, tf in designed]
    if args.json:
        say(json.dumps(facts))
    else:
        for each in facts:
            say("\n".join(f"{name + ':':<12} {value}" for name, value in each.items()))
    if args.plot:
        _save(designed[0][1], args.plot)
    return 0


def _rates(pipeline: Pipeline, fs: float) -> Iterator[tuple[Step, float]]:
    """Yield each step with the rate of the signals that it gets."""
    for step in pipeline:
        yield step, fs
        fs = step.rate_after(fs)


def _facts(step: Step, tf: TransferFunction) -> dict[str, Any]:
    """Return what a user wants to know, for the way the step will run."""
    import numpy as np

    twice = not step.parameters.get("causal", False) and not tf.is_fir
    hertz, response = tf.frequency_response(1 << 15)
    gain = np.abs(response) ** (2 if twice else 1)
    runs = "forward and backward" if twice else "once, its delay taken out"
    if step.parameters.get("causal", False):
        runs = "forward only"
    return {
        "step": " ".join([step.name, *(f"{k}={v}" for k, v in step.parameters.items())]),
        "filter": repr(tf).removeprefix("<TransferFunction: ").rstrip(">"),
        "runs": runs,
        "half power": _edges(hertz, gain, 0.5**0.5),
        "a tenth": _edges(hertz, gain, 0.1),
        "rings": f"{tf.settling_time():.3g} s",
        "stable": tf.is_stable,
    }


def _edges(hertz: Any, gain: Any, level: float) -> str:
    """Name the frequencies at which the gain crosses a level."""
    import numpy as np

    crossings = np.flatnonzero(np.diff(gain >= level))
    return ", ".join(f"{hertz[i]:.4g} Hz" for i in crossings) or "nowhere"


def _save(tf: TransferFunction, name: str) -> None:
    from pathlib import Path

    from .. import _files

    with _files.whole(Path(name)) as target:
        tf.plot().savefig(target, dpi=100)
