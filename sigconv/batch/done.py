"""What a pipeline did, for the header fields that tell of it."""

from __future__ import annotations

from .. import io
from ..pipeline import Pipeline
from ..recording import Recording


def marked(recording: Recording, pipeline: Pipeline, fs: float) -> Recording:
    """Note what a pipeline left of a recording that came with the rate `fs`."""
    highpass, lowpass = passband(pipeline)
    if recording.fs < fs:
        lowpass = min(lowpass or recording.fs / 2, recording.fs / 2)
    notches = [float(step.parameters["freq"]) for step in pipeline if step.name == "notch"]
    notches += [
        float(step.parameters.get("mains", 50))
        for step in pipeline
        if step.name == "remove_line_noise"
    ]
    return io.mark_filtered(recording, highpass=highpass, lowpass=lowpass, notches=notches)


def passband(pipeline: Pipeline) -> tuple[float | None, float | None]:
    """Return the highest high-pass and the lowest low-pass cutoff of a pipeline in Hz.

    Examples
    --------
    >>> from sigconv import Pipeline, Step
    >>> from sigconv.batch import passband
    >>> passband(Pipeline([Step("bandpass", cutoff=(1, 40)), Step("lowpass", cutoff=30)]))
    (1.0, 30.0)
    """
    highs, lows = [], []
    for step in pipeline:
        kind = step.parameters.get("kind", "lowpass") if step.name == "fir" else step.name
        if kind == "bandpass":
            low, high = step.parameters["cutoff"]
            highs.append(float(low))
            lows.append(float(high))
        elif kind == "highpass":
            highs.append(float(step.parameters["cutoff"]))
        elif kind == "lowpass":
            lows.append(float(step.parameters["cutoff"]))
    return max(highs, default=None), min(lows, default=None)
