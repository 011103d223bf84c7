"""Options that say which network is trained, and how."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import options

if TYPE_CHECKING:
    from ..nn import TrainingConfig
    from ..nn.transfer import Start

#: Option, its type and default, where it is one field of `TrainingConfig`.
_NUMBERS: tuple[tuple[str, Any, Any, str], ...] = (
    ("--epochs", options.positive, 80, ""),
    ("--batch-size", options.positive, 32, ""),
    ("--learning-rate", float, 2e-3, ""),
    ("--weight-decay", float, 1e-2, ""),
    ("--label-smoothing", float, 0.0, ""),
    ("--mixup", float, 0.0, "mix each batch with itself, by shares from Beta(MIXUP, MIXUP)"),
    ("--clip", float, None, "largest norm of the gradient"),
    ("--patience", options.positive, None, "stop when the validation loss has not fallen so long"),
    ("--validation", float, 0.2, "share of the training trials that --patience looks at"),
    ("--crop", options.seconds, None, "train on crops of so many seconds, and average over them"),
    ("--crop-stride", options.seconds, None, "seconds from crop to crop"),
    ("--seed", int, 0, ""),
)


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the network, the split and the training."""
    network = parser.add_argument_group("network and training")
    network.add_argument(
        "--model",
        help="default: for classes of EEG log_power (of windows too short for it and of all else "
        "plain_cnn), with --task segment unet, or that of --init",
    )
    network.add_argument(
        "--model-option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an option of the network, as kernel=32; more than once for several",
    )
    network.add_argument(
        "--split",
        default="leave-one-subject-out",
        help="leave-one-subject-out (default: each group once), leave-one-session-out, "
        "group-k-fold:K, within-subject:K, by-time:K, few-shot:K, or of sequences blocks:K (parts "
        "of each recording's time)",
    )
    for name, kind, default, told in _NUMBERS:
        shown = "" if default is None else "default: %(default)s"
        network.add_argument(
            name, type=kind, default=default, help="; ".join(filter(None, [told, shown]))
        )
    network.add_argument(
        "--seeds", type=options.positive, default=1, help="trainings a fold, from --seed on"
    )
    for name, default in (("--optimiser", "adamw"), ("--schedule", "one-cycle")):
        network.add_argument(name, default=default, help="default: %(default)s")
    network.add_argument(
        "--balanced", action="store_true", help="weigh errors so that the classes count alike"
    )
    network.add_argument(
        "--augment",
        action="append",
        default=[],
        metavar="NAME:KEY=VALUE",
        help="time_shift:limit=0.1, channel_dropout:share=0.2, frequency_shift:limit=1, "
        "sign_flip, noise:deviation=0.1, fourier_surrogate:strength=1, band_stop:width=2, "
        "gain:limit=0.2, offset:limit=0.2, of pictures and volumes mirror or "
        "turn:angle=15,scale=0.1, each with p=0.5; more than once for several",
    )
    network.add_argument(
        "--init",
        metavar="RUN",
        help="start from a checkpoint, or from those in a folder of an earlier training: each fold "
        "from one that has not seen whom it tests",
    )
    network.add_argument(
        "--freeze", metavar="LAYER", help="with --init: train only what comes behind this layer"
    )
    network.add_argument(
        "--probe",
        metavar="LAYER",
        help="with --init: a logistic regression on the features of this layer, too",
    )
    network.add_argument("--amp", help="bfloat16 or float16 (on a GPU)")
    network.add_argument(
        "--device", help="cpu or cuda (default: a GPU where there is one and torch can use it)"
    )
    network.add_argument(
        "--riemann",
        action="store_true",
        help="two more baselines: tangent space, and filter bank + MDM (extra riemann)",
    )


def config_of(args: argparse.Namespace) -> TrainingConfig:
    """Return how the network is to be trained."""
    from ..nn import Augmentation, TrainingConfig

    given = {name: getattr(args, name[2:].replace("-", "_")) for name, _, _, _ in _NUMBERS}
    augment = []
    for text in args.augment:
        name, parameters = options.name_and_parameters(text, first="p")
        augment.append(Augmentation(name, **parameters))
    return TrainingConfig(
        **{name[2:].replace("-", "_"): value for name, value in given.items()},
        optimiser=args.optimiser,
        schedule=args.schedule,
        class_weights="balanced" if args.balanced else None,
        augment=augment,
        amp=args.amp,
    )


def start_of(args: argparse.Namespace, tell: Callable[[str], None]) -> Start | None:
    """Return the networks that the trainings start from, if there are any."""
    if args.init is None:
        for name in ("freeze", "probe"):
            if getattr(args, name) is not None:
                options.wrong_usage(args, f"--{name}: must come with --init")
        return None
    from ..nn.transfer import Start

    return Start.read(args.init, freeze=args.freeze, probe=args.probe, tell=tell)


def model_of(
    args: argparse.Namespace, start: Start | None, default: str
) -> tuple[str, dict[str, Any]]:
    """Return the name of the network and its options."""
    if start is not None and args.model in (None, start.model[0]):
        return start.model[0], {**start.model[1], **model_options(args)}
    return args.model or default, model_options(args)


def model_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the network."""
    found: dict[str, Any] = {}
    for text in args.model_option:
        key, equals, _ = text.partition("=")
        if not equals or not key:
            options.wrong_usage(args, f"--model-option: must be KEY=VALUE; got {text!r}")
        _, parameters = options.name_and_parameters(f"model:{text}")
        found |= parameters
    return found
