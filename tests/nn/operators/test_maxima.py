"""Max pooling: torch's answers, gradients and places, in every dimension."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv.nn.layers import max_pool
from sigconv.nn.operators import maxima, plain_modules


@settings(max_examples=80, deadline=None)
@given(data=st.data(), ndim=st.sampled_from([1, 2, 3]), dtype=st.sampled_from(["f4", "f8"]))
def test_is_torchs(data, ndim, dtype):
    def one(low, high):
        return tuple(data.draw(st.integers(low, high)) for _ in range(ndim))

    window, stride = one(1, 4), one(1, 3)
    padding = tuple(data.draw(st.integers(0, w // 2)) for w in window)
    n = tuple(w + data.draw(st.integers(0, 6)) for w in window)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    # few values: there are equal ones in a window
    x = torch.from_numpy(rng.integers(-3, 3, (2, 3, *n)).astype(dtype)).requires_grad_()
    pool = max_pool(ndim, window, stride, padding=padding, ceil_mode=data.draw(st.booleans()))
    with plain_modules():
        expected = pool(x)
    found = pool(x)
    assert torch.equal(found, expected)
    slopes = torch.randn_like(found)
    (ours,) = torch.autograd.grad(found, x, slopes)
    (theirs,) = torch.autograd.grad(expected, x, slopes)
    torch.testing.assert_close(ours, theirs)


def test_gradients_of_gradients():
    torch.manual_seed(0)
    x = torch.randn(2, 2, 5, 6, dtype=torch.float64, requires_grad=True)

    def function(x):
        return maxima.max_pool(x, (3, 2), (2, 2), (1, 0)) ** 2

    torch.autograd.gradcheck(function, x)
    torch.autograd.gradgradcheck(function, x)


def test_the_answer_may_be_changed_in_its_place():
    x = torch.randn(2, 2, 8, requires_grad=True)
    max_pool(1, 2)(x).relu_().sum().backward()
    expected = (x.detach() == max_pool(1, 2)(x.detach()).repeat_interleave(2, 2)) & (x > 0)
    assert torch.equal(x.grad, expected.float())


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_what_is_no_number_shows_in_its_windows_alone(ndim):
    x = torch.randn(1, 1, *(9,) * ndim)
    x[(0, 0, *(4,) * ndim)] = float("nan")
    pool = max_pool(ndim, 3, 2, padding=1)
    with plain_modules():
        expected = pool(x)
    torch.testing.assert_close(pool(x), expected, equal_nan=True, rtol=0, atol=0)
    assert torch.equal(pool(torch.full_like(x, -torch.inf)), torch.full_like(expected, -torch.inf))


def test_what_else_there_is_goes_to_torch(monkeypatch):
    monkeypatch.setattr(maxima, "_Largest", None)
    x = torch.randn(2, 3, 8, 8)
    assert max_pool(2, 3, dilation=2)(x).shape == (2, 3, 2, 2)
    assert max_pool(2, 3, 2, ceil_mode=True)(x).shape == (2, 3, 4, 4)
    assert max_pool(2, 2)(x[0]).shape == (3, 4, 4)
    assert max_pool(2, 2)(x.contiguous(memory_format=torch.channels_last)).shape == (2, 3, 4, 4)
    assert max_pool(2, 2)(x.half()).shape == (2, 3, 4, 4)
    with pytest.raises(RuntimeError, match="pad should be"):
        max_pool(2, 2, padding=2)(x)
