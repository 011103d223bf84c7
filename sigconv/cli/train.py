"""`sigconv train`: recordings and labels in, an honest accuracy and trained networks out."""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import options
from .progress import bar, say
from .steps import add_step_options, pipeline_of

if TYPE_CHECKING:
    from torch import nn

    from ..nn.data import EEGDataset
    from ..nn.training import FoldResult

DESCRIPTION = """\
Train a network on labelled windows of recordings, hold whole groups out in turn, and print the
accuracy on them beside chance and beside a classical baseline (band power + LDA) on the same folds.
OUT receives results.json and a checkpoint of every fold's network."""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "train",
        help="train a CNN on labelled recordings and judge it on held-out subjects",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    data = parser.add_argument_group("data")
    data.add_argument(
        "--labels",
        help="annotations, events (an event file beside each recording), folder or "
        "filename:REGEX; found out if not given",
    )
    data.add_argument("--events-suffix", default="-eve.fif", help="default: %(default)s")
    data.add_argument(
        "--classes",
        type=_classes,
        metavar="NAME=TEXT,...",
        help="rest=1,move=2: which annotations, codes or labels are which class (default: all)",
    )
    data.add_argument(
        "--group",
        help="subject=filename:REGEX, subject=folder or file: what must stay together in a "
        "split; found out if not given",
    )
    data.add_argument(
        "--window",
        nargs=2,
        type=float,
        metavar=("START", "END"),
        help="seconds after each event; found out from annotations if not given",
    )
    add_step_options(parser)
    network = parser.add_argument_group("network and training")
    network.add_argument("--model", default="plain_cnn", help="default: %(default)s")
    network.add_argument(
        "--split",
        default="leave-one-subject-out",
        help="leave-one-subject-out (default: each group once) or group-k-fold:K",
    )
    for name, kind, default in (
        ("--epochs", options.positive, 80),
        ("--batch-size", options.positive, 32),
        ("--learning-rate", float, 2e-3),
        ("--seed", int, 0),
    ):
        network.add_argument(name, type=kind, default=default, help="default: %(default)s")
    parser.add_argument("--overwrite", action="store_true", help="replace the results in DIR")
    options.add_quiet(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from .. import _checks

    try:
        _checks.require("torch", extra="nn", purpose="sigconv train")
        return _train(args)
    except (ImportError, OSError, ValueError) as error:
        say(str(error), error=True)
        return 1


def _train(args: argparse.Namespace) -> int:
    from .. import _checks, _files, batch
    from ..nn import EEGDataset, TrainingConfig, cross_validate
    from ..nn.data import discover, folds

    out = Path(args.out)
    results_file = out / "results.json"
    if results_file.exists() and not args.overwrite:
        raise _checks.FileError(f"{results_file}: exists already; --overwrite replaces it")
    try:
        paths = batch.find(args.inputs)
        batch.check_output(out)
    except batch.PlanError as error:
        options.wrong_usage(args, str(error))
    config = TrainingConfig(
        epochs=args.epochs,
        batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        seed=args.seed,
    )
    silent = args.quiet or args.json
    pipeline = pipeline_of(args)
    found = discover(
        paths,
        labels=args.labels,
        group=args.group and re.sub(r"^\w+=", "", args.group),  # "subject=": what it is called
        window=tuple(args.window) if args.window else None,
        events_suffix=args.events_suffix,
    )
    data = EEGDataset.from_recordings(
        paths,
        labels=found.labels,
        group=found.group,
        window=found.window,
        classes=args.classes,
        events_suffix=args.events_suffix,
        pipeline=pipeline,
        progress=lambda files: bar(files, "recordings", quiet=silent, total=len(paths)),
    )
    names = [fold.name for fold in folds(args.split, data.groups)]
    width = max(len("held out"), *(len(Path(name).name) for name in names))
    if not silent:
        say(_describe(data, found.labels, found.group))
        say(_header(args.model, width))
    trained = cross_validate(data, model=args.model, split=args.split, config=config)
    results = []
    for result, network in bar(trained, "folds", quiet=silent, total=len(names)):
        results.append(result)
        if not silent:
            say(_row(result, width))
        out.mkdir(parents=True, exist_ok=True)
        _save(out / _checkpoint_name(len(results), result.fold), network, data)
    summary = _summary(data, results, args)
    with _files.whole(results_file) as target:
        target.write_text(json.dumps(summary, indent=2) + "\n")
    say(json.dumps(summary) if args.json else _conclusion(results, args.model))
    return 0


def _classes(text: str) -> dict[str, str]:
    """Read NAME=TEXT,NAME=TEXT into {TEXT: NAME}."""
    pairs = [item.partition("=") for item in text.split(",")]
    if not all(name and text for name, _, text in pairs):
        raise argparse.ArgumentTypeError(f"must be NAME=TEXT,NAME=TEXT,...; got {text!r}")
    return {text: name for name, _, text in pairs}


def _describe(data: EEGDataset, labels: str, group: str) -> str:
    counts = ", ".join(f"{sum(data.y == i)} {name}" for i, name in enumerate(data.classes))
    left_out = f" ({data.n_left_out} left out)" if data.n_left_out else ""
    start, end = data.window
    return (
        f"{len(data)} windows{left_out}: {counts}\n"
        f"{len(data.channels)} channels at {data.fs:g} Hz, {start:g} to {end:g} s; "
        f"filter: {data.pipeline}\n"
        f"labels: {labels}; groups: {group} ({len(set(data.groups))})"
    )


def _checkpoint_name(number: int, fold: str) -> str:
    slug = re.sub(r"[^\w.-]+", "_", Path(fold).name)
    return f"fold{number:02d}-{slug}.safetensors"


def _save(path: Path, network: nn.Module, data: EEGDataset) -> None:
    from ..nn import Checkpoint, save_checkpoint

    save_checkpoint(
        path,
        Checkpoint(network, data.classes, data.channels, data.fs, data.window, data.pipeline),
    )


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean over folds and its standard error (0 for one fold)."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.mean(values), deviation / len(values) ** 0.5


def _summary(
    data: EEGDataset, results: Sequence[FoldResult], args: argparse.Namespace
) -> dict[str, Any]:
    from .. import __version__

    mean, error = _mean_and_error([result.accuracy for result in results])
    return {
        "sigconv": __version__,
        "model": args.model,
        "split": args.split,
        "seed": args.seed,
        "epochs": args.epochs,
        "classes": list(data.classes),
        "windows": len(data),
        "windows_left_out": data.n_left_out,
        "pipeline": data.pipeline.to_dict(),
        "accuracy": mean,
        "standard_error": error,
        "baseline": statistics.mean(result.baseline for result in results),
        "chance": statistics.mean(result.chance for result in results),
        "folds": [asdict(result) for result in results],
    }


def _header(model: str, width: int) -> str:
    return f"{'held out':<{width}}  train  test  {model:>12}  {'band power':>10}  chance"


def _row(result: FoldResult, width: int) -> str:
    return (
        f"{Path(result.fold).name:<{width}}  {result.n_train:5d}  {result.n_test:4d}  "
        f"{result.accuracy:12.3f}  {result.baseline:10.3f}  {result.chance:6.3f}"
    )


def _conclusion(results: Sequence[FoldResult], model: str) -> str:
    columns = ([r.accuracy for r in results], [r.baseline for r in results])
    (mean, error), (baseline, baseline_error) = map(_mean_and_error, columns)
    chance = statistics.mean(result.chance for result in results)
    return (
        f"{model}: {mean:.3f} ± {error:.3f}, band power + LDA: {baseline:.3f} ± "
        f"{baseline_error:.3f}, chance: {chance:.3f} "
        f"(mean ± standard error over {len(results)} folds)"
    )
