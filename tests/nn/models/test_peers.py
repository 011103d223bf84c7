"""The same answers as torchvision's and MONAI's networks, with the same weights."""

import importlib.util
import json
import warnings

import pytest
import torch
from torch import nn

from sigconv.nn import build_model

from .oracles import carry, lively, torchvision_models
from .peers import GOLDEN, PEERS, Peer, answer, fill, kept

ANSWERS = json.loads(GOLDEN.read_text())
#: What takes more than a second or much memory.
SLOW = ("alexnet", "resnet101", "resnet34", "r3d18", "r2plus1d")
EVERY = pytest.mark.parametrize(
    "key", [pytest.param(k, marks=[pytest.mark.slow] if k in SLOW else []) for k in PEERS]
)


def ours(peer: Peer) -> nn.Module:
    return build_model(
        peer.name,
        in_channels=peer.shape[0],
        num_classes=4,
        ndim=len(peer.shape) - 1,
        **peer.options,
    )


def theirs(key: str) -> nn.Module:
    if key.startswith("monai") and importlib.util.find_spec("monai") is None:
        pytest.skip("monai is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it imports
        return PEERS[key].theirs()


@EVERY
def test_as_they_answered(key):
    """Numbers that they gave once; peers.py made them."""
    peer = PEERS[key]
    found = kept(answer(fill(ours(peer)), peer.shape))
    torch.testing.assert_close(
        torch.tensor(found), torch.tensor(ANSWERS[key]), rtol=2e-4, atol=2e-4
    )


@EVERY
def test_as_they_answer(key):
    peer = PEERS[key]
    other = fill(theirs(key))
    mine = ours(peer).eval()
    carry([(mine, other)])
    with torch.no_grad():
        x = torch.randn(2, *peer.shape, generator=torch.Generator().manual_seed(1))
        expected = other(x)
        scale = expected.abs().max().item()
        torch.testing.assert_close(mine(x), expected, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("depth", [11, 13, 16, 19])
@pytest.mark.parametrize("norm", [False, True])
def test_vgg(depth, norm):
    """Its convolutions; the three layers of units are in test_vgg_as_a_whole."""
    models = torchvision_models()
    name = f"vgg{depth}{'_bn' if norm else ''}"
    with torch.device("meta"):  # 120 million weights behind them are not wanted
        other = getattr(models, name)(num_classes=4)
    features = fill(other.features.to_empty(device="cpu"))
    options = {"batch_norm": norm, "input_shape": 32, "width": 1.0}
    with torch.device("meta"):
        mine = build_model(f"vgg{depth}", in_channels=3, num_classes=4, ndim=2, **options)
    convolutions = mine.features.to_empty(device="cpu").eval()
    carry([(convolutions, features)])
    x = torch.randn(1, 3, 45, 40)
    with torch.no_grad():
        torch.testing.assert_close(convolutions(x), features(x), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_vgg_as_a_whole():
    other = fill(torchvision_models().vgg11(num_classes=4))
    mine = build_model("vgg11", in_channels=3, num_classes=4, ndim=2).eval()
    carry([(mine, other)])
    x = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(mine(x), other(x), rtol=1e-4, atol=1e-4)


def test_auxiliary_heads_of_googlenet():
    """Of inputs of any size, in training too."""
    models = torchvision_models()
    other = lively(models.googlenet(num_classes=4, aux_logits=True, init_weights=False)).train()
    mine = build_model(
        "googlenet", in_channels=3, num_classes=4, ndim=2, aux=True, variant="batch_norm"
    )
    carry([(mine, other)])
    for model in (mine, other):
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
    x = torch.randn(3, 3, 100, 90)
    with torch.no_grad():
        expected = other(x)
        main, first, second = mine.train().heads(x)
    torch.testing.assert_close(main, expected.logits, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(first, expected.aux_logits1, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(second, expected.aux_logits2, rtol=1e-3, atol=1e-4)
