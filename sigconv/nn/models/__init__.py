"""The registry of networks: one file a family, every network under its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ... import _checks
from . import (  # each writes its networks into the registry
    alexnet,
    atcnet,
    c3d,
    deep4,
    densenet,
    eeg_tcnet,
    eegnet,
    epoch_cnn,
    fcn,
    googlenet,
    lenet,
    log_power,
    mlp,
    notation,
    plain_cnn,
    resnet,
    shallow_convnet,
    unet,
    vgg,
    video_resnet,
    waveform,
    xception,
)
from ._registry import DOMAINS, REGISTRY
from .frames import OverFrames
from .neocognitron import self_organise

__all__ = [
    "alexnet",
    "atcnet",
    "build_for",
    "build_model",
    "c3d",
    "deep4",
    "densenet",
    "eeg_tcnet",
    "eegnet",
    "epoch_cnn",
    "fcn",
    "googlenet",
    "lenet",
    "list_models",
    "log_power",
    "made_for",
    "mlp",
    "notation",
    "plain_cnn",
    "resnet",
    "self_organise",
    "shallow_convnet",
    "takes",
    "unet",
    "vgg",
    "video_resnet",
    "waveform",
    "xception",
]


def list_models(*, ndim: int | None = None, domain: str | None = None) -> list[str]:
    """Return the names of the networks.

    Parameters
    ----------
    ndim : {1, 2, 3}, optional
        Those that exist in this dimension.
    domain : {"eeg", "audio", "motion", "image", "video", "ct"}, optional
        Those that are made for such recordings.

    Returns
    -------
    list of str
        Sorted.

    Raises
    ------
    ValueError
        If the dimension or the domain is unknown.

    Examples
    --------
    >>> from sigconv.nn import list_models
    >>> "eegnet" in list_models(ndim=1, domain="eeg")
    True
    >>> "eegnet" in list_models(ndim=3, domain="eeg")
    False
    """
    if ndim is not None and ndim not in (1, 2, 3):
        raise ValueError(f"ndim must be one of 1, 2, 3; got {ndim!r}")
    if domain is not None:
        _checks.one_of("domain", domain, DOMAINS)
    return sorted(
        name
        for name, entry in REGISTRY.items()
        if (ndim is None or ndim in entry.ndims) and (domain is None or domain in entry.domains)
    )


def build_model(
    name: str,
    *,
    in_channels: int,
    num_classes: int,
    n_times: int | None = None,
    ndim: int = 1,
    frames: int | None = None,
    **config: Any,
) -> nn.Module:
    """Build a network by name; its outputs are logits.

    Parameters
    ----------
    name : str
        One of `list_models()`.
    in_channels, num_classes : int
        Channels of the input and classes of the output.
    n_times : int, optional
        Samples of the input, for networks whose classifier depends on it (in 1D the same as
        `input_shape`).
    ndim : {1, 2, 3}
        Axes behind (batch, channels).
    frames : int, optional
        In 2D: see so many frames of a video at once, as channels. It then takes (batch,
        in_channels, frames, height, width).
    **config
        Options of the network, checked by name. Every network takes `width`, a multiplier of
        its numbers of feature maps; those whose classifier sees every place of an image take
        `input_shape`, the only size that they then take.

    Returns
    -------
    torch.nn.Module
        Takes (batch, in_channels, ...) to (batch, num_classes); its attribute `config`
        holds every argument, enough to build it again.

    Raises
    ------
    ValueError, TypeError
        If the name, the dimension or an option is unknown, or a number is illegal.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("eegnet", in_channels=22, num_classes=4, n_times=1000)
    >>> sum(p.numel() for p in model.parameters())
    3444
    >>> model(torch.zeros(8, 22, 1000)).shape
    torch.Size([8, 4])
    """
    entry = REGISTRY[_checks.one_of("name", name, sorted(REGISTRY))]
    if ndim not in entry.ndims:
        listed = ", ".join(str(n) for n in entry.ndims)
        raise ValueError(f"ndim must be one of {listed} for the network {name!r}; got {ndim!r}")
    _checks.parameters(f"network {name!r}", config, entry.options)
    if frames is not None and ndim != 2:
        raise ValueError(f"frames must be given in 2D only; got {frames!r} with ndim={ndim}")
    if n_times is not None and ndim != 1:
        raise ValueError(f"n_times must be given in 1D only; got {n_times!r} with ndim={ndim}")
    channels = _checks.whole("in_channels", in_channels)
    arguments = {
        "in_channels": channels,
        "num_classes": _checks.whole("num_classes", num_classes),
        "n_times": None if n_times is None else _checks.whole("n_times", n_times),
        "ndim": ndim,
    }
    if n_times is not None and ndim == 1 and "input_shape" in entry.options:
        config.setdefault("input_shape", arguments["n_times"])
    clip = {} if frames is None else {"frames": _checks.whole("frames", frames)}
    given = {key: arguments[key] for key in entry.common}
    given["in_channels"] = channels * clip.get("frames", 1)
    model = entry.build(**given, **config)
    if clip:
        model = OverFrames(model, in_channels=channels, **clip)
    model.config = {"name": name, **arguments, **clip, **config}
    return model


def takes(name: str, option: str) -> bool:
    """Return whether a network has an option."""
    return option in REGISTRY[_checks.one_of("name", name, sorted(REGISTRY))].options


def made_for(name: str) -> tuple[bool, float | None, int]:
    """Return whether a network is for EEG and nothing else, at which rate in Hz, and its shortest.

    The rate is None for networks that are not made for EEG at all.
    """
    entry = REGISTRY[_checks.one_of("name", name, sorted(REGISTRY))]
    return entry.domains == ("eeg",), entry.rate, entry.smallest.get(1, 1)


def build_for(name: str, shape: Sequence[int], num_classes: int, **config: Any) -> nn.Module:
    """Build a network for inputs of one shape (channels, ...); arguments as for `build_model`.

    Examples
    --------
    >>> from sigconv.nn.models import build_for
    >>> build_for("c3d", (1, 40, 51), 10, width=0.1).config["input_shape"]
    (40, 51)
    """
    channels, *sizes = shape
    if len(sizes) == 1:
        config = {"n_times": sizes[0], **config}
    elif takes(name, "input_shape"):
        config = {"input_shape": tuple(sizes), **config}
    return build_model(
        name, in_channels=channels, num_classes=num_classes, ndim=len(sizes), **config
    )
