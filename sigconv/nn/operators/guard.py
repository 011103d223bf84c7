"""When compiled loops may stand in for torch's modules: only where nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.nn.modules import module as torch_module
from torch.utils._python_dispatch import _get_current_dispatch_mode

_allowed = ContextVar("compiled operators", default=True)


@contextmanager
def plain_modules() -> Iterator[None]:
    """Let networks compute with torch's modules alone, in this thread, for comparison.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.operators import plain_modules
    >>> model = build_model("eegnet", in_channels=3, num_classes=2, n_times=128, dropout=0.0)
    >>> x = torch.randn(8, 3, 128)
    >>> with plain_modules():
    ...     plain = model(x)
    >>> torch.allclose(model(x), plain, atol=1e-5)
    True
    """
    token = _allowed.set(False)
    try:
        yield
    finally:
        _allowed.reset(token)


def is_plain_tensor(x: Tensor) -> bool:
    """Whether x is a float32 or float64 on the CPU, and nothing traces or transforms what runs."""
    return (
        not torch.compiler.is_compiling()
        and _allowed.get()
        and type(x) in (Tensor, nn.Parameter)
        and x.device.type == "cpu"
        and x.layout == torch.strided
        and x.dtype in (torch.float32, torch.float64)
        and not torch.is_autocast_enabled("cpu")
        and not torch.jit.is_tracing()
        and not torch._C._are_functorch_transforms_active()
        and _get_current_dispatch_mode() is None
        and torch._C._len_torch_function_stack() == 0
        and forward_ad._current_level < 0
    )


def may_replace(x: Tensor, *modules: nn.Module) -> bool:
    """Whether loops may do the work of modules on such an x: none has hooks, all have its type.

    What each module is, and whether it is in training, is for the caller to see.
    """
    if torch_module._has_any_global_hook():
        return False
    for module in modules:
        for part in module.modules():
            if (
                part._forward_hooks
                or part._forward_pre_hooks
                or part._backward_hooks
                or part._backward_pre_hooks
            ):
                return False
            for parameter in part._parameters.values():
                if parameter is not None and (
                    parameter.dtype != x.dtype or type(parameter) is not nn.Parameter
                ):
                    return False
    return True
