"""Pictures and volumes on their way into a network: one orientation, one spacing, one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...volume import Volume

#: Order of a grid's axes, and which of them (in that order) are turned round.
How = tuple[tuple[int, ...], tuple[int, ...]]
#: What the only channel is called where it has no name.
INTENSITY = ("intensity",)


def channels_of(volume: Volume) -> tuple[str, ...]:
    """Return the names of the channels that a network may see: all but transparency."""
    names = tuple(volume.channels[i] for i in volume.signal_channels)
    return names if len(names) > 1 else INTENSITY


def prepared(
    volume: Volume, spacing: Sequence[float], channels: Sequence[str] = INTENSITY
) -> NDArray[np.float32]:
    """Return what a network sees: oriented, on a spacing, each channel with mean 0, deviation 1.

    Returns
    -------
    array of float32, shape (n_channels, *grid)
    """
    found = channels_of(volume)
    if found != tuple(channels):
        raise ValueError(f"channels must be {', '.join(channels)}; got {', '.join(found)}")
    if volume.data.ndim != len(volume.spacing) + bool(volume.channels):
        raise ValueError(
            "volume must have one sample, or channels, at each place of its grid; got the shape "
            f"{volume.data.shape}"
        )
    planes = [volume.data]
    if volume.channels:
        planes = [volume.data[..., i] for i in volume.signal_channels]
    seen = []
    for plane in planes:
        data, own, _ = oriented(volume.replace(data=plane, channels=()))
        x = resampled(data.astype(np.float64), own, spacing, order=1)
        if not np.isfinite(x).all():
            raise ValueError("volume must hold finite numbers; NaN or infinity stands in it")
        seen.append((x - x.mean()) / (x.std() or 1.0))
    return np.stack(seen).astype(np.float32)


def oriented(volume: Volume) -> tuple[NDArray[Any], tuple[float, ...], How]:
    """Return samples without channels in one order of axes, and their spacing.

    Axes of volumes run to the right, front and head, or without an affine along x, y and z;
    those of pictures down and to the right. The last of what is returned says how: the order of
    the axes, and which of them (in that order) are turned round.
    """
    ndim = len(volume.spacing)
    names = sorted(volume.axes, reverse=ndim == 2)
    order = tuple(list(volume.axes).index(name) for name in names)
    turned: tuple[int, ...] = ()
    if volume.affine is not None and ndim == 3:
        turn = np.asarray(volume.affine)[:3, :3] / np.asarray(volume.spacing)
        left, found = np.abs(turn), [0, 0, 0]
        for _ in range(3):  # the clearest axis first, each once
            world, axis = np.unravel_index(left.argmax(), left.shape)
            found[int(world)] = int(axis)
            left[world], left[:, axis] = -1, -1
        order = tuple(found)
        turned = tuple(i for i in range(3) if turn[i, order[i]] < 0)
    data = np.flip(volume.data.transpose(order), turned)
    return data, tuple(volume.spacing[i] for i in order), (order, turned)


def spacing_of(volume: Volume) -> tuple[float, ...]:
    """Return the distance of samples along the axes as `oriented` has them."""
    plane = np.broadcast_to(np.zeros(1, np.uint8), volume.grid)  # takes no room
    return oriented(volume.replace(data=plane, channels=()))[1]


def put_back(data: NDArray[Any], how: How) -> NDArray[Any]:
    """Return samples in the order that `oriented` changed."""
    order, turned = how
    return np.flip(data, turned).transpose(np.argsort(order))


def resampled(
    data: NDArray[Any], spacing: Sequence[float], target: Sequence[float], *, order: int
) -> NDArray[Any]:
    """Return samples at another spacing, over the same extent."""
    if len(spacing) != len(target):
        raise ValueError(
            f"spacing must have a number for each of {len(spacing)} axes; got {len(target)}"
        )
    grid = [max(1, round(n * a / b)) for n, a, b in zip(data.shape, spacing, target, strict=True)]
    return onto(data, grid, order=order)


def onto(data: NDArray[Any], grid: Sequence[int], *, order: int) -> NDArray[Any]:
    """Return samples of the same extent on a grid; voxels are volumes, not points."""
    if tuple(grid) == data.shape:
        return data
    # SciPy rounds the sizes itself: half a voxel more makes them come out
    factors = [(n + 1e-6) / m for n, m in zip(grid, data.shape, strict=True)]
    return ndimage.zoom(data, factors, order=order, mode="nearest", grid_mode=True)
