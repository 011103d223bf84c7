"""Filtering without delay, against SciPy's filtfilt and MNE's zero-phase FIR."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import sigconv
from sigconv import TransferFunction
from sigconv.filters.design import FAMILIES
from sigconv.filters.zero_phase import PADDINGS
from tests.filter_oracles import relative_error

rng = np.random.default_rng(3)
IIR = sigconv.bandpass((1, 40), fs=250)
FIR = TransferFunction(rng.standard_normal(17), fs=250)
SYMMETRIC = sigconv.fir((8, 13), fs=250)
BOTH = pytest.mark.parametrize("tf", [IIR, FIR, SYMMETRIC], ids=["iir", "fir", "symmetric"])


def scipy_filtfilt(tf, x, axis=-1, padding="odd", pad_length=None):
    wide = x.astype(np.result_type(x, np.float64))
    kind = None if padding == "none" else padding
    if tf.is_fir:
        return signal.filtfilt(tf.b, 1, wide, axis, kind, pad_length)
    return signal.sosfiltfilt(tf.sos, wide, axis, kind, pad_length)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("order", [1, 4, 7])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("axis", [0, -1])
def test_like_scipy(family, order, padding, axis):
    tf = sigconv.highpass(5, fs=250, order=order, family=family)
    x = 10 + rng.standard_normal((90, 3, 80))
    expected = scipy_filtfilt(tf, x, axis, padding)
    y = tf.filtfilt(x, axis=axis, padding=padding)
    assert relative_error(y, expected) < 1e-10
    np.testing.assert_array_equal(tf.zero_phase(x, axis=axis, padding=padding), y)
    single = tf.filtfilt(x.astype(np.float32), axis=axis, padding=padding)
    assert single.dtype == np.float32
    assert relative_error(single, scipy_filtfilt(tf, x.astype(np.float32), axis, padding)) < 1e-6


@pytest.mark.parametrize("pad_length", [0, 1, 30, 99])
@pytest.mark.parametrize("padding", ["odd", "even", "constant"])
@pytest.mark.parametrize("tf", [IIR, FIR], ids=["iir", "fir"])
def test_pad_length(tf, padding, pad_length):
    x = 3 + rng.standard_normal((2, 100))
    expected = scipy_filtfilt(tf, x, padding=padding, pad_length=pad_length)
    y = tf.filtfilt(x, padding=padding, pad_length=pad_length)
    assert relative_error(y, expected) < 1e-10


@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_default_padding_is_scipys(kind, order):
    tf = getattr(sigconv, kind)((8, 13) if kind.startswith("band") else 8, fs=250, order=order)
    x = 3 + rng.standard_normal(200)
    assert relative_error(tf.filtfilt(x), scipy_filtfilt(tf, x)) < 1e-10


def test_default_padding_counts_zeros_and_poles_at_the_origin_as_scipy():
    x = 3 + rng.standard_normal(200)
    for z, p in (([0.5], [0.5 + 0.3j, 0.5 - 0.3j]), ([-1, -0.5], [0.9])):
        tf = TransferFunction.from_zpk(z, p, 0.1, fs=250)
        np.testing.assert_allclose(tf.filtfilt(x), scipy_filtfilt(tf, x), rtol=1e-13)


@BOTH
def test_fir_and_complex_and_integers(tf):
    x = rng.standard_normal((2, 2000))
    assert relative_error(tf.filtfilt(x), scipy_filtfilt(tf, x)) < 1e-11
    z = x + 1j * x[::-1]
    assert relative_error(tf.filtfilt(z), scipy_filtfilt(tf, z)) < 1e-11
    whole = (100 * x).astype(np.int16)
    np.testing.assert_array_equal(tf.zero_phase(whole), tf.zero_phase(whole.astype(float)))


@BOTH
def test_single_precision_is_rounded_once(tf):
    x = rng.standard_normal((2, 2000)).astype(np.float32)
    wide = tf.filtfilt(x.astype(np.float64))
    np.testing.assert_array_equal(tf.filtfilt(x), wide.astype(np.float32))


def test_mnes_zero_phase_fir():
    mne = pytest.importorskip("mne")
    x = np.cumsum(rng.standard_normal((3, 3000)), -1)
    for fs, cutoffs in ((250, (1, 40)), (250, (8, 13)), (500, (0.5, 100))):
        expected = mne.filter.filter_data(x, fs, *cutoffs, verbose="error")
        y = sigconv.fir(cutoffs, fs=fs).zero_phase(x)
        assert relative_error(y, expected) < 1e-12


def test_mnes_iir():
    mne = pytest.importorskip("mne")
    x = np.cumsum(rng.standard_normal((3, 3000)), -1)
    expected = mne.filter.filter_data(x, 250, 1, 40, method="iir", verbose="error")
    pad = min(
        mne.filter.create_filter(x, 250, 1, 40, method="iir", verbose="error")["padlen"], 2999
    )
    y = IIR.zero_phase(x, pad_length=pad)
    assert relative_error(y, expected) < 1e-7


@pytest.mark.parametrize("pad_length", [None, 0, 3, 500])
@pytest.mark.parametrize(
    ("padding", "numpys"),
    [
        ("odd", {"mode": "reflect", "reflect_type": "odd"}),
        ("even", {"mode": "reflect"}),
        ("constant", {"mode": "edge"}),
    ],
)
def test_one_pass_is_the_centred_convolution(padding, numpys, pad_length):
    x = rng.standard_normal(700)
    half = SYMMETRIC.order // 2
    n = half if pad_length is None else pad_length
    expected = np.convolve(np.pad(x, n, **numpys), SYMMETRIC.b)[half + n :][:700]
    y = SYMMETRIC.zero_phase(x, padding=padding, pad_length=pad_length)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-13)
    if n == 0:
        np.testing.assert_array_equal(SYMMETRIC.zero_phase(x, padding="none"), y)


def test_only_symmetric_kernels_of_odd_length_go_once():
    x = rng.standard_normal(500)
    for kernel in ([1, 2, 3], [1, 2, 2, 1], [1, 0, -1]):
        tf = TransferFunction(kernel, fs=1)
        np.testing.assert_array_equal(tf.zero_phase(x), tf.filtfilt(x))
    tf = TransferFunction([1, 2, 1], fs=1)
    np.testing.assert_allclose(
        tf.zero_phase(x)[1:-1], np.convolve(x, [1, 2, 1], "valid"), atol=1e-13
    )


@BOTH
def test_no_delay(tf):
    t = np.arange(6000) / 250
    wave = np.cos(2 * np.pi * 10 * t)
    y = tf.zero_phase(wave)
    response = tf.frequency_response([10.0])[1][0]
    gain = response.conj() * response if tf is not SYMMETRIC else abs(response)
    np.testing.assert_allclose(
        y[2500:-2500], gain.real * wave[2500:-2500], rtol=0, atol=1e-6 * abs(gain)
    )


@BOTH
def test_memory_order_workers_and_out_do_not_matter(tf):
    x = rng.standard_normal((5, 3, 1000))
    expected = tf.zero_phase(x, workers=1)
    np.testing.assert_array_equal(tf.zero_phase(x, workers=3), expected)
    np.testing.assert_array_equal(tf.zero_phase(np.asfortranarray(x)), expected)
    np.testing.assert_array_equal(tf.zero_phase(x[4, 1]), expected[4, 1])
    assert tf.zero_phase(x, out=x) is x
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("tf", [IIR, SYMMETRIC], ids=["iir", "symmetric"])
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 999), scale=st.floats(-100, 100))
def test_linear_and_the_same_backwards(tf, seed, scale):
    one, two = np.random.default_rng(seed).standard_normal((2, 3000))
    y = tf.zero_phase(one + scale * two)
    parts = tf.zero_phase(one) + scale * tf.zero_phase(two)
    np.testing.assert_allclose(y, parts, rtol=0, atol=1e-11 * (1 + abs(scale)))
    if tf is SYMMETRIC:
        np.testing.assert_allclose(tf.zero_phase(one[::-1])[::-1], tf.zero_phase(one), atol=1e-13)


def test_blocks_of_rows_do_not_matter(monkeypatch):
    x = rng.standard_normal((9, 200))
    for tf, place in ((IIR, "recursive_zero_phase"), (FIR, "zero_phase")):
        expected = tf.filtfilt(x)
        with monkeypatch.context() as patch:
            patch.setattr(f"sigconv.filters.{place}.BLOCK", 500)
            np.testing.assert_array_equal(tf.filtfilt(x), expected)


def test_constant_padding_does_not_look_at_infinities_inside():
    x = rng.standard_normal(1000)
    x[200] = np.inf
    y = SYMMETRIC.zero_phase(x, padding="constant")
    half = SYMMETRIC.order // 2
    assert half > 200
    np.testing.assert_array_equal(np.flatnonzero(~np.isfinite(y)), np.arange(201 + half))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: IIR.filtfilt(np.ones(27)),
            "x must be longer than the padding of 27 samples; got 27",
        ),
        (
            lambda: FIR.filtfilt(np.ones(51)),
            "x must be longer than the padding of 51 samples; got 51",
        ),
        (lambda: SYMMETRIC.zero_phase(np.ones(206)), "x must be longer than the padding of 206"),
        (lambda: IIR.filtfilt(np.ones(9), pad_length=9), "longer than the padding of 9 samples"),
        (
            lambda: IIR.filtfilt(np.ones(99), pad_length=-1),
            "pad_length must be a whole number of at",
        ),
        (lambda: IIR.filtfilt(np.ones(99), padding="add"), "padding must be one of 'odd', 'even'"),
        (
            lambda: IIR.filtfilt(np.ones(99), padding="none", pad_length=4),
            "pad_length must not be given with padding 'none'; got 4",
        ),
        (lambda: IIR.filtfilt([]), "x must not be empty"),
        (lambda: IIR.filtfilt(np.ones(99), out=np.ones(98)), r"out must have shape \(99,\)"),
    ],
)
def test_sentences(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_the_shortest_signals():
    for tf, n in ((IIR, 28), (FIR, 52), (SYMMETRIC, SYMMETRIC.order // 2 + 1)):
        assert np.isfinite(tf.zero_phase(np.ones(n))).all()
    assert IIR.filtfilt([1.0], padding="none").shape == (1,)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(3, 1000), (20, 512), (9, 4096), (2, 20_000)])
def test_in_place_gives_the_same_bits(shape, dtype):
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    tf = sigconv.bandpass((1, 40), fs=256)
    wanted = tf.zero_phase(x)
    assert np.array_equal(tf.zero_phase(x, out=np.empty_like(x)), wanted)
    assert tf.zero_phase(x, out=x) is x
    assert np.array_equal(x, wanted)
