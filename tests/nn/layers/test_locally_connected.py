"""Unshared weights, and maps that see only some maps."""

import numpy as np
import pytest
import torch

from sigconv.nn import layers

from . import naive

SIZES = {1: (9,), 2: (6, 7), 3: (4, 5, 4)}


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_every_place_has_a_kernel_of_its_own(ndim, stride):
    shape = SIZES[ndim]
    layer = layers.LocallyConnected(ndim, 2, 3, 3, input_shape=shape, stride=stride).double()
    layer.bias.data.normal_()
    x = torch.randn(2, 2, *shape, dtype=torch.double)
    y = layer(x).detach().numpy()
    out = layer.output_shape
    assert y.shape == (2, 3, *out)
    assert layer.weight.numel() == np.prod(out) * 3 * 2 * 3**ndim
    for number, place in enumerate(naive.places(out)):
        window = tuple(slice(stride * i, stride * i + 3) for i in place)
        kernel = layer.weight[number].detach().numpy().reshape(3, 2, *(3,) * ndim)
        for b in range(2):
            expected = naive.convolution(x[b].numpy()[(slice(None), *window)], kernel)
            expected = expected.ravel() + layer.bias.detach().numpy()[(slice(None), *place)]
            np.testing.assert_allclose(y[(b, slice(None), *place)], expected, atol=1e-12)


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_equal_kernels_everywhere_are_a_convolution(ndim):
    shape = SIZES[ndim]
    shared = layers.convolution(ndim, 2, 3, 3, bias=False)
    local = layers.LocallyConnected(ndim, 2, 3, 3, input_shape=shape, bias=False)
    local.weight.data.copy_(shared.weight.data.flatten(1).expand_as(local.weight))
    x = torch.randn(2, 2, *shape)
    torch.testing.assert_close(local(x), shared(x), rtol=1e-4, atol=1e-5)


def test_another_size_of_input():
    layer = layers.LocallyConnected(2, 1, 1, 3, input_shape=(8, 9))
    with pytest.raises(ValueError, match=r"x must have shape \(batch, 1, 8, 9\); got \(2, 1, 9, 9"):
        layer(torch.zeros(2, 1, 9, 9))
    with pytest.raises(ValueError, match=r"kernel must fit into input_shape=\(2,\); got \(3,\)"):
        layers.LocallyConnected(1, 1, 1, 3, input_shape=2)


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_maps_that_see_some_maps(ndim):
    table = [(0, 2), (1,), (2, 0, 3)]
    layer = layers.ConnectedMaps(ndim, table, 4, 3, stride=2, padding=1).double()
    layer.bias.data.normal_()
    x = torch.randn(1, 4, *SIZES[ndim], dtype=torch.double)
    item = np.pad(x[0].numpy(), [(0, 0), *[(1, 1)] * ndim])
    kernels = iter(layer.weight.detach().numpy())
    for out, seen in enumerate(table):
        expected = layer.bias[out].item()
        for channel in seen:
            kernel = next(kernels)[None, None]
            expected = expected + naive.convolution(item[channel : channel + 1], kernel, stride=2)
        np.testing.assert_allclose(layer(x)[0, out].detach().numpy(), expected[0], atol=1e-12)
    assert layer.weight.shape == (6, *(3,) * ndim)


@pytest.mark.parametrize("table", [[(0, 0)], [()], [(0, 4)], [(-1,)]], ids=str)
def test_impossible_tables(table):
    with pytest.raises(ValueError, match="table must name, for each output map, some of 4 input"):
        layers.ConnectedMaps(1, table, 4, 3)
