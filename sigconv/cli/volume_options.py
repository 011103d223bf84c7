"""Options of pictures and volumes: which there are, their masks, and what is shown of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import options
from .progress import bar

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import nn

    from ..nn import Checkpoint
    from ..nn.data import VolumeDataset
    from ..nn.training import FoldResult
    from ..pipeline import Pipeline

#: Options that mean something for recordings alone.
_OF_RECORDINGS = (
    "window",
    "elsewhere",
    "fs",
    "place",
    "context",
    "lengths",
    "channels",
    "sliding",
    "reject",
    "flat",
    "cache",
    "crop",
    "riemann",
    "probe",
)


def add_volumes(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of pictures and volumes alone."""
    volumes = parser.add_argument_group("pictures and volumes (--task segment)")
    volumes.add_argument(
        "--spacing",
        nargs="+",
        type=float,
        metavar="STEP",
        help="bring all to this distance of samples (default: the first one's): of volumes to the "
        "right, front and head, of pictures down and to the right",
    )
    volumes.add_argument(
        "--patch",
        nargs="+",
        type=options.positive,
        metavar="N",
        help="samples that the network sees at once, along the same axes (default: 32 each, of "
        "pictures 128)",
    )
    volumes.add_argument(
        "--patches",
        type=options.positive,
        default=32,
        metavar="N",
        help="drawn of each (default: %(default)s)",
    )


def find(args: argparse.Namespace) -> list[Path]:
    """Return the pictures and volumes that are named or lie in folders."""
    from .. import batch, io

    found: list[Path] = []
    for given in options.inputs_of(args):
        path = Path(given)
        inside = sorted(each for each in path.rglob("*") if io.is_volume(each))
        if path.is_dir() and not inside:
            raise batch.PlanError(f"{path}: holds no picture and no volume")
        if not path.exists():
            raise batch.PlanError(f"{path}: no such file or folder")
        found += inside if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def dataset(
    args: argparse.Namespace, paths: Sequence[Path], pipeline: Pipeline, *, silent: bool
) -> tuple[VolumeDataset, str]:
    """Return the data set, and a line that says where masks and groups are from."""
    from ..nn.data import VolumeDataset
    from .data_options import groups_of

    if args.labels is None:
        options.wrong_usage(args, "--task segment needs --labels: a folder of masks, or TABLE.csv")
    _refuse(args, _OF_RECORDINGS)
    if pipeline.steps:
        options.wrong_usage(args, "steps must not be given with --task segment")
    roles = groups_of(args)
    group = roles.get("group", "file")
    data = VolumeDataset.from_files(
        paths,
        labels=args.labels,
        classes=args.classes,
        spacing=args.spacing,
        group=group,
        session=roles.get("session", "file"),
        patch=args.patch,
        patches=args.patches,
        progress=lambda files: bar(files, "volumes", quiet=silent, total=len(paths)),
    )
    return data, f"masks: {args.labels}; groups: {group} ({len(set(data.groups))})"


def labelled(
    args: argparse.Namespace, paths: Sequence[Path], checkpoint: Checkpoint
) -> VolumeDataset:
    """Return pictures or volumes that have masks, as a trained network saw them."""
    from ..nn.data import VolumeDataset

    if args.labels is None:
        options.wrong_usage(args, "--labels must be a folder of masks, or TABLE.csv")
    _refuse(args, ("window", "elsewhere", "fs"))
    return VolumeDataset.for_checkpoint(paths, checkpoint, labels=args.labels, classes=args.classes)


def picture(data: VolumeDataset, network: nn.Module, result: FoldResult) -> dict[str, Figure]:
    """Return what a network says of the first volume that a fold holds out, drawn, by a caption."""
    from .. import _checks
    from ..nn.results import draw_masks
    from ..nn.training.tasks import Segment

    row = int(result.test[0])
    called = Segment(data).called_by(network, row)
    told = ", ".join(data.classes[1:])
    try:
        figure = draw_masks(data, row, called)
    except _checks.MissingExtra:
        return {}  # the page says so too
    return {f"{Path(str(data.files[row])).name}: {told}; lines: true, areas: called": figure}


def write_mask(checkpoint: Checkpoint, path: Path, target: Path, *, overwrite: bool) -> Any:
    """Write the mask of a picture or volume; return how many samples are of which class."""
    from .. import io

    mask = checkpoint.segment(io.read_volume(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    io.write_volume(target, mask, overwrite=overwrite)
    return {each: int((mask.data == i).sum()) for i, each in enumerate(checkpoint.classes) if i}


def mask_name(path: Path) -> str:
    """Return what the mask of a picture or volume is called; no mask is ever a JPEG."""
    from .. import io

    extension = io.extension_of(path)
    lossy = extension.lower() in (".jpg", ".jpeg")
    return f"{path.name.removesuffix(extension)}_mask{'.png' if lossy else extension}"


def _refuse(args: argparse.Namespace, names: Sequence[str]) -> None:
    for name in names:
        if getattr(args, name) not in (None, False):
            told = name.replace("_", "-")
            options.wrong_usage(args, f"--{told} must not be given with --task segment")
