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


@pytest.mark.parametrize("phase", ["zero", "minimum"])
@pytest.mark.parametrize("window", ["hamming", "hann", "blackman"])
@pytest.mark.parametrize(
    ("low", "high", "lower", "upper"),
    [
        (1, 40, 0.5, "auto"),
        (1, 40, "auto", 5),
        (None, 40, "auto", 3),
        (4, None, 2.5, "auto"),
        (0.5, 45.5, 0.5, 2),
        (90, 40, "auto", "auto"),
        (52, 48, 1, 1.5),
    ],
)
def test_windows_transitions_and_phases_are_mnes(low, high, lower, upper, window, phase):
    mne = pytest.importorskip("mne")
    fs = 250
    expected = mne.filter.create_filter(
        None, fs, low, high, "auto", lower, upper, method="fir", phase=phase, fir_window=window,
        verbose="error",
    )  # fmt: skip
    tf = _ours(fs, low, high, lower, upper, window, "linear" if phase == "zero" else "minimum")
    # the cepstrum of a minimum phase magnifies the roundings of the stop band
    tolerance = 1e-15 if phase == "zero" else 1e-9
    np.testing.assert_allclose(tf.b, expected, rtol=0, atol=tolerance)


def _ours(fs, low, high, lower, upper, window, phase):
    automatic = {"l": min(max(0.25 * low, 2), low) if low else None}
    automatic["h"] = min(max(0.25 * high, 2), fs / 2 - high) if high else None
    lower = automatic["l"] if lower == "auto" else lower
    upper = automatic["h"] if upper == "auto" else upper
    more = {"fs": fs, "window": window, "phase": phase}
    if low is None:
        return sigconv.fir(high, transition=upper, **more)
    if high is None:
        return sigconv.fir(low, kind="highpass", transition=lower, **more)
    if low < high:
        return sigconv.fir((low, high), transition=(lower, upper), **more)
    return sigconv.fir((high, low), kind="bandstop", transition=(upper, lower), **more)


def test_given_length_and_transition_is_mnes():
    mne = pytest.importorskip("mne")
    expected = mne.filter.create_filter(
        None, 250, 1, 40, 1651, 1, 4, fir_window="hamming", phase="zero", verbose="error"
    )
    tf = sigconv.fir((1, 40), fs=250, taps=1651, transition=(1, 4))
    np.testing.assert_allclose(tf.b, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("method", ["least_squares", "remez"])
@pytest.mark.parametrize(
    ("kind", "cutoff", "bands", "gains"),
    [
        ("lowpass", 40, [0, 40, 45, 125], [1, 0]),
        ("highpass", 40, [0, 35, 40, 125], [0, 1]),
        ("bandpass", (20, 60), [0, 15, 20, 60, 65, 125], [0, 1, 0]),
        ("bandstop", (20, 60), [0, 20, 25, 55, 60, 125], [1, 0, 1]),
    ],
)
def test_bands_are_scipys(kind, cutoff, bands, gains, method):
    tf = sigconv.fir(
        cutoff, fs=250, kind=kind, taps=81, transition=5, method=method, stop_weight=10
    )
    weights = [1 if gain else 10 for gain in gains]
    if method == "remez":
        expected = signal.remez(81, bands, gains, weight=weights, fs=250, maxiter=200)
    else:
        expected = signal.firls(81, bands, np.repeat(gains, 2), weight=weights, fs=250)
    np.testing.assert_array_equal(tf.b, expected)
    stops = [
        edges for edges, gain in zip(np.reshape(bands, (-1, 2)), gains, strict=True) if not gain
    ]
    for start, stop in stops:
        _, response = tf.frequency_response(np.linspace(start, stop, 200))
        assert np.abs(response).max() < 0.05


def test_other_methods_choose_a_transition_that_leaves_a_stop_band():
    tf = sigconv.fir((1, 40), fs=250, method="least_squares")
    assert tf.order + 1 == 1651  # 3.3 over half a hertz
    assert abs(tf.frequency_response([0.2])[1][0]) < 0.01


def test_minimum_phase_has_the_gain_and_less_delay():
    linear = sigconv.fir((8, 40), fs=250)
    minimum = sigconv.fir((8, 40), fs=250, phase="minimum")
    hertz = np.linspace(10, 38, 20)
    gains = [np.abs(tf.frequency_response(hertz)[1]) for tf in (linear, minimum)]
    np.testing.assert_allclose(*gains, atol=2e-3)
    assert (minimum.group_delay(hertz)[1] < 0.3 * linear.group_delay(hertz)[1]).all()


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
        ({"cutoff": 40, "window": "flat"}, "window must be one of 'hamming', 'hann', 'blackman'"),
        ({"cutoff": 40, "method": "firls"}, "method must be one of 'window', 'least_squares'"),
        ({"cutoff": 40, "phase": "zero"}, "phase must be one of 'linear', 'minimum'"),
        ({"cutoff": 40, "phase": "minimum", "taps": 2}, "taps must be a whole number of at least"),
        ({"cutoff": 40, "transition": 0}, "transition must be a finite number above 0; got 0"),
        ({"cutoff": 40, "transition": (1, 2)}, "one width in Hz, or one for each cutoff; got"),
        ({"cutoff": 40, "transition": 90}, "transition must lie between 0 and 125 Hz.*of 40 Hz"),
        ({"cutoff": (1, 40), "transition": 2}, "transition must lie between .* got 2 and 2 Hz"),
        ({"cutoff": 40, "taps": 31, "transition": 2}, "taps must be at least 413 for a trans"),
        ({"cutoff": 40, "taps": 500, "transition": 2}, "taps must be odd where transition is"),
        ({"cutoff": 40, "taps": 30, "method": "least_squares"}, "taps must be odd .* by least sq"),
        ({"cutoff": 40, "stop_weight": 2}, "stop_weight is for the methods 'least_squares' and"),
        (
            {"cutoff": 40, "method": "remez", "stop_weight": 0},
            "stop_weight must be a finite number above 0; got 0",
        ),
        (
            {"cutoff": 4, "kind": "highpass", "transition": 4, "method": "remez"},
            r"transition must leave a stop band for the method 'remez'; got bands of \[0.0, 0.0",
        ),
    ],
)
def test_impossible_designs(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        sigconv.fir(fs=250, **options)
