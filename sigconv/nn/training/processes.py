"""One training in several processes: the same numbers as in one, whoever computes which trials."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ..operators import plain_modules

#: Functions that draw a random number for each value: each process draws those of the whole batch.
_RANDOM = {
    functional.dropout,
    functional.dropout1d,
    functional.dropout2d,
    functional.dropout3d,
    functional.alpha_dropout,
    functional.feature_alpha_dropout,
}


def device(asked: str | None) -> str:
    """Return where to train: where it was asked for, or on a GPU if there is one."""
    there = torch.cuda.is_available()
    if asked is None:
        return "cuda" if there else "cpu"
    if torch.device(asked).type == "cuda" and not there:
        raise ValueError(f"device must be 'cpu' here: torch finds no GPU; got {asked!r}")
    return asked


def join(device: str) -> None:
    """Meet the other processes that torchrun started, if it did."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or _is_set_up():
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if device == "cuda" else "gloo")


def leave() -> None:
    """Part from the other processes."""
    if _is_set_up():
        distributed.destroy_process_group()


@contextmanager
def first_alone() -> Iterator[None]:
    """Let the first process through a block before the others: it makes files that they find."""
    if rank() > 0:
        distributed.barrier()
    try:
        yield
    finally:
        if rank() == 0 and count() > 1:
            distributed.barrier()


def count() -> int:
    """Return how many processes train together: 1 unless torch.distributed is set up."""
    return distributed.get_world_size() if _is_set_up() else 1


def rank() -> int:
    """Return which of them this is, from 0 on."""
    return distributed.get_rank() if _is_set_up() else 0


def own(n: int) -> slice:
    """Return which of `n` rows of a batch this process computes; the sizes differ by 1 at most."""
    size, more = divmod(n, count())
    start = rank() * size + min(rank(), more)
    return slice(start, start + size + (rank() < more))


def total(x: Tensor) -> Tensor:
    """Return the sum of a tensor over the processes, without its gradient."""
    if count() > 1:
        x = x.detach().clone()
        distributed.all_reduce(x)
    return x


def gathered(x: Tensor, n: int) -> Tensor:
    """Return all `n` rows of which each process holds its `own`."""
    if count() == 1:
        return x
    everything = x.new_zeros((n, *x.shape[1:]))
    everything[own(n)] = x
    return total(everything)


def sum_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Add up what each process found for its rows; all of them step alike."""
    if count() == 1:
        return
    found = [each for each in parameters if each.requires_grad]
    for each in found:
        if each.grad is None:  # of rows here, not of those elsewhere
            each.grad = torch.zeros_like(each)
    flat = torch.cat([each.grad.flatten() for each in found if each.grad is not None])
    distributed.all_reduce(flat)
    for each, part in zip(found, flat.split([each.numel() for each in found]), strict=True):
        each.grad = part.view_as(each)


@contextmanager
def of_whole_batch(n: int) -> Iterator[None]:
    """Make forward passes over own rows passes over all `n` rows of a batch.

    Batch norms take their statistics over all processes, with gradients that know of it, and
    dropout drops what it would in one process. In one process it is of no effect.
    """
    if count() == 1:
        yield
        return
    with plain_modules(), _WholeBatch(n):  # compiled operators know of one process alone
        yield


class _WholeBatch(TorchFunctionMode):
    def __init__(self, n: int) -> None:
        super().__init__()
        self._n, self._own = n, own(n)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Put functions over the whole batch in the place of those over own rows."""
        kwargs = dict(kwargs or {})
        if func in _RANDOM:
            return self._drawn_for_all(func, *args, **kwargs)
        if func is functional.batch_norm:
            return _batch_norm(*args, **kwargs)
        return func(*args, **kwargs)

    def _drawn_for_all(
        self, func: Callable[..., Tensor], x: Tensor, *args: Any, **kw: Any
    ) -> Tensor:
        """Put own rows at their places among zeros, and take them out again."""
        if isinstance(x, nn.Parameter):  # weights have no rows: they are the same everywhere
            return func(x, *args, **kw)
        mine = self._own.stop - self._own.start
        folded, rest = divmod(len(x), mine)  # a network may fold an axis into the rows
        if rest:
            raise ValueError(f"dropout must see {mine} rows or a multiple of them; got {len(x)}")
        place = slice(self._own.start * folded, self._own.stop * folded)
        everything = x.new_zeros((self._n * folded, *x.shape[1:]))
        everything[place] = x
        return func(everything, *args, **{**kw, "inplace": False})[place]


class _Sum(torch.autograd.Function):
    """The sum over processes. What each of them makes of it has a gradient; those add up too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return total(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return total(gradient)


def _batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Batch norm over all processes; torch's own, SyncBatchNorm, needs GPUs."""
    if not training:
        return functional.batch_norm(
            x, running_mean, running_var, weight, bias, False, momentum, eps
        )
    axes = [axis for axis in range(x.ndim) if axis != 1]
    shape = [1, -1] + [1] * (x.ndim - 2)
    n = total(torch.tensor(float(x.numel() // x.shape[1]), device=x.device, dtype=torch.float64))
    n = n.to(x.dtype)
    mean = _Sum.apply(x.sum(axes)) / n
    centred = x - mean.view(shape)
    var = _Sum.apply(centred.square().sum(axes)) / n
    if running_mean is not None and running_var is not None:
        with torch.no_grad():
            running_mean.lerp_(mean.to(running_mean), momentum)
            running_var.lerp_((var * n / (n - 1)).to(running_var), momentum)
    result = centred * torch.rsqrt(var + eps).view(shape)
    if weight is not None:
        result = result * weight.view(shape)
    return result if bias is None else result + bias.view(shape)


def _is_set_up() -> bool:
    return distributed.is_available() and distributed.is_initialized()
