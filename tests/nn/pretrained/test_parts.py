"""Parts of networks: features of layers, frozen stages, new heads."""

import pytest
import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.pretrained import features, freeze, replace_head


def small(**options) -> nn.Module:
    torch.manual_seed(0)
    return build_model(
        "resnet18", **{"ndim": 2, "in_channels": 3, "num_classes": 5, "width": 0.125, **options}
    )


def test_features_are_what_the_layer_says():
    model, x = small().eval(), torch.randn(2, 3, 40, 40, requires_grad=True)
    found = features(model, x, "classifier.pool")
    torch.testing.assert_close(model.classifier.fc(found), model(x), rtol=0, atol=0)
    found.sum().backward()
    assert x.grad.abs().sum() > 0
    assert not model.classifier.pool._forward_hooks
    vgg = build_model("vgg11", ndim=2, in_channels=1, num_classes=3, width=0.05, input_shape=32)
    assert (
        features(vgg.eval(), torch.randn(1, 1, 32, 32), "fc7").shape[1]
        == vgg.classifier.fc8.in_features
    )


def test_layers_that_there_are_not():
    with pytest.raises(ValueError, match=r"layer must be one of .*did you mean 'stage3'"):
        features(small(), torch.zeros(1, 3, 32, 32), "stag3")
    with pytest.raises(ValueError, match=r"layer must say which of .* is meant; got 'norm'"):
        features(small(), torch.zeros(1, 3, 32, 32), "norm")


def test_frozen_stages_do_not_move():
    model = small()
    trained = freeze(model, "stem", "stage1", "stage2")
    assert all(
        name.startswith(("features.stage3", "features.stage4", "classifier")) for name in trained
    )
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.1)
    model.train()
    for _ in range(2):
        model(torch.randn(4, 3, 40, 40)).square().sum().backward()
        optimiser.step()
    moved = {n for n, v in model.state_dict().items() if not torch.equal(v, before[n])}
    frozen = ("features.stem", "features.stage1", "features.stage2")
    assert not [name for name in moved if name.startswith(frozen)]
    assert {"features.stage3.0.body.a.norm.running_mean", "classifier.fc.weight"} <= moved
    with pytest.raises(ValueError, match="layers must name at least one layer"):
        freeze(model)


def test_a_new_head():
    model = small().double()
    head = replace_head(model, 9)
    assert model(torch.randn(2, 3, 40, 40, dtype=torch.float64)).shape == (2, 9)
    assert model.classifier.fc is head
    again = build_model(**model.config)
    assert again.classifier.fc.out_features == 9
    slides = nn.Sequential(nn.Conv1d(2, 4, 5), nn.ReLU(), nn.Conv1d(4, 3, 1))
    replace_head(slides, 6)
    assert slides(torch.zeros(1, 2, 20)).shape == (1, 6, 16)
    with pytest.raises(ValueError, match="num_classes must be"):
        replace_head(model, 0)
    with pytest.raises(ValueError, match="model must end in a plain linear layer or convolution"):
        replace_head(build_model("eeg_tcnet", in_channels=2, num_classes=2), 3)
