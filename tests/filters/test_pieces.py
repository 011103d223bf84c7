"""Files, readers and writers, and converted types: the bits of the answer in memory, in pieces."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import sigconv
from sigconv import FilterBank, TransferFunction
from sigconv.filters import pieces, segments, signals

RNG = np.random.default_rng(0)
FILTERS = {
    "iir": sigconv.bandpass((1, 40), fs=250),
    "symmetric": sigconv.fir((8, 40), fs=250, taps=101),
    "fir": TransferFunction(RNG.standard_normal(40), fs=250),
}
METHODS = ("filter", "filtfilt", "zero_phase")


@pytest.fixture
def small(monkeypatch):
    """Pieces so short that a test has many of them; signals are too short for segments."""
    monkeypatch.setattr(signals, "LARGE", 0)
    monkeypatch.setattr(pieces, "MULTIPLE", 32)
    monkeypatch.setattr(pieces, "SIZE", 1000)
    monkeypatch.setattr(pieces, "ROWS", 6)
    monkeypatch.setattr(pieces, "KERNEL_ROWS", 4)


class Chunks:
    """What a dataset of a file format can do: a shape, a type, and slices in and out."""

    def __init__(self, array):
        self._array, self.shape, self.dtype = array, array.shape, array.dtype
        self.largest = 0

    def __getitem__(self, index):
        part = self._array[index]
        self.largest = max(self.largest, part.size)
        return part.copy()

    def __setitem__(self, index, values):
        assert all(isinstance(each, slice) for each in index)
        self._array[index] = values


def noise(shape, dtype):
    x = 100 * RNG.standard_normal(shape)
    return (x + 1j * x[::-1]).astype(dtype) if np.dtype(dtype).kind == "c" else x.astype(dtype)


def mapped(path, x):
    file = np.memmap(path, x.dtype, "w+", shape=x.shape)
    file[...] = x
    return file


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int16])
@pytest.mark.parametrize(
    ("shape", "axis"), [((7, 1500), -1), ((1500, 7), 0), ((2, 1700), 1), ((2, 900, 3, 4), 1)]
)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", FILTERS)
def test_maps_get_the_bits_of_arrays(small, tmp_path, name, method, shape, axis, dtype):
    x = noise(shape, dtype)
    run = getattr(FILTERS[name], method)
    expected = run(x, axis=axis)
    file = mapped(tmp_path / "x", x)
    out = np.memmap(tmp_path / "y", expected.dtype, "w+", shape=shape)
    assert run(file, axis=axis, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "y"]
    np.testing.assert_array_equal(file, x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("n_rows", [1, 2])
@pytest.mark.parametrize("order", [4, 12])
@pytest.mark.parametrize("method", ["filter", "filtfilt"])
def test_long_signals_are_cut_between_segments(monkeypatch, tmp_path, method, order, n_rows, dtype):
    n = 3 * segments.WORTHWHILE + 1234
    monkeypatch.setattr(signals, "LARGE", 0)
    monkeypatch.setattr(pieces, "SIZE", 3 * n_rows * segments.LENGTH)
    x = noise((n_rows, n), dtype)
    run = getattr(sigconv.lowpass(20, fs=250, order=order), method)
    expected = run(x)
    out = np.memmap(tmp_path / "y", dtype, "w+", shape=x.shape)
    run(mapped(tmp_path / "x", x), out=out)
    np.testing.assert_array_equal(out, expected)
    stretches = run(x, breaks=[n // 2])  # each by itself, in pieces too
    np.testing.assert_array_equal(stretches[:, : n // 2], run(x[:, : n // 2]))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", FILTERS)
def test_pieces_agree_with_the_whole(monkeypatch, name, method):
    """Against the answer in one go, computed before anything was made small."""
    x = noise((3, 2000), np.float64)
    run = getattr(FILTERS[name], method)
    expected = run(x)
    monkeypatch.setattr(pieces, "SIZE", 1000)
    monkeypatch.setattr(pieces, "MULTIPLE", 32)
    reader, writer = Chunks(x), Chunks(np.empty_like(x))
    assert run(reader, out=writer) is writer
    np.testing.assert_allclose(writer._array, expected, atol=1e-10)
    if name == "iir":
        np.testing.assert_array_equal(writer._array, expected)
    assert reader.largest < 3 * 600


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("nan_policy", ["propagate", "interpolate"])
def test_in_place(small, tmp_path, name, method, nan_policy):
    x = noise((5, 1500), np.float64)
    x[1, 300:900] = np.nan
    run = getattr(FILTERS[name], method)
    expected = run(x, nan_policy=nan_policy)
    file = mapped(tmp_path / "x", x)
    run(file, nan_policy=nan_policy, out=file)
    np.testing.assert_array_equal(file, expected)


def test_overlapping_files_are_filtered_in_memory(small, tmp_path):
    whole = mapped(tmp_path / "x", noise((1, 3000), np.float64))
    expected = FILTERS["iir"].filtfilt(whole[:, :2900])
    FILTERS["iir"].filtfilt(whole[:, :2900], out=whole[:, 100:])
    np.testing.assert_array_equal(whole[:, 100:], expected)


def test_banks(small, tmp_path):
    filters = [FILTERS["iir"], sigconv.notch(50, fs=250), FILTERS["iir"], FILTERS["fir"]]
    filters.append(sigconv.notch(20, fs=250))
    bank, x = FilterBank(filters), noise((5, 1500), np.float64)
    file = mapped(tmp_path / "x", x)
    for method in ("filter", "filtfilt"):
        out = np.memmap(tmp_path / "y", np.float64, "w+", shape=(1500, 5))
        assert getattr(bank, method)(file.T, axis=0, out=out) is out
        alone = [getattr(tf, method)(row) for tf, row in zip(filters, x, strict=True)]
        np.testing.assert_allclose(out.T, alone, rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint8])
@pytest.mark.parametrize("axis", [0, 1])
def test_integers_become_what_is_asked_for(small, method, dtype, axis):
    x = np.abs(noise((20, 900), np.float64)).astype(dtype)
    x = x.T if axis == 0 else x
    run = getattr(FILTERS["iir"], method)
    expected = run(x.astype(np.float64), axis=axis).astype(np.float32)
    y = run(x, axis=axis, dtype="float32")
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, expected)
    out = np.empty(x.shape, np.float32)
    assert run(x, axis=axis, out=out) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["iir", "symmetric"])
def test_no_float64_copy_of_int16(name, method):
    """64 MB of int16: besides the answer no more than a few pieces, not 256 MB of float64."""
    x = np.zeros((64, 500_000), np.int16)
    x[:, ::100] = 1000
    getattr(FILTERS[name], method)(x[:, :3000], dtype="float32")  # compiles
    tracemalloc.start()
    y = getattr(FILTERS[name], method)(x, dtype="float32")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    beside = peak - y.nbytes
    whole = 8 * x.size
    assert beside < (0.25 if name == "iir" else 0.5) * whole


#: What getrusage tells of a child begins with its parent's.
MEASURE = """
import sys
import numpy as np
import sigconv

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

