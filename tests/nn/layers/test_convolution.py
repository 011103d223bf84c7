"""Convolutions of every kind against loops over their definition."""

import numpy as np
import pytest
import torch

from sigconv.nn import layers

from . import naive

SIZES = {1: (11,), 2: (9, 8), 3: (5, 4, 4)}
DIMENSIONS = pytest.mark.parametrize("ndim", [1, 2, 3])


def batch(ndim: int, channels: int = 4) -> torch.Tensor:
    return torch.randn(2, channels, *SIZES[ndim], dtype=torch.double)


def weights_of(layer: torch.nn.Module) -> tuple[np.ndarray, np.ndarray | None]:
    found = [m for m in layer.modules() if hasattr(m, "weight")][-1]
    bias = None if found.bias is None else found.bias.detach().numpy()
    return found.weight.detach().numpy(), bias


@DIMENSIONS
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": 1},
        {"dilation": 2, "padding": 3, "bias": False},
        {"groups": 2, "padding": 1},
        {"stride": 3, "padding": 4, "dilation": 2, "groups": 2},
    ],
    ids=str,
)
def test_convolution(ndim, options):
    x = batch(ndim)
    layer = layers.convolution(ndim, 4, 6, 3, **options).double()
    weight, bias = weights_of(layer)
    widths = [(0, 0), *[(options.get("padding", 0),) * 2] * ndim]
    form = {key: options[key] for key in ("stride", "dilation", "groups") if key in options}
    for y, item in zip(layer(x).detach().numpy(), x.numpy(), strict=True):
        expected = naive.convolution(np.pad(item, widths), weight, bias, **form)
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


@DIMENSIONS
@pytest.mark.parametrize("boundary", ["zero", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("widths", [(1, 1), (0, 3), (17, 25)], ids=str)
def test_padding_of_any_width_and_mode(ndim, boundary, widths):
    """The widest are wider than the input: what lies beyond repeats, as in numpy.pad."""
    x = batch(ndim, 1)[:1]
    pads = [widths] + [(2, 0)] * (ndim - 1)
    mode = "constant" if boundary == "zero" else boundary
    expected = np.pad(x[0].numpy(), [(0, 0), *pads], mode=mode)
    np.testing.assert_array_equal(layers.Pad(ndim, pads, boundary)(x)[0].numpy(), expected)
    layer = layers.convolution(ndim, 1, 2, 2, padding=pads, boundary=boundary).double()
    weight, bias = weights_of(layer)
    y = layer(x)[0].detach().numpy()
    small = tuple(slice(0, 6) for _ in range(ndim))  # enough: the samples themselves are equal
    expected = naive.convolution(expected[(slice(None), *small)], weight, bias)
    inner = tuple(slice(0, n) for n in expected.shape[1:])
    np.testing.assert_allclose(y[(slice(None), *inner)], expected, rtol=1e-12, atol=1e-12)


def test_one_boundary_per_axis_and_a_value():
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    mixed = layers.Pad(2, 1, ("edge", "wrap"))(x)[0, 0].numpy()
    edge = np.pad(x[0, 0].numpy(), [(1, 1), (0, 0)], mode="edge")
    np.testing.assert_array_equal(mixed, np.pad(edge, [(0, 0), (1, 1)], mode="wrap"))
    background = layers.Pad(2, 2, value=-1.0)(x)[0, 0].numpy()
    np.testing.assert_array_equal(background, np.pad(x[0, 0].numpy(), 2, constant_values=-1.0))


@DIMENSIONS
@pytest.mark.parametrize("kernel", [1, 2, 5, 8])
@pytest.mark.parametrize("stride", [1, 2])
def test_same_is_the_answer_of_the_same_size_at_every_stride(ndim, kernel, stride):
    x = batch(ndim)
    dense = layers.convolution(ndim, 4, 3, kernel, padding="same").double()
    strided = layers.convolution(ndim, 4, 3, kernel, padding="same", stride=stride).double()
    strided.load_state_dict(dense.state_dict())
    y = dense(x)
    assert y.shape == (2, 3, *SIZES[ndim])
    torch.testing.assert_close(strided(x), y[(..., *[slice(None, None, stride)] * ndim)])


@DIMENSIONS
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_is_the_transpose(ndim, groups, stride):
    """<convolution(x), y> = <x, transposed(y)> with the same weights."""
    form = {"stride": stride, "padding": 1, "dilation": 2, "groups": groups, "bias": False}
    x = batch(ndim)
    forward = layers.convolution(ndim, 4, 6, 3, **form).double()
    y = forward(x)
    shape = [(n - 1) * stride + 3 for n in y.shape[2:]]  # the smallest size with this answer
    rest = [n - m for n, m in zip(x.shape[2:], shape, strict=True)]
    back = layers.transposed_convolution(ndim, 6, 4, 3, **form, output_padding=tuple(rest))
    back.double().weight = forward.weight
    other = torch.randn_like(y)
    torch.testing.assert_close((y * other).sum(), (x * back(other)).sum())


@DIMENSIONS
def test_depthwise_and_pointwise_are_a_convolution_in_two_steps(ndim):
    x = batch(ndim)
    alone = layers.depthwise(ndim, 4, 3, multiplier=2, padding=1, bias=False).double()
    y = alone(x).detach().numpy()
    for channel in range(4):
        for m in range(2):
            kernel = alone.weight[2 * channel + m : 2 * channel + m + 1].detach().numpy()
            item = np.pad(x[0, channel : channel + 1].numpy(), [(0, 0), *[(1, 1)] * ndim])
            expected = naive.convolution(item, kernel)
            np.testing.assert_allclose(y[0, 2 * channel + m], expected[0], atol=1e-12)
    mix = layers.pointwise(ndim, 4, 5).double()
    weight = mix.weight.detach().flatten(1)
    expected = torch.einsum("oc,bcn->bon", weight, x.flatten(2)) + mix.bias.detach()[:, None]
    torch.testing.assert_close(mix(x).detach().flatten(2), expected)


def test_sizes_differ_by_axis():
    layer = layers.convolution(2, 1, 4, (3, 7), stride=(1, 2), padding=(1, 3))
    assert layer(torch.zeros(1, 1, 10, 20)).shape == (1, 4, 10, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, 1, 1, 3), "ndim must be one of 1, 2, 3; got 4"),
        ((2, 0, 1, 3), "in_channels must be a whole number of at least 1; got 0"),
        ((2, 1, 1, (3, 3, 3)), r"kernel must be one number or one per axis \(2\)"),
    ],
)
def test_impossible_convolutions(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.convolution(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": 3}, "groups must divide in_channels=4 and out_channels=6; got 3"),
        ({"padding": "sam"}, r"padding must be one of 'same'; got 'sam' \(did you mean 'same'\?\)"),
        ({"padding": -1}, "padding must be a whole number of at least 0; got -1"),
        ({"padding": [(1, 2, 3)]}, "padding must be one number, or a number or a pair for each"),
        ({"boundary": "mirrored"}, "boundary must be one of .*did you mean 'mirror'"),
    ],
)
def test_impossible_options(options, message):
    with pytest.raises(ValueError, match=message):
        layers.convolution(1, 4, 6, 3, **options)
