"""FIR designs against MNE's and SciPy's."""

import numpy as np
import pytest
from scipy import signal

import sigconv

MNE_CASES = [
    (250, 1, 40),
    (250, None, 40),
    (250, 1, None),
    (250, 0.1, None),
    (256, 0.5, 45.5),
    (500, 8, 13),
    (500, None, 245),
    (160, 4, 79),
    (1000, 30, 200),
    (44100, 300, 3400),
    (250, 90, 40),
    (500, 104, 55.5),
    (97.3, 1.7, 33.3),
]


@pytest.mark.parametrize(("fs", "low", "high"), MNE_CASES)
def test_automatic_kernel_is_mnes(fs, low, high):
    mne = pytest.importorskip("mne")
    expected = mne.filter.create_filter(
        None, fs, low, high, method="fir", phase="zero", fir_window="hamming", verbose="error"
    )
    if low is None:
        tf = sigconv.fir(high, fs=fs)
    elif high is None:
        tf = sigconv.fir(low, fs=fs, kind="highpass")
    elif low < high:
        tf = sigconv.fir((low, high), fs=fs)
    else:
        tf = sigconv.fir((high, low), fs=fs, kind="bandstop")
    np.testing.assert_allclose(tf.b, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("kind", "cutoff", "taps"),
    [
        ("lowpass", 40, 30),
        ("highpass", 40, 31),
        ("bandpass", (8, 13), 64),
        ("bandstop", (8, 13), 65),
    ],
)
def test_given_length_is_scipys_window_method(kind, cutoff, taps):
    tf = sigconv.fir(cutoff, fs=250, kind=kind, taps=taps)
    np.testing.assert_array_equal(tf.b, signal.firwin(taps, cutoff, pass_zero=kind, fs=250))


def test_kind_follows_from_the_cutoffs():
    assert sigconv.fir(40, fs=250) == sigconv.fir(40, fs=250, kind="lowpass")
    assert sigconv.fir((1, 40), fs=250) == sigconv.fir((1, 40), fs=250, kind="bandpass")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cutoff": (1, 40), "kind": "lowpass"}, "cutoff must be one frequency for a lowpass"),
        ({"cutoff": 40, "kind": "bandpass"}, "cutoff must be two frequencies for a bandpass"),
        ({"cutoff": (40, 1)}, "cutoff must have its lower frequency first"),
        ({"cutoff": 200}, "cutoff must lie between 0 and 125 Hz, half the sampling rate of 250"),
        ({"cutoff": 40, "kind": "low"}, "kind must be one of .*did you mean 'lowpass'"),
        ({"cutoff": 40, "kind": "highpass", "taps": 30}, "taps must be odd for a highpass"),
        ({"cutoff": (49, 51), "kind": "bandstop"}, "cutoff must leave room for transitions"),
    ],
)
def test_impossible_designs(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        sigconv.fir(fs=250, **options)
