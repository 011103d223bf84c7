"""Recursive filters from rest as differentiable operators, in float64 on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import signal
from torch import Tensor
from torch.autograd.function import once_differentiable

from ...filters import TransferFunction


class _Frozen(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, tf: TransferFunction) -> Tensor:
        ctx.tf = tf
        return _like(tf.filter(_array(x)), x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        # the transpose of a causal filter is the same filter with time reversed
        return _Frozen.apply(gradient.flip(-1), ctx.tf).flip(-1), None


class _Section(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, section: Tensor) -> Tensor:
        b, a = _array(section).reshape(2, 3)
        y = _like(signal.lfilter(b, a, _array(x), axis=-1), x)
        ctx.save_for_backward(x, section, y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Any:
        x, section, y = (_array(each) for each in ctx.saved_tensors)
        b, a = section.reshape(2, 3)
        # A y = B x: what the error says of A y is 1/A of it, run backwards
        u = signal.lfilter([1.0], a, _array(gradient)[..., ::-1], axis=-1)[..., ::-1]
        to_x = signal.lfilter(b, [1.0], u[..., ::-1], axis=-1)[..., ::-1]
        of_b = [_product(u, x, lag) for lag in range(3)]
        of_a = [-_product(u, y, lag) for lag in range(3)]
        return _like(to_x, gradient), _like(np.array(of_b + of_a), gradient)


def _product(u: NDArray[Any], x: NDArray[Any], lag: int) -> float:
    n = u.shape[-1]
    return float((u[..., min(lag, n) :] * x[..., : max(n - lag, 0)]).sum())


def _array(x: Tensor) -> NDArray[np.float64]:
    return x.detach().cpu().double().numpy()


def _like(values: NDArray[Any], x: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(x)


def filtered(x: Tensor, tf: TransferFunction) -> Tensor:
    """Run a filter along the last axis from rest, as `tf.filter` does; x has all gradients."""
    if _is_shape_only(x):
        return _all_seen(x)
    return _Frozen.apply(x, tf)


def _all_seen(x: Tensor) -> Tensor:
    # no operation on x: what watches a network's shapes takes it for what sees all of them
    return torch.empty(x.shape, dtype=x.dtype, device=x.device)


def _is_shape_only(x: Tensor) -> bool:
    """Whether x has a shape and no data; refuse to become part of a file."""
    if torch.compiler.is_exporting():
        raise ValueError(
            "model must have no recursive filter to be written to a file (torch and ONNX have no "
            "such operator): let it filter with an FIR, or keep the filter outside"
        )
    return x.is_meta


def filtered_by_sections(x: Tensor, sections: Tensor) -> Tensor:
    """Run sections (n, 6) one after the other from rest; both have gradients (a[0] is 1)."""
    if _is_shape_only(x):
        return _all_seen(x)
    for section in sections:
        x = _Section.apply(x, section)
    return x
