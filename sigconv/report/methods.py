"""What was done, in sentences for the methods part of a paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..filters import TransferFunction
from ..filters.facts import facts
from ..pipeline import DESIGNS, Pipeline, Step
from ..smoothing.methods import METHODS
from .responses import passes_of, rates

#: Names of filters in words.
_KINDS = {
    "lowpass": "low-pass filter",
    "highpass": "high-pass filter",
    "bandpass": "band-pass filter",
    "bandstop": "band-stop filter",
    "notch": "notch filter",
    "peak": "peak filter",
    "comb": "comb filter",
}
_FAMILIES = {
    "butterworth": "Butterworth",
    "chebyshev1": "Chebyshev type I",
    "chebyshev2": "Chebyshev type II",
    "elliptic": "elliptic",
    "bessel": "Bessel",
}
_TRENDS = {0: "removal of the mean", 1: "removal of the linear trend"}


def sentences(pipeline: Pipeline, fs: Sequence[float], versions: Mapping[str, str]) -> list[str]:
    """Return what a pipeline does to signals, ready for a paper: a sentence for each design.

    Parameters
    ----------
    pipeline : Pipeline
    fs : sequence of float
        The rates of the signals in Hz. Those for which the same is to be said share a sentence.
    versions : mapping of str to str
        Of sigconv, which comes first, and of what it stands on.

    Returns
    -------
    list of str
        One sentence, or several if designs follow from the rate. A rate at which a step cannot be
        had has none.

    Examples
    --------
    >>> from sigconv import Pipeline, Step
    >>> from sigconv.report.methods import sentences
    >>> steps = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("detrend", order=0)])
    >>> print(*sentences(steps, [250, 500], {"sigconv": "0.1.0", "SciPy": "1.17"}))
    Signals, sampled at 250 and 500 Hz, were processed with sigconv 0.1.0 (SciPy 1.17) in the
    following order: (1) Butterworth band-pass filter of order 4, applied forward and backward
    (zero phase), with -6 dB at 1 and 40 Hz; (2) removal of the mean.
    """
    first, *others = (f"{name} {version}" for name, version in versions.items())
    beside = f" ({', '.join(others)})" if others else ""
    told: dict[str, list[float]] = {}
    for each in fs:
        try:
            steps = [phrase(step, rate) for step, rate in rates(pipeline, each)]
        except ValueError:
            continue
        numbered = (f"({number}) {text}" for number, text in enumerate(steps, start=1))
        order = f" in the following order: {'; '.join(numbered)}"
        told.setdefault(f": {steps[0]}" if len(steps) == 1 else order, []).append(each)
    return [
        f"Signals, sampled at {_listed([f'{each:g}' for each in sorted(which)])} Hz, were "
        f"processed with {first}{beside}{text}."
        for text, which in told.items()
    ]


def phrase(step: Step, fs: float) -> str:
    """Return a step in words, for signals of a rate in Hz."""
    if step.name in DESIGNS:
        return _filter(step, step.filter_at(fs))
    given = dict(step.parameters)
    words = _WORDS[step.name](given)  # takes what it tells of
    rest = ", ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in given.items())
    if rest and words.endswith(")"):
        return f"{words[:-1]}, {rest})"
    return f"{words} ({rest})" if rest else words


def _filter(step: Step, tf: TransferFunction) -> str:
    given = dict(step.parameters)
    if step.name == "fir":
        kind = given.get("kind") or ("bandpass" if _is_pair(given["cutoff"]) else "lowpass")
        what = f"FIR {_KINDS[kind]} of {len(tf.b)} taps ({_design(given)})"
    elif "freq" in given:
        of = " and its multiples" if step.name == "comb" else ""
        quality = f"quality {given.get('q', 30):g}"
        what = f"{_KINDS[step.name]} at {_value(given['freq'])} Hz{of} ({quality})"
    else:
        family = _FAMILIES[given.get("family", "butterworth")]
        what = f"{family} {_KINDS[step.name]} of order {given.get('order', 4)}"
        edges = [f"{key} {given[key]:g} dB" for key in ("ripple", "attenuation") if key in given]
        what += f" ({', '.join(edges)})" if edges else ""
    passes = passes_of(step, tf)
    if given.get("causal", False):
        how = "applied forward only (causal)"
    elif passes == 2:
        how = "applied forward and backward (zero phase)"
    else:
        how = "applied once, its delay taken out (zero phase)"
    known = facts(tf, passes=passes, delayed=False)
    # a comb has more edges than anybody reads
    edges_ = _listed([f"{value:.3g}" for value in known.half_amplitude[:5]])
    edges_ = "" if len(known.half_amplitude) > 4 else edges_
    return f"{what}, {how}" + (f", with -6 dB at {edges_} Hz" if edges_ else "")


def _design(given: Mapping[str, Any]) -> str:
    method = given.get("method", "window")
    if method == "window":
        words = f"{str(given.get('window', 'hamming')).capitalize()} window"
    else:
        words = {"least_squares": "least squares", "remez": "Parks-McClellan"}[method]
    return words + (", minimum phase" if given.get("phase") == "minimum" else "")


def _smooth(given: dict[str, Any]) -> str:
    method = given.pop("method", "moving_average")
    meaning = METHODS[method].width.meaning.split(",")[0]
    words = method.replace("_", " ")
    return f"smoothing ({words}, {meaning} {1e3 * given.pop('width'):g} ms)"


def _convolve(given: dict[str, Any]) -> str:
    kernel = given.pop("kernel")
    how = "causal convolution" if given.pop("causal", False) else "convolution"
    if isinstance(kernel, str):
        return f"{how} with the kernel {kernel}"
    return f"{how} with a kernel of {len(kernel)} taps"


def _detrend(given: dict[str, Any]) -> str:
    order = given.pop("order", 1)
    return _TRENDS.get(order, f"removal of a polynomial trend of order {order}")


def _reference(given: dict[str, Any]) -> str:
    to = given.pop("to", "average")
    return "re-referencing to " + ("the average" if to == "average" else _value(to))


def _line_noise(given: dict[str, Any]) -> str:
    mains, method = given.pop("mains", 50), given.pop("method", "notch")
    how = {"notch": "notch filters", "spectrum_fit": "sinusoids fitted in windows"}[method]
    return f"removal of line noise at {_value(mains)} Hz and its harmonics by {how}"


#: Step -> its words, from parameters; what they tell of is taken out.
_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "smooth": _smooth,
    "convolve": _convolve,
    "detrend": _detrend,
    "rereference": _reference,
    "remove_line_noise": _line_noise,
    "resample": lambda given: f"resampling to {given.pop('new_fs'):g} Hz (soxr)",
    "pre_emphasis": lambda given: f"pre-emphasis by {given.pop('coefficient', 0.97):g}",
    "envelope": lambda given: f"envelope ({given.pop('method', 'hilbert')})",
    "exponential_moving_standardise": lambda given: "exponential moving standardisation",
    "interpolate_bads": lambda given: "interpolation of bad channels (MNE-Python)",
    "ica_eog": lambda given: "removal of ocular components by ICA (MNE-Python)",
}


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        if len(value) > 8:
            return f"{len(value)} values"
        return _listed([_value(each) for each in value])
    return f"{value:g}" if isinstance(value, float) else str(value)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
