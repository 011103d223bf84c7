"""Batch norms that know the statistics of the weights they stand between."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..pretrained.freezing import is_kept
from . import processes


def settle(model: nn.Module, inputs: Iterable[Tensor]) -> None:
    """Replace running statistics by those of the present weights over the given samples.

    The network is left in evaluation mode. Norms that do not learn (of frozen layers) are
    left as they are.
    """
    model.train()
    norms = [
        module
        for module in model.modules()
        if isinstance(module, _BatchNorm) and module.training and module.track_running_stats
        if not is_kept(module) and (module.weight is None or module.weight.requires_grad)
    ]
    momenta = [norm.momentum for norm in norms]
    model.eval()  # dropout off
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
        norm.train()
    try:
        with torch.no_grad():
            for part in inputs:
                with processes.of_whole_batch(len(part)):
                    model(part[processes.own(len(part))])
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        model.eval()
