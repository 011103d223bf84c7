"""Convolutions of one channel a group: torch's answer, gradients of any order, fallbacks."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from sigconv.nn.layers import convolution
from sigconv.nn.operators import Conv1d, conv1d, long_kernels, plain_modules

OPERATORS = torch.ops.sigconv


@pytest.fixture
def compiled(monkeypatch):
    """Count how often the compiled loops run."""
    taken = []
    original = long_kernels._filter_each
    monkeypatch.setattr(
        long_kernels, "_filter_each", lambda *args: (taken.append(1), original(*args))[1]
    )
    return taken


@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(long_kernels.FEWEST_TAPS, 80),
    st.integers(0, 200),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_the_answer_is_torchs(batch, channels, fan, taps, more, data):
    padding = [data.draw(st.integers(0, taps - 1)) for _ in range(2)]
    n = max(1, taps - sum(padding)) + more
    x = torch.randn(batch, channels, n)
    weight, bias = torch.randn(channels * fan, 1, taps), torch.randn(channels * fan)
    ours = conv1d(x, weight, bias, padding=tuple(padding), groups=channels)
    wide = functional.pad(x.double(), padding)
    theirs = functional.conv1d(wide, weight.double(), bias.double(), groups=channels)
    torch.testing.assert_close(ours.double(), theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("channels", "maps", "taps", "n", "padding"),
    [(1, 3, 9, 20, (2, 3)), (3, 3, 8, 30, (0, 7)), (2, 4, 70, 5, (69, 69)), (1, 1, 33, 40, (0, 0))],
)
def test_gradients(channels, maps, taps, n, padding):
    torch.manual_seed(0)
    x = torch.randn(2, channels, n, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(maps, 1, taps, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(maps, dtype=torch.float64, requires_grad=True)

    def function(*inputs):
        return conv1d(*inputs, padding=padding, groups=channels)

    torch.autograd.gradcheck(function, (x, weight, bias), fast_mode=True)
    torch.autograd.gradgradcheck(function, (x, weight, bias), fast_mode=True)


def test_gradients_in_float32_are_torchs():
    torch.manual_seed(0)
    x, weight = (
        torch.randn(4, 3, 500, requires_grad=True),
        torch.randn(6, 1, 64, requires_grad=True),
    )
    found = []
    for function in (conv1d, functional.conv1d):
        out = function(x, weight, padding=32, groups=3)
        found.append(torch.autograd.grad(out.sin().sum(), (x, weight)))
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4 * float(theirs.abs().max()))


def test_operators_are_what_torch_wants_them_to_be():
    x, taps = torch.randn(2, 3, 20, requires_grad=True), torch.randn(6, 9, requires_grad=True)
    given_ = torch.randn(2, 6, 16, requires_grad=True)
    torch.library.opcheck(OPERATORS.filter_each.default, (x, taps, 2, 2))
    torch.library.opcheck(OPERATORS.spread_each.default, (given_, taps, 3, 2, 2))
    torch.library.opcheck(OPERATORS.products_each.default, (given_, x, 9, 2))


def test_layers_use_the_loops_by_themselves(compiled):
    layer = convolution(1, 1, 8, 64, padding="same")
    x = torch.randn(3, 1, 200)
    ours = layer(x)
    assert len(compiled) == 1
    with plain_modules():
        torch.testing.assert_close(layer(x), ours, rtol=1e-5, atol=1e-5)
    assert len(compiled) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2},
        {"dilation": 2},
        {"padding": 30},
        {"padding": "same", "padding_mode": "circular"},
        {"kernel_size": long_kernels.FEWEST_TAPS - 1},
        {"in_channels": 2, "groups": 1},
    ],
    ids=str,
)
def test_what_the_loops_do_not_do(options, compiled):
    options = {"in_channels": 1, "out_channels": 4, "kernel_size": 21, **options}
    layer, twin = Conv1d(**options), torch.nn.Conv1d(**options)
    twin.load_state_dict(layer.state_dict())
    x = torch.randn(2, options["in_channels"], 90)
    torch.testing.assert_close(layer(x), twin(x), rtol=0, atol=0)
    assert not compiled


def test_other_inputs_are_left_to_torch(compiled):
    layer = Conv1d(1, 2, 21)
    assert layer(torch.randn(1, 90)).shape == (2, 70)  # no batch
    assert layer(torch.zeros(0, 1, 90)).shape == (0, 2, 70)
    with torch.autocast("cpu"):
        assert layer(torch.randn(3, 1, 90)).dtype == torch.bfloat16
    assert layer.to("meta")(torch.randn(3, 1, 90, device="meta")).device.type == "meta"
    with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
        Conv1d(1, 2, 21)(torch.randn(1, 1, 20))
    assert not compiled


@pytest.mark.filterwarnings("ignore")  # of the compiler itself
def test_torch_compile_traces_the_operator():
    layer = Conv1d(2, 4, 33, groups=2, padding="same")
    x = torch.randn(2, 2, 100)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    for each in (compiled, layer):
        layer.zero_grad()
        each(x).square().sum().backward()
        gradient = layer.weight.grad.clone()
        if each is compiled:
            first = gradient
    torch.testing.assert_close(first, gradient, rtol=1e-5, atol=1e-4)


def test_export_keeps_torchs_own_operator():
    exported = torch.export.export(Conv1d(1, 2, 33), (torch.randn(2, 1, 100),))
    assert "sigconv" not in exported.graph_module.code
