"""`sigconv evaluate`: how right a trained network is about labelled recordings."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from . import data_options, options, volume_options
from .predict import add_checkpoint
from .progress import say, shown

DESCRIPTION = """\
Judge a network that `sigconv train` made on labelled recordings that it has not seen: scores over
all windows, beside always naming the commonest class, and the accuracy on each recording. Of a
network that segments, --labels are masks, and the overlap (Dice) is told of each volume. OUT
receives evaluation.json."""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "evaluate",
        help="judge a trained network on labelled recordings",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    add_checkpoint(parser)
    data_options.add_labels(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace evaluation.json")
    options.add_quiet(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from .. import _checks, batch

    try:
        _checks.require("torch", extra="nn", purpose="sigconv evaluate")
        return _evaluate(args)
    except batch.PlanError as error:
        options.wrong_usage(args, str(error))
    except (ImportError, OSError, ValueError) as error:
        say(str(error), error=True)
        return 1


def _evaluate(args: argparse.Namespace) -> int:
    import numpy as np

    from .. import _checks, _files, batch
    from ..nn import load_checkpoint
    from ..nn.results import confusion_table, judge, said_of

    target = Path(args.out) / "evaluation.json"
    if target.exists() and not args.overwrite:
        raise _checks.FileError(f"{target}: exists already; --overwrite replaces it")
    checkpoint = load_checkpoint(args.checkpoint)
    kind = volume_options if checkpoint.task == "segment" else data_options
    paths = kind.find(args)
    batch.check_output(Path(args.out))
    data = kind.labelled(args, paths, checkpoint)
    found = judge(data, said_of(checkpoint, data))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _files.whole(target) as partial:
        partial.write_text(json.dumps({"checkpoint": args.checkpoint, **found}, indent=2) + "\n")
    if args.json:
        say(json.dumps(found))
    elif not args.quiet:
        scores = found["scores"]
        say(", ".join(f"{name} {_number(value)}" for name, value in scores.items()))
        alone = "the mean" if checkpoint.task == "regress" else "the commonest class"
        what = {"sequence": "places", "segment": "volumes"}.get(checkpoint.task, "windows")
        say(f"{found['windows']} {what}; {alone} alone: {found['chance']:.3f}")
        for name, accuracy in found["per_file"].items():
            n = int(np.sum(data.files == name))
            known = f" ({n} windows)" if what != "volumes" else ""
            say(f"{shown(name)}: {_number(accuracy)}{known}")
        if "confusion" in found:
            say(confusion_table(found["classes"], found["confusion"]))
    return 0


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
