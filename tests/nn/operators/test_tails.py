"""What stands behind a batch norm, as one: against torch's modules, on shared weights."""

import copy

import pytest
import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.operators import LogPower, Sequential, plain_modules, tails

from .test_eeg_blocks import losses


@pytest.fixture
def compiled(monkeypatch):
    """Count how often the compiled way is taken."""
    taken, original = [], tails._NormThen.apply
    monkeypatch.setattr(
        tails._NormThen, "apply", lambda *args: (taken.append(1), original(*args))[1]
    )
    return taken


def network(tail: str, window: int = 3, stride: int = 2) -> Sequential:
    """Return a norm with weights of both signs, and a tail."""
    torch.manual_seed(0)
    behind = [nn.ELU(), nn.MaxPool1d(window)] if tail == "maxima" else [LogPower(window, stride)]
    norm = nn.BatchNorm1d(4, eps=0.01)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, -0.5, 2.0, 0.0]))
        norm.bias.copy_(torch.tensor([0.0, 0.3, -1.0, 0.5]))
    return Sequential(norm, *behind)


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float64, 1e-11), (torch.float32, 2e-5)])
@pytest.mark.parametrize(("n", "window", "stride"), [(50, 3, 2), (51, 7, 7), (9, 9, 1), (40, 2, 3)])
@pytest.mark.parametrize("tail", ["maxima", "powers"])
def test_answers_gradients_and_statistics(tail, n, window, stride, dtype, apart, compiled):
    model = network(tail, window, stride).to(dtype)
    twin = copy.deepcopy(model)
    x = (torch.randn(5, n, 4, dtype=dtype) * 3 + 2).transpose(1, 2)  # not contiguous
    weights, found = None, []
    for net in (model, twin):
        own = x.clone(memory_format=torch.preserve_format).requires_grad_()
        with plain_modules() if net is twin else torch.enable_grad():
            out = net(own)
            weights = torch.randn_like(out) if weights is None else weights
            (out * weights).sum().backward()
        found.append([out, own.grad, *(p.grad for p in net.parameters()), *net.buffers()])
    assert len(compiled) == 1
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=apart, atol=apart * 10)


def rectifying(ndim: int) -> Sequential:
    """Return a convolution, a norm with weights of both signs, and ReLU."""
    torch.manual_seed(0)
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[ndim - 1](3, 4, 2)
    norm = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[ndim - 1](4)
    norm.weight.data.copy_(torch.tensor([1.0, -0.5, 2.0, 0.0]))
    norm.bias.data.copy_(torch.tensor([0.0, 0.3, -1.0, 0.5]))
    return Sequential(conv, norm, nn.ReLU())


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float64, 1e-11), (torch.float32, 2e-5)])
@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_a_norm_and_relu(ndim, dtype, apart, compiled):
    model = rectifying(ndim).to(dtype)
    twin = copy.deepcopy(model)
    x = torch.randn(5, 3, *(7, 6, 5)[:ndim], dtype=dtype)
    found, weights = [], None
    for net in (model, twin):
        own = x.clone().requires_grad_()
        with plain_modules() if net is twin else torch.enable_grad():
            out = net.train()(own)
            weights = torch.randn_like(out) if weights is None else weights
            (out * weights).sum().backward()
            with torch.no_grad():
                settled = net.eval()(x)
        found.append([out, own.grad, *(p.grad for p in net.parameters()), *net.buffers(), settled])
    assert len(compiled) == 1
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=apart, atol=apart * 10)


def test_gradients_of_a_norm_and_relu(compiled):
    model = rectifying(2).double()
    x = torch.randn(2, 3, 4, 3, dtype=torch.float64, requires_grad=True)

    def function(x, *_):
        return model(x)

    torch.autograd.gradcheck(function, (x, *model.parameters()))
    torch.autograd.gradgradcheck(function, (x, *model.parameters()))
    assert compiled


