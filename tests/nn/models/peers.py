"""Networks of torchvision and MONAI, and how ours is to be built to have their layout.

Run as a script (`python -m tests.nn.models.peers`), this writes golden_outputs.json: what the
peers answer with weights and inputs that are the same everywhere. The tests hold our networks
to these numbers where the peers are missing, and to the peers themselves where they are not.
"""

import json
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .oracles import torchvision_models

GOLDEN = Path(__file__).with_name("golden_outputs.json")


def uniform(seed: int, shape: torch.Size | tuple[int, ...]) -> torch.Tensor:
    """Return numbers of mean 0 and deviation 1 from a stream that numpy promises to keep."""
    raw = np.random.PCG64(seed).random_raw(math.prod(shape))
    values = (raw / 2.0**63 - 1) * math.sqrt(3)
    return torch.from_numpy(values.reshape(shape)).float()


def fill(model: nn.Module) -> nn.Module:
    """Give every tensor of a network its own known numbers, by its place in the order."""
    for seed, (name, tensor) in enumerate(model.state_dict().items()):
        if not tensor.is_floating_point():
            continue
        values = uniform(seed, tensor.shape)
        if tensor.ndim > 1:
            values *= math.sqrt(2 / tensor[0].numel())
        elif name.endswith(("weight", "running_var")):
            values = 1 + 0.2 * values
        else:
            values *= 0.1
        tensor.copy_(values)
    return model.eval()


def vision(name: str, **options: Any) -> nn.Module:
    return getattr(torchvision_models(), name)(num_classes=4, **options)


def video(name: str) -> nn.Module:
    return getattr(torchvision_models().video, name)(num_classes=4)


def monai_resnet(ndim: int, block: str, layers: list[int]) -> nn.Module:
    from monai.networks.nets import ResNet

    return ResNet(
        block,
        layers,
        [8, 16, 32, 64],
        spatial_dims=ndim,
        n_input_channels=2,
        conv1_t_stride=2,
        num_classes=4,
        bias_downsample=False,
    )


def monai_densenet(ndim: int) -> nn.Module:
    from monai.networks.nets import DenseNet

    return DenseNet(ndim, 2, 4, init_features=16, growth_rate=8)


def monai_unet(ndim: int, norm: bool) -> nn.Module:
    from monai.networks.nets.basic_unet import BasicUNet, UpCat

    maps = (8, 16, 32, 64, 128, 8)
    form = {"act": "relu", "norm": "batch" if norm else None, "bias": not norm}
    theirs = BasicUNet(ndim, 2, 4, maps, **form)
    # their last step up keeps its maps; the paper's halves them, as their other steps do
    theirs.upcat_1 = UpCat(ndim, maps[1], maps[0], maps[5], **form)
    return theirs


@dataclass(frozen=True)
class Peer:
    """Another library's network, ours of the same layout, and an input."""

    theirs: Callable[[], nn.Module]
    name: str
    shape: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)


PEERS = {
    "alexnet": Peer(partial(vision, "alexnet"), "alexnet", (3, 224, 224), {"variant": "2014"}),
    "googlenet": Peer(
        partial(vision, "googlenet", aux_logits=False, init_weights=False),
        "googlenet",
        (3, 71, 64),
        {"variant": "batch_norm"},
    ),
    **{
        name: Peer(partial(vision, name), name, (3, 50, 67))
        for name in ("resnet18", "resnet34", "resnet50", "resnet101", "densenet121")
    },
    **{
        name: Peer(partial(video, theirs), name, (3, 5, 23, 18))
        for name, theirs in {"r3d18": "r3d_18", "mc3": "mc3_18", "r2plus1d": "r2plus1d_18"}.items()
    },
    **{
        f"monai resnet18 {ndim}d": Peer(
            partial(monai_resnet, ndim, "basic", [2, 2, 2, 2]),
            "resnet18",
            (2, *(37, 32, 21)[:ndim]),
            {"width": 1 / 8},
        )
        for ndim in (1, 2, 3)
    },
    **{
        f"monai resnet50 {ndim}d": Peer(
            partial(monai_resnet, ndim, "bottleneck", [3, 4, 6, 3]),
            "resnet50",
            (2, *(37, 32, 21)[:ndim]),
            {"width": 1 / 8},
        )
        for ndim in (1, 3)
    },
    **{
        f"monai densenet121 {ndim}d": Peer(
            partial(monai_densenet, ndim),
            "densenet121",
            (2, *(40, 33, 29)[:ndim]),
            {"width": 1 / 4},
        )
        for ndim in (1, 2, 3)
    },
    **{
        f"monai unet {ndim}d{' with norms' if norm else ''}": Peer(
            partial(monai_unet, ndim, norm),
            "unet",
            (2, *(35, 16, 25)[:ndim]),
            {"width": 1 / 8, "padding": "same", "batch_norm": norm},
        )
        for ndim in (1, 2, 3)
        for norm in (False, True)
    },
}


def answer(model: nn.Module, shape: tuple[int, ...]) -> torch.Tensor:
    """Return what a network makes of the known input."""
    with torch.no_grad():
        return model(uniform(12345, (1, *shape)))[0]


def kept(output: torch.Tensor) -> list[float]:
    """Return some numbers of an answer: all logits, or a few places of a map."""
    return [float(f"{value:.6g}") for value in output.flatten()[:: max(1, output.numel() // 8)]]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answers = {key: kept(answer(fill(peer.theirs()), peer.shape)) for key, peer in PEERS.items()}
    GOLDEN.write_text(json.dumps(answers, indent=1) + "\n")
