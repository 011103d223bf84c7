"""Sentences for papers: every step has words, and the numbers in them are right."""

import re

import pytest

from sigconv import Pipeline, Step
from sigconv.pipeline import STEPS
from sigconv.report.methods import phrase, sentences

WORDS = {
    Step("lowpass", cutoff=40, causal=True, order=2): "Butterworth low-pass filter of order 2, "
    "applied forward only (causal), with -6 dB at 49.8 Hz",
    Step("highpass", cutoff=1, family="elliptic", ripple=0.5, attenuation=60): "elliptic "
    "high-pass filter of order 4 (ripple 0.5 dB, attenuation 60 dB), applied forward and "
    "backward (zero phase), with -6 dB at ",
    Step("bandpass", cutoff=(1, 40)): "Butterworth band-pass filter of order 4, applied forward "
    "and backward (zero phase), with -6 dB at 1 and 40 Hz",
    Step("bandstop", cutoff=(45, 55)): "band-stop filter of order 4",
    Step("notch", freq=50): "notch filter at 50 Hz (quality 30), applied forward and backward",
    Step("peak", freq=10.5, q=5): "peak filter at 10.5 Hz (quality 5)",
    Step("comb", freq=5): "comb filter at 5 Hz and its multiples (quality 30), applied forward "
    "and backward (zero phase)",
    Step("fir", cutoff=(1, 40)): "FIR band-pass filter of 825 taps (Hamming window), applied "
    "once, its delay taken out (zero phase), with -6 dB at 0.502 and 45 Hz",
    Step("fir", cutoff=40, method="remez", taps=81, transition=5): "81 taps (Parks-McClellan)",
    Step("smooth", width=0.05): "smoothing (moving average, ",
    Step(
        "smooth", width=0.05, method="savitzky_golay", order=3
    ): "(savitzky golay, window length 50 ms, order 3)",
    Step("resample", new_fs=128): "resampling to 128 Hz (soxr)",
    Step("rereference"): "re-referencing to the average",
    Step("rereference", to=("M1", "M2")): "re-referencing to M1 and M2",
    Step("detrend"): "removal of the linear trend",
    Step("detrend", order=3): "removal of a polynomial trend of order 3",
    Step("remove_line_noise", mains=60, method="spectrum_fit"): "removal of line noise at 60 Hz "
    "and its harmonics by sinusoids fitted in windows",
    Step("pre_emphasis"): "pre-emphasis by 0.97",
    Step("exponential_moving_standardise", factor=0.002): "standardisation (factor 0.002)",
    Step("envelope", method="rms", width=0.1): "envelope (rms, width 0.1)",
    Step("convolve", kernel=(0.25, 0.5, 0.25)): "convolution with a kernel of 3 taps",
    Step("convolve", kernel="hann", width=5): "convolution with the kernel hann (width 5)",
    Step("interpolate_bads", bads="C3"): "interpolation of bad channels (MNE-Python, bads C3)",
    Step("ica_eog"): "removal of ocular components by ICA (MNE-Python)",
}


@pytest.mark.parametrize("step", WORDS, ids=str)
def test_steps_in_words(step: Step) -> None:
    assert WORDS[step] in phrase(step, 250)


def test_every_step_has_words() -> None:
    assert {step.name for step in WORDS} == set(STEPS)


def test_rates_share_a_sentence_where_they_can() -> None:
    versions = {"sigconv": "0.1", "NumPy": "2", "SciPy": "1"}
    low = Pipeline([Step("lowpass", cutoff=40)])
    (one,) = sentences(low, [500, 250], versions)
    assert one.startswith(
        "Signals, sampled at 250 and 500 Hz, were processed with sigconv 0.1 (NumPy 2, SciPy 1): "
        "Butterworth low-pass filter of order 4"
    )
    fir = Pipeline([Step("fir", cutoff=40), Step("resample", new_fs=100), Step("detrend")])
    told = sentences(fir, [250, 500, 60], versions)  # at 60 Hz there is no 40 Hz
    assert [re.findall(r"at (\d+) Hz,.*of (\d+) taps", each) for each in told] == [
        [("250", "83")],
        [("500", "165")],
    ]
    assert all("(1) FIR" in each and "(3) removal" in each for each in told)
