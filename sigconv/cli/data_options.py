"""Options that say what windows recordings are cut into, and of which labels and groups."""

from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import options, volume_options
from .progress import bar

if TYPE_CHECKING:
    from ..nn import Checkpoint
    from ..nn.data import EEGDataset
    from ..nn.transfer import Start
    from ..pipeline import Pipeline

#: What a group may be called on the command line -> the argument it is.
_ROLES = {"subject": "group", "group": "group", "session": "session"}


def add_labels(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add where labels come from, and which windows are cut."""
    data = parser.add_argument_group("data")
    data.add_argument(
        "--labels",
        help="annotations, events (an event file beside each recording), folder, "
        "filename:REGEX or TABLE.csv (columns file, label and perhaps onset); found out if "
        "not given",
    )
    data.add_argument(
        "--events-suffix",
        default="-eve.fif",
        help="what follows a recording's name in that of its events, without _raw or -PSG: "
        "-Hypnogram.edf, say (default: %(default)s)",
    )
    data.add_argument(
        "--classes",
        type=_classes,
        metavar="NAME=TEXT,...",
        help="rest=1,move=2: which annotations, codes or labels are which class (default: all)",
    )
    data.add_argument(
        "--window",
        nargs=2,
        type=float,
        metavar=("START", "END"),
        help="seconds after each event; found out from annotations and sounds if not given",
    )
    data.add_argument(
        "--target",
        default="label",
        metavar="COLUMN",
        help="the column of TABLE.csv that holds the labels (default: %(default)s)",
    )
    data.add_argument(
        "--elsewhere",
        metavar="NAME",
        help="of sequences: the class of what no annotation labels (default: not known)",
    )
    data.add_argument(
        "--fs",
        type=options.hertz,
        metavar="HZ",
        help="sampling rate of tables without a column of times, and of arrays without a sidecar",
    )
    return data


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add all of it, for a training."""
    data = add_labels(parser)
    volume_options.add_volumes(parser)
    data.add_argument(
        "--task",
        default="classify",
        help="classify, regress (labels are numbers), sequence (annotations label stretches, and "
        "the network each of their samples, or each --place) or segment (pictures and volumes; "
        "--labels is a folder of masks, or TABLE.csv with their paths; default: %(default)s)",
    )
    data.add_argument(
        "--place",
        type=options.seconds,
        metavar="S",
        help="of sequences: seconds that have one label, as 30 for the epochs of a night",
    )
    data.add_argument(
        "--context",
        type=options.positive,
        metavar="N",
        help="of sequences with --place: neighbours on each side that the network sees; in place "
        "of --window",
    )
    data.add_argument(
        "--group",
        action="append",
        metavar="NAME=SOURCE",
        help="subject=filename:REGEX, subject=folder, subject=file or subject=column (of "
        "TABLE.csv): what must stay together in a split; found out if not given. Once more with "
        "session= for sessions",
    )
    data.add_argument(
        "--lengths",
        help="of recordings with one label: drop (windows one after the other; shorter recordings "
        "are left out), pad (they are filled up) or clip (one window from the middle of each); "
        "found out for sounds, drop for all else",
    )
    data.add_argument(
        "--input",
        type=_input,
        metavar="NAME:KEY=VALUE",
        help="what the network sees of each window: waveform (as it is), "
        "waveform:low=1,high=40,rate=128 or logmel:n_mels=64,step=0.01 (default: of EEG that no "
        "step filters or resamples waveform:high=40,rate=R,difference=true, R being the network's "
        "rate; else waveform)",
    )
    data.add_argument("--channels", type=_words, metavar="C3,C4,...", help="use these only")
    data.add_argument(
        "--sliding", type=options.seconds, metavar="S", help="cut trials into windows of S seconds"
    )
    data.add_argument(
        "--overlap",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of neighbours among sliding windows (default: 0)",
    )
    data.add_argument(
        "--reject",
        type=float,
        metavar="V",
        help="leave windows out in which a channel spans more volts",
    )
    data.add_argument("--flat", type=float, metavar="V", help="or less")
    data.add_argument(
        "--cache", metavar="DIR", help="keep the filtered windows there; read as needed"
    )
    data.add_argument(
        "--cache-dtype",
        default="float32",
        metavar="TYPE",
        help="float32 or int16, which takes half the room (default: %(default)s)",
    )


def labelled(args: argparse.Namespace, paths: Sequence[Path], checkpoint: Checkpoint) -> EEGDataset:
    """Return the windows of recordings that have labels, as a trained network saw them."""
    from ..nn import EEGDataset

    return EEGDataset.for_checkpoint(
        paths,
        checkpoint,
        labels=args.labels or "annotations",
        window=tuple(args.window) if args.window else None,
        classes=args.classes,
        events_suffix=args.events_suffix,
        fs=args.fs,
        target=args.target,
        elsewhere=args.elsewhere,
    )


def find(args: argparse.Namespace) -> list[Path]:
    """Return the recordings and tables that the inputs name; an archive is all its sequences.

    Tables in a folder count only where it holds no recordings: they may be lists of labels.
    """
    from .. import batch, io

    found: list[Path] = []
    for given in options.inputs_of(args):
        path = Path(given)
        if path.suffix.lower() in io.TABLES and path.is_file():
            found += io.table_members(path)
            continue
        try:
            found += [each for each in batch.find([given]) if not _is_events(args, each)]
        except batch.PlanError:
            if not path.is_dir():
                raise
            tables = sorted(each for each in path.rglob("*") if each.suffix.lower() in io.TABLES)
            if not tables:
                raise
            found += [member for each in tables for member in io.table_members(each)]
    return list(dict.fromkeys(found))


def _is_events(args: argparse.Namespace, path: Path) -> bool:
    """Tell whether a file holds the events of a recording beside it, as EDF does."""
    return args.labels == "events" and path.name.endswith(args.events_suffix)


def dataset(
    args: argparse.Namespace, paths: Sequence[Path], pipeline: Pipeline, *, silent: bool
) -> tuple[EEGDataset, str]:
    """Return the data set, and a line that says where labels and groups are from."""
    from ..nn import EEGDataset
    from ..nn.data import Inputs, discover

    roles = groups_of(args)
    window = tuple(args.window) if args.window else None
    if args.context is not None:
        if args.place is None or window is not None:
            options.wrong_usage(args, "--context needs --place, and takes the place of --window")
        window = (0.0, (2 * args.context + 1) * args.place)
    of_sequences = "annotations" if args.task == "sequence" else None
    found = discover(
        paths,
        labels=args.labels or of_sequences,
        group=roles.get("group"),
        window=window,
        lengths=args.lengths,
        events_suffix=args.events_suffix,
    )
    data = EEGDataset.from_recordings(
        paths,
        labels=found.labels,
        group=found.group,
        session=roles.get("session", "file"),
        window=found.window,
        classes=args.classes,
        events_suffix=args.events_suffix,
        pipeline=pipeline,
        channels=args.channels,
        sliding=args.sliding,
        overlap=args.overlap,
        reject=args.reject,
        flat=args.flat,
        cache=args.cache,
        cache_dtype=args.cache_dtype,
        lengths=found.lengths,
        inputs=Inputs(*args.input) if args.input else None,
        fs=args.fs,
        task=args.task,
        target=args.target,
        place=args.place,
        elsewhere=args.elsewhere,
        progress=lambda files: bar(files, "recordings", quiet=silent, total=len(paths)),
    )
    n_groups = len(set(data.groups))
    return data, f"labels: {found.labels}; groups: {found.group} ({n_groups})"


def seen_by(network: str, data: Any, args: argparse.Namespace, start: Start | None) -> Any:
    """Return the data set as a network of that name sees it where the options do not say.

    That is as those did that it starts from, or as is good for it.
    """
    from ..nn import EEGDataset
    from ..nn.training import inputs_for

    if args.input is not None or not isinstance(data, EEGDataset):
        return data
    if start is not None:
        return dataclasses.replace(data, inputs=start.inputs)
    if data.task == "sequence":
        return data
    length = data.window[1] - data.window[0]
    seen = inputs_for(network, kind=data.kind, fs=data.fs, length=length, pipeline=data.pipeline)
    return dataclasses.replace(data, inputs=seen)


def groups_of(args: argparse.Namespace) -> dict[str, str]:
    """Read --group NAME=SOURCE into {argument: source}."""
    from .. import _checks

    found = {}
    for text in args.group or []:
        name, equals, source = text.partition("=")
        if not re.fullmatch(r"\w+", name) or not equals:
            name, source = "group", text  # without a name
        role = _ROLES[_checks.one_of("the NAME of --group", name, _ROLES)]
        found[role] = f"column:{name}" if source == "column" else source
    return found


def _classes(text: str) -> dict[str, str]:
    """Read NAME=TEXT,NAME=TEXT into {TEXT: NAME}."""
    pairs = [item.partition("=") for item in text.split(",")]
    if not all(name and text for name, _, text in pairs):
        raise argparse.ArgumentTypeError(f"must be NAME=TEXT,NAME=TEXT,...; got {text!r}")
    return {text: name for name, _, text in pairs}


def _input(text: str) -> tuple[str, dict[str, Any]]:
    return options.name_and_parameters(text, first="n_mels")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
