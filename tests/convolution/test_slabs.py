"""Memory-mapped files, slab by slab: the same answer as in memory, in bounded memory."""

import itertools
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import convolve, correlate
from sigconv.convolution import slabs
from tests import oracles

from .cases import KERNEL_OF, kernel, random

BOUNDARIES = ["zero", "edge", "reflect", "symmetric", "wrap"]
names = itertools.count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("maps")


def mapped(folder: Path, array: np.ndarray) -> np.ndarray:
    path = folder / f"{next(names)}.bin"
    result = np.memmap(path, array.dtype, "w+", shape=array.shape)
    result[...] = array
    return result


def by_slabs(folder, x, h, *, slab=2048, function=convolve, **form):
    """Return the answer by slabs of so many bytes, and into how many of them it was cut."""
    expected = function(x, h, **form)
    out = mapped(folder, np.zeros(expected.shape, expected.dtype))
    cuts = []

    def counted(*arguments):
        cuts.extend(regions(*arguments))
        return cuts

    regions = slabs.regions
    with mock.patch.object(slabs, "SLAB", slab), mock.patch.object(slabs, "regions", counted):
        assert function(mapped(folder, x), h, out=out, **form) is out
    return expected, np.array(out), len(cuts)


@st.composite
def problems(draw, kind="any"):
    ndim = draw(st.integers(1, 3))
    longest = {1: 2000, 2: 300, 3: 150}[ndim]
    n = [draw(st.integers(1, 12)) for _ in range(ndim - 1)] + [draw(st.integers(1, longest))]
    n = draw(st.permutations(n))
    k = [draw(st.integers(1, 7)) for _ in range(ndim)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtypes = ["float64", "float32", "complex128", "int16", "float16"]
    dtype = draw(st.sampled_from(dtypes if kind == "any" else dtypes[:3]))
    form = {
        "mode": draw(st.sampled_from(["full", "same", "valid"])),
        "boundary": draw(st.lists(st.sampled_from(BOUNDARIES), min_size=ndim, max_size=ndim)),
        "stride": tuple(draw(st.integers(1, 3)) for _ in range(ndim)),
        "dilation": tuple(draw(st.integers(1, 3)) for _ in range(ndim)),
    }
    if form["mode"] == "valid":
        k = [min(taps, (m - 1) // d + 1) for taps, m, d in zip(k, n, form["dilation"], strict=True)]
    taps = "int16" if dtype == "int16" else "float32" if dtype == "float16" else dtype
    return random(rng, n, dtype), kernel(rng, kind, k, taps), form


@settings(deadline=None, max_examples=50)
@given(problem=problems(), function=st.sampled_from([convolve, correlate]))
def test_slabs_give_the_bits_of_the_whole(folder, problem, function):
    x, h, form = problem
    expected, y, _ = by_slabs(folder, x, h, function=function, method="direct", **form)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("method", KERNEL_OF)
@settings(deadline=None, max_examples=6)
@given(data=st.data())
def test_every_method(folder, method, data):
    x, h, form = data.draw(problems(KERNEL_OF[method]))
    expected, y, _ = by_slabs(folder, x, h, method=method, **form)
    # halves are rounded last: what is next to a tie may go either way
    close = {"float16": 1e-3, "float32": 1e-4}.get(x.dtype.name, 1e-10)
    scale = 1 + np.abs(np.asarray(expected, complex)).max(initial=0)
    np.testing.assert_allclose(y, expected, rtol=0, atol=close * scale)


@pytest.mark.parametrize(("shape", "taps", "axes"), [
    ((5000,), (9,), None),
    ((40, 600), (3, 5), None),
    ((20, 30, 40), (3, 4, 5), None),
    ((2000, 3), (7,), 0),
    ((6, 800), (6, 5), (1,)),
    ((800, 6), (5, 1), (0,)),
])  # fmt: skip
def test_many_slabs_against_the_definition(folder, shape, taps, axes):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=shape), rng.normal(size=taps)
    form = {"mode": "same", "boundary": "wrap"}
    _, y, n_slabs = by_slabs(folder, x, h, slab=1 << 13, axes=axes, **form)
    expected = oracles.along_axes(
        oracles.convolve, x, h, range(len(shape)) if axes is None else np.atleast_1d(axes), **form
    )
    assert n_slabs > 4
    np.testing.assert_allclose(y, expected.astype(float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("policy", ["propagate", "omit", "interpolate"])
@pytest.mark.parametrize("boundary", ["zero", "reflect"])
def test_not_finite_samples(folder, policy, boundary):
    x = np.random.default_rng(0).normal(size=(8, 700))
    x[1, 100:120] = np.nan
    x[2, [0, 350]] = np.inf
    x[3] = np.nan
    x[5, -1] = np.nan
    expected, y, n_slabs = by_slabs(
        folder, x, np.ones(9), axes=1, boundary=boundary, nan_policy=policy, method="direct",
        mode="same",
    )  # fmt: skip
    assert n_slabs > 3
    np.testing.assert_array_equal(y, expected)


def test_refused_samples_are_counted_before_anything_is_written(folder):
    x = np.ones(5000)
    x[[3, 4000]] = np.nan
    source, out = mapped(folder, x), mapped(folder, np.zeros(5000))
    with (
        mock.patch.object(slabs, "SLAB", 2048),
        pytest.raises(ValueError, match="x must be finite with nan_policy 'raise'; got 2 values"),
    ):
        convolve(source, [1.0, 2.0], mode="same", out=out, nan_policy="raise")
    assert not out.any()


@pytest.mark.parametrize(("dtype", "taps"), [
    ("uint8", np.array([100, 100], np.uint8)),
    ("uint64", np.array([3, 2**40], np.uint64)),
    ("uint16", np.array([0.5, 0.25])),
    (">f4", np.array([0.5, 0.25])),
    ("bool", np.array([1, -2])),
])  # fmt: skip
def test_types_and_the_constant_beyond_the_ends(folder, dtype, taps):
    x = np.random.default_rng(0).integers(0, 200, 3000).astype(dtype)
    form = {"boundary": "constant", "cval": 0 if dtype == "bool" else 100}
    expected, y, n_slabs = by_slabs(folder, x, taps, **form)
    assert n_slabs > 4
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y, expected)


def test_other_layouts_and_a_wider_output(folder):
    x = mapped(folder, np.random.default_rng(0).normal(size=(50, 60)).astype("f4"))[::-1, ::2].T
    out = mapped(folder, np.zeros((30, 50)))
    with mock.patch.object(slabs, "SLAB", 2048):
        convolve(x, np.ones((3, 3)), mode="same", out=out)
    np.testing.assert_array_equal(out, convolve(np.array(x), np.ones((3, 3)), mode="same"))


def overlapping(folder):
    """Yield x and out that share bytes, in several ways."""
    x = np.random.default_rng(0).normal(size=1000)
    same = mapped(folder, x)
    yield same, same
    both = mapped(folder, np.r_[x, np.zeros(3)])
    yield both[:1000], both[3:]
    first = mapped(folder, x)
    yield first, np.memmap(first.filename, "f8", "r+", shape=1000)
    long = mapped(folder, np.r_[x, np.zeros(5)])
    yield long[:1000], np.memmap(long.filename, "f8", "r+", offset=40, shape=1000)


def test_overlapping_files_are_convolved_in_memory(folder):
    with mock.patch.object(slabs, "SLAB", 2048):
        for x, out in overlapping(folder):
            expected = convolve(np.array(x), np.ones(9), mode="same")
            assert not slabs.wanted(x, out)
            convolve(x, np.ones(9), mode="same", out=out)
            np.testing.assert_array_equal(out, expected)


def test_neighbours_in_one_file_do_not_overlap(folder):
    whole = mapped(folder, np.zeros(2000))
    other = np.memmap(whole.filename, "f8", "r+", offset=8000, shape=1000)
    with mock.patch.object(slabs, "SLAB", 2048):
        assert slabs.wanted(whole[:1000], other)
        assert slabs.wanted(whole[:1000], whole[1000:])
        assert slabs.wanted(np.zeros(1000), other)
        assert not slabs.wanted(np.zeros(1000), np.zeros(1000))


@pytest.mark.parametrize(("change", "sentence"), [
    ({"mode": "sam"}, "mode must be one of"),
    ({"stride": 0}, "stride must be a whole number of at least 1"),
    ({"h": np.ones((2, 2))}, "h must have at most as many dimensions"),
    ({"h": [np.nan]}, "h must hold finite numbers"),
    ({"mode": "valid"}, r"out must have shape \(999,\)"),
    ({"method": "fft", "workers": 0}, "workers must be"),
    ({"method": "running_sum"}, "method 'running_sum' needs"),
])  # fmt: skip
def test_bad_input_writes_nothing(folder, change, sentence):
    x, out = mapped(folder, np.ones(1000)), mapped(folder, np.zeros(1000))
    form = {"h": [1.0, 2.0], "mode": "same", **change}
    with mock.patch.object(slabs, "SLAB", 2048), pytest.raises(ValueError, match=sentence):
        convolve(x, out=out, **form)
    assert not out.any()


BOUNDED = """
import resource, sys
import numpy as np
from sigconv import convolve

def data_bytes():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData"))

n, axes, taps, folder = 30_000_000, None, 101, sys.argv[1]
x = np.memmap(folder + "/x.bin", "f8", "w+", shape=n)
x.reshape(30, -1)[...] = np.random.default_rng(0).normal(size=n // 30)
y = np.memmap(folder + "/y.bin", "f8", "w+", shape=n)
form = {"mode": "same", "boundary": "reflect", "method": sys.argv[2]}
h = np.random.default_rng(1).normal(size=taps)
small = np.array(x[:3_000_000])
expected = convolve(small, h, **form)  # compiles, and starts the threads
resource.setrlimit(resource.RLIMIT_DATA, (data_bytes() + 100_000_000,) * 2)
convolve(x, h, out=y, **form)
assert abs(y[:2_999_900] - expected[:2_999_900]).max() < 1e-11
try:
    convolve(x, h, **form)
except MemoryError:
    print("in memory it does not fit")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")
@pytest.mark.parametrize("method", ["direct", "overlap_save"])
def test_files_of_240_megabytes_in_100(tmp_path, method):
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(tmp_path), method], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "in memory it does not fit\n"
