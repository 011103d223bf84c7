"""Dropout of weights."""

import pytest
import torch
from torch import nn

from sigconv.nn import layers


def test_weights_are_left_out_while_it_trains_and_only_then():
    torch.manual_seed(0)
    layer = nn.Conv1d(20, 30, 15)
    before = layer.weight.detach().clone()
    layers.drop_connect(layer, 0.3)
    share = [(layer.weight == 0).double().mean().item() for _ in range(10)]
    assert sum(share) / 10 == pytest.approx(0.3, abs=0.01)
    assert len(set(share)) > 1  # a new draw each time
    drawn = layer.weight
    torch.testing.assert_close(drawn[drawn != 0], before[drawn != 0] / 0.7)
    assert torch.equal(layer.eval().weight, before)


def test_the_expectation_stays():
    torch.manual_seed(0)
    layer = layers.drop_connect(nn.Linear(8, 4), 0.5)
    x = torch.randn(3, 8)
    mean = torch.stack([layer(x) for _ in range(4000)]).mean(0)
    torch.testing.assert_close(mean, layer.eval()(x), rtol=0, atol=0.06)


@pytest.mark.parametrize("p", [1.0, -0.1])
def test_impossible_probabilities(p):
    with pytest.raises(ValueError, match=r"p must be a finite number at least 0 and below 1; got"):
        layers.drop_connect(nn.Linear(2, 2), p)
