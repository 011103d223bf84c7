"""Weights from elsewhere, matched layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from os import PathLike
from typing import Any

import torch
from torch import Tensor, nn

from ... import _checks
from . import hub as _hub
from . import shapes

#: Counts steps of a training; old files lack it.
_COUNTER = "num_batches_tracked"


@dataclass(frozen=True)
class Carried:
    """What was carried over.

    Parameters
    ----------
    matched : dict
        Name in the network -> name in the source.
    adapted : dict
        Name in the network -> what was done to bring the weight into its shape.
    missing : tuple of str
        Names in the network that got nothing; they are as they were.
    unused : tuple of str
        Names in the source that found no place.
    """

    matched: dict[str, str]
    adapted: dict[str, str]
    missing: tuple[str, ...]
    unused: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"{len(self.matched)} of {len(self.matched) + len(self.missing)} tensors"]
        for name, what in self.adapted.items():
            parts.append(f"{name}: {what}")
        if self.missing:
            parts.append(f"not found: {', '.join(self.missing)}")
        if self.unused:
            parts.append(f"not used: {', '.join(self.unused)}")
        return "; ".join(parts)


def load_pretrained(
    model: nn.Module,
    source: Mapping[str, Tensor] | str | PathLike[str],
    *,
    lift: str = "inflate",
    hub: str = _hub.HUB,
    folder: str | None = None,
) -> Carried:
    """Put weights that were trained elsewhere into a network, in place.

    Parameters
    ----------
    model : torch.nn.Module
    source : state dict, path, address, or str
        Names with tensors; a `.safetensors` file or one that `torch.save` wrote (nothing in it is
        executed); an http address; or the name of a network of torchvision's.
    lift : {"inflate", "centre"}
        Of kernels with fewer axes than the network's: repeated along the new axis and divided
        by its length, or put into its middle. Kernels with more axes are summed over the
        first ones. Signals that are constant along such an axis keep their answer, but for
        zeros beyond its ends.
    hub : str
        The address of the folder that holds torchvision's files.
    folder : str, optional
        Where downloads are kept; torch's own cache if not given.

    Returns
    -------
    Carried
        What matched, what was adapted, and what did not match. Print it.

    Raises
    ------
    ValueError
        If no layer matches, or the file holds no weights.
    FileNotFoundError, OSError
        If the file is not there, cannot be downloaded, or is not what its name's digest says.

    Notes
    -----
    Equal names match where their shapes agree. If not all do, layers match in their order, by their
    kind and by the numbers of maps and taps, so names do not matter; the channels of the
    first convolution may differ (each gets the channels' mean, so that equal channels give the
    same answer), and a head for other classes stays as it was.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.pretrained import load_pretrained
    >>> photos = build_model("resnet18", in_channels=3, num_classes=10, ndim=2, width=0.125)
    >>> eeg = build_model("resnet18", in_channels=22, num_classes=4, ndim=1, width=0.125)
    >>> carried = load_pretrained(eeg, photos.state_dict())
    >>> carried.missing, carried.adapted["features.stem.conv.weight"]
    (('classifier.fc.weight', 'classifier.fc.bias'), 'to 1 axes, 3 to 22 channels')
    """
    _checks.one_of("lift", lift, shapes.LIFTS)
    given = _hub.read(source, hub, folder)
    own = model.state_dict()
    pairs = _by_name(own, given)
    wanted = [name for name in own if not name.endswith(_COUNTER)]
    if not pairs.keys() >= set(wanted):
        pairs = _by_order(own, given)
    first = next((name for name, value in own.items() if value.ndim >= 3), None)
    matched, adapted, values = {}, {}, {}
    for name, other in pairs.items():
        found = shapes.fitted(given[other], own[name].shape, lift, name == first)
        if found is None:
            continue
        values[name], what = found
        matched[name] = other
        if what:
            adapted[name] = what
    if not any(name in matched for name in wanted):
        raise ValueError(
            f"source must hold weights of such a network; none of its {len(given)} tensors fits "
            f"any of the {len(wanted)} of the model; the first is {_shape(own)} here, "
            f"{_shape(given)} there"
        )
    with torch.no_grad():
        for name, value in values.items():
            own[name].copy_(value)
    used = set(matched.values())
    return Carried(
        matched,
        adapted,
        tuple(name for name in wanted if name not in matched),
        tuple(n for n in given if n not in used and not n.endswith(_COUNTER)),
    )


def _shape(state: Mapping[str, Tensor]) -> str:
    return next((f"{name} {tuple(v.shape)}" for name, v in state.items() if v.ndim), "nothing")


def _by_name(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> dict[str, str]:
    return {name: name for name in own if name in given and given[name].shape == own[name].shape}


def _by_order(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> dict[str, str]:
    """Return names in `own` -> names in `given`, of layers that match in their order."""
    ours, theirs = _layers(own), _layers(given)
    one_marks, other_marks = (
        [_mark(layer, i == 0) for i, layer in enumerate(each)] for each in (ours, theirs)
    )
    matcher = SequenceMatcher(None, one_marks, other_marks, autojunk=False)
    pairs = {}
    for at, other, n in matcher.get_matching_blocks():
        for one, two in zip(ours[at : at + n], theirs[other : other + n], strict=True):
            pairs.update({one[kind][0]: two[kind][0] for kind in one if kind in two})
    return pairs


def _layers(state: Mapping[str, Tensor]) -> list[dict[str, tuple[str, Tensor]]]:
    """Return the tensors of each layer, by what they are in it."""
    layers: dict[str, dict[str, tuple[str, Tensor]]] = {}
    for name, value in state.items():
        layer, _, kind = name.rpartition(".")
        layers.setdefault(layer, {})[kind] = (name, value)
    return list(layers.values())


def _mark(layer: Mapping[str, tuple[str, Tensor]], first: bool) -> tuple[Any, ...]:
    """Return what two layers must have in common to match."""
    kinds = tuple(sorted(kind for kind in layer if kind != _COUNTER))
    weight = layer.get("weight", next(iter(layer.values())))[1]
    if weight.ndim < 2:
        return kinds, tuple(weight.shape)
    taps = weight.shape[-1] if weight.ndim > 2 else 1
    into = None if first else weight[0].numel() // taps ** max(weight.ndim - 2, 0)
    return kinds, weight.shape[0], into, taps
