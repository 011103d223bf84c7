"""What the arguments mean, and the sentence each wrong one gets."""

import numpy as np
import pytest

from sigconv import convolve, correlate
from tests import oracles

from .cases import KERNEL_OF


@pytest.mark.parametrize(
    ("x", "h", "result"),
    [
        ("int8", "int8", "int8"),
        ("uint8", "int8", "int16"),
        ("int32", "uint32", "int64"),
        ("uint64", "uint64", "uint64"),
        ("uint64", "int64", "float64"),  # NumPy's result type
        ("bool", "bool", "int64"),
        ("bool", "int8", "int64"),
        ("int16", "float32", "float64"),
        ("int16", "complex64", "complex128"),
        ("float16", "float64", "float16"),
        ("float32", "float64", "float32"),
        ("float32", "int64", "float32"),
        ("float32", "complex128", "complex64"),
        ("float64", "complex64", "complex128"),
        ("complex64", "float64", "complex64"),
        ("complex64", "complex128", "complex64"),
        (">f4", "float64", "float32"),
    ],
)
@pytest.mark.parametrize("function", [convolve, correlate])
@pytest.mark.parametrize("method", KERNEL_OF)
def test_the_precision_of_the_signal_wins(function, method, x, h, result):
    y = function(np.ones(9, x), np.ones(3, h), method=method)
    assert y.dtype == np.dtype(result)
    assert y.dtype.isnative
    np.testing.assert_allclose(y, [1, 2, 3, 3, 3, 3, 3, 3, 3, 2, 1])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int64", "uint64"])
@pytest.mark.parametrize("method", ["auto", "direct", "separable", "running_sum"])
def test_integers_wrap_as_numpys(method, dtype):
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(0)
    x = rng.integers(limits.min, limits.max, 50, dtype, endpoint=True)
    h = np.full(7, rng.integers(limits.min, limits.max, dtype=dtype, endpoint=True))
    expected = np.convolve(x, h)
    assert expected.dtype == dtype
    np.testing.assert_array_equal(convolve(x, h, method=method), expected)
    image, square = x.reshape(5, 10), h[:6].reshape(2, 3)
    wide = oracles.convolve(image, square) % 2 ** (8 * x.itemsize)
    y = convolve(image, square, method=method)
    np.testing.assert_array_equal(y.astype(object) % 2 ** (8 * x.itemsize), wide)


def test_large_integers_do_not_pass_through_floats():
    x = np.array([2**60 + 1, 3, -(2**60) - 7])
    assert convolve(x, [1, 1]).tolist() == [2**60 + 1, 2**60 + 4, -(2**60) - 4, -(2**60) - 7]


@pytest.mark.parametrize(
    ("dtype", "cval"), [("int8", -3), ("uint64", 2**64 - 1), ("float32", 0.25), ("complex64", 2j)]
)
def test_the_constant_beyond_the_ends(dtype, cval):
    x = np.ones(3, dtype)
    y = convolve(x, np.array([0, 1, 0], dtype), boundary="constant", cval=cval)
    np.testing.assert_array_equal(y, np.array([cval, 1, 1, 1, cval], dtype))


def test_a_fractional_constant_beside_integers_under_a_float_kernel():
    assert convolve([1, 1], [1.0, 0.0], boundary="constant", cval=0.5).tolist() == [1.0, 1.0, 0.5]


def test_a_constant_that_is_not_a_number_marks_what_it_touches():
    y = convolve(np.ones(5), np.ones(3), mode="same", boundary="constant", cval=np.nan)
    np.testing.assert_array_equal(y, [np.nan, 3, 3, 3, np.nan])


x = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize("function", [convolve, correlate])
@pytest.mark.parametrize(
    ("arguments", "form", "error", "sentence"),
    [
        (([], [1]), {}, ValueError, r"^x must not be empty; got an array of shape \(0,\)$"),
        (([1], []), {}, ValueError, "^h must not be empty"),
        ((1.0, [1]), {}, ValueError, "^x must have at least one dimension; got the scalar 1.0$"),
        ((["a"], [1]), {}, TypeError, "^x must hold numbers; got an array of dtype <U1$"),
        (([1], [None]), {}, TypeError, "^h must hold numbers; got an array of dtype object$"),
        (
            (np.ones(3, np.longdouble), [1]),
            {},
            TypeError,
            "^x must be of integers, float16 to float64 or complex64 to complex128; got float128$",
        ),
        (([1], np.ones(2, np.clongdouble)), {}, TypeError, "^h must be of integers.*complex256$"),
        (
            ([1, 2], [[1]]),
            {},
            ValueError,
            r"^h must have at most as many dimensions as x \(1\); got 2$",
        ),
        (
            (x, [[1]]),
            {"axes": 0},
            ValueError,
            r"^h must have one dimension per axis \(1\) or as many as x \(3\); got 2$",
        ),
        (
            (x, np.ones((3, 1, 1))),
            {"axes": 2},
            ValueError,
            r"^h must have length 1 or that of x along the axes .* \(3, 1, 1\) \(h\) and "
            r"\(2, 3, 4\) \(x\) with axes \(2,\)$",
        ),
        ((x, [1]), {"axes": 3}, ValueError, "^axes must be an axis of an array with 3 dim.*got 3$"),
        ((x, [[1]]), {"axes": (1, -2)}, ValueError, "^axes must name at least one axis and none"),
        ((x, [1]), {"axes": ()}, ValueError, "^axes must name at least one axis"),
        (
            (x, [1]),
            {"mode": "sme"},
            ValueError,
            r"^mode must be one of 'full', 'same', 'valid'; got 'sme' \(did you mean 'same'\?\)$",
        ),
        ((x, [1]), {"boundary": "mirrored"}, ValueError, "^boundary must be one of .*'mirror'"),
        (
            (x, [1]),
            {"boundary": ["wrap", "edge"]},
            ValueError,
            r"^boundary must be one name or one per axis \(1\); got \['wrap', 'edge'\]$",
        ),
        (
            (x, [1]),
            {"method": "ftt"},
            ValueError,
            "^method must be one of 'auto', 'direct', 'separable', 'low_rank', 'running_sum', "
            r"'fft', 'overlap_save'; got 'ftt' \(did you mean 'fft'\?\)$",
        ),
        ((x, [1]), {"nan_policy": "ignore"}, ValueError, "^nan_policy must be one of 'propagate'"),
        ((x, [1]), {"stride": 0}, ValueError, "^stride must be .* at least 1; got 0$"),
        ((x, [1]), {"stride": 1.5}, TypeError, "^stride must be a whole number; got 1.5$"),
        ((x, [1]), {"stride": (1, 2)}, ValueError, r"^stride must be one number or one per axis"),
        ((x, [1]), {"dilation": -1}, ValueError, "^dilation must be .* at least 1; got -1$"),
        ((x, [1]), {"workers": 0}, ValueError, "^workers must be .* at least 1; got 0$"),
        (
            (x, np.ones(5)),
            {"mode": "valid"},
            ValueError,
            r"^h must not be longer than x in mode 'valid'; got 5 samples \(h\) and 4 \(x\) "
            "along axis 2$",
        ),
        (
            (x, np.ones(3)),
            {"mode": "valid", "dilation": 2},
            ValueError,
            "^h must not be longer than x .* got 5 samples",
        ),
        (
            (x, [1]),
            {"cval": 1.0},
            ValueError,
            "^cval is for boundary 'constant'; got cval=1.0 with boundary 'zero'$",
        ),
        ((x, [1]), {"cval": "1"}, TypeError, "^cval must be a number; got '1'$"),
        (
            (x, [1]),
            {"boundary": "constant", "cval": 1j},
            TypeError,
            "^cval must be real for a result of float64; got 1j$",
        ),
        (
            (np.ones(3, "int8"), np.ones(1, "int8")),
            {"boundary": "constant", "cval": 200},
            ValueError,
            "^cval must be a whole number that int8 holds; got 200$",
        ),
        (
            ([1], [1]),
            {"boundary": "constant", "cval": 0.5},
            ValueError,
            "^cval must be a whole number that int64 holds; got 0.5$",
        ),
        (
            ([1], [1]),
            {"boundary": "constant", "cval": np.nan},
            ValueError,
            "^cval must be a whole number that int64 holds; got nan$",
        ),
        (
            (x, [np.nan]),
            {},
            ValueError,
            "^h must hold finite numbers of float64; got values that are not$",
        ),
        (
            (x.astype("float32"), [1e300]),
            {},
            ValueError,
            "^h must hold finite numbers of float32; got values that are not$",
        ),
        (
            (x, [[1]]),
            {"nan_policy": "interpolate"},
            ValueError,
            r"^nan_policy 'interpolate' is for one axis; got the axes \(1, 2\)$",
        ),
        (
            ([1.0, np.nan, np.inf], [1]),
            {"nan_policy": "raise"},
            ValueError,
            "^x must be finite with nan_policy 'raise'; got 2 values that are not$",
        ),
        (
            ([[1, 2], [3, 5]], [[1, 0], [0, 1]]),
            {"method": "separable"},
            ValueError,
            "^method 'separable' needs a kernel that is an outer product of one kernel per axis; "
            "'auto' and 'direct' do not$",
        ),
        (
            ([1, 2], [1, 2]),
            {"method": "running_sum"},
            ValueError,
            "^method 'running_sum' needs a kernel whose taps are all equal",
        ),
        (
            ([2**40, 1], [2**30, 1]),
            {"method": "fft"},
            ValueError,
            "^method 'fft' needs integers so small that rounding gives them back exactly",
        ),
        ((x, [1]), {"out": [1.0]}, TypeError, "^out must be a writable array; got list$"),
        (
            (x, [1, 1]),
            {"out": np.zeros((2, 3, 4))},
            ValueError,
            r"^out must have shape \(2, 3, 5\); got \(2, 3, 4\)$",
        ),
        (
            (x, [1j]),
            {"out": np.zeros((2, 3, 4))},
            TypeError,
            "^out must be able to hold complex128; got float64$",
        ),
    ],
)
def test_one_sentence_for_each_mistake(function, arguments, form, error, sentence):
    with pytest.raises(error, match=sentence):
        function(*arguments, **form)


def test_only_valid_minds_a_long_kernel():
    assert convolve([1, 2], [1, 0, 0, 1], mode="same").tolist() == [2, 0]
    assert convolve([1, 2], [1, 0, 0, 1]).tolist() == [1, 2, 0, 1, 2]


def test_a_refused_out_is_left_as_it_was():
    out = np.zeros(3)
    with pytest.raises(ValueError, match="nan_policy"):
        convolve([1.0, 2.0], [1.0, 2.0], out=out, nan_policy="no")
    assert not out.any()
