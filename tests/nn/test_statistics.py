"""What grows and what decays on the way through a network."""

import pytest
import torch
from torch import nn

from sigconv.nn import activation_statistics, build_model


def test_a_network_whose_numbers_are_known():
    """Each layer doubles what it gets; the gradient is worked out by hand."""
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 2, bias=False))
    model[0].weight.data.fill_(2.0)
    model[1].weight.data.copy_(torch.tensor([[2.0], [-2.0]]))
    x = torch.tensor([[1.0], [-1.0]])
    first, second = activation_statistics(model, x, torch.tensor([0, 1]))
    assert (first.name, second.name) == ("0", "1")
    assert first.response == pytest.approx(torch.tensor([2.0, -2.0]).std().item())
    logits = torch.tensor([4.0, -4.0])
    wrong = 1 - logits.softmax(0)[0].item()  # what is left to gain, the same for both items
    # d loss / d w2 = -(wrong) h (1, -1), d loss / d w1 = -(wrong) x (2 - -2)
    assert second.gradient == pytest.approx(wrong * 2 * 2**0.5 / 8**0.5, rel=1e-4)
    assert first.gradient == pytest.approx(wrong * 4 / 2, rel=1e-4)


def test_the_network_stays_as_it_was():
    model = build_model("resnet18", in_channels=1, num_classes=3, width=0.1).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    state = torch.get_rng_state()
    measured = activation_statistics(model, torch.randn(4, 1, 64, generator=torch.Generator()))
    assert len(measured) == 21
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert model.training
    assert torch.equal(state, torch.get_rng_state())


def test_shortcuts_keep_the_gradient_of_the_first_layers():
    """Without norms to help, 34 layers let nothing through; with shortcuts they do."""
    sizes = {}
    for name in ("plain34", "resnet34"):
        torch.manual_seed(0)
        model = build_model(name, in_channels=1, num_classes=2, width=0.25, ndim=1)
        measured = activation_statistics(model, torch.randn(16, 1, 256))
        spread = [layer.response for layer in measured]
        sizes[name] = max(spread) / min(spread), [layer.gradient for layer in measured]
    plain, residual = sizes["plain34"][1], sizes["resnet34"][1]
    # gradients of the plain net explode towards its input, those of the residual net do not
    assert plain[1] / plain[-2] > 10 * residual[1] / residual[-3]
