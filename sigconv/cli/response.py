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
    except (TypeError, ValueError) as error:
        options.wrong_usage(args, str(error))
    told = [_told(step, tf) for step, tf in designed]
    if args.json:
        say(json.dumps(told))
    else:
        for each in told:
            say("\n".join(f"{name + ':':<15} {value}" for name, value in _lines(each).items()))
    if args.plot:
        _save(designed[0][1], args.plot)
    return 0


def _rates(pipeline: Pipeline, fs: float) -> Iterator[tuple[Step, float]]:
    """Yield each step with the rate of the signals that it gets."""
    for step in pipeline:
        yield step, fs
        fs = step.rate_after(fs)


def _told(step: Step, tf: TransferFunction) -> dict[str, Any]:
    """Return what a user wants to know, for the way the step will run."""
    from ..filters.facts import facts

    runs = "forward only"
    if not step.parameters.get("causal", False):
        runs = "once, its delay taken out" if tf.is_symmetric else "forward and backward"
    known = facts(tf, passes=2 if "backward" in runs else 1, delayed=runs == "forward only")
    return {
        "step": " ".join([step.name, *(f"{k}={v}" for k, v in step.parameters.items())]),
        "filter": repr(tf).removeprefix("<TransferFunction: ").rstrip(">"),
        "runs": runs,
        "half_power_hz": known.half_power,
        "half_amplitude_hz": known.half_amplitude,
        "stop_bands": [
            {"from_hz": band.start, "to_hz": band.stop, "gain_db": band.decibels}
            for band in known.stop_bands
        ],
        "delay_s": known.delay or (0.0, 0.0),
        "transient_s": known.transient,
        "stable": tf.is_stable,
    }


def _lines(told: dict[str, Any]) -> dict[str, str]:
    """Return the same for people."""
    stops = [
        f"{band['gain_db']:.1f} dB from {band['from_hz']:.4g} to {band['to_hz']:.4g} Hz"
        for band in told["stop_bands"]
    ]
    shortest, longest = (1e3 * value for value in told["delay_s"])
    delay = f"{shortest:.4g} ms"
    if longest - shortest > 1e-3 * longest:
        delay = f"{shortest:.4g} to {longest:.4g} ms within -3 dB"
    return {
        "step": told["step"],
        "filter": told["filter"],
        "runs": told["runs"],
        "-3 dB at": _frequencies(told["half_power_hz"]),
        "-6 dB at": _frequencies(told["half_amplitude_hz"]),
        "stops": "; ".join(stops) or "nothing by 20 dB",
        "group delay": delay if longest else "none",
        "transient": f"{told['transient_s']:.3g} s",
        "stable": "yes" if told["stable"] else "no",
    }


def _frequencies(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4g} Hz" for value in values) or "no frequency"


def _save(tf: TransferFunction, name: str) -> None:
    from pathlib import Path

    from .. import _files

    with _files.whole(Path(name)) as target:
        tf.plot().savefig(target, dpi=100)
