"""Where a network's file writes itself down under its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import nn

T = TypeVar("T", bound=nn.Module)

#: What every network is given; all other keywords of its class are its options.
COMMON = ("in_channels", "num_classes", "n_times", "ndim")


@dataclass(frozen=True)
class Entry:
    """A network: what builds it, the dimensions it exists in, the names of its options."""

    build: Callable[..., Any]
    ndims: tuple[int, ...]
    options: tuple[str, ...]


REGISTRY: dict[str, Entry] = {}


def register(name: str, *, ndims: tuple[int, ...]) -> Callable[[type[T]], type[T]]:
    """Return a decorator that puts a network into the registry."""

    def add(network: type[T]) -> type[T]:
        if name in REGISTRY:
            raise ValueError(f"name must be new; the network {name!r} is registered already")
        keywords = inspect.signature(network).parameters
        options = tuple(key for key in keywords if key not in COMMON)
        REGISTRY[name] = Entry(network, ndims, options)
        return network

    return add
