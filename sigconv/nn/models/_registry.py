"""Where a network's file writes itself down under its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from torch import nn

T = TypeVar("T", bound=nn.Module)

#: What every network is given; all other keywords of its class are its options.
COMMON = ("in_channels", "num_classes", "n_times", "ndim")

#: What recordings a network may be made for.
DOMAINS = ("eeg", "audio", "motion", "image", "video", "ct")


@dataclass(frozen=True)
class Entry:
    """A network: what builds it, and for which inputs.

    `smallest` is the least number of samples along each axis, by dimension, with the default
    options (where a network has to be told the size of its input: the least it can be told);
    `common` are those of `COMMON` that its class takes. `rate` is the one in Hz that the kernels of
    a network for EEG are made for, which are counted in samples.
    """

    build: Callable[..., Any]
    ndims: tuple[int, ...]
    domains: tuple[str, ...]
    smallest: Mapping[int, int]
    common: tuple[str, ...]
    options: tuple[str, ...]
    rate: float | None = None


REGISTRY: dict[str, Entry] = {}


def register(
    name: str,
    *,
    ndims: tuple[int, ...],
    domains: tuple[str, ...],
    smallest: int | Mapping[int, int],
    rate: float | None = None,
    **preset: Any,
) -> Callable[[type[T]], type[T]]:
    """Return a decorator that puts a network into the registry.

    `preset` are keywords of the class that the name stands for: `register("vgg16", depth=16)`.
    """
    unknown = [domain for domain in domains if domain not in DOMAINS]
    if unknown or not domains:
        raise ValueError(f"domains must be some of {', '.join(DOMAINS)}; got {domains!r}")

    def add(network: type[T]) -> type[T]:
        if name in REGISTRY:
            raise ValueError(f"name must be new; the network {name!r} is registered already")
        keywords = inspect.signature(network).parameters
        common = tuple(key for key in COMMON if key in keywords)
        options = tuple(key for key in keywords if key not in COMMON and key not in preset)
        if "width" not in options:
            raise TypeError(f"the network {name!r} must take width, as every network does")
        least = dict.fromkeys(ndims, smallest) if isinstance(smallest, int) else dict(smallest)
        build = partial(network, **preset) if preset else network
        REGISTRY[name] = Entry(build, ndims, domains, least, common, options, rate)
        return network

    return add
