"""The steps of a pipeline as options: the same in `filter` and `train`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from . import options

if TYPE_CHECKING:
    from ..pipeline import Pipeline, Step

#: Option -> (how many values, how they are shown, what it does).
_STEPS: dict[str, tuple[int | None, str | tuple[str, ...], str]] = {
    "lowpass": (None, "HZ", "keep what is below"),
    "highpass": (None, "HZ", "keep what is above"),
    "bandpass": (2, ("LO", "HI"), "keep what is between"),
    "bandstop": (2, ("LO", "HI"), "remove what is between"),
    "notch": (None, "HZ", "remove one frequency"),
}

#: Options of the steps that are no filters -> what argparse is to know of them.
_OTHERS: dict[str, dict[str, Any]] = {
    "smooth": {
        "type": options.name_and_parameters,
        "metavar": "METHOD:width=SECONDS",
        "help": "smooth, as in --smooth gaussian:width=0.01",
    },
    "resample": {"type": options.hertz, "metavar": "HZ", "help": "to another sampling rate"},
    "reref": {
        "type": lambda text: text if text == "average" else text.split(","),
        "metavar": "average|NAME,...",
        "help": "subtract the mean of all good EEG channels, or of those named",
    },
    "detrend": {
        "type": options.natural,
        "nargs": "?",
        "const": 1,
        "metavar": "ORDER",
        "help": "subtract a polynomial (default: 1, a straight line)",
    },
}

#: The options that each add a step.
STEP_OPTIONS = tuple(f"--{name}" for name in (*_STEPS, *_OTHERS))


class _Append(argparse.Action):
    """Gather the steps of all options in one list, in the order of the command line."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        namespace.steps = [*(namespace.steps or []), (self.dest, values)]


def add_step_options(parser: argparse.ArgumentParser) -> None:
    """Add the steps and what they are designed by; `pipeline_of` reads them."""
    parser.set_defaults(steps=None)
    steps = parser.add_argument_group("steps, applied in the order given, each repeatable")
    for name, (count, shown, help_text) in _STEPS.items():
        steps.add_argument(
            f"--{name}",
            nargs=count,
            type=options.hertz,
            metavar=shown,
            action=_Append,
            default=argparse.SUPPRESS,
            help=help_text,
        )
    for name, facts in _OTHERS.items():
        steps.add_argument(f"--{name}", action=_Append, default=argparse.SUPPRESS, **facts)
    design = parser.add_argument_group("design of the filters")
    design.add_argument(
        "--causal", action="store_true", help="filter forward only (default: zero-phase)"
    )
    design.add_argument("--order", type=options.positive, metavar="N", help="order (default: 4)")
    design.add_argument("--family", metavar="NAME", help="family (default: butterworth)")
    design.add_argument("--fir", action="store_true", help="windowed FIR filters instead")


def pipeline_of(args: argparse.Namespace) -> Pipeline:
    """Build the pipeline of the parsed options; steps that cannot be are wrong usage."""
    from .. import _checks
    from ..filters.design import FAMILIES
    from ..pipeline import Pipeline

    if args.fir and (args.order is not None or args.family is not None):
        options.wrong_usage(args, "--order and --family belong to IIR filters, not to --fir")
    try:
        if args.family is not None:  # wrong for every file: no need to read one to find out
            _checks.one_of("--family", args.family, FAMILIES)
        return Pipeline([_step(name, value, args) for name, value in args.steps or []])
    except (TypeError, ValueError) as error:
        options.wrong_usage(args, str(error))


def _step(name: str, value: Any, args: argparse.Namespace) -> Step:
    from ..pipeline import Step

    if name == "smooth":
        return smooth_step(*value)
    if name == "resample":
        return Step("resample", new_fs=value)
    if name == "reref":
        return Step("rereference", to=value)
    if name == "detrend":
        return Step("detrend", order=value)
    shared = {"causal": True} if args.causal else {}
    if name == "notch":
        return Step("notch", freq=value, **shared)
    cutoff = tuple(value) if isinstance(value, list) else value
    if args.fir:
        return Step("fir", cutoff=cutoff, kind=name, **shared)
    given = {"order": args.order, "family": args.family}
    chosen = {key: choice for key, choice in given.items() if choice is not None}
    return Step(name, cutoff=cutoff, **chosen, **shared)


def smooth_step(method: str, parameters: dict[str, Any]) -> Step:
    """Return a smoothing step; method and parameters that do not exist are errors already here."""
    from .. import _checks
    from ..pipeline import Step
    from ..smoothing.methods import METHODS

    _checks.one_of("method", method, METHODS)
    if "width" in parameters:
        _checks.number("width", parameters["width"], above=0)
    return Step("smooth", method=method, **parameters)
