"""Compiled operators along time: values against torch's own, gradients by finite differences."""

import pytest
import torch
from torch.nn import functional

from sigconv.nn.operators import rows

GRIDS = [
    # channels, kernels, taps, samples, zeros before and after
    (4, 2, 5, 23, (0, 0)),
    (3, 3, 64, 70, (32, 31)),
    (2, 1, 67, 300, (0, 66)),
    (1, 1, 1, 9, (0, 0)),
    (6, 2, 16, 5, (15, 15)),
]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("channels", "kernels", "taps", "n", "padding"), GRIDS)
def test_filters(channels, kernels, taps, n, padding, dtype):
    torch.manual_seed(0)
    x = torch.randn(3, channels, n, dtype=dtype).transpose(0, 1).contiguous().transpose(0, 1)
    h = torch.randn(kernels, taps, dtype=dtype)
    out, mean, square = rows.filtered_with_moments(x, h, padding)
    weight = h.repeat_interleave(channels // kernels, 0)[:, None]
    exact = functional.conv1d(functional.pad(x.double(), padding), weight.double(), groups=channels)
    close = (
        {"rtol": 1e-12, "atol": 1e-12} if dtype == torch.float64 else {"rtol": 1e-5, "atol": 1e-5}
    )
    torch.testing.assert_close(out.double(), exact, **close)
    torch.testing.assert_close(rows.filtered(x, h, padding), out, rtol=0, atol=0)
    torch.testing.assert_close(mean, out.double().mean((0, 2)), rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(square, out.double().square().mean((0, 2)), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("channels", "kernels", "taps", "n", "padding"), GRIDS)
def test_gradients_of_filters(channels, kernels, taps, n, padding):
    torch.manual_seed(0)
    x = torch.randn(2, channels, n, dtype=torch.float64, requires_grad=True)
    h = torch.randn(kernels, taps, dtype=torch.float64, requires_grad=True)
    inputs = (x, h, padding)
    torch.autograd.gradcheck(rows.filtered_with_moments, inputs, fast_mode=True)
    torch.autograd.gradcheck(rows.filtered, inputs, fast_mode=True)
    torch.autograd.gradgradcheck(rows.filtered_with_moments, inputs, fast_mode=True)


def test_gradients_in_float32_are_those_of_float64():
    torch.manual_seed(0)
    x, h = torch.randn(3, 4, 500), torch.randn(2, 70)
    found = []
    for dtype in (torch.float32, torch.float64):
        inputs = [v.to(dtype, copy=True).requires_grad_() for v in (x, h)]
        out, mean, square = rows.filtered_with_moments(*inputs, (30, 20))
        (out.sin().sum() + mean.sum() + square.sum()).backward()
        found.append([v.grad.double() for v in inputs])
    for narrow, wide in zip(*found, strict=True):
        torch.testing.assert_close(narrow, wide, rtol=1e-4, atol=1e-4 * float(wide.abs().max()))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("n", "window"), [(40, 4), (43, 4), (8, 8), (9, 1), (30, 7)])
def test_elu_and_pooling(n, window, dtype):
    torch.manual_seed(0)
    x = 20 * torch.randn(3, 5, n, dtype=dtype)
    scale, shift = torch.randn(5, dtype=dtype), torch.randn(5, dtype=dtype)
    wide = x.double() * scale.double()[:, None] + shift.double()[:, None]
    exact = functional.avg_pool1d(functional.elu(wide), window)
    close = (
        {"rtol": 1e-13, "atol": 1e-13} if dtype == torch.float64 else {"rtol": 1e-6, "atol": 3e-6}
    )
    torch.testing.assert_close(rows.elu_pooled(x, scale, shift, window).double(), exact, **close)


def test_gradients_of_elu_and_pooling():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 14, dtype=torch.float64, requires_grad=True)
    scale = torch.randn(3, dtype=torch.float64, requires_grad=True)
    shift = torch.randn(3, dtype=torch.float64, requires_grad=True)
    inputs = (x, scale, shift, 4)
    torch.autograd.gradcheck(rows.elu_pooled, inputs)
    torch.autograd.gradgradcheck(rows.elu_pooled, inputs)


def test_elu_of_what_is_far_below_zero_and_of_no_number():
    x = torch.tensor([[[-1e30, -500.0, float("-inf"), float("nan")]]])
    one, zero = torch.ones(1), torch.zeros(1)
    answer = rows.elu_pooled(x, one, zero, 1)[0, 0]
    assert answer[:3].tolist() == [-1, -1, -1]
    assert answer[3].isnan()


def test_moments():
    torch.manual_seed(0)
    x = (torch.randn(4, 3, 21, dtype=torch.float64) + 5).requires_grad_()
    mean, square = rows.moments(x)
    torch.testing.assert_close(mean, x.mean((0, 2)))
    torch.testing.assert_close(square, x.square().mean((0, 2)))
    torch.autograd.gradcheck(rows.moments, (x,))
    torch.autograd.gradgradcheck(rows.moments, (x,))


def test_a_backward_pass_can_be_repeated():
    x = torch.randn(2, 2, 30, requires_grad=True)
    h = torch.randn(1, 5, requires_grad=True)
    out = rows.elu_pooled(rows.filtered(x, h, (2, 2)), torch.ones(2), torch.zeros(2), 3).sum()
    once = torch.autograd.grad(out, (x, h), retain_graph=True)
    again = torch.autograd.grad(out, (x, h))
    for one, two in zip(once, again, strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0)
