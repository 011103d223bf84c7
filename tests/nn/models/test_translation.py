"""What pooling adds to equivariance: invariance, measured."""

import pytest
import torch

from sigconv.nn import layers


def change(maps: torch.Tensor, moved: torch.Tensor) -> float:
    """Return how far two answers are apart, in parts of their size."""
    return ((maps - moved).norm() / maps.norm()).item()


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("pool", [layers.max_pool, layers.average_pool])
def test_the_wider_the_pooling_the_less_a_shift_changes(ndim, pool):
    """A shift by one sample changes convolution's maps wholly, pooled ones by ever less."""
    torch.manual_seed(0)
    n = {1: 512, 2: 96, 3: 40}[ndim]
    convolution = layers.convolution(ndim, 1, 8, 3, padding=1, boundary="wrap")
    x = torch.randn(4, 1, *(n,) * ndim)
    moved = x.roll(1, dims=-1)
    with torch.no_grad():
        maps, others = convolution(x).relu(), convolution(moved).relu()
        # equivariance: the maps move with the input
        torch.testing.assert_close(others, maps.roll(1, dims=-1))
        changes = [change(maps, others)]
        changes += [change(pool(ndim, w)(maps), pool(ndim, w)(others)) for w in (2, 4, 8)]
        everything = layers.GlobalAveragePool()
        assert change(everything(maps), everything(others)) < 1e-5
    assert changes == sorted(changes, reverse=True)
    assert changes[0] > 0.5
    assert changes[-1] < 0.5 * changes[0]
