"""`sigconv train --task segment` and `sigconv predict` with such a network: masks of volumes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import network_options, options
from .progress import bar, say, shown

if TYPE_CHECKING:
    from ..nn import Checkpoint


def find(inputs: Sequence[str]) -> list[Path]:
    """Return the volumes that are named or lie in folders."""
    from .. import _checks, io

    found: list[Path] = []
    for given in inputs:
        path = Path(given)
        inside = sorted(each for each in path.rglob("*") if io.is_volume(each))
        if path.is_dir() and not inside:
            raise _checks.FileError(f"{path}: holds no volume")
        found += inside if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def train(args: argparse.Namespace) -> int:
    """Train and judge a network that segments; write what `sigconv train` writes."""
    import numpy as np

    from .. import _checks, _files
    from ..nn import Checkpoint, save_checkpoint
    from ..nn.data import VolumeDataset
    from ..nn.training.crossvalidation import fold_slug
    from ..nn.training.segmenting import cross_validate_volumes
    from .data_options import groups_of

    out = Path(args.out)
    target = out / "results.json"
    if target.exists() and not args.overwrite:
        raise _checks.FileError(f"{target}: exists already; --overwrite replaces it")
    if args.labels is None:
        options.wrong_usage(args, "--task segment needs --labels: a folder of masks, or TABLE.csv")
    for name in ("init", "probe", "cache", "resume", "tensorboard", "riemann"):
        if getattr(args, name):
            options.wrong_usage(args, f"--{name} must not be given with --task segment")
    data = VolumeDataset.from_files(
        find(options.inputs_of(args)),
        labels=args.labels,
        classes=args.classes,
        spacing=args.spacing,
        group=groups_of(args).get("group", "file"),
    )
    config = network_options.config_of(args)
    model = args.model or "unet"
    silent = args.quiet or args.json
    steps = " x ".join(f"{step:g}" for step in data.spacing)
    if not silent:
        say(f"{len(data)} volumes at {steps}: {', '.join(data.classes)}")
    results: list[dict[str, object]] = []
    dices: list[dict[str, float | None]] = []
    trained = cross_validate_volumes(
        data,
        model=model,
        options=network_options.model_options(args),
        split=args.split,
        config=config,
        patch=args.patch,
        per_volume=args.patches,
        device=args.device,
    )
    for number, (result, network) in enumerate(bar(trained, "folds", quiet=silent), start=1):
        for row, dice in zip(result.test, result.dice, strict=True):
            scores = dict(zip(data.classes[1:], map(_plain, dice[1:]), strict=True))
            dices.append(scores)
            results.append({"fold": result.fold, "file": str(data.files[row]), "dice": scores})
            if not silent:
                told = ", ".join(f"{name} {_text(value)}" for name, value in scores.items())
                say(f"{shown(data.files[row])}: Dice {told}")
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"fold{number:02d}-{fold_slug(result.fold)}.safetensors"
        save_checkpoint(path, Checkpoint.of_volumes(network, data, config, args.patch))
    means = {}
    for name in data.classes[1:]:
        there = [value for each in dices if (value := each[name]) is not None]
        means[name] = {
            "mean": float(np.mean(there)) if there else None,
            "deviation": float(np.std(there, ddof=1)) if len(there) > 1 else None,
            "volumes": len(there),
        }
    summary = {
        "task": "segment",
        "model": model,
        "split": args.split,
        "classes": list(data.classes),
        "spacing": list(data.spacing),
        "patch": list(args.patch),
        "configuration": config.to_dict(),
        "dice": means,
        "volumes": results,
    }
    with _files.whole(target) as partial:
        partial.write_text(json.dumps(summary, indent=2) + "\n")
    if args.json:
        say(json.dumps(summary))
    else:
        for name, found in means.items():
            say(f"{name}: Dice {_text(found['mean'])} (mean of {found['volumes']} volumes)")
    return 0


def predict(args: argparse.Namespace, checkpoint: Checkpoint) -> int:
    """Write the mask of each volume into OUT, on the volume's own grid."""
    from .. import _checks, io

    failed = 0
    for path in find(options.inputs_of(args)):
        name = path.name.removesuffix(io.extension_of(path))
        target = Path(args.out) / f"{name}_mask{io.extension_of(path)}"
        try:
            if target.exists() and not args.overwrite:
                raise _checks.FileError(f"{target}: exists already; --overwrite replaces it")
            mask = checkpoint.segment(io.read_volume(path))
            target.parent.mkdir(parents=True, exist_ok=True)
            io.write_volume(target, mask, overwrite=args.overwrite)
        except (ImportError, OSError, ValueError) as error:
            say(shown(error), error=True)
            failed += 1
            continue
        counts = {
            each: int((mask.data == i).sum()) for i, each in enumerate(checkpoint.classes) if i
        }
        if args.json:
            say(json.dumps({"source": str(path), "target": str(target), "voxels": counts}))
        elif not args.quiet:
            told = ", ".join(f"{n} voxels {each}" for each, n in counts.items())
            say(f"{shown(path)} -> {shown(target)}: {told}")
    return 1 if failed else 0


def _plain(value: float) -> float | None:
    return None if value != value else float(value)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
