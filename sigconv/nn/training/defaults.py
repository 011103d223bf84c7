"""What a network gets of EEG where nobody says what: measured, see docs/training.md."""

from __future__ import annotations

from typing import Any

from ...pipeline import Pipeline
from ..data import EEGDataset, Inputs
from ..data.kinds import Dataset
from ..models import made_for
from .tasks import task_of

#: In Hz: above it muscles and the mains are louder than the brain.
HIGHEST = 40.0

#: Steps after which a band is still to be chosen.
_REPAIRS = (
    "bandstop",
    "comb",
    "detrend",
    "ica_eog",
    "interpolate_bads",
    "notch",
    "remove_line_noise",
    "rereference",
)


def inputs_for(
    network: str, *, kind: str, fs: float, length: float, pipeline: Pipeline | None = None
) -> Inputs:
    """Return what a network sees of windows where nobody chose.

    Parameters
    ----------
    network : str
        One of `list_models`.
    kind : str
        What the channels are: of 'eeg' what lies below 40 Hz, at the rate that the network's
        kernels are made for (or at its own, if the window would be too short for the network), each
        sample minus the one before; of all else the signals themselves.
    fs : float
        Of the windows, in Hz.
    length : float
        Of the windows, in seconds.
    pipeline : Pipeline, optional
        What was done to the recordings: a step that chooses a band or a rate is a choice.

    Examples
    --------
    >>> from sigconv.nn.training import inputs_for
    >>> print(inputs_for("eegnet", kind="eeg", fs=500, length=2))
    the signals' differences below 40 Hz, at 128 Hz
    >>> print(inputs_for("eegnet", kind="audio", fs=8000, length=2))
    the signals
    """
    _, rate, shortest = made_for(network)
    chosen = any(step.name not in _REPAIRS for step in (pipeline or Pipeline()).steps)
    if kind != "eeg" or rate is None or chosen:
        return Inputs()
    parameters: dict[str, Any] = {"high": HIGHEST}
    if fs > rate and round(length * rate) >= shortest:
        parameters["rate"] = rate
    return Inputs("waveform", {**parameters, "difference": True})


def network_for(data: Dataset) -> str:
    """Return the network that is trained where none is named: for classes of EEG 'log_power'.

    Where a window is too short for it, and of all else, it is that of the task.
    """
    usual = task_of(data).model
    if not isinstance(data, EEGDataset) or data.kind != "eeg" or data.task != "classify":
        return usual
    shortest = made_for("log_power")[2]
    given = {"kind": data.kind, "fs": data.fs, "length": data.X.shape[2] / data.fs}
    seen = inputs_for("log_power", pipeline=data.pipeline, **given)
    samples = round(given["length"] * min(seen.rate(data.fs), data.inputs.rate(data.fs)))
    return "log_power" if data.inputs.ndim == 1 and samples >= shortest else usual
