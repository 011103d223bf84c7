"""Convolution layers against torch's on random geometry, forward and backward."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import sigconv
from sigconv.cnn_forms import columns

from .cases import TORCH, layers, leaf, random

relaxed = settings(deadline=None, max_examples=80)


@pytest.fixture(autouse=True, params=[columns.BLOCK, 50])
def block(request, monkeypatch):
    """Run every test with its problem whole and cut into many blocks."""
    monkeypatch.setattr(columns, "BLOCK", request.param)


# The budget for rounding: whole numbers below 2**24 have none in any precision.
def assert_equal(y, expected):
    expected = expected.detach().resolve_conj().numpy()
    assert y.dtype == expected.dtype
    assert y.shape == expected.shape
    np.testing.assert_array_equal(y, expected)
    assert y.flags.c_contiguous


def torch_conv(x, weight, bias, form):
    return getattr(TORCH, f"conv{x.ndim - 2}d")(x, weight, bias, **form)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@relaxed
@given(layers())
def test_conv_nd_is_torchs(layer):
    x, weight, bias, form = layer
    tensors = [torch.from_numpy(array) for array in (x, weight, bias)]
    assert_equal(sigconv.conv_nd(x, weight, bias, **form), torch_conv(*tensors, form))
    assert_equal(sigconv.conv_nd(x, weight, **form), torch_conv(*tensors[:2], None, form))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@relaxed
@given(layers(dtypes=("float32", "float64", "complex128")))
def test_gradients_are_torchs(layer):
    x, weight, bias, form = layer
    tensors = [leaf(array) for array in (x, weight, bias)]
    y = torch_conv(*tensors, form)
    grad = random(np.random.default_rng(0), y.shape, x.dtype)
    y.backward(torch.from_numpy(grad))
    back = sigconv.conv_nd_grad_input(grad, weight, x.shape[2:], **form)
    assert_equal(back, tensors[0].grad)
    assert_equal(sigconv.conv_nd_grad_weight(grad, x, weight.shape[2:], **form), tensors[1].grad)
    assert_equal(grad.sum(axis=(0, *range(2, x.ndim))), tensors[2].grad)


@relaxed
@given(layers(transposed=True, dtypes=("float32", "float64", "complex128", "int64")))
def test_conv_transpose_nd_is_torchs(layer):
    x, weight, bias, form = layer
    function = getattr(TORCH, f"conv_transpose{x.ndim - 2}d")
    tensors = [torch.from_numpy(a) for a in (x, weight, bias)]
    assert_equal(sigconv.conv_transpose_nd(x, weight, bias, **form), function(*tensors, **form))


@pytest.mark.parametrize(("dtype", "eps"), [("float32", 2.0**-23), ("float64", 2.0**-52)])
def test_rounding_stays_within_that_of_a_sum(dtype, eps):
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 30, 12, 13)), rng.normal(size=(6, 15, 5, 4))
    x, weight = x.astype(dtype), weight.astype(dtype)
    form = {"stride": (2, 1), "padding": (1, 2), "groups": 2}
    wide = [array.astype(np.longdouble) for array in (x, weight)]
    exact = by_definition(*wide, **form)
    scale = by_definition(*map(abs, wide), **form)
    assert (abs(sigconv.conv_nd(x, weight, **form) - exact) <= 40 * eps * scale).all()


def by_definition(x, weight, stride, padding, groups):
    """Return conv_nd in 2D by its formula, product by product."""
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    o, c, *k = weight.shape
    m = [(n - taps) // s + 1 for n, taps, s in zip(x.shape[2:], k, stride, strict=True)]
    y = np.zeros((len(x), o, *m), x.dtype)
    for n, q, i, j in np.ndindex(y.shape):
        first = q * groups // o * c
        window = x[n, first : first + c, i * stride[0] :, j * stride[1] :][:, : k[0], : k[1]]
        y[n, q, i, j] = (window * weight[q]).sum()
    return y


@pytest.mark.parametrize("ndim", [1, 2, 3, 4])
def test_one_pixel_kernels_mix_channels_in_any_number_of_dimensions(ndim):
    x = random(np.random.default_rng(ndim), (2, 3, *[4] * ndim), "int64")
    mix = np.array([[1, 2, 3], [0, -1, 1]])
    y = sigconv.conv_nd(x, mix.reshape(2, 3, *[1] * ndim))
    np.testing.assert_array_equal(y, np.einsum("oc,nc...->no...", mix, x))


@pytest.mark.parametrize(
    ("x", "weight", "result"),
    [
        ("int8", "int8", "int8"),
        ("uint8", "int8", "int16"),
        ("bool", "bool", "int64"),
        ("int16", "float32", "float64"),
        ("float16", "float64", "float16"),
        ("float32", "float64", "float32"),
        ("float32", "complex128", "complex64"),
        (">f4", "int64", "float32"),
    ],
)
def test_the_precision_of_the_signal_wins(x, weight, result):
    x, weight = np.ones((1, 2, 5), x), np.ones((4, 2, 3), weight)
    y = sigconv.conv_nd(x, weight, np.zeros(4, bool))
    assert y.dtype == np.dtype(result)
    assert y.dtype.isnative
    assert (y == 6).all()
    back = sigconv.conv_nd_grad_input(y, weight, (5,))
    taps = sigconv.conv_nd_grad_weight(y, x, (3,))
    assert back.dtype == taps.dtype == sigconv.conv_transpose_nd(y, weight).dtype == y.dtype
    assert (back == 24 * np.array([1, 2, 3, 2, 1])).all()
    assert (taps == 18).all()


def test_integers_wrap_and_do_not_pass_through_rounding():
    large = 2**60 + 1
    assert sigconv.conv_nd([[[large, 3, 5]]], [[[1, 2]]]).tolist() == [[[large + 6, 13]]]
    spread = sigconv.conv_transpose_nd([[[large]]], [[[1, 4]]])
    assert spread.tolist() == [[[large, 2**62 + 4]]]
    x = np.full((1, 1, 3), 100, np.int8)
    assert sigconv.conv_nd(x, x).tolist() == [[[30000 % 256]]]


def test_memory_order_does_not_matter():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 4, 9, 8)), rng.normal(size=(6, 2, 3, 2))
    y = sigconv.conv_nd(x, weight, groups=2)
    frozen = x.copy()
    frozen.flags.writeable = False
    for other in (np.asfortranarray(x), np.flip(np.flip(x).copy()), frozen):
        np.testing.assert_array_equal(sigconv.conv_nd(other, weight, groups=2), y)
    again = sigconv.conv_nd(x, np.asfortranarray(weight), groups=2)
    np.testing.assert_array_equal(again, y)


@relaxed
@given(layers(transposed=True, dtypes=("int64",)))
def test_the_transposed_layer_is_the_adjoint(layer):
    x, weight, _, form = layer
    y = sigconv.conv_transpose_nd(x, weight, **form)
    del form["output_padding"]
    other = random(np.random.default_rng(1), y.shape, "int64")
    back = sigconv.conv_nd(other, weight, **form)
    inner = tuple(slice(n) for n in x.shape)  # more where output_padding is a whole stride
    assert np.vdot(y, other) == np.vdot(x, back[inner])


def test_a_value_that_is_not_finite_spoils_only_what_it_touches():
    x = np.ones((2, 2, 9))
    x[0, 1, 4] = np.nan
    x[1, 0, 0] = np.inf
    y = sigconv.conv_nd(x, [[[1.0, 0.0, 1.0]] * 2])
    assert np.isnan(y[0, 0]).tolist() == [2 <= j <= 4 for j in range(7)]
    assert np.isinf(y[1, 0]).tolist() == [j == 0 for j in range(7)]


@pytest.mark.parametrize(
    ("arguments", "size"),
    [((32, 5), 28), ((32, 5, 2, 2), 16), ((7, 3, 1, "same", 2), 7), ((7, 3, 2, "valid"), 3)],
)
def test_output_size(arguments, size):
    assert sigconv.output_size(*arguments) == size


X = np.ones((2, 4, 8, 8))
W = np.ones((6, 4, 3, 3))
Y = np.ones((2, 6, 6, 6))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: sigconv.conv_nd(X[0, 0], W), ValueError, r"^x must have shape \(N, C, \*size\); "),
        (lambda: sigconv.conv_nd(X, W[0]), ValueError, r"^weight must have as many .* x \(4\); "),
        (lambda: sigconv.conv_nd(X[:, :3], W), ValueError, "^weight must have 3 channels, those"),
        (lambda: sigconv.conv_nd(X, W, groups=2), ValueError, "^weight must have 2 channels, tho"),
        (
            lambda: sigconv.conv_nd(X, W[:5, :2], groups=2),
            ValueError,
            r"^groups must divide the channels of weight \(5\); got 2$",
        ),
        (
            lambda: sigconv.conv_nd(X, W, groups=3),
            ValueError,
            r"^groups must divide the channels of x \(4\); got 3$",
        ),
        (lambda: sigconv.conv_nd(X, W, groups=0), ValueError, "^groups must be .*; got 0$"),
        (lambda: sigconv.conv_nd(X, W, stride=0), ValueError, "^stride must be .*; got 0$"),
        (lambda: sigconv.conv_nd(X, W, stride=(1, -1)), ValueError, "^stride must be .*; got -1$"),
        (lambda: sigconv.conv_nd(X, W, dilation=0), ValueError, "^dilation must be .*; got 0$"),
        (lambda: sigconv.conv_nd(X, W, padding=-1), ValueError, "^padding must be .*; got -1$"),
        (lambda: sigconv.conv_nd(X, W, padding="sam"), ValueError, "^padding must be one of 'same"),
        (
            lambda: sigconv.conv_nd(X, W, padding="same", stride=2),
            ValueError,
            r"^padding 'same' needs stride 1; got stride \(2, 2\)$",
        ),
        (
            lambda: sigconv.conv_nd(X, W, dilation=(1, 5), padding=1),
            ValueError,
            "^x must be at least as long as the kernel, which spans 11 samples; got 8, with pad",
        ),
        (lambda: sigconv.conv_nd(X, W, np.ones(5)), ValueError, r"^bias must have one .* \(6\)"),
        (lambda: sigconv.conv_nd(X, W, np.ones(6) * 1j), TypeError, "^bias must be of a type tha"),
        (lambda: sigconv.conv_nd([[["a"]]], W), TypeError, "^x must hold numbers; got"),
        (lambda: sigconv.conv_nd(X.astype("g"), W), TypeError, "^x must be of integers, float16"),
        (
            lambda: sigconv.conv_transpose_nd(X, W),
            ValueError,
            r"^weight must have the channels of x \(4\) first; got shape \(6, 4, 3, 3\)$",
        ),
        (
            lambda: sigconv.conv_transpose_nd(Y, W, output_padding=1),
            ValueError,
            r"^output_padding must be smaller than the stride \(1\) or the dilation \(1\); got 1$",
        ),
        (
            lambda: sigconv.conv_transpose_nd(Y, W, padding=4),
            ValueError,
            "^padding must leave an output; got 4, which leaves 0 samples$",
        ),
        (
            lambda: sigconv.conv_transpose_nd(Y, W, padding="same"),
            TypeError,
            "^padding must be whole numbers; got 'same'$",
        ),
        (
            lambda: sigconv.conv_nd_grad_input(Y, W, (9, 8)),
            ValueError,
            r"^grad must have the shape of the output, \(2, 6, 7, 6\); got \(2, 6, 6, 6\)$",
        ),
        (
            lambda: sigconv.conv_nd_grad_input(Y, W, (8, 8, 8)),
            ValueError,
            r"^input_size must be one number or one per axis \(2\)",
        ),
        (
            lambda: sigconv.conv_nd_grad_weight(Y[:, :, 1:], X, (3, 3)),
            ValueError,
            r"^grad must have the shape of the output, \(2, 6, 6, 6\); got \(2, 6, 5, 6\)$",
        ),
        (lambda: sigconv.output_size(3, 5), ValueError, "^x must be at least as long as the ker"),
    ],
)
def test_one_sentence_for_each_mistake(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
