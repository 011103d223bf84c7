"""What takes the steps of a training, and how long they are."""

from __future__ import annotations

from torch import nn, optim
from torch.optim import lr_scheduler

from .config import TrainingConfig


def make_optimiser(model: nn.Module, config: TrainingConfig) -> optim.Optimizer:
    """Return the optimiser of a network's free parameters."""
    free = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not free:
        raise ValueError("model must have parameters that can be trained; all are frozen")
    if config.optimiser == "adamw":
        return optim.AdamW(free, lr=config.learning_rate, weight_decay=config.weight_decay)
    return optim.SGD(
        free,
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        momentum=config.momentum,
        nesterov=config.momentum > 0,
    )


def make_schedule(
    optimiser: optim.Optimizer, config: TrainingConfig, steps: int
) -> lr_scheduler.LRScheduler:
    """Return what changes the learning rate after each of so many steps."""
    if config.schedule == "one-cycle":
        # of AdamW the first beta goes the other way, as the momentum of SGD does
        cycles = config.optimiser == "adamw" or config.momentum > 0
        return lr_scheduler.OneCycleLR(
            optimiser, config.learning_rate, total_steps=steps, cycle_momentum=cycles
        )
    if config.schedule == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimiser, steps)
    return lr_scheduler.ConstantLR(optimiser, factor=1.0)