@pytest.mark.parametrize("training", [True, False])
def test_nothing_that_others_see_is_written_over(training):
    model, seen, x = rectifying(2).train(training), [], torch.randn(2, 3, 6, 6)
    conv, norm, relu = model
    with torch.no_grad():
        expected = copy.deepcopy(norm)(conv(x))
        conv.register_forward_hook(lambda *call: seen.append(call[2]))
        before = x.clone()
        assert torch.allclose(model(x), expected.relu(), atol=1e-5)
        assert torch.allclose(seen[0], conv(x))
        assert torch.equal(x, before)
        # what comes from outside is not this network's
        Sequential(norm, relu)(x := torch.randn(2, 4, 3, 3))
        assert (x < 0).any()
    kept = nn.Parameter(torch.randn(3))
    Sequential(nn.Identity(), nn.ReLU())(kept).sum().backward()
    assert (kept < 0).any()


def test_what_is_no_number_stays_so_behind_relu():
    model, x = rectifying(1).eval(), torch.randn(2, 3, 9)
    x[0, 0, 4] = float("nan")
    with torch.no_grad():
        assert model(x)[0, 0].isnan().sum() == 2


@pytest.mark.parametrize("tail", ["maxima", "powers"])
def test_first_and_second_gradients_by_differences(tail, compiled):
    model = network(tail).double()
    model[0].weight.data[3] = 0.7
    x = torch.randn(3, 4, 9, dtype=torch.float64, requires_grad=True)

    def function(x, *_):
        return model(x)

    torch.autograd.gradcheck(function, (x, *model.parameters()))
    torch.autograd.gradgradcheck(function, (x, *model.parameters()))
    assert compiled


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
@pytest.mark.parametrize(("name", "n", "norms"), [("shallow_convnet", 150, 1), ("deep4", 441, 4)])
def test_training_goes_the_same_way(name, n, norms, dtype, apart, compiled):
    torch.manual_seed(0)
    model = build_model(name, in_channels=3, num_classes=3, n_times=n, width=0.4).to(dtype)
    twin = copy.deepcopy(model)
    x = torch.randn(12, 3, n, dtype=dtype)
    ours = losses(model, x, 3)
    assert len(compiled) == 6 * norms
    with plain_modules():
        theirs = losses(twin, x, 3)
    assert len(compiled) == 6 * norms
    assert ours == pytest.approx(theirs, abs=apart, rel=0)


UNUSUAL = {
    "evaluation": lambda net: net.eval(),
    "a hook": lambda net: net[1].register_forward_hook(lambda *_: None),
    "another ELU": lambda net: net.__setitem__(1, nn.ELU(0.5)),
    "another activation": lambda net: net.__setitem__(1, nn.GELU()),
    "a ReLU in place": lambda net: net.__setitem__(1, nn.ReLU(inplace=True)),
    "overlap": lambda net: net.__setitem__(2, nn.MaxPool1d(3, 2)),
    "rounded up": lambda net: net.__setitem__(2, nn.MaxPool1d(3, ceil_mode=True)),
    "spread": lambda net: net.__setitem__(2, nn.MaxPool1d(3, dilation=2)),
    "beyond the ends": lambda net: net.__setitem__(2, nn.MaxPool1d(3, padding=1)),
    "a mean": lambda net: net.__setitem__(2, nn.AvgPool1d(3)),
    "a wide window": lambda net: net.__setitem__(2, nn.MaxPool1d(256)),
    "no weights": lambda net: net.__setitem__(0, nn.BatchNorm1d(4, affine=False)),
    "nothing behind": lambda net: net.__delitem__(slice(1, None)),
    "no pool": lambda net: net.__delitem__(2),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_is_left_to_the_modules(name, compiled):
    model = network("maxima")
    UNUSUAL[name](model)
    twin = nn.Sequential(*copy.deepcopy(list(model)))
    x = torch.randn(5, 4, 300)
    assert torch.equal(model(x), twin(x))
    assert not compiled


@pytest.mark.parametrize("tail", ["maxima", "powers"])
def test_what_is_no_number_shows(tail):
    x = torch.randn(5, 4, 60)
    x[2, 1, 30] = float("nan")
    assert network(tail)(x)[:, 1].isnan().all()


def test_a_power_of_nothing_is_finite():
    model = network("powers").double()
    model[0].bias.data[3] = 0.0  # its weight is 0 already
    out = model(torch.randn(5, 4, 60, dtype=torch.float64))
    torch.testing.assert_close(out[:, 3], torch.full_like(out[:, 3], 1e-6).log())
