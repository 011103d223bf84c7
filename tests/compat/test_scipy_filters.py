"""SciPy's recursive filters, rate changes and smoothers beside ours, over a random grid."""

import mpmath
import numpy as np
import pytest
from scipy import signal

from sigconv.compat import scipy_signal

from .cases import assert_alike, random

TYPES = ["int16", "float32", "float64", "complex64", "complex128"]
PADDINGS = ["odd", "even", "constant", None]


def coefficients(rng, order, dtype="float64"):
    """Return a stable b/a of one's own type."""
    poles = 0.9 * rng.random(order) * np.exp(1j * np.pi * rng.random(order))
    if np.dtype(dtype).kind == "c":
        a, b = np.poly(poles), random(rng, order + 1, "complex128")
    else:
        pairs = poles[: order // 2]
        a = np.poly(np.concatenate([pairs, pairs.conj(), poles.real[: order % 2]])).real
        b = rng.normal(size=order + 1)
    return b.astype(dtype), np.atleast_1d(a).astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("own", ["float64", "complex128"])
@pytest.mark.parametrize("order", [0, 1, 2, 3, 5, 8])
def test_lfilter(order, own, dtype):
    rng = np.random.default_rng(order)
    b, a = coefficients(rng, order, own)
    b = b[: len(b) - order // 3]
    for shape, axis in [((300,), 0), ((3, 40), 1), ((21, 4, 3), 0), ((2, 0, 3), 1)]:
        x = random(rng, shape, dtype)
        if not x.size and len(a) == 1:  # SciPy has no answer
            continue
        assert_alike(scipy_signal.lfilter, signal.lfilter, b, a, x, axis=axis)
        if order and x.size:
            wanted = list(shape)
            wanted[axis] = order
            zi = rng.normal(size=wanted)
            for state in (zi, zi[:1] if axis else zi):
                got = scipy_signal.lfilter(b, a, x, axis, state)
                for ours, theirs in zip(got, signal.lfilter(b, a, x, axis, state), strict=True):
                    assert ours.shape == theirs.shape
                    assert ours.dtype == theirs.dtype
                    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_a_lone_filter_is_what_it_is_among_others():
    rng = np.random.default_rng(0)
    b, a = coefficients(rng, 5)
    x = rng.normal(size=(19, 1000))
    together = scipy_signal.lfilter(b, a, x)
    for row, y in zip(x, together, strict=True):
        np.testing.assert_array_equal(scipy_signal.lfilter(b, a, row), y)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n_sections", [1, 2, 5])
def test_sosfilt_with_its_states(n_sections, dtype):
    rng = np.random.default_rng(n_sections)
    sos = signal.butter(n_sections, [0.1, 0.3], "bandpass", output="sos")
    for shape, axis in [((300,), 0), ((3, 40), -1), ((21, 4, 3), 0)]:
        x = random(rng, shape, dtype)
        assert_alike(scipy_signal.sosfilt, signal.sosfilt, sos, x, axis=axis)
        wanted = list(shape)
        wanted[axis] = 2
        zi = rng.normal(size=(len(sos), *wanted))
        got = scipy_signal.sosfilt(sos, x, axis, zi)
        for ours, theirs in zip(got, signal.sosfilt(sos, x, axis, zi), strict=True):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-8 * abs(theirs).max())
    complex_sos = sos * np.array([1, 1j, 1, 1, 1, 1])
    x = random(rng, (4, 100), dtype)
    assert_alike(scipy_signal.sosfilt, signal.sosfilt, complex_sos, x)


def test_states_carry_from_piece_to_piece_across_the_two():
    rng = np.random.default_rng(1)
    sos, x = signal.ellip(5, 1, 40, 0.2, output="sos"), rng.normal(size=(3, 500))
    whole = signal.sosfilt(sos, x)
    zi = np.zeros((len(sos), 3, 2))
    pieces = []
    for number, piece in enumerate(np.split(x, [100, 170, 300], axis=1)):
        run = (scipy_signal if number % 2 else signal).sosfilt
        y, zi = run(sos, piece, zi=zi)
        pieces.append(y)
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=1e-12)


