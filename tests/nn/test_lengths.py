"""Items of unequal length in one batch get what they get alone."""

import pytest
import torch
from torch import nn

from sigconv.nn import build_model, layers, parse, run_ragged

NETWORKS = [
    ("plain_cnn", 1, {}, 64),
    ("plain_cnn", 2, {}, 8),
    ("resnet18", 1, {"width": 0.1}, 1),
    ("resnet18", 3, {"width": 0.05}, 1),
    ("densenet121", 1, {"width": 0.1}, 29),
    ("m5", 1, {"width": 0.1}, 1024),
    ("m34res", 1, {"width": 0.1}, 1024),
    ("r2plus1d", 3, {"width": 0.05, "stem": "small"}, 1),
    ("xception", 2, {"width": 0.02}, 7),
]


def settled(model: nn.Module) -> nn.Module:
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            module.bias.data.normal_(0, 0.2)
    return model.eval()


def alone(model: nn.Module, x: torch.Tensor, lengths: torch.Tensor) -> list[torch.Tensor]:
    cut = [(slice(i, i + 1), slice(None), *map(slice, n)) for i, n in enumerate(lengths.tolist())]
    return [model(x[part]) for part in cut]


@pytest.mark.parametrize(("name", "ndim", "options", "least"), NETWORKS, ids=str)
def test_networks(name, ndim, options, least):
    torch.manual_seed(0)
    model = settled(build_model(name, in_channels=2, num_classes=3, ndim=ndim, **options))
    more = 40 // ndim
    lengths = least + torch.tensor([[more] * ndim, [more - 3, more - 5, 2][:ndim], [0] * ndim])
    x = torch.randn(3, 2, *(least + more,) * ndim)
    with torch.no_grad():
        together, left = run_ragged(model, x, lengths)
        expected = torch.cat(alone(model, x, lengths))
        # whatever stands behind the ends
        spoilt = x.clone()
        spoilt[2, ..., least:] = float("nan")
        again, _ = run_ragged(model, spoilt, lengths)
    assert left is None
    torch.testing.assert_close(together, expected, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(again, together)


@pytest.mark.parametrize(
    "text",
    [
        "C4k5s2RC3k3",
        "C4k4RC3k2",  # an even kernel: one sample more behind
        "C4k3p2P3s2p1C3k3d2",
        "C4k3A3s2p1C3k1",
        "C4k3[C4k3RC4k5]+R{C2k1|P3s1p1C1k1}",
        "C6LO2",
    ],
)
@pytest.mark.parametrize("ndim", [1, 2])
def test_maps(text, ndim):
    torch.manual_seed(0)
    model = settled(parse(text, ndim=ndim, in_channels=2, num_classes=3))
    lengths = torch.tensor([[20] * ndim, [13] * ndim, [8] * ndim])
    x = torch.randn(3, 2, *(20,) * ndim)
    with torch.no_grad():
        values, left = run_ragged(model, x, lengths)
        for i, expected in enumerate(alone(model, x, lengths)):
            assert tuple(left[i].tolist()) == expected.shape[2:]
            inside = (slice(i, i + 1), slice(None), *map(slice, expected.shape[2:]))
            torch.testing.assert_close(values[inside], expected, rtol=1e-4, atol=1e-5)
            outside = values[i].clone()
            outside[inside[1:]] = 0
            assert not outside.any()


POOLS = [layers.GlobalMaxPool, layers.GlobalMinPool, layers.GlobalAveragePool]


@pytest.mark.parametrize("pool", POOLS)
def test_global_pooling(pool):
    model = nn.Sequential(nn.Conv1d(1, 4, 3), pool()).eval()
    x, lengths = torch.randn(4, 1, 30), torch.tensor([30, 3, 9, 21])
    with torch.no_grad():
        values, _ = run_ragged(model, x, lengths)
        for i, n in enumerate(lengths.tolist()):
            torch.testing.assert_close(values[i : i + 1], model(x[i : i + 1, :, :n]))


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([10, 20], r"lengths must be whole numbers of shape \(3, 1\); got \(2, 1\)"),
        ([10.0, 20.0, 5.0], "lengths must be whole numbers of shape"),
        ([10, 21, 5], r"lengths must be from 1 to the size of x, \(20,\); got"),
        ([10, 0, 5], "lengths must be from 1 to the size of x"),
        ([10, 20, 2], "lengths must leave every item something to see"),
    ],
)
def test_impossible_lengths(lengths, message):
    model = nn.Sequential(nn.Conv1d(1, 4, 3)).eval()
    with pytest.raises(ValueError, match=message):
        run_ragged(model, torch.zeros(3, 1, 20), lengths)


def test_impossible_networks():
    x = torch.zeros(2, 1, 64)
    with pytest.raises(ValueError, match="model must be in evaluation mode"):
        run_ragged(build_model("plain_cnn", in_channels=1, num_classes=2), x, [64, 64])
    with pytest.raises(TypeError, match=r"model must consist of conv.*Flatten"):
        run_ragged(parse("CPF", ndim=1, in_channels=1, num_classes=2).eval(), x, [64, 64])
    with pytest.raises(TypeError, match=r"model must consist of conv.*MaxPool"):
        run_ragged(parse("CP3cGF", ndim=1, in_channels=1, num_classes=2).eval(), x, [64, 64])
