"""Pooling over places and maps against loops over the definition."""

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import layers

from . import naive

SIZES = {1: (12,), 2: (7, 9), 3: (5, 6, 4)}
FORMS = [
    {"window": 2},
    {"window": 3, "stride": 2},  # overlapping
    {"window": 3, "stride": 2, "ceil_mode": True},
    {"window": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"window": 2, "stride": 3},
]


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("kind", ["max", "min", "average", "average without padding"])
def test_pooling(ndim, form, kind):
    x = torch.randn(2, 3, *SIZES[ndim], dtype=torch.double)
    options = dict(form)
    window, stride = options.pop("window"), options.pop("stride", None)
    if kind == "max":
        layer, reduce, fill = layers.max_pool(ndim, window, stride, **options), np.max, None
    elif kind == "min":
        layer, reduce, fill = layers.min_pool(ndim, window, stride, **options), np.min, None
    else:
        counted = kind == "average"
        layer = layers.average_pool(ndim, window, stride, count_padding=counted, **options)
        reduce, fill = np.mean, 0.0 if counted else None
    for y, item in zip(layer(x).numpy(), x.numpy(), strict=True):
        expected = naive.pool(item, reduce, window, stride or window, fill=fill, **options)
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-15)  # means may cancel


def test_max_pooling_along_time_is_torchs():
    """Exported it goes by way of a picture of one row, for lengths that stay free."""
    x = torch.randn(2, 3, 101)
    for form in ({"stride": 2}, {"stride": 3, "padding": 1, "dilation": 2}):
        theirs, ours = nn.MaxPool1d(4, **form), layers.max_pool(1, 4, **form)
        assert torch.equal(ours(x), theirs(x))
        free = ({2: torch.export.Dim.AUTO},)
        program = torch.export.export(ours, (x[..., :60],), dynamic_shapes=free)
        assert torch.equal(program.module(check_guards=False)(x), theirs(x))
    up = {"stride": 3, "padding": 1, "ceil_mode": True}
    assert torch.equal(layers.max_pool(1, 4, **up)(x), nn.MaxPool1d(4, **up)(x))


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_global_pooling(ndim):
    x = torch.randn(2, 4, *(5,) * ndim, dtype=torch.double)
    axes = tuple(range(2, 2 + ndim))
    torch.testing.assert_close(layers.GlobalAveragePool()(x), x.mean(dim=axes))
    assert torch.equal(layers.GlobalMaxPool()(x), x.amax(dim=axes))
    assert torch.equal(layers.GlobalMinPool()(x), x.amin(dim=axes))


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_maxout_takes_the_largest_of_neighbouring_maps(ndim):
    x = torch.randn(2, 6, *(4,) * ndim)
    y = layers.Maxout(3)(x)
    for b, m in np.ndindex(2, 2):
        expected = np.max([x[b, 3 * m + i].numpy() for i in range(3)], axis=0)
        np.testing.assert_array_equal(y[b, m].numpy(), expected)
    with pytest.raises(ValueError, match="pieces must divide 6 channels; got 4"):
        layers.Maxout(4)(x)


def test_unknown_dimension():
    with pytest.raises(ValueError, match="ndim must be one of 1, 2, 3; got 0"):
        layers.max_pool(0, 2)
