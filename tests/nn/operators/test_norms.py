"""Affine maps of batch norms from known statistics: values of torch's norms, gradients."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from sigconv.nn.operators import norms
from sigconv.nn.operators.statistics import lagged


@pytest.fixture
def norm():
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(3, eps=0.1, momentum=0.3).double()
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, -2.0, 1.0]))
        norm.bias.copy_(torch.tensor([0.1, 0.0, 3.0]))
    return norm


def test_the_map_is_the_norm(norm):
    x = torch.randn(4, 3, 50, dtype=torch.float64) * 2 + 1
    twin = nn.BatchNorm1d(3, eps=0.1, momentum=0.3).double()
    twin.load_state_dict(norm.state_dict())
    scale, shift = norms.affine(norm, x.mean((0, 2)), x.square().mean((0, 2)), 200)
    torch.testing.assert_close(scale[:, None] * x + shift[:, None], twin(x))
    for ours, theirs in zip(norm.buffers(), twin.buffers(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_behind_filters(norm):
    x, taps = torch.randn(4, 2, 50, dtype=torch.float64), torch.randn(3, 7, dtype=torch.float64)
    filtered = functional.conv1d(x.flatten(0, 1).unsqueeze(1), taps[:, None], padding=3)
    n = filtered.shape[0] * filtered.shape[2]
    expected = norm(filtered)
    buffers = [each.clone() for each in norm.buffers()]
    norm.reset_running_stats()
    gain, offset = norms.gain_and_offset(norm, taps, *lagged(x, 7, (3, 3)), n)
    torch.testing.assert_close(gain[:, None] * filtered + offset[:, None], expected)
    for ours, theirs in zip(norm.buffers(), buffers, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_gradients_of_the_map(norm):
    def function(gain, weight, bias, mean, square):
        return norms._Affine.apply(gain, weight, bias, mean, square, norm.eps)

    mean = torch.tensor([0.3, -1.0, 0.0], dtype=torch.float64, requires_grad=True)
    square = torch.tensor([2.0, 1.5, 0.2], dtype=torch.float64, requires_grad=True)
    gain = torch.tensor([1.0, -0.3, 4.0], dtype=torch.float64, requires_grad=True)
    inputs = gain, norm.weight, norm.bias, mean, square
    torch.autograd.gradcheck(function, inputs)
    torch.autograd.gradgradcheck(function, inputs)


def test_gradients_behind_filters(norm):
    products, sums = lagged(torch.randn(4, 2, 50, dtype=torch.float64), 7, (3, 3))
    taps = torch.randn(3, 7, dtype=torch.float64, requires_grad=True)

    def function(taps, weight, bias):
        return norms._Gain.apply(taps, weight, bias, products, sums, 400, norm)[0]

    inputs = taps, norm.weight, norm.bias
    torch.autograd.gradcheck(function, inputs)
    torch.autograd.gradgradcheck(function, inputs)