@pytest.mark.parametrize("padtype", PADDINGS)
@pytest.mark.parametrize("dtype", TYPES)
def test_both_ways(dtype, padtype):
    rng = np.random.default_rng(2)
    for shape, axis in [((300,), 0), ((3, 200), 1), ((210, 2, 3), 0)]:
        x = random(rng, shape, dtype)
        for order in (1, 2, 4):
            b, a = signal.butter(order, 0.2)
            sos = signal.butter(order, 0.2, output="sos")
            for padlen in (None, 0, 17):
                given = {"axis": axis, "padtype": padtype, "padlen": padlen}
                assert_alike(scipy_signal.filtfilt, signal.filtfilt, b, a, x, **given)
                assert_alike(scipy_signal.sosfiltfilt, signal.sosfiltfilt, sos, x, **given)
            given = {"axis": axis, "padtype": padtype}
            assert_alike(scipy_signal.filtfilt, signal.filtfilt, b, 1.0, x, **given)


@pytest.mark.parametrize("irlen", [None, 60])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_gustafssons_method(order, irlen):
    rng = np.random.default_rng(order)
    b, a = signal.butter(order, 0.3)
    for shape, axis in [((300,), 0), ((3, 200), 1)]:
        x = rng.normal(size=shape)
        ours = scipy_signal.filtfilt(b, a, x, axis, method="gust", irlen=irlen)
        theirs = signal.filtfilt(b, a, x, axis, method="gust", irlen=irlen)
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("order", range(1, 6))
def test_states_at_rest(order):
    b, a = coefficients(np.random.default_rng(order), order)
    assert_alike(scipy_signal.lfilter_zi, signal.lfilter_zi, b, a)
    assert_alike(scipy_signal.lfilter_zi, signal.lfilter_zi, 3 * b, [0.0, *(3 * a)])
    sos = signal.cheby2(order, 30, [0.1, 0.4], "bandpass", output="sos")
    np.testing.assert_allclose(scipy_signal.sosfilt_zi(sos), signal.sosfilt_zi(sos), atol=1e-9)
    past = np.random.default_rng(0).normal(size=(2, 3))
    assert_alike(scipy_signal.lfiltic, signal.lfiltic, b, a, past[0], past[1])
    assert_alike(scipy_signal.lfiltic, signal.lfiltic, 2 * b, 2 * a, past[0])


def test_a_very_low_band_is_nearer_the_truth_than_scipys():
    sos = signal.butter(2, 0.01, fs=20_000, output="sos")
    x = np.random.default_rng(3).normal(size=2000)
    with mpmath.workdps(50):
        y = [mpmath.mpf(value) for value in x]
        for section in sos:
            b0, b1, b2, _, a1, a2 = (mpmath.mpf(value) for value in section)
            z1 = z2 = mpmath.mpf(0)
            for i, u in enumerate(y):
                y[i] = b0 * u + z1
                z1, z2 = b1 * u - a1 * y[i] + z2, b2 * u - a2 * y[i]
        exact = np.array([float(value) for value in y])
    ours, theirs = (
        abs(run(sos, x) - exact).max() for run in (scipy_signal.sosfilt, signal.sosfilt)
    )
    assert ours <= theirs
    assert ours < 1e-12 * abs(exact).max()


@pytest.mark.parametrize(
    "mode",
    [
        "constant",
        "symmetric",
        "reflect",
        "edge",
        "wrap",
        "smooth",
        "line",
        "antisymmetric",
        "antireflect",
    ],
)
@pytest.mark.parametrize("seed", range(20))
def test_upfirdn(seed, mode):
    rng = np.random.default_rng(seed)
    shape, axis = [((17,), 0), ((3, 9), 1), ((6, 2), 0)][seed % 3]
    x = random(rng, shape, rng.choice(TYPES))
    h = random(rng, rng.integers(1, 40), rng.choice(TYPES[1:]))
    up, down = rng.integers(1, 8, 2).tolist()
    cval = 2 if mode == "constant" else 0
    assert_alike(
        *(scipy_signal.upfirdn, signal.upfirdn, h, x, up, down), axis=axis, mode=mode, cval=cval
    )


@pytest.mark.parametrize(
    "ftype",
    [
        "iir",
        "fir",
        signal.dlti([1, 1], [1, -0.5]),
        signal.dlti([1, 2, 1], [1]),
        signal.dlti([1], [1, -0.5j]),
    ],
    ids=["iir", "fir", "own", "own fir", "complex"],
)
@pytest.mark.parametrize("zero_phase", [True, False])
def test_decimate(ftype, zero_phase):
    rng = np.random.default_rng(4)
    for dtype in TYPES:
        for shape, axis in [((200,), 0), ((3, 157), 1), ((150, 2), 0)]:
            x = random(rng, shape, dtype)
            for q in (1, 2, 7):
                given = {"ftype": ftype, "axis": axis, "zero_phase": zero_phase}
                if q == 1 and ftype == "iir":
                    continue
                assert_alike(scipy_signal.decimate, signal.decimate, x, q, **given)


