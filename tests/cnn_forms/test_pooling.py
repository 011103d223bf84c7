"""Pooling against torch's on random geometry, forward and backward."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv

from .cases import TORCH, broadcast, leaf, per_axis, random

relaxed = settings(deadline=None, max_examples=100)
FLOATS = ("float32", "float64")


@st.composite
def pools(draw, dtypes=FLOATS):
    """Draw an array with many ties (and NaNs, half the time) and the words of its pooling."""
    ndim = draw(st.integers(1, 3))
    window = per_axis(draw, ndim, 1, 4)
    widths = broadcast(window, ndim)
    form = {
        "stride": draw(st.one_of(st.none(), st.just(per_axis(draw, ndim, 1, 5)))),
        "padding": tuple(draw(st.integers(0, k // 2)) for k in widths),
        "ceil_mode": draw(st.booleans()),
    }
    size = [k + draw(st.integers(0, 6)) for k in widths]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = random(rng, (2, 3, *size), draw(st.sampled_from(dtypes)))
    if draw(st.booleans()) and x.dtype.kind == "f":
        x[rng.random(x.shape) < 0.1] = np.nan
    return x, window, form


def torch_pool(name, x):
    return getattr(TORCH, f"{name}_pool{x.ndim - 2}d")


@relaxed
@given(pools(dtypes=(*FLOATS, "int64", "uint8")))
def test_maxima_are_torchs(problem):
    x, window, form = problem
    expected, where = torch_pool("max", x)(torch.from_numpy(x), window, return_indices=True, **form)
    y = sigconv.pool_nd(x, window, **form)
    np.testing.assert_array_equal(y, expected.numpy())
    assert y.dtype == x.dtype
    again, index = sigconv.max_pool_nd_with_index(x, window, **form)
    np.testing.assert_array_equal(again, y)
    np.testing.assert_array_equal(index, where.numpy())
    assert again.dtype == x.dtype


@relaxed
@given(pools(dtypes=(*FLOATS, "int8", "uint8")))
def test_minima_are_the_maxima_upside_down(problem):
    x, window, form = problem
    wide = x.astype("float64")
    y = sigconv.pool_nd(x, window, op="min", **form)
    np.testing.assert_array_equal(y, -sigconv.pool_nd(-wide, window, **form))
    assert y.dtype == x.dtype


@relaxed
@given(pools(), st.booleans())
def test_averages_are_torchs(problem, count_include_pad):
    x, window, form = problem
    if form["stride"] is None and x.ndim == 3:  # torch's avg_pool1d takes no None
        form["stride"] = window
    form["count_include_pad"] = count_include_pad
    expected = torch_pool("avg", x)(torch.from_numpy(x), window, **form).numpy()
    y = sigconv.pool_nd(x, window, op="average", **form)
    np.testing.assert_allclose(y, expected, rtol=4 * np.finfo(x.dtype).eps, atol=1e-6)
    assert y.dtype == x.dtype


@relaxed
@given(pools(), st.booleans())
def test_gradients_are_torchs(problem, count_include_pad):
    x, window, form = problem
    rng = np.random.default_rng(0)
    maxima = torch_pool("max", x)(leaf(x), window, **form)
    grad = random(rng, maxima.shape, x.dtype)
    for op in ("max", "min", "average"):
        tensor = leaf(x)
        if op == "average":
            words = {**form, "count_include_pad": count_include_pad}
            words["stride"] = window if form["stride"] is None else form["stride"]
            y = torch_pool("avg", x)(tensor, window, **words)
        else:
            words, sign = form, 1 if op == "max" else -1
            y = sign * torch_pool("max", x)(sign * tensor, window, **form)
        y.backward(torch.from_numpy(grad))
        back = sigconv.pool_nd_grad(grad, x, window, op=op, **words)
        assert back.dtype == x.dtype
        np.testing.assert_allclose(
            back, tensor.grad.numpy(), rtol=8 * np.finfo(x.dtype).eps, atol=1e-5
        )


@relaxed
@given(pools())
def test_the_gradient_goes_where_the_index_says(problem):
    x, window, form = problem
    maxima, index = sigconv.max_pool_nd_with_index(x, window, **form)
    grad = random(np.random.default_rng(0), maxima.shape, x.dtype)
    back = sigconv.max_pool_nd_grad(grad, index, x.shape[2:])
    np.testing.assert_array_equal(back, sigconv.pool_nd_grad(grad, x, window, **form))


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("op", ["max", "min", "average"])
def test_global_pooling(ndim, op):
    x = np.random.default_rng(0).normal(size=(2, 3, *[5] * ndim))
    space = tuple(range(2, ndim + 2))
    y = sigconv.global_pool(x, op=op)
    np.testing.assert_allclose(y, getattr(np, {"average": "mean"}.get(op, op))(x, axis=space))
    grad = np.arange(1.0, 7).reshape(2, 3)
    back = sigconv.global_pool_grad(grad, x, op=op)
    np.testing.assert_allclose(back.sum(axis=space), grad)
    winners = 5**ndim if op == "average" else 1
    assert (np.count_nonzero(back, axis=space) == winners).all()
    if op != "average":
        chosen = np.where(back != 0, x, 0).sum(axis=space)
        np.testing.assert_array_equal(chosen, y)


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_maxout_is_torchs_maximum_over_a_new_axis(ndim):
    x = np.random.default_rng(0).normal(size=(2, 6, *[4] * ndim)).astype("float32")
    tensor = leaf(x)
    expected = tensor.reshape(2, 2, 3, *[4] * ndim).max(dim=2).values
    y = sigconv.maxout(x, 3)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, expected.detach().numpy())
    grad = np.random.default_rng(1).normal(size=y.shape).astype("float32")
    expected.backward(torch.from_numpy(grad))
    np.testing.assert_array_equal(sigconv.maxout_grad(grad, x, 3), tensor.grad.numpy())


def test_the_first_of_equal_values_learns():
    x = np.zeros((1, 1, 2, 2))
    assert sigconv.max_pool_nd_with_index(x, 2)[1].item() == 0
    back = sigconv.pool_nd_grad([[[[1.0]]]], x, 2, op="min")
    assert back.ravel().tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", ">f8"])
def test_types(dtype):
    x = np.array([[[1, 0, 0, 1]]]).astype(dtype)
    kept = np.dtype(int if dtype == "bool" else dtype).newbyteorder("=")
    for y in (sigconv.pool_nd(x, 2), sigconv.maxout(x, 1), sigconv.pool_nd(x, 2, op="min")):
        assert y.dtype == kept
        assert y.dtype.isnative
    assert sigconv.pool_nd(x, 2).tolist() == [[[1, 1]]]
    assert sigconv.pool_nd(x, 2, op="min").tolist() == [[[0, 0]]]
    average = sigconv.pool_nd(x, 2, op="average")
    assert average.dtype == (kept if kept.kind == "f" else np.float64)
    assert average.tolist() == [[[0.5, 0.5]]]


def test_limits_of_integers_have_minima():
    x = np.array([[[-128, 127, 127, 127]]], np.int8)
    assert sigconv.pool_nd(x, 2, op="min").tolist() == [[[-128, 127]]]


def test_complex_numbers_have_averages():
    x = np.array([[[1 + 2j, 3 - 1j]]], np.complex64)
    y = sigconv.pool_nd(x, 2, op="average")
    assert y.dtype == np.complex64
    assert y.item() == 2 + 0.5j


def test_neither_memory_order_nor_threads_matter():
    x = np.random.default_rng(0).normal(size=(3, 2, 9, 8, 7))
    for op in ("max", "average", "min"):
        y = sigconv.pool_nd(x, 3, stride=2, padding=1, op=op, workers=1)
        for other in (np.asfortranarray(x), np.flip(np.flip(x).copy())):
            again = sigconv.pool_nd(other, 3, stride=2, padding=1, op=op, workers=3)
            np.testing.assert_array_equal(again, y)
        grads = [
            sigconv.pool_nd_grad(y, x, 3, stride=2, padding=1, op=op, workers=w) for w in (1, 3)
        ]
        np.testing.assert_array_equal(*grads)


X = np.ones((2, 4, 8))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: sigconv.pool_nd(X[0], 2), ValueError, r"^x must have shape \(N, C, \*size\); "),
        (lambda: sigconv.pool_nd(X, 0), ValueError, "^window must be .* at least 1; got 0$"),
        (lambda: sigconv.pool_nd(X, (2, 2)), ValueError, r"^window must be one number .* \(1\)"),
        (lambda: sigconv.pool_nd(X, 2, stride=0), ValueError, "^stride must be .* 1; got 0$"),
        (lambda: sigconv.pool_nd(X, 9), ValueError, "^window must not be longer than x; got 9 sa"),
        (
            lambda: sigconv.pool_nd(X, 3, padding=2),
            ValueError,
            r"^padding must be at most half the window \(3\); got 2$",
        ),
        (
            lambda: sigconv.pool_nd(X, 3, padding="same"),
            TypeError,
            "^padding must be whole numbers; got 'same'$",
        ),
        (
            lambda: sigconv.pool_nd(X, 2, op="mean"),
            ValueError,
            "^op must be one of 'max', 'average', 'min'; got 'mean'",
        ),
        (lambda: sigconv.pool_nd(X * 1j, 2), TypeError, "^x must be real, complex numbers have n"),
        (lambda: sigconv.pool_nd(X.astype("g"), 2), TypeError, "^x must be of integers, float16"),
        (
            lambda: sigconv.maxout(X, 3),
            ValueError,
            r"^pieces must divide the channels of x \(4\); got 3$",
        ),
        (
            lambda: sigconv.pool_nd_grad(X, X, 2),
            ValueError,
            r"^grad must have the shape of the output, \(2, 4, 4\); got \(2, 4, 8\)$",
        ),
        (
            lambda: sigconv.max_pool_nd_grad(X, X[:1].astype(int), (8,)),
            ValueError,
            r"^index must have the shape of grad, \(2, 4, 8\); got \(1, 4, 8\)$",
        ),
        (lambda: sigconv.max_pool_nd_grad(X, X, (8,)), TypeError, "^index must be of integers; "),
        (
            lambda: sigconv.max_pool_nd_grad(X, 8 * X.astype(int), (8,)),
            ValueError,
            "^index must lie inside the input, between 0 and 7; got 8 to 8$",
        ),
    ],
)
def test_one_sentence_for_each_mistake(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