kind, layout, dtype, folder, n = *sys.argv[1:5], int(sys.argv[5])
shape, axis = ((64, n), 1) if layout == "rows" else ((n, 64), 0)
x = np.memmap(folder + "/x", dtype, "w+", shape=shape)
y = np.memmap(folder + "/y", dtype, "w+", shape=shape)
tf = sigconv.bandpass((1, 40), fs=250) if kind == "iir" else sigconv.fir((1, 40), fs=250)
tf.zero_phase(np.zeros((64, 3000), dtype))
before = peak()
tf.zero_phase(x, axis=axis, out=y)
after = peak()
print((after - before) / 1024, after / 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are asked of Linux")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("kind", ["iir", "fir"])
def test_300_mb_take_no_more_memory_than_pieces(tmp_path, kind, layout, dtype):
    """The pages of the maps count, too; what a compiler takes, which runs once, does not."""
    words = [sys.executable, "-c", MEASURE, kind, layout, dtype, str(tmp_path)]
    for n in (40_000, 600_000 if dtype == "float64" else 1_200_000):  # the first one compiles
        done = subprocess.run([*words, str(n)], check=True, capture_output=True, text=True)
    more, whole = map(float, done.stdout.split())
    assert more < 250
    assert whole < 600


def test_other_results_types():
    tf, x = FILTERS["iir"], noise((3, 900), np.float32)
    wide = tf.filter(x, dtype=np.float64)
    np.testing.assert_array_equal(wide, tf.filter(x.astype(np.float64)))
    np.testing.assert_array_equal(wide.astype(np.float32), tf.filter(x))
    half = tf.filtfilt(x, dtype=np.float16)
    np.testing.assert_array_equal(half, tf.filtfilt(x).astype(np.float16))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda tf, x: tf.filter(x, dtype=int), TypeError, "dtype must be float16, float32 or"),
        (lambda tf, x: tf.filter(x, dtype=np.longdouble), TypeError, "dtype must be float16"),
        (
            lambda tf, x: tf.filter(x + 0j, dtype=np.float32),
            TypeError,
            "dtype must be complex64 or complex128 for this x; got float32",
        ),
        (
            lambda tf, x: tf.filter(Chunks(x), out=Chunks(np.ones((2, 9)))),
            ValueError,
            r"out must have shape \(2, 900\); got \(2, 9\)",
        ),
        (
            lambda tf, x: tf.filter(Chunks(x), out=Chunks(np.ones((2, 900), int))),
            TypeError,
            "out must be able to hold float64; got int64",
        ),
        (
            lambda tf, x: tf.filter(Chunks(np.array([["a"]])), out=x),
            TypeError,
            "x must hold numbers",
        ),
        (
            lambda tf, x: tf.filtfilt(Chunks(x), padding="gustafsson", out=x),
            ValueError,
            "padding must be another than 'gustafsson' for signals in files",
        ),
    ],
)
def test_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call(FILTERS["iir"], noise((2, 900), np.float64))