@pytest.mark.parametrize("mode", ["interp", "mirror", "constant", "nearest", "wrap"])
@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
def test_savgol_filter(dtype, mode):
    rng = np.random.default_rng(5)
    for shape, axis in [((60,), 0), ((3, 40), 1), ((30, 2, 2), 0)]:
        x = random(rng, shape, dtype)
        for width, order, deriv in [(5, 2, 0), (7, 3, 1), (6, 2, 0), (11, 4, 2), (1, 0, 0)]:
            assert_alike(
                *(scipy_signal.savgol_filter, signal.savgol_filter, x, width, order),
                deriv=deriv,
                delta=0.5,
                axis=axis,
                mode=mode,
                cval=3.0,
            )


def test_medians_trends_and_analytic_signals():
    rng = np.random.default_rng(6)
    for dtype in ("int32", "float32", "float64"):
        x = random(rng, (20, 31), dtype)
        for size in (None, 5, (3, 7)):
            assert_alike(scipy_signal.medfilt, signal.medfilt, x, size)
        for axis in (0, 1):
            for n in (None, 16, 45):
                assert_alike(scipy_signal.hilbert, signal.hilbert, x, n, axis)
            for kind, breaks in [("constant", 0), ("linear", 0), ("linear", [7, 12])]:
                assert_alike(
                    scipy_signal.detrend, signal.detrend, x, axis=axis, type=kind, bp=breaks
                )


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float32", "float64"])
def test_medians_along_one_axis(dtype):
    rng = np.random.default_rng(7)
    x = random(rng, (20, 31), dtype)
    for size in ((1, 3), (1, 11), (9, 1), (1, 1)):
        assert_alike(scipy_signal.medfilt, signal.medfilt, x, size)
    for size in (1, 3, 7, 31):
        assert_alike(scipy_signal.medfilt, signal.medfilt, x[0], size)
    with pytest.warns(UserWarning, match="kernel_size exceeds volume extent"):
        y = scipy_signal.medfilt(x[0], 45)
    padded = np.pad(x[0], 22)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 45)
    np.testing.assert_array_equal(y, np.sort(windows)[:, 22])


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: scipy_signal.lfilter([1], [0, 1], [1.0]), ValueError, r"a\[0\] must not be 0"),
        (lambda: scipy_signal.lfilter([[1]], [1], [1.0]), ValueError, "b is not a non-empty 1d"),
        (lambda: scipy_signal.lfilter([1], [1], 1.0), ValueError, "x must be at least 1-D"),
        (lambda: scipy_signal.lfilter([1], [1, 2], [1]), NotImplementedError, "'int64' not supp"),
        (
            lambda: scipy_signal.lfilter([1.0], [1, 2], [1], zi=[1, 2]),
            ValueError,
            r"expected \(1,\), found \(2,\)",
        ),
        (lambda: scipy_signal.sosfilt([[1, 2, 3]], [1.0]), ValueError, r"shape \(n_sections, 6\)"),
        (lambda: scipy_signal.sosfilt([[1, 0, 0, 2, 0, 0]], [1.0]), ValueError, "all ones"),
        (lambda: scipy_signal.filtfilt([1.0], [1], np.ones(9), method="x"), ValueError, "'gust'"),
        (lambda: scipy_signal.filtfilt([1.0], [1], np.ones(9), padtype="x"), ValueError, "padtype"),
        (lambda: scipy_signal.filtfilt([1.0], [1], np.ones(3)), ValueError, "greater than padlen"),
        (lambda: scipy_signal.upfirdn([1], [1], 1, 0), ValueError, "must be >= 1"),
        (lambda: scipy_signal.upfirdn([1], [1], mode="x"), ValueError, "mode"),
        (lambda: scipy_signal.decimate(np.ones(9), 2, ftype="x"), ValueError, "invalid ftype"),
        (lambda: scipy_signal.hilbert([1j]), ValueError, "real"),
        (lambda: scipy_signal.detrend([1.0], type="x"), ValueError, "Trend type"),
        (lambda: scipy_signal.medfilt([1.0, 2], 2), ValueError, "odd"),
        (lambda: scipy_signal.savgol_filter([1.0, 2], 5, 2), ValueError, "window_length"),
    ],
)
def test_errors_have_scipys_words(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
