"""The steps of a pipeline as options: the same in `filter` and `train`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from . import options
from .kernels import HELP, kernel_of

if TYPE_CHECKING:
    from ..pipeline import Pipeline, Step

#: Option -> (how many values, how they are shown, what it does).
_STEPS: dict[str, tuple[int | None, str | tuple[str, ...], str]] = {
    "lowpass": (None, "HZ", "keep what is below"),
    "highpass": (None, "HZ", "keep what is above"),
    "bandpass": (2, ("LO", "HI"), "keep what is between"),
    "bandstop": (2, ("LO", "HI"), "remove what is between"),
    "notch": (None, "HZ", "remove one frequency"),
    "peak": (None, "HZ", "keep one frequency"),
    "comb": (None, "HZ", "remove a frequency and its multiples"),
}

#: Option of design -> (its parser, how it is shown, what takes it, what it does).
_DESIGN: dict[str, tuple[Any, str, str, str]] = {
    "order": (options.positive, "N", "iir", "order (default: 4)"),
    "family": (str, "NAME", "iir", "family (default: butterworth)"),
    "ripple": (options.decibels, "DB", "iir", "greatest loss in the pass band"),
    "attenuation": (options.decibels, "DB", "iir", "least loss in the stop band"),
    "q": (options.quality, "Q", "resonance", "frequency over width of a notch, peak or comb"),
    "taps": (options.positive, "N", "fir", "length of the kernel"),
    "transition": (options.hertz, "HZ", "fir", "width in which the gain falls"),
    "window": (str, "NAME", "fir", "hamming (default), hann or blackman"),
    "method": (str, "NAME", "fir", "window (default), least_squares or remez"),
    "stop_weight": (options.quality, "W", "fir", "how much more the stop band counts"),
    "phase": (str, "NAME", "fir", "linear (default) or minimum"),
}

_TAKERS = {
    "iir": "IIR filters, not to --fir",
    "fir": "--fir",
    "resonance": "--notch, --peak and --comb",
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
    "convolve": {"metavar": "NAME|FILE", "help": f"convolve in time with a kernel: {HELP}"},
    "line_noise": {
        "type": options.hertz,
        "nargs": "?",
        "const": 50,
        "metavar": "HZ",
        "help": "remove the hum of the mains (default: 50) and its harmonics",
    },
    "interpolate_bads": {
        "nargs": "?",
        "const": "",
        "metavar": "KEY=VALUE,...",
        "help": "replace bad channels by their neighbours, through MNE, as in "
        "bads=T7/Cz,montage=easycap-M1 (default: those that the file marks)",
    },
    "ica_eog": {
        "nargs": "?",
        "const": "",
        "metavar": "KEY=VALUE,...",
        "help": "take out what the eyes leave, through MNE, as in channels=Fp1/Fp2",
    },
    "step": {"metavar": "NAME:KEY=VALUE,...", "help": "any step of sigconv.Step by its name"},
    "pipeline": {"metavar": "FILE", "help": "the steps of a TOML file, in this place"},
}

#: The options that each add a step.
STEP_OPTIONS = tuple(f"--{name.replace('_', '-')}" for name in (*_STEPS, *_OTHERS))


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
        option = f"--{name.replace('_', '-')}"
        steps.add_argument(option, action=_Append, default=argparse.SUPPRESS, **facts)
    design = parser.add_argument_group("design of the filters")
    design.add_argument(
        "--causal", action="store_true", help="filter forward only (default: zero-phase)"
    )
    design.add_argument(
        "--skip-annotations",
        type=lambda text: () if text == "none" else tuple(text.split(",")),
        metavar="TEXT,...|none",
        help="leave spans alone, and filter not across, whose annotations begin so "
        "(default: edge,bad_acq_skip, as in MNE)",
    )
    design.add_argument(
        "--nan-policy",
        metavar="NAME",
        help="of NaN: propagate (default), interpolate, raise, or with --fir omit",
    )
    for name, (parse, shown, _, help_text) in _DESIGN.items():
        design.add_argument(
            _option(name), dest=f"design_{name}", type=parse, metavar=shown, help=help_text
        )
    design.add_argument("--fir", action="store_true", help="FIR filters instead of recursive ones")


def pipeline_of(args: argparse.Namespace) -> Pipeline:
    """Build the pipeline of the parsed options; steps that cannot be are wrong usage."""
    from .. import _checks
    from .._layout import NAN_POLICIES
    from ..filters.design import FAMILIES
    from ..pipeline import Pipeline

    given = {
        name: value for name in _DESIGN if (value := getattr(args, f"design_{name}")) is not None
    }
    used = {_kind(name, args.fir) for name, _ in args.steps or []}
    for name in given:
        takers = _DESIGN[name][2]
        if args.steps and takers not in used:
            options.wrong_usage(args, f"{_option(name)} belongs to {_TAKERS[takers]}")
    try:
        if "family" in given:  # wrong for every file: no need to read one to find out
            _checks.one_of("--family", given["family"], FAMILIES)
        if args.nan_policy is not None:
            _checks.one_of("--nan-policy", args.nan_policy, NAN_POLICIES)
        steps: list[Step] = []
        for name, value in args.steps or []:
            if name == "pipeline":
                steps += Pipeline.load(value)
            else:
                steps.append(_step(name, value, args, given))
        return Pipeline(steps)
    except (ImportError, OSError, TypeError, ValueError, argparse.ArgumentTypeError) as error:
        options.wrong_usage(args, str(error))


def save_pipeline(args: argparse.Namespace, pipeline: Pipeline) -> None:
    """Write the steps where --save-pipeline says; another pipeline there is not replaced."""
    from pathlib import Path

    if args.save_pipeline is None:
        return
    path = Path(args.save_pipeline)
    try:
        text = pipeline.to_toml()
        other = path.exists() and path.read_text(encoding="utf-8") != text
        if other and not args.overwrite:
            options.wrong_usage(args, f"--save-pipeline: {path} exists already")
        pipeline.save(path)
    except (OSError, TypeError, ValueError) as error:
        options.wrong_usage(args, f"--save-pipeline: {error}")


def _option(name: str) -> str:
    """Return the option for a parameter of a design; those of FIR filters say so."""
    prefix = "fir-" if _DESIGN[name][2] == "fir" else ""
    return f"--{prefix}{name.replace('_', '-')}"


def _kind(name: str, fir: bool) -> str:
    """Return which of the options of design a step takes."""
    if name in ("notch", "peak", "comb"):
        return "resonance"
    if name in _OTHERS:
        return name
    return "fir" if fir else "iir"


def _step(name: str, value: Any, args: argparse.Namespace, given: dict[str, Any]) -> Step:
    from ..pipeline import Step

    skips = {} if args.skip_annotations is None else {"skip_by_annotation": args.skip_annotations}
    if name == "smooth":
        return smooth_step(*value, **skips)
    if name == "resample":
        return Step("resample", new_fs=value)
    if name == "reref":
        return Step("rereference", to=value)
    if name == "detrend":
        return Step("detrend", order=value)
    if name == "line_noise":
        return Step("remove_line_noise", mains=value, **skips)
    if name == "convolve":
        kernel, parameters, taps = kernel_of(value, "--convolve")
        causal = {"causal": True} if args.causal else {}
        return _checked(
            Step(
                "convolve", kernel=kernel if taps is None else taps, **parameters, **causal, **skips
            )
        )
    if name in ("interpolate_bads", "ica_eog", "step"):
        word, parameters = options.name_and_parameters(
            value if name == "step" else f"{name}:{value}"
        )
        return Step(word, **parameters) if name == "step" else _checked(Step(word, **parameters))
    kind = _kind(name, args.fir)
    chosen = {key: choice for key, choice in given.items() if _DESIGN[key][2] == kind} | skips
    if args.causal:
        chosen["causal"] = True
    if args.nan_policy is not None:
        chosen["nan_policy"] = args.nan_policy
    if kind == "resonance":
        return Step(name, freq=value, **chosen)
    cutoff = tuple(value) if isinstance(value, list) else value
    if kind == "fir":
        return Step("fir", cutoff=cutoff, kind=name, **chosen)
    return Step(name, cutoff=cutoff, **chosen)


def _checked(step: Step) -> Step:
    """Return a step for which the rate has no say: what it cannot be is an error already here."""
    step.at(1.0)
    return step


def smooth_step(method: str, parameters: dict[str, Any], **how: Any) -> Step:
    """Return a smoothing step; method and parameters that do not exist are errors already here."""
    from .. import _checks
    from ..pipeline import Step
    from ..smoothing.methods import METHODS

    _checks.one_of("method", method, METHODS)
    if "width" in parameters:
        _checks.number("width", parameters["width"], above=0)
    return Step("smooth", method=method, **parameters, **how)
