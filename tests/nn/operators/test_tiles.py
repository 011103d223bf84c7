"""Convolutions by tiles: torch's answer, with and without a stride; gradients of any order."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from sigconv.nn import build_model
from sigconv.nn.operators import Conv1d, conv1d, long_kernels, plain_modules, tiles

OPERATORS = torch.ops.sigconv


@pytest.fixture
def compiled(monkeypatch):
    """Count how often the compiled loops run."""
    taken = []
    original = long_kernels.filter_tiles
    monkeypatch.setattr(
        long_kernels, "filter_tiles", lambda *args: (taken.append(1), original(*args))[1]
    )
    return taken


def naive(x, taps, bias, stride, left, length):
    wide = functional.pad(x, (left, (length - 1) * stride + taps.shape[1]))
    windows = wide.unfold(1, taps.shape[1], stride)[:, :length]
    return torch.einsum("btk,ok->bot", windows, taps) + bias[:, None]


@given(
    st.integers(1, 3),
    st.integers(1, 19),
    st.integers(1, 100),
    st.integers(1, 9),
    st.integers(1, 700),
    st.data(),
)
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_answer_and_gradient(dtype, trials, maps, n_taps, stride, length, data):
    left = data.draw(st.integers(0, n_taps - 1))
    right = data.draw(st.integers(0, n_taps - 1))
    n = max(1, (length - 1) * stride + n_taps - left - right)
    length = (n + left + right - n_taps) // stride + 1
    x, bias = torch.randn(trials, n, dtype=dtype), torch.randn(maps, dtype=dtype)
    taps = torch.randn(maps, n_taps, dtype=dtype) / n_taps**0.5
    wide = taps.double().requires_grad_()
    expected = naive(x.double(), wide, bias.double(), stride, left, length)
    found = tiles.filter_tiles(x, taps, bias, stride, left, length)
    atol = 1e-5 if dtype == torch.float32 else 1e-13
    largest = max(1.0, float(expected.detach().abs().max()))
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=atol * largest)
    given_ = torch.randn_like(found)
    (slopes,) = torch.autograd.grad(expected, wide, given_.double())
    products, sums = tiles.tile_products(given_, x, n_taps, stride, left)
    atol *= (trials * length) ** 0.5
    torch.testing.assert_close(products.double(), slopes, rtol=0, atol=atol)
    torch.testing.assert_close(sums.double(), given_.double().sum((0, 2)), rtol=0, atol=atol)


@pytest.mark.parametrize(
    ("maps", "n_taps", "stride", "n", "left", "length"),
    [(3, 9, 2, 31, 3, 13), (2, 80, 4, 100, 38, 24), (9, 12, 1, 20, 0, 9), (1, 7, 5, 23, 6, 5)],
)
def test_gradients(maps, n_taps, stride, n, left, length):
    torch.manual_seed(0)
    x = torch.randn(2, n, dtype=torch.float64, requires_grad=True)
    taps = torch.randn(maps, n_taps, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(maps, dtype=torch.float64, requires_grad=True)

    def function(*inputs):
        return tiles.filter_tiles(*inputs, stride, left, length)

    torch.autograd.gradcheck(function, (x, taps, bias), fast_mode=True)
    torch.autograd.gradgradcheck(function, (x, taps, bias), fast_mode=True)


@pytest.mark.parametrize("length", [512, 1030])
def test_gradients_in_any_order_of_memory(length):
    """That of a mean is one number for a whole row."""
    torch.manual_seed(0)
    x, given = torch.randn(2, 4 * length + 76), torch.randn(2, 9, length)
    numbers = torch.randn(2, 9, 1).expand(-1, -1, length)
    alike = torch.randn(1, 1, length).expand(2, 9, -1)
    turned = given.permute(1, 2, 0).contiguous().permute(2, 0, 1)
    for gradient in (numbers, alike, turned, given[:, ::2], torch.tensor(0.5).expand(2, 9, length)):
        assert not gradient.is_contiguous()
        found = tiles.tile_products(gradient, x, 80, 4, 0)
        expected = tiles.tile_products(gradient.contiguous(), x, 80, 4, 0)
        torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_operators_are_what_torch_wants_them_to_be():
    x, taps = torch.randn(2, 50, requires_grad=True), torch.randn(3, 9, requires_grad=True)
    bias, given_ = torch.randn(3, requires_grad=True), torch.randn(2, 3, 23, requires_grad=True)
    torch.library.opcheck(OPERATORS.filter_tiles.default, (x, taps, bias, 2, 2, 23))
    torch.library.opcheck(OPERATORS.tile_products.default, (given_, x, 9, 2, 2))


def test_the_answer_does_not_depend_on_threads():
    x, taps, bias = torch.randn(5, 9000), torch.randn(20, 80), torch.randn(20)
    given_ = torch.randn(5, 20, 2230)
    before, found = torch.get_num_threads(), []
    try:
        for n in (1, 2, 3):
            torch.set_num_threads(n)
            out = tiles.filter_tiles(x, taps, bias, 4, 0, 2230)
            found.append((out, *tiles.tile_products(given_, x, 80, 4, 0)))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize("length", [8000, 8003])  # rows that begin where vectors can lie, or not
def test_large_outputs(length):
    """They go past the caches, into memory that is used again once nobody holds it."""
    x, taps = torch.randn(5, 4 * length), torch.randn(40, 80) / 9
    for _ in range(2):
        found = tiles.filter_tiles(x, taps, torch.zeros(40), 4, 38, length)
        assert found.nbytes > tiles.PAST
        expected = functional.conv1d(x[:, None].double(), taps[:, None].double(), None, 4, 38)
        expected = expected[..., :length]
        torch.testing.assert_close(
            found.double()[..., :-1], expected[..., : length - 1], rtol=0, atol=1e-5
        )
        del found


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_reaches_no_further_than_with_torch(bad):
    x, taps = torch.randn(1, 2000), torch.randn(8, 80)
    x[0, 1000] = bad
    found = tiles.filter_tiles(x, taps, torch.zeros(8), 4, 0, 481)
    expected = functional.conv1d(x[:, None], taps[:, None], None, 4)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4, equal_nan=True)


def test_first_layers_of_waveform_networks_use_them_by_themselves(compiled):
    model = build_model("m5", in_channels=1, num_classes=2, width=0.25).eval()
    x = torch.randn(2, 1, 8000)
    ours = model(x)
    assert len(compiled) == 1
    with plain_modules():
        torch.testing.assert_close(model(x), ours, rtol=1e-4, atol=1e-5)
    assert len(compiled) == 1


def test_nothing_is_computed_for_an_input_that_needs_no_gradient(monkeypatch):
    monkeypatch.setattr(tiles, "_spread", None)
    layer = Conv1d(1, 64, 80, stride=4)
    layer(torch.randn(2, 1, 8000)).sum().backward()
    assert layer.weight.grad is not None


@pytest.mark.parametrize(
    "options",
    [
        {"in_channels": 2},
        {"out_channels": 4},
        {"kernel_size": long_kernels.FEWEST_STRIDED - 1},
        {"dilation": 2},
        {"stride": 30},
        {"padding": 80},
    ],
    ids=str,
)
def test_what_is_left_to_torch(options, compiled):
    options = {"in_channels": 1, "out_channels": 64, "kernel_size": 80, "stride": 4, **options}
    x = torch.randn(2, options["in_channels"], 8000)
    Conv1d(**options)(x)
    Conv1d(1, 64, 80, stride=4)(x[:, :1, :100])  # hardly any work
    assert not compiled


@pytest.mark.parametrize("stride", [1, 4])
def test_the_layer_is_torchs(stride, compiled):
    torch.manual_seed(0)
    layer = Conv1d(1, 32, 80, stride=stride, padding=38)
    twin = torch.nn.Conv1d(1, 32, 80, stride=stride, padding=38)
    twin.load_state_dict(layer.state_dict())
    x = torch.randn(3, 1, 4001, requires_grad=True)
    found = []
    for each in (layer, twin):
        out = each(x)
        found.append([out.detach(), *torch.autograd.grad(out.sin().sum(), (x, *each.parameters()))])
    assert compiled
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5 * float(theirs.abs().max()))


def test_without_a_bias():
    x, weight = torch.randn(2, 1, 8000), torch.randn(64, 1, 80) / 9
    expected = functional.conv1d(x.double(), weight.double(), stride=4)
    torch.testing.assert_close(conv1d(x, weight, stride=4).double(), expected, rtol=0, atol=1e-5)
