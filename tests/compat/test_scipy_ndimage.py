"""Random problems beside scipy.ndimage itself, and where the two differ on purpose."""

import numpy as np
import pytest
from scipy import ndimage

from sigconv.compat import scipy_ndimage

from .cases import DTYPES, assert_alike, assert_signature, random

MODES = ["reflect", "constant", "nearest", "mirror", "wrap"]
MODES += ["grid-wrap", "grid-mirror", "grid-constant"]


@pytest.mark.parametrize("name", scipy_ndimage.__all__)
def test_signatures(name):
    assert_signature(getattr(scipy_ndimage, name), getattr(ndimage, name))


def both(name, *args, **kwargs):
    assert_alike(getattr(scipy_ndimage, name), getattr(ndimage, name), *args, **kwargs)


@pytest.mark.filterwarnings("ignore:promoting specified output")
@pytest.mark.parametrize("seed", range(150))
def test_answers_types_and_errors_are_scipys(seed):
    rng = np.random.default_rng(seed)
    ndim = rng.integers(1, 4)
    # SciPy's sums beyond 255 do not fit its booleans.
    x = random(rng, rng.integers(1, 8, ndim), rng.choice(DTYPES[1:]))
    axes = tuple(rng.permutation(ndim)[: rng.integers(1, ndim + 1)])
    kernel = random(rng, rng.integers(1, 8, len(axes)), rng.choice(DTYPES))
    taps = random(rng, rng.integers(1, 9), rng.choice(DTYPES))
    form = {"mode": rng.choice(MODES), "cval": float(rng.integers(-2, 3))}
    if seed % 3 == 0:
        form["output"] = np.dtype(rng.choice(DTYPES[1:-2])).type
    shift = int(rng.integers(-2, 3)) if seed % 2 else 0
    for name in ("convolve", "correlate"):
        both(name, x, kernel, axes=axes, origin=[shift] * len(axes), **form)
        both(f"{name}1d", x, taps, axis=axes[0], origin=shift, **form)
    size = int(rng.integers(0, 9))
    both("uniform_filter1d", x, size, axis=axes[0], origin=shift, **form)
    both("uniform_filter", x, size, axes=axes, origin=shift, **form)
    if x.dtype.kind in "fc" and "output" not in form:  # integers may fall by one at a whole number
        sigma, order = rng.random() * 2, int(rng.integers(0, 4))
        both("gaussian_filter", x, sigma, axes=axes, order=order, **form)
        both("gaussian_filter1d", x, sigma, axis=axes[0], order=order, **form)


def test_whole_numbers_lose_no_unit():
    x = np.repeat([0, 1, 0], [60, 60, 60])
    for size in range(1, 60):
        assert scipy_ndimage.uniform_filter1d(x, size).sum() == 61 - size
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2**40, (50, 40))
    kernel = rng.integers(-5, 5, (17, 13)).astype(float)
    both("convolve", image, kernel)
    assert scipy_ndimage.correlate(np.full(300, 7), np.ones(257))[5] == 7 * 257


def test_negative_numbers_wrap_in_unsigned_answers():
    for name, taps in [("correlate1d", [-1.5]), ("convolve", [-1.0])]:
        for dtype in ("u1", "u2", "u4", "u8"):
            both(name, np.arange(1.0, 5.0), taps, output=np.dtype(dtype))


def test_the_answer_may_lie_over_the_input():
    x = np.random.default_rng(0).normal(size=(9, 8))
    for name, setting in [
        ("gaussian_filter", 1.0),
        ("uniform_filter", 3),
        ("convolve", np.ones((3, 2))),
        ("correlate1d", [1, 2, 3]),
    ]:
        expected, place = getattr(ndimage, name)(x, setting), x.copy()
        y = getattr(scipy_ndimage, name)(place, setting, output=place)
        assert y is place
        np.testing.assert_allclose(place, expected, atol=1e-12)


@pytest.mark.parametrize("where", ["signal", "kernel"])
def test_a_nan_spoils_only_what_it_touches(where):
    x, h = np.arange(30.0), np.ones(5)
    (x if where == "signal" else h)[2] = np.nan
    y = scipy_ndimage.convolve(x, h)
    assert np.isnan(y).sum() == (5 if where == "signal" else 30)


@pytest.mark.parametrize(
    ("name", "arguments", "settings", "words"),
    [
        ("correlate", ([1, 2], [1]), {"mode": "spam"}, "boundary mode not supported"),
        ("correlate", ([1, 2], [1]), {"mode": ["wrap"]}, "sequence of modes"),
        ("correlate", ([1, 2], [[1]]), {}, r"weights.ndim \(2\) must match len\(axes\) \(1\)"),
        ("convolve", ([1, 2], [1]), {"origin": (0, 0)}, "length equal to input rank"),
        ("convolve", ([1, 2], [1, 2]), {"origin": 1}, "Invalid origin"),
        ("convolve1d", ([1, 2], []), {}, "no filter weights given"),
        ("correlate1d", ([1, 2], [1]), {"output": np.zeros(3)}, "output shape not correct"),
        ("correlate1d", ([1j, 2], [1]), {"output": "f4"}, "output must have complex dtype"),
        ("convolve", ([1, 2], [1j]), {"cval": 1j}, "complex-valued cval"),
        ("convolve", ([1.0, 2], [1]), {"axes": 1.5}, "interpreted as an integer"),
        ("convolve", ([1.0, 2], [1]), {"axes": (2,)}, "out of range"),
        ("convolve", ([1.0, 2], [[1]]), {"axes": (0, 0)}, "axes must be unique"),
        ("uniform_filter1d", ([1, 2], 0), {}, "incorrect filter size"),
        ("uniform_filter1d", ([1, 2], 3), {"origin": 2}, "invalid origin"),
        ("gaussian_filter1d", ([1, 2], 1), {"radius": -1}, "Radius must be"),
        ("gaussian_filter1d", ([1, 2], 1), {"order": -1}, "order must be non-negative"),
        ("gaussian_filter", (np.ones(3, np.float16), 1), {}, "float16"),
        ("uniform_filter", (np.ones(3, np.longdouble), 3), {}, "float128|longdouble"),
    ],
)
def test_errors_have_scipys_words(name, arguments, settings, words):
    for module in (ndimage, scipy_ndimage):
        with pytest.raises((RuntimeError, ValueError, TypeError), match=words):
            getattr(module, name)(*arguments, **settings)
