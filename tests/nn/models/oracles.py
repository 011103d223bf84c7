"""Other libraries' networks, where they can be imported, and their weights in ours."""

import importlib.util
import sys
import warnings
from collections.abc import Iterable
from types import ModuleType

import pytest
import torch
from torch import nn

#: A library of operators takes them with it when it goes.
KEPT: list[torch.library.Library] = []


def torchvision_models() -> ModuleType:
    """Return torchvision's networks; with a torch for the CPU alone two operators lack."""
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    if "torchvision" not in sys.modules and not KEPT:
        KEPT.append(torch.library.Library("torchvision", "DEF"))
        for name in ("nms", "qnms"):
            KEPT[0].define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torchvision.models.video
    return torchvision.models


def carry(pairs: Iterable[tuple[nn.Module, nn.Module]]) -> None:
    """Copy weights and statistics from the second of each pair into the first, in their order.

    Shapes may differ in axes of length 1, and in whether a classifier's input is flat.
    """
    for ours, theirs in pairs:
        state, given = ours.state_dict(), theirs.state_dict()
        assert len(state) == len(given)
        values = zip(state.items(), given.values(), strict=True)
        ours.load_state_dict({key: value.reshape(old.shape) for (key, old), value in values})


def lively(model: nn.Module) -> nn.Module:
    """Give batch norms statistics and weights that matter; return the model, for evaluation."""
    generator = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            for tensor in (module.weight.data, module.running_var):
                tensor.uniform_(0.5, 1.5, generator=generator)
            for tensor in (module.bias.data, module.running_mean):
                tensor.uniform_(-0.5, 0.5, generator=generator)
    return model.eval()


def n_parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
