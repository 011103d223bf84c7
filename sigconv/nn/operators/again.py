"""Gradients that can be derived once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def again(plain: Callable[..., Any], inputs: Sequence[Tensor], gradients: Sequence[Any]) -> Any:
    """Return the inputs' gradients by torch's own operations, so that these can be derived.

    `plain(*inputs)` are the outputs to which `gradients` belong, None for those without.
    """
    # views, so that what one input owes to another is not counted again
    inputs = [x.view_as(x) for x in inputs]
    wanted = [x for x in inputs if x.requires_grad]
    pairs = [pair for pair in zip(plain(*inputs), gradients, strict=True) if pair[1] is not None]
    outputs, given = zip(*pairs, strict=True)
    found = iter(torch.autograd.grad(outputs, wanted, given, create_graph=True, allow_unused=True))
    return [next(found) if x.requires_grad else None for x in inputs]
