"""The whole grid of forms against the definitions, and against NumPy and SciPy where they agree."""

import itertools

import numpy as np
import pytest
from scipy import ndimage, signal

from sigconv import convolve, correlate
from tests import oracles

from .cases import BUDGET, KERNEL_OF, kernel, random

MODES = ["full", "same", "valid"]
BOUNDARIES = ["zero", "constant", "edge", "reflect", "symmetric", "wrap"]
METHODS = list(KERNEL_OF)
DTYPES = ["int16", "float32", "float64", "complex64", "complex128"]
SHAPES = {1: ((11,), (4,)), 2: ((7, 6), (3, 2)), 3: ((5, 6, 4), (2, 3, 2))}


def assert_close(y, expected, scale, dtype, method):
    assert y.dtype == dtype
    assert y.shape == expected.shape
    if y.dtype.kind in "iu":
        bits = 8 * y.itemsize
        wrapped = (expected + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
        np.testing.assert_array_equal(y.astype(object), wrapped)
        return
    allowed = BUDGET * np.finfo(dtype).eps * scale
    if method in ("auto", "fft", "overlap_save"):
        allowed = allowed + BUDGET * np.finfo(float).eps * scale.max()
    assert (np.abs(y - expected) <= allowed).all(), np.max(np.abs(y - expected) / allowed)


def spread(x):
    result = np.zeros([2 * n for n in x.shape], x.dtype)[(slice(None, None, 2),) * x.ndim]
    result[...] = x
    return result


def read_only(x):
    result = x.copy()
    result.flags.writeable = False
    return result


#: The same values in other memory.
LAYOUTS = [
    np.asfortranarray,
    lambda x: np.flip(np.flip(x).copy()),
    spread,
    read_only,
    lambda x: x.astype(x.dtype.newbyteorder()),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_every_form_is_the_definition(ndim, mode, boundary, dtype):
    rng = np.random.default_rng(len(mode) * ndim)
    n, k = SHAPES[ndim]
    cval = 2 if boundary == "constant" else 0
    memory = itertools.cycle(LAYOUTS)
    for stride, dilation, is_last in itertools.product([1, 3], [1, 2], [True, False]):
        axes = tuple(range(1, ndim + 1)) if is_last else tuple(range(ndim))
        shape = (2, *n) if is_last else (*n, 2)
        x = random(rng, shape, dtype)
        form = {"mode": mode, "boundary": boundary, "stride": stride, "dilation": dilation}
        form["cval"] = cval
        for kind in ("any", "outer", "box"):
            h = kernel(rng, kind, k, dtype)
            expected = oracles.along_axes(oracles.convolve, x, h, axes, **form)
            scale = oracles.along_axes(oracles.absolute_scale, x, h, axes, **form)
            for method in [name for name in METHODS if KERNEL_OF[name] == kind]:
                y = convolve(x, h, axes=axes, method=method, **form)
                assert_close(y, expected, scale, dtype, method)
                for lay_out in itertools.islice(memory, 2):
                    again = convolve(lay_out(x), h, axes=axes, method=method, **form)
                    np.testing.assert_array_equal(again, y)  # to the last bit
                flipped = np.conj(np.flip(h))
                again = correlate(x, flipped, axes=axes, method=method, **form)
                np.testing.assert_array_equal(again, y)


@pytest.mark.parametrize("mode", MODES)
def test_words_per_axis(mode):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=(9, 8)), rng.normal(size=(4, 3))
    form = {
        "mode": mode,
        "boundary": ["wrap", "constant"],
        "cval": 0.5,
        "stride": (2, 1),
        "dilation": [1, 3],
    }
    y = convolve(x, h, **form)
    scale = oracles.absolute_scale(x, h, **form)
    assert_close(y, oracles.convolve(x, h, **form), scale, "float64", "direct")


@pytest.mark.parametrize("name", ["nearest", "mirror", "periodic"])
def test_names_of_other_libraries(name):
    same = {"nearest": "edge", "mirror": "reflect", "periodic": "wrap"}[name]
    x, h = np.arange(5.0), np.arange(9.0)
    np.testing.assert_array_equal(convolve(x, h, boundary=name), convolve(x, h, boundary=same))


@pytest.mark.parametrize("boundary", BOUNDARIES[2:])
def test_extension_repeats_as_often_as_the_kernel_needs(boundary):
    rng = np.random.default_rng(1)
    for n in (1, 2, 3):
        x, h = rng.normal(size=n), rng.normal(size=20)
        for mode in ("full", "same"):
            expected = oracles.convolve(x, h, mode=mode, boundary=boundary)
            y = convolve(x, h, mode=mode, boundary=boundary)
            np.testing.assert_allclose(y, expected.astype(float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(3, 5, 4), (3, 5, 1), (1, 5, 4), (1, 5, 1), (5,)])
def test_one_kernel_per_channel(method, shape):
    rng = np.random.default_rng(2)
    x, h = rng.normal(size=(3, 20, 4)), rng.normal(size=shape)
    if KERNEL_OF[method] == "box":
        h = np.broadcast_to(h.mean(axis=-2 if h.ndim > 1 else 0, keepdims=True), shape)
    for function in (convolve, correlate):
        expected = oracles.along_axes(
            oracles.convolve, x, h, (1,), mode="same", correlation=function is correlate
        )
        y = function(x, h, axes=-2, mode="same", method=method)
        np.testing.assert_allclose(y, expected.astype(float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", ["direct", "separable", "running_sum", "fft"])
def test_one_image_kernel_per_channel(method):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(6, 3, 7))  # the channels lie between the axes of the image
    h = np.stack([kernel(rng, KERNEL_OF[method], (2, 3), float) for _ in range(3)], axis=1)
    expected = oracles.along_axes(oracles.convolve, x, h, (0, 2))
    y = convolve(x, h, axes=(0, 2), method=method)
    np.testing.assert_allclose(y, expected.astype(float), rtol=1e-12, atol=1e-12)


def test_axes_pair_with_the_axes_of_the_kernel_in_the_order_given():
    rng = np.random.default_rng(3)
    x, h = rng.normal(size=(6, 7, 5)), rng.normal(size=(2, 3))
    np.testing.assert_array_equal(
        convolve(x, h, axes=(2, 0)), np.moveaxis(convolve(x.T, h, axes=(0, 2)), (0, 2), (2, 0))
    )
    np.testing.assert_array_equal(convolve(x, h), convolve(x, h, axes=(-2, -1)))
    assert convolve(x, h, axes=(2, 0)).shape == (8, 7, 6)


def test_four_dimensions():
    rng = np.random.default_rng(4)
    x, h = rng.normal(size=(4, 3, 5, 4)), rng.normal(size=(2, 2, 3, 2))
    expected = signal.fftconvolve(x, h)
    for method in ("direct", "fft", "overlap_save"):
        np.testing.assert_allclose(convolve(x, h, method=method), expected, atol=1e-13)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("k", [1, 2, 3, 6, 9])
def test_numpy_and_scipy_agree(k, mode):
    rng = np.random.default_rng(k)
    n = 9
    for is_complex in (False, True):
        x = random(rng, n, "complex128" if is_complex else "float64")
        h = random(rng, k, x.dtype)
        close = {"rtol": 1e-13, "atol": 1e-13}
        np.testing.assert_allclose(convolve(x, h, mode=mode), np.convolve(x, h, mode), **close)
        np.testing.assert_allclose(
            correlate(x, h, mode=mode), signal.correlate(x, h, mode), **close
        )
        x, h = random(rng, (n, n + 1), x.dtype), random(rng, (k, k), x.dtype)
        np.testing.assert_allclose(
            convolve(x, h, mode=mode), signal.convolve2d(x, h, mode), **close
        )
        np.testing.assert_allclose(
            correlate(x, h, mode=mode), signal.correlate(x, h, mode), **close
        )


@pytest.mark.parametrize("k", [9, 10, 15])
def test_same_keeps_the_length_of_x_under_a_longer_kernel(k):
    rng = np.random.default_rng(k)
    x, h = rng.normal(size=9), rng.normal(size=k)
    np.testing.assert_allclose(
        convolve(x, h, mode="same"), signal.fftconvolve(x, h, "same"), atol=1e-13
    )
    np.testing.assert_allclose(
        correlate(x, h, mode="same"), signal.correlate(x, h, "same"), atol=1e-13
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("edge", "nearest"), ("reflect", "mirror"), ("symmetric", "reflect"), ("wrap", "wrap")],
)
def test_ndimage_agrees_on_odd_kernels(ours, theirs):
    rng = np.random.default_rng(5)
    x, h = rng.normal(size=(6, 5, 4)), rng.normal(size=(3, 5, 3))
    np.testing.assert_allclose(
        convolve(x, h, mode="same", boundary=ours), ndimage.convolve(x, h, mode=theirs), atol=1e-13
    )
    np.testing.assert_allclose(
        correlate(x, h, mode="same", boundary=ours),
        ndimage.correlate(x, h, mode=theirs),
        atol=1e-13,
    )


@pytest.mark.parametrize("method", METHODS)
def test_out_may_overlap_the_signal(method):
    rng = np.random.default_rng(6)
    memory = rng.normal(size=1000)
    h = kernel(rng, KERNEL_OF[method], (5,), "float64")
    expected = convolve(memory[:990].copy(), h, mode="same", method=method)
    result = convolve(memory[:990], h, mode="same", method=method, out=memory[10:])
    assert np.shares_memory(result, memory)
    np.testing.assert_array_equal(memory[10:], expected)


def test_out_takes_the_layout_and_the_type_it_has():
    x, h = np.arange(12.0, dtype="float32").reshape(3, 4), np.ones(2)
    out = np.zeros((5, 3)).T
    assert convolve(x, h, out=out).base is out.base
    np.testing.assert_array_equal(out, convolve(x, h))
    assert out.flags.f_contiguous


def test_the_arguments_are_left_as_they_were():
    x = np.array([1.0, np.nan, 3.0, np.inf, 5.0])
    h = np.array([1.0, 2.0])
    for policy in ("propagate", "omit", "interpolate"):
        for mode in MODES:
            convolve(x, h, mode=mode, nan_policy=policy)
    np.testing.assert_array_equal(x, [1.0, np.nan, 3.0, np.inf, 5.0])
    np.testing.assert_array_equal(h, [1.0, 2.0])


def test_a_memory_map_in_and_out(tmp_path):
    rng = np.random.default_rng(7)
    data = rng.normal(size=(2, 500)).astype("float32")
    np.save(tmp_path / "x.npy", data)
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    out = np.lib.format.open_memmap(tmp_path / "y.npy", mode="w+", dtype="float32", shape=(2, 504))
    h = rng.normal(size=5)
    convolve(x, h, out=out)
    out.flush()
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), convolve(data, h))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(300_000,), (40, 9_000), (3, 200, 210)])
def test_the_answer_does_not_depend_on_workers(method, shape):
    rng = np.random.default_rng(8)
    x = random(rng, shape, "float32")
    h = kernel(rng, KERNEL_OF[method], (5, 4) if len(shape) == 3 else (30,), "float32")
    expected = convolve(x, h, method=method, workers=1)
    for workers in (2, 3, None):
        y = convolve(x, h, method=method, workers=workers)
        np.testing.assert_array_equal(y, expected)
