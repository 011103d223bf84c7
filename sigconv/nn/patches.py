"""A network for patches, slid over a volume: what is said of each voxel, blended."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .. import _checks
from .modes import evaluating

#: Deviation of the weights of a patch, in its sizes: edges, where padding is seen, count little.
_SIGMA = 0.125
#: The least weight (that of the middle is 1), so that no voxel goes without.
_LEAST = 1e-3


def over_volume(
    model: nn.Module, x: NDArray[np.float32], patch: Sequence[int], *, overlap: float = 0.5
) -> NDArray[np.float32]:
    """Return the probability of each class at each voxel.

    Parameters
    ----------
    model : torch.nn.Module
        Takes (batch, channels, *patch) to logits (batch, classes, *patch).
    x : array, shape (channels, *grid)
        Smaller grids than a patch are continued by zeros.
    patch : sequence of int
    overlap : float
        Share of a patch that its neighbour has too.

    Returns
    -------
    array of float32, shape (classes, *grid)
        The mean over the patches that hold a voxel, with Gaussian weights around their middles.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.patches import over_volume
    >>> options = {"padding": "same", "levels": 1, "width": 0.1}
    >>> model = build_model("unet", in_channels=1, num_classes=2, ndim=3, **options)
    >>> over_volume(model, np.zeros((1, 20, 12, 9), np.float32), (8, 8, 8)).shape
    (2, 20, 12, 9)
    """
    overlap = _checks.number("overlap", overlap, at_least=0, below=1)
    grid = x.shape[1:]
    missing = [(0, max(0, w - n)) for w, n in zip(patch, grid, strict=True)]
    first = next(model.parameters())
    whole = torch.from_numpy(np.pad(x, [(0, 0), *missing])).to(first)
    weights = torch.from_numpy(_weights(patch)).to(first)
    total, counts = None, torch.zeros(whole.shape[1:], device=first.device)
    starts = [_starts(n, w, overlap) for n, w in zip(whole.shape[1:], patch, strict=True)]
    with evaluating(model), torch.no_grad():
        for corner in itertools.product(*starts):
            place = tuple(slice(i, i + w) for i, w in zip(corner, patch, strict=True))
            said: Tensor = model(whole[(slice(None), *place)][None])[0].softmax(0)
            if said.shape[1:] != weights.shape:
                raise ValueError(
                    f"model must keep the size of a patch {tuple(patch)}; "
                    f"got {tuple(said.shape[1:])}"
                )
            if total is None:
                total = torch.zeros((len(said), *whole.shape[1:]), device=first.device)
            total[(slice(None), *place)] += weights * said
            counts[place] += weights
    assert total is not None
    kept = tuple(slice(n) for n in grid)
    return (total / counts)[(slice(None), *kept)].float().cpu().numpy()


def _starts(n: int, width: int, overlap: float) -> list[int]:
    step = max(1, int(width * (1 - overlap)))
    count = -(-(n - width) // step) + 1
    return [min(i * step, n - width) for i in range(count)]


def _weights(patch: Sequence[int]) -> NDArray[np.float32]:
    weights = np.ones(())
    for n in patch:
        places = np.arange(n) - (n - 1) / 2
        weights = weights[..., None] * np.exp(-0.5 * (places / (_SIGMA * n)) ** 2)
    return np.maximum(weights, _LEAST).astype(np.float32)
