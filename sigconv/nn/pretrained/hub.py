"""Where published weights lie, and how they are read."""

from __future__ import annotations

import urllib.error
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from ... import _checks

#: The folder of torchvision's weights. Its file names end in the start of their SHA-256.
HUB = "https://download.pytorch.org/models/"

#: Network -> its file there.
FILES = {
    "densenet121": "densenet121-a639ec97.pth",
    "densenet161": "densenet161-8d451a50.pth",
    "densenet169": "densenet169-b2777c0a.pth",
    "densenet201": "densenet201-c1103571.pth",
    "googlenet": "googlenet-1378be20.pth",
    "mc3": "mc3_18-a90a0ba3.pth",
    "r2plus1d": "r2plus1d_18-91a641e6.pth",
    "r3d18": "r3d_18-b3b3357e.pth",
    "resnet101": "resnet101-63fe2227.pth",
    "resnet152": "resnet152-394f9c45.pth",
    "resnet18": "resnet18-f37072fd.pth",
    "resnet34": "resnet34-b627a593.pth",
    "resnet50": "resnet50-0676ba61.pth",
    "vgg11": "vgg11-8a719046.pth",
    "vgg11_bn": "vgg11_bn-6002323d.pth",
    "vgg13": "vgg13-19584684.pth",
    "vgg13_bn": "vgg13_bn-abd245e5.pth",
    "vgg16": "vgg16-397923af.pth",
    "vgg16_bn": "vgg16_bn-6c64b313.pth",
    "vgg19": "vgg19-dcbb9e9d.pth",
    "vgg19_bn": "vgg19_bn-c79401a0.pth",
}


def read(
    source: Mapping[str, Tensor] | str | PathLike[str], hub: str, folder: str | None
) -> dict[str, Tensor]:
    """Return a state dict from itself, a file, an address or the name of a published network."""
    if isinstance(source, Mapping):
        return dict(source)
    text = str(source)
    if "://" in text:
        return _fetched(text, folder)
    path = Path(source)
    if path.suffix == ".safetensors" and path.is_file():
        return load_file(path)
    if path.is_file():
        return _state(torch.load(path, map_location="cpu", weights_only=True), text)
    if path.suffix or len(path.parts) > 1:
        raise FileNotFoundError(f"{path}: no such file")
    name = _checks.one_of("source", text, sorted(FILES))
    return _fetched(hub.rstrip("/") + "/" + FILES[name], folder)


def _fetched(url: str, folder: str | None) -> dict[str, Tensor]:
    """Download a file unless it is in the folder already; a wrong digest is an error."""
    try:
        state = torch.hub.load_state_dict_from_url(
            url,
            model_dir=folder,
            map_location="cpu",
            progress=False,
            check_hash=True,
            weights_only=True,
        )
    except (urllib.error.URLError, RuntimeError) as error:
        raise OSError(f"{url}: weights cannot be had, {error}") from error
    return _state(state, url)


def _state(found: object, where: str) -> dict[str, Tensor]:
    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise ValueError(f"{where}: must hold a state dict, names with tensors")
    return dict(found)
