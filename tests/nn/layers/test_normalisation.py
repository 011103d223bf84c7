"""What holds responses and weights to a scale."""

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import layers


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_the_dimension_is_a_parameter(ndim):
    x = torch.randn(2, 4, *(9,) * ndim)
    convolution = layers.convolution(ndim, 4, 6, 3, padding=1, groups=2, bias=False)
    assert convolution(x).shape == (2, 6, *(9,) * ndim)
    assert convolution.weight.shape == (6, 2, *(3,) * ndim)
    assert layers.average_pool(ndim, 2)(x).shape == (2, 4, *(4,) * ndim)
    assert layers.batch_norm(ndim, 4)(x).shape == x.shape
    mean = layers.GlobalAveragePool()(x)
    torch.testing.assert_close(mean, x.mean(dim=tuple(range(2, 2 + ndim))))


def test_max_norm_by_its_definition():
    layer = nn.Conv1d(3, 5, 7)
    with torch.no_grad():
        layer.weight.copy_(
            torch.randn(5, 3, 7) * torch.tensor([0.01, 0.1, 1, 10, 100]).view(5, 1, 1)
        )
    before = layer.weight.detach().clone()
    layers.max_norm(layer, 1.0)
    for kept, was in zip(layer.weight, before, strict=True):
        norm = was.norm()
        expected = was if norm <= 1 else was / norm
        torch.testing.assert_close(kept, expected, rtol=1e-5, atol=1e-7)


def test_the_gradient_knows_of_max_norm():
    """Along a filter that is held to its norm nothing can be gained."""
    layer = layers.max_norm(nn.Linear(4, 1, bias=False), 1.0)
    stored = layer.parametrizations.weight.original
    with torch.no_grad():
        stored.copy_(torch.tensor([[3.0, 0.0, 0.0, 0.0]]))
    layer(torch.tensor([[1.0, 1.0, 0.0, 0.0]])).sum().backward()
    assert abs(stored.grad[0, 0]) < 1e-5
    assert stored.grad[0, 1] == pytest.approx(1 / 3, rel=1e-4)


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 4, 5])
def test_local_response_norm_by_its_definition(ndim, size):
    """Krizhevsky et al. 2012: the sum over neighbouring maps, not their mean."""
    torch.manual_seed(0)
    x = 10 * torch.randn(2, 7, *(3,) * ndim, dtype=torch.double)
    y = layers.LocalResponseNorm(size, alpha=1e-2, beta=0.75, k=2)(x)
    for i in range(7):
        neighbours = x[:, max(0, i - size // 2) : i - size // 2 + size]
        scale = (2 + 1e-2 * neighbours.square().sum(1)) ** 0.75
        torch.testing.assert_close(y[:, i], x[:, i] / scale)


def test_local_response_norm_is_torchs_but_for_alpha():
    x = torch.randn(2, 9, 5, 5)
    ours = layers.LocalResponseNorm(5, alpha=1e-2, beta=0.5, k=1)
    theirs = nn.LocalResponseNorm(5, alpha=5e-2, beta=0.5, k=1)
    torch.testing.assert_close(ours(x), theirs(x))


def whitened(item: np.ndarray, ridge: float) -> np.ndarray:
    """Return (channels, places) by the definition: the inverse root through eigenvectors."""
    centred = item - item.mean(axis=1, keepdims=True)
    covariance = centred @ centred.T / item.shape[1]
    power = np.trace(covariance) / len(item)
    values, vectors = np.linalg.eigh(covariance + ridge * power * np.eye(len(item)))
    return vectors / np.sqrt(values) @ vectors.T @ centred


@pytest.mark.parametrize("channels", [1, 4, 64])
@pytest.mark.parametrize("ridge", [0.001, 0.01, 1.0])
def test_whitening_by_its_definition(channels, ridge):
    rng = np.random.default_rng(channels)
    mixing = rng.normal(size=(3, channels, channels))
    x = (mixing @ rng.normal(size=(3, channels, 200)) + 5) * [[[1e-5]], [[1.0]], [[1e6]]]
    if channels > 1:
        x[1] -= x[1].mean(axis=0)  # an average reference: one direction has no power
    expected = np.stack([whitened(item, ridge) for item in x])
    layer = layers.Whitening(ridge)
    found = layer(torch.from_numpy(x))
    np.testing.assert_allclose(found, expected, atol=1e-8)
    single = layer(torch.from_numpy(x.astype(np.float32)))
    np.testing.assert_allclose(single, expected, atol=2e-3)


def test_whitening_of_pictures_and_of_nothing():
    layer = layers.Whitening()
    x = torch.randn(2, 3, 6, 7)
    torch.testing.assert_close(layer(x).flatten(2), layer(x.flatten(2)))
    assert not layer(torch.ones(1, 3, 50)).any()
    x = torch.randn(2, 3, 20, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x)


def test_whitening_refuses_no_ridge():
    with pytest.raises(ValueError, match="ridge must be"):
        layers.Whitening(0)
