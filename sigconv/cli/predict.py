"""`sigconv predict`: what a trained network says of recordings, window by window."""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import data_options, options, volume_options
from .progress import bar, say, shown

if TYPE_CHECKING:
    from ..nn import Checkpoint
    from ..nn.inference import Predictions

DESCRIPTION = """\
Let a network that `sigconv train` made call the windows of recordings: one after the other, or
with --labels those at the events, as in the training. OUT receives NAME_predictions.csv (start,
end, class, probability of each class) for every recording; with --annotate also a copy of the
recording with the calls as annotations. Channels are found by name, units and rate brought to the
network's. A network that segments writes NAME_mask of every picture or volume, on its own grid."""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "predict",
        help="let a trained network call the windows of recordings",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)
    add_checkpoint(parser)
    data_options.add_labels(parser)
    parser.add_argument(
        "--step", type=options.seconds, help="seconds from window to window (default: a window)"
    )
    parser.add_argument(
        "--annotate", action="store_true", help="write the recordings with the calls, too"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")
    options.add_quiet(parser)
    options.add_json(parser)


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """Add which network is used."""
    parser.add_argument(
        "--checkpoint",
        required=True,
        metavar="FILE",
        help="a .safetensors file of `sigconv train`",
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from .. import _checks, batch

    try:
        _checks.require("torch", extra="nn", purpose="sigconv predict")
        from ..nn import load_checkpoint

        checkpoint = load_checkpoint(args.checkpoint)
        segments = checkpoint.task == "segment"
        paths = (volume_options if segments else data_options).find(args)
        batch.check_output(Path(args.out))
        names = volume_options.mask_name if segments else _table_name
        targets = [Path(args.out) / names(path) for path in paths]
        for target, n in Counter(targets).items():
            if n > 1:
                raise batch.PlanError(f"{target}: {n} inputs have this name")
        existing = [target for target in targets if target.exists()]
        if existing and not args.overwrite:
            raise _checks.FileError(f"{existing[0]}: exists already; --overwrite replaces it")
    except batch.PlanError as error:
        options.wrong_usage(args, str(error))
    except (ImportError, OSError, ValueError) as error:
        say(str(error), error=True)
        return 1
    use = _segment if segments else _call
    failed = 0
    pairs = list(zip(paths, targets, strict=True))
    what = "volumes" if segments else "recordings"
    for path, target in bar(pairs, what, quiet=args.quiet or args.json):
        try:
            facts, told = use(checkpoint, path, target, args)
        except (ImportError, OSError, ValueError) as error:
            say(shown(error), error=True)
            failed += 1
            continue
        if args.json:
            say(json.dumps({"source": str(path), "target": str(target), **facts}))
        elif not args.quiet:
            say(f"{shown(path)} -> {shown(target)}: {told}")
    return 1 if failed else 0


def _segment(
    checkpoint: Checkpoint, path: Path, target: Path, args: argparse.Namespace
) -> tuple[dict[str, Any], str]:
    """Write the mask of a picture or volume; return facts about it, and the same as text."""
    counts = volume_options.write_mask(checkpoint, path, target, overwrite=args.overwrite)
    return {"voxels": counts}, ", ".join(f"{n} voxels {each}" for each, n in counts.items())


def _call(
    checkpoint: Checkpoint, path: Path, target: Path, args: argparse.Namespace
) -> tuple[dict[str, Any], str]:
    """Write the calls of a recording's windows; return facts about them, and the same as text."""
    said, labels = predictions(checkpoint, path, args)
    target.parent.mkdir(parents=True, exist_ok=True)
    _write_table(target, said, labels)
    if args.annotate:
        _write_annotated(path, target.parent / path.name, said, args.overwrite)
    values = said.probabilities[:, 0]
    counts = (
        f"{said.classes[0]} from {values.min():g} to {values.max():g}"
        if said.regresses
        else ", ".join(f"{n} {name}" for name, n in Counter(said.calls).items())
    )
    return {"windows": len(said)}, f"{len(said)} windows, {counts}"


def predictions(
    checkpoint: Checkpoint, path: Path, args: argparse.Namespace
) -> tuple[Predictions, Sequence[str]]:
    """Return what a network says of a recording, and the labels of its windows, if there are."""
    from ..nn.data import recordings
    from ..nn.inference import Predictions

    if args.labels is None or checkpoint.task == "sequence":
        recording = recordings.read(path, args.fs)
        return checkpoint.predict(recording, step=args.step, name=str(path)), []
    data = data_options.labelled(args, [path], checkpoint)
    start, end = data.window
    regresses = checkpoint.task == "regress"
    said = Predictions(
        data.starts,
        end - start,
        checkpoint.predict_proba(data.X),
        tuple(checkpoint.classes),
        regresses,
    )
    return said, [f"{y:g}" if regresses else data.classes[y] for y in data.y]


def _table_name(path: Path) -> str:
    return f"{_stem(path)}_predictions.csv"


def _stem(path: Path) -> str:
    """Return what outputs are called: those of a sequence of an archive by its whole name."""
    from .. import io

    if io.is_table(path) and io.table_file(path) != path:
        return "_".join(path.relative_to(io.table_file(path)).parts)
    return path.stem


def _write_table(target: Path, said: Predictions, labels: Sequence[str]) -> None:
    from .. import _files

    with _files.whole(target) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        columns = [] if said.regresses else [f"p({name})" for name in said.classes]
        called = said.classes[0] if said.regresses else "class"
        writer.writerow(["start", "end", called, *columns, *(["label"] if labels else [])])
        for i, (start, call) in enumerate(zip(said.starts, said.calls, strict=True)):
            probabilities = [f"{p:.6f}" for p in said.probabilities[i][: len(columns)]]
            label = [labels[i]] if labels else []
            end = start + said.length
            writer.writerow([f"{start:.6g}", f"{end:.6g}", call, *probabilities, *label])


def _write_annotated(source: Path, target: Path, said: Predictions, overwrite: bool) -> None:
    from .. import io

    recording = io.read(source)
    marks = [*recording.annotations, *said.annotations]
    marks.sort(key=lambda mark: mark.onset)
    io.write(target, recording.replace(annotations=marks), overwrite=overwrite)
