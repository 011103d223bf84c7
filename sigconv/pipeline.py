"""Ordered steps of processing that the batch job, the training data and the checkpoint share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _carriers, _checks, conditioning, filters, smoothing

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
}

STEPS = (*DESIGNS, *FUNCTIONS)

#: What a pipeline gives to such a function, and no step says.
_OF_SIGNALS = ("x", "fs", "axis", "workers", "out")

#: What a step that is a filter takes besides its design: how it runs.
_OF_RUNNING = ("causal", "nan_policy", "skip_by_annotation")


@dataclass(frozen=True, init=False)
class Step:
    """One step of a pipeline: a name and its parameters.

    Parameters
    ----------
    name : str
        'lowpass', 'highpass', 'bandpass', 'bandstop', 'notch', 'peak', 'comb', 'fir', 'smooth',
        'resample', 'rereference', 'detrend', 'remove_line_noise', 'pre_emphasis',
        'exponential_moving_standardise' or 'envelope'.
    **parameters
        Those of the function of that name (`sigconv.bandpass`, `sigconv.smooth`, ...) without
        `fs`, which each signal brings; the filters also take `causal` (default False:
        zero-phase), and `nan_policy` and `skip_by_annotation` as their methods do.

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
        allowed, required = _parameter_names(name, parameters)
        _checks.parameters(f"step {name!r}", parameters, allowed)
        for missing in required - parameters.keys():
            raise TypeError(f"step {name!r} needs the parameter {missing!r}")
        values = {key: _plain(value) for key, value in parameters.items()}
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "parameters", MappingProxyType(values))

    def at(self, fs: float) -> Run:
        """Design the step for a sampling rate; impossible parameters raise ValueError here."""
        fs = _checks.sampling_rate(fs)
        if self.name in DESIGNS:
            tf = self.filter_at(fs)
            run = tf.filter if self.parameters.get("causal", False) else tf.zero_phase
            how = {key: self.parameters[key] for key in _OF_RUNNING[1:] if key in self.parameters}

            def run_filter(x: Any, workers: int | None) -> Any:
                has_annotations = _carriers.is_carrier(x)
                known = {
                    key: value
                    for key, value in how.items()
                    if has_annotations or key != "skip_by_annotation"
                }
                return run(x, workers=workers, **known)

            return run_filter
        function, check = FUNCTIONS[self.name]
        given = dict(self.parameters)
        rate = {"fs": fs} if "fs" in inspect.signature(check).parameters else {}
        check(**rate, **given)
        rate = {"fs": fs} if "fs" in inspect.signature(function).parameters else {}

        def run_function(x: Any, workers: int | None) -> Any:
            known = {} if _carriers.is_carrier(x) else rate
            return function(x, **known, **given, workers=workers)

        return run_function

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

    def __repr__(self) -> str:
        arguments = [f"{key}={value!r}" for key, value in self.parameters.items()]
        return f"Step({', '.join([repr(self.name), *arguments])})"

    def __hash__(self) -> int:
        return hash(repr(self))


@dataclass(frozen=True)
class Pipeline:
    """Steps applied one after the other, the same to an array, a recording or a file.

    Parameters
    ----------
    steps : sequence of Step

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv import Pipeline, Step
    >>> pipeline = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)])
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(5000) / 500)
    >>> clean = pipeline.apply(hum, fs=500)
    >>> bool(np.abs(clean[2000:3000]).max() < 0.001)
    True
    >>> print(pipeline)
    bandpass cutoff=(1, 40), then notch freq=50
    """

    steps: tuple[Step, ...] = ()

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        items = tuple(steps)
        for item in items:
            if not isinstance(item, Step):
                raise TypeError(f"steps must hold Step objects; got {item!r}")
        object.__setattr__(self, "steps", items)

    def at(self, fs: float) -> Run:
        """Design every step for a sampling rate.

        Parameters
        ----------
        fs : float
            Sampling rate in Hz.

        Returns
        -------
        callable
            `(x, workers) -> y` for an array of signals along the last axis, or an object at that
            rate; `y` is of the same shape but for what 'resample' does to it.

        Raises
        ------
        ValueError
            If a step cannot be had at this rate (a cutoff beyond fs/2, say).

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> Pipeline([Step("lowpass", cutoff=200)]).at(100)
        Traceback (most recent call last):
        ...
        ValueError: cutoff must lie between 0 and 50 Hz, half the sampling rate of 100 Hz; got 200
        """
        runs = []
        for step in self.steps:
            runs.append(step.at(fs))
            fs = step.rate_after(fs)

        def run(x: Any, workers: int | None = None) -> Any:
            for each in runs:
                x = each(x, workers)
            return x

        return run

    def rate_after(self, fs: float) -> float:
        """Return the sampling rate in Hz after all steps, of signals that come with `fs`.

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> Pipeline([Step("resample", new_fs=250), Step("detrend")]).rate_after(512)
        250.0
        """
        for step in self.steps:
            fs = step.rate_after(fs)
        return float(fs)

    def apply(self, x: Any, *, fs: float | None = None, workers: int | None = None) -> Any:
        """Run the steps over signals.

        Parameters
        ----------
        x : array, Recording, or MNE Raw, Epochs or Evoked
            Arrays run along their last axis, and 'rereference' takes the one before for channels;
            of the others only the signal channels.
        fs : float, optional
            Sampling rate in Hz, for arrays only: the others know theirs.
        workers : int, optional
            Threads; None is all cores.

        Returns
        -------
        array or object of the type of `x`
            A new one of the same shape, but for its rate and length after 'resample'.

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv import Pipeline, Recording, Step
        >>> recording = Recording(np.ones((2, 400)), fs=100)
        >>> Pipeline([Step("smooth", width=0.1)]).apply(recording)
        <Recording: 2 channels (eeg), 400 samples at 100 Hz, 4 s, 0 annotations>
        """
        if _carriers.is_carrier(x):
            if fs is not None:
                raise ValueError(f"fs must not be given with a {type(x).__name__}, which knows its")
            run = self.at(_carriers.rate(x))
            return run(x if self.steps else _carriers.apply(x, lambda data: data), workers)
        if fs is None:
            raise ValueError("fs must be given with an array: the sampling rate in Hz")
        return self.at(fs)(_checks.numeric("x", x), workers)

    def to_dict(self) -> dict[str, Any]:
        """Return the steps as plain data for JSON or TOML; `from_dict` is the way back."""
        return {"step": [{"name": step.name, **step.parameters} for step in self.steps]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Pipeline:
        """Build a pipeline from what `to_dict` returned.

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> pipeline = Pipeline([Step("notch", freq=50)])
        >>> Pipeline.from_dict(pipeline.to_dict()) == pipeline
        True
        """
        return cls(Step(**entry) for entry in plain["step"])

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        if not self.steps:
            return "no steps"
        return ", then ".join(
            " ".join([step.name, *(f"{key}={value}" for key, value in step.parameters.items())])
            for step in self.steps
        )


def _parameter_names(name: str, given: Mapping[str, Any]) -> tuple[list[str], set[str]]:
    """Return the parameters that a step takes, and those it cannot do without."""
    if name == "smooth":
        method = {"method": given["method"]} if "method" in given else {}
        return smoothing.parameter_names(**method), {"width"}
    function = DESIGNS[name] if name in DESIGNS else FUNCTIONS[name][0]
    signature = inspect.signature(function).parameters
    taken = [key for key in signature if key not in _OF_SIGNALS]
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
