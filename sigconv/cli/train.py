"""`sigconv train`: recordings and labels in, an honest accuracy and trained networks out."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import data_options, network_options, options, volume_options
from .progress import bar, say
from .steps import add_step_options, pipeline_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import nn

    from ..nn import TrainingConfig
    from ..nn.data.kinds import Dataset
    from ..nn.training import FoldResult

DESCRIPTION = """\
Train a network on labelled windows of recordings, hold whole groups out in turn, and print its
scores on them beside chance and beside classical baselines on the same folds. OUT receives
results.json, report.html, epochs.csv and a checkpoint of every fold's network.

What was interrupted goes on with --resume. With torchrun in front (torchrun --nproc-per-node 2
-m sigconv train ...) several processes train together."""

#: Where in OUT the trainings are kept from which --resume goes on; removed when all is done.
_STATES = "states"


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
    data_options.add_data(parser)
    add_step_options(parser)
    network_options.add_network(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace the results in DIR")
    parser.add_argument(
        "--resume", action="store_true", help="go on from where the same command was interrupted"
    )
    parser.add_argument("--tensorboard", metavar="LOGDIR", help="write logs for TensorBoard too")
    options.add_quiet(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from .. import _checks

    try:
        _checks.require("torch", extra="nn", purpose="sigconv train")
        return _train(args)
    except (ImportError, OSError, ValueError, TypeError) as error:
        say(str(error), error=True)
        return 1
    except KeyboardInterrupt:
        if (Path(args.out) / _STATES).is_dir():
            say("interrupted; the same command with --resume goes on from here", error=True)
        raise


def _train(args: argparse.Namespace) -> int:
    from .. import _checks, _files, batch
    from ..nn.data import folds
    from ..nn.results import save_report, summarise, table
    from ..nn.training import baselines_for, cross_validate, guess_for, network_for, processes

    out = Path(args.out)
    results_file = out / "results.json"
    if results_file.exists() and not args.overwrite:
        raise _checks.FileError(f"{results_file}: exists already; --overwrite replaces it")
    try:
        kind = volume_options if args.task == "segment" else data_options
        paths = kind.find(args)
        batch.check_output(out)
    except batch.PlanError as error:
        options.wrong_usage(args, str(error))
    config = network_options.config_of(args)
    device = processes.device(args.device)
    processes.join(device)
    first = processes.rank() == 0
    silent = args.quiet or args.json or not first
    start = network_options.start_of(args, tell=_told_once(silent))
    with processes.first_alone():
        data, sources = kind.dataset(args, paths, pipeline_of(args), silent=silent)
        if not args.resume and first:
            shutil.rmtree(out / _STATES, ignore_errors=True)
    model, model_options = network_options.model_of(args, start, network_for(data))
    data = data_options.seen_by(model, data, args, start)
    parts = list(folds(args.split, data))
    names = list(dict.fromkeys(fold.name for fold in parts))
    seeds = range(args.seed, args.seed + args.seeds)
    width = max(len("held out"), *(len(Path(name).name) for name in names))
    methods = [model, *baselines_for(data, riemann=args.riemann), guess_for(data)]
    if not silent:
        say("\n".join([*data.described().values(), sources, f"network: {model}"]))
        say(_header(methods, width))
    results: list[FoldResult] = []
    pictures: dict[str, Figure] = {}
    with _Logs(args, out, writes=first) as logs:
        trained = cross_validate(
            data,
            model=model,
            options=model_options,
            split=parts,
            config=config,
            seeds=seeds,
            baselines=methods[1:-1],
            device=device,
            states=out / _STATES,
            start=start,
            on_epoch=logs.epoch,
        )
        for result, network in bar(trained, "folds", quiet=silent, total=len(parts) * len(seeds)):
            results.append(result)
            if not silent:
                say(_row(data, result, methods, width))
            if first:
                number = names.index(result.fold) + 1
                path = out / _checkpoint_name(number, result, several=len(seeds) > 1)
                _save(path, network, data, config, result)
                if result.seed == args.seed and args.task == "segment":
                    pictures |= volume_options.picture(data, network, result)
    processes.leave()
    if not first:
        return 0
    summary = summarise(data, results, model=model, split=args.split, config=config)
    with _files.whole(results_file) as target:
        target.write_text(json.dumps(summary, indent=2) + "\n")
    try:
        save_report(out / "report.html", summary, pictures)
    except _checks.MissingExtra as error:
        say(str(error), error=True)
    shutil.rmtree(out / _STATES, ignore_errors=True)
    say(json.dumps(summary) if args.json else table(summary))
    return 0


def _told_once(silent: bool) -> Callable[[str], None]:
    """Return what says a line unless it is the same as the last one."""
    last = ""

    def tell(line: str) -> None:
        nonlocal last
        if line != last and not silent:
            say(line)
        last = line

    return tell


class _Logs:
    """Where the epochs go: epochs.csv, and TensorBoard's folder if it was asked for."""

    def __init__(self, args: argparse.Namespace, out: Path, *, writes: bool) -> None:
        from ..nn.training import CSVLog, TensorBoardLog

        self._out, self._writes, self._resume = out, writes, args.resume
        self._csv: CSVLog | None = None
        self._board = TensorBoardLog(args.tensorboard) if args.tensorboard and writes else None

    def epoch(self, fold: str, epoch: Any) -> None:
        """Write an epoch down."""
        from ..nn.training import CSVLog

        if not self._writes:
            return
        if self._csv is None:  # OUT is made when there is something to be put there
            self._out.mkdir(parents=True, exist_ok=True)
            self._csv = CSVLog(self._out / "epochs.csv", append=self._resume)
        self._csv(epoch, fold)
        if self._board is not None:
            self._board(epoch, fold)

    def __enter__(self) -> _Logs:
        return self

    def __exit__(self, *of_an_error: object) -> None:
        for log in (self._csv, self._board):
            if log is not None:
                log.close()


def _checkpoint_name(number: int, result: FoldResult, *, several: bool) -> str:
    from ..nn.training.crossvalidation import fold_slug

    seed = f"-seed{result.seed}" if several else ""
    return f"fold{number:02d}-{fold_slug(result.fold)}{seed}.safetensors"


def _save(
    path: Path, network: nn.Module, data: Dataset, config: TrainingConfig, result: FoldResult
) -> None:
    from ..nn import Checkpoint, save_checkpoint
    from ..nn.data import Seen

    seen = Seen.of(data, result.train)
    if result.begun is not None:
        seen |= result.begun.seen
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, Checkpoint.of(network, data, config, scale=result.scale, seen=seen))


def _header(methods: Sequence[str], width: int) -> str:
    shown = "  ".join(f"{name:>12}" for name in methods)
    return f"{'held out':<{width}}  train  test  {shown}"


def _row(data: Dataset, result: FoldResult, methods: Sequence[str], width: int) -> str:
    from ..nn.results import headline

    found = [f"{headline(data, result, name):{max(12, len(name))}.3f}" for name in methods]
    return (
        f"{Path(result.fold).name:<{width}}  {len(result.train):5d}  {len(result.test):4d}  "
        + "  ".join(found)
    )
