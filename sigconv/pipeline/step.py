"""One step of processing: a name and parameters, until a sampling rate makes it a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _carriers, _checks, conditioning, filters, repair, smoothing
from ..conditioning import kernel
from . import streams

#: A prepared step: (array of signals along the last axis, or an object, workers) -> a new one.
Run = Callable[[Any, int | None], Any]

#: The steps that are filters: name -> the function that designs one.
DESIGNS: dict[str, Callable[..., filters.TransferFunction]] = {
    "lowpass": filters.lowpass,
    "highpass": filters.highpass,
    "bandpass": filters.bandpass,
    "bandstop": filters.bandstop,
    "notch": filters.notch,
    "peak": filters.peak,
    "comb": filters.comb,
    "fir": filters.fir,
}

#: The steps that are functions of a room: name -> (the function, what checks its parameters).
FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., object]]] = {
    "smooth": (smoothing.smooth, smoothing.check_arguments),
    **conditioning.STEPS,
    "convolve": (kernel.convolve_in_time, kernel.prepare),
    **repair.STEPS,
}

STEPS = (*DESIGNS, *FUNCTIONS)

#: What a pipeline gives to such a function, and no step says.
_OF_SIGNALS = ("x", "fs", "axis", "workers", "out")

#: What a step that is a filter takes besides its design: how it runs.
_OF_RUNNING = ("causal", "nan_policy", "skip_by_annotation")

#: Which annotations of objects are breaks; for arrays it says nothing.
_SKIP = "skip_by_annotation"


@dataclass(frozen=True, init=False)
class Step:
    """One step of a pipeline: a name and its parameters.

    Parameters
    ----------
    name : str
        'lowpass', 'highpass', 'bandpass', 'bandstop', 'notch', 'peak', 'comb', 'fir', 'smooth',
        'resample', 'rereference', 'detrend', 'remove_line_noise', 'pre_emphasis',
        'exponential_moving_standardise', 'envelope', 'convolve', 'interpolate_bads' or 'ica_eog'.
    **parameters
        Those of the function of that name (`sigconv.bandpass`, `sigconv.smooth`, ...) without
        `fs`, which each signal brings; the filters also take `causal` (default False:
        zero-phase), and `nan_policy` and `skip_by_annotation` as their methods do; the latter is
        taken by all steps that look at more than one moment, but for 'detrend', 'resample' and
        MNE's repairs. 'convolve' takes
        `kernel`, taps in time or one of `sigconv.kernels.named` with its parameters (lengths in
        samples), `boundary` ("edge") and `causal` (False: the kernel is centred). A parameter that
        is None is as if not given.

    Raises
    ------
    ValueError, TypeError
        If the name or a parameter is unknown, or a required parameter is missing.

    Examples
    --------
    >>> from sigconv import Step
    >>> Step("bandpass", cutoff=(1, 40), order=2)
    Step('bandpass', cutoff=(1, 40), order=2)
    """

    name: str
    parameters: Mapping[str, Any]

    def __init__(self, name: str, **parameters: Any) -> None:
        _checks.one_of("name", name, STEPS)
        parameters = {key: value for key, value in parameters.items() if value is not None}
        allowed, required = _parameter_names(name, parameters)
        _checks.parameters(f"step {name!r}", parameters, allowed)
        for missing in required - parameters.keys():
            raise TypeError(f"step {name!r} needs the parameter {missing!r}")
        values = {key: _plain(value) for key, value in parameters.items()}
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "parameters", MappingProxyType(values))

    def at(self, fs: float, breaks: Sequence[Any] = ()) -> Run:
        """Design the step for a sampling rate; impossible parameters raise ValueError here.

        `breaks` are those of arrays; objects bring their own.
        """
        fs = _checks.sampling_rate(fs)
        skipped = {k: v for k, v in self.parameters.items() if k == _SKIP}
        given = {k: v for k, v in self.parameters.items() if k != _SKIP}
        if self.name in DESIGNS:
            tf = self.filter_at(fs)
            run = tf.filter if self.parameters.get("causal", False) else tf.zero_phase
            how = {"nan_policy": given["nan_policy"]} if "nan_policy" in given else {}

            def run_filter(x: Any, workers: int | None) -> Any:
                known = skipped if _carriers.is_carrier(x) else {"breaks": breaks}
                return run(x, workers=workers, **how, **known)

            return run_filter
        function, check = FUNCTIONS[self.name]
        rate = {"fs": fs} if "fs" in inspect.signature(check).parameters else {}
        check(**rate, **given)
        taken = inspect.signature(function).parameters
        of_arrays: dict[str, Any] = {"fs": fs} if "fs" in taken else {}
        if _SKIP in taken:
            of_arrays["breaks"] = breaks

        def run_function(x: Any, workers: int | None) -> Any:
            known = skipped if _carriers.is_carrier(x) else of_arrays
            return function(x, **known, **given, workers=workers)

        return run_function

    def stream(self, fs: float, n_channels: int) -> streams.StepStream | None:
        """Return the step over chunks, None if its answer needs samples that come later."""
        self.at(fs)
        if self.name in DESIGNS:
            causal = self.parameters.get("causal", False)
            return self.filter_at(fs).stream(n_channels) if causal else None
        given = {key: value for key, value in self.parameters.items() if key != _SKIP}
        return streams.stream_of(self.name, given, fs, n_channels)

    def rate_after(self, fs: float) -> float:
        """Return the sampling rate in Hz after the step: another only after 'resample'.

        Examples
        --------
        >>> from sigconv import Step
        >>> Step("resample", new_fs=250).rate_after(512), Step("detrend").rate_after(512)
        (250.0, 512.0)
        """
        return float(self.parameters["new_fs"] if self.name == "resample" else fs)

    def filter_at(self, fs: float) -> filters.TransferFunction:
        """Return the filter that this step is at a sampling rate.

        Raises
        ------
        ValueError
            If the step is no filter, or cannot be had at this rate.

        Examples
        --------
        >>> from sigconv import Step
        >>> Step("lowpass", cutoff=40).filter_at(250)
        <TransferFunction: IIR of order 4, 2 sections, fs 250 Hz>
        """
        if self.name not in DESIGNS:
            raise ValueError(f"step {self.name!r} is no filter; those are {', '.join(DESIGNS)}")
        given = {key: value for key, value in self.parameters.items() if key not in _OF_RUNNING}
        return DESIGNS[self.name](**given, fs=fs)

    def __str__(self) -> str:
        return " ".join(
            [self.name, *(f"{key}={_shown(value)}" for key, value in self.parameters.items())]
        )

    def __repr__(self) -> str:
        arguments = [f"{key}={value!r}" for key, value in self.parameters.items()]
        return f"Step({', '.join([repr(self.name), *arguments])})"

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Step, self.name, **self.parameters), ()


def _shown(value: Any) -> str:
    """Return a value short enough to read: kernels have thousands of taps."""
    if isinstance(value, tuple) and len(value) > 8:
        return f"({', '.join(map(str, value[:3]))}, ... {len(value)} values)"
    return str(value)


def _parameter_names(name: str, given: Mapping[str, Any]) -> tuple[list[str], set[str]]:
    """Return the parameters that a step takes, and those it cannot do without."""
    if name == "smooth":
        method = {"method": given["method"]} if "method" in given else {}
        return smoothing.parameter_names(**method), {"width"}
    if name == "convolve":
        return kernel.parameter_names(given.get("kernel", ())), {"kernel"}
    function = DESIGNS[name] if name in DESIGNS else FUNCTIONS[name][0]
    signature = inspect.signature(function).parameters
    hidden = (*_OF_SIGNALS, "breaks") if _SKIP in signature else _OF_SIGNALS
    taken = [key for key in signature if key not in hidden]
    required = {key for key in taken if signature[key].default is inspect.Parameter.empty}
    return [*taken, *(_OF_RUNNING if name in DESIGNS else ())], required


def _plain(value: ArrayLike) -> Any:
    """Return lists and arrays as tuples of Python numbers, so that steps compare and save."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return value
