"""A pipeline from files into files, in bounded memory, with the bits of the answer in memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import _carriers, _checks, _maps, conditioning, convolution, filters, smoothing
from ..conditioning import kernel, line_noise
from ..conditioning.resample import codes, length
from ..filters.application import SKIPPED
from ..recording import UNTOUCHED_KINDS, Recording
from .pipeline import Pipeline
from .room import Room
from .step import DESIGNS, Step

#: The parameter of steps that says which annotations are breaks.
_SKIP = "skip_by_annotation"

#: Samples read at a time, all channels together; a multiple of what references are computed in.
BLOCK = 1 << 21
_MULTIPLE = 4096

#: How many times a whole channel, as float64, stands in memory in the steps that take such.
#: An upper estimate from reading them, not measured.
ROW_COPIES = 7

#: Rows that are read from a reader as often as there are pieces of them; from then on a map is
#: quicker.
_FEW_ROWS = 128


class TooLarge(_checks.FileError):
    """What would not fit into the memory that is allowed."""


class Samples(Protocol):
    """What is read: `sigconv.io.Reader` is one."""

    frame: Recording

    def read(self, start: int, stop: int, rows: Any = ...) -> NDArray[Any]:
        """Return samples of some channels."""


@dataclass
class State:
    """Signals and the other channels between two steps.

    Attributes
    ----------
    frame : Recording
        Of all channels, without samples.
    signals, others : array, map or reader, shape (n_rows, n)
    rows, rest : list of int
        Which channels they are.
    """

    frame: Recording
    signals: Any
    others: Any
    rows: list[int]
    rest: list[int]

    @property
    def signal_frame(self) -> Recording:
        """The frame of the signals alone."""
        f = self.frame
        return f.replace(
            data=np.broadcast_to(np.zeros(1), (len(self.rows), f.n_times)),
            channels=[f.channels[i] for i in self.rows],
            kinds=[f.kinds[i] for i in self.rows],
            units=[f.units[i] for i in self.rows],
        )


class Rows:
    """Some channels of what is read, as something to be sliced."""

    dtype = np.dtype(np.float64)

    def __init__(self, samples: Samples, rows: Sequence[int]) -> None:
        self._samples, self._rows = samples, np.array(rows, int)
        self.shape = len(rows), samples.frame.n_times

    def __getitem__(self, index: Any) -> NDArray[Any]:
        rows, times = index
        start, stop, _ = times.indices(self.shape[1])
        return self._samples.read(start, stop, self._rows[rows])


def whole_steps(pipeline: Pipeline) -> list[Step]:
    """Return the steps that take the whole recording at once."""
    return [step for step in pipeline if _way(step) is None]


def begin(samples: Samples) -> State:
    """Return what is read as it is before the first step."""
    frame = samples.frame
    rows = [i for i, kind in enumerate(frame.kinds) if kind not in UNTOUCHED_KINDS]
    rest = [i for i in range(frame.n_channels) if i not in rows]
    if not rows:
        _carriers.signals(frame)  # which says so
    return State(frame, Rows(samples, rows), Rows(samples, rest), rows, rest)


def run(
    pipeline: Pipeline,
    samples: Samples,
    folder: Path,
    *,
    memory: int,
    workers: int | None = None,
    tell: Callable[[str], None] = lambda name: None,
) -> State:
    """Apply a pipeline to what is read, into maps of files.

    Parameters
    ----------
    pipeline : Pipeline
        Of steps that none of takes the whole recording (`whole_steps`).
    samples : Samples
    folder : Path
        For the maps, 8 bytes a sample, at times twice that.
    memory : int
        Bytes that a step may take which needs whole channels.
    workers : int, optional
    tell : callable
        Told the name of each step when it begins.

    Returns
    -------
    State
        Whose signals and others lie in the folder, or are read from `samples` where they are as
        they were.

    Raises
    ------
    TooLarge
        If a step takes whole channels and these are too long.
    """
    state, room = begin(samples), Room(folder)
    for step in pipeline:
        tell(step.name)
        way = _way(step)
        assert way is not None
        state = way(_Task(step, state, room, memory, workers))
    return state


def filters_in_place(
    pipeline: Pipeline, fs: float
) -> Callable[[Recording, NDArray[Any], int | None], None]:
    """Design a pipeline of filters once, for signals that come some channels at a time.

    Returns
    -------
    callable
        (the frame that they are of, their samples, workers): filters these in their place.
    """
    designed = [(step, step.filter_at(fs)) for step in pipeline]

    def run(frame: Recording, x: NDArray[Any], workers: int | None) -> None:
        for step, tf in designed:
            _run_filter(tf, step, x, x, _breaks(frame, step), workers)

    return run


@dataclass
class _Task:
    """One step over a state."""

    step: Step
    state: State
    room: Room
    memory: int
    workers: int | None

    @property
    def fs(self) -> float:
        return self.state.frame.fs

    @property
    def breaks(self) -> list[tuple[int, int]]:
        return _breaks(self.state.frame, self.step)

    def in_place(self) -> tuple[Any, Any]:
        """Return signals and where their answers go: the same map, if they lie in one."""
        x = self.state.signals
        if isinstance(x, np.ndarray):
            return x, x
        if len(x.shape) and x.shape[0] > _FEW_ROWS:
            x = self.mapped()
            return x, x
        return x, self.room.array(x.shape)

    def mapped(self) -> NDArray[Any]:
        """Return the signals as a map."""
        x = self.state.signals
        if isinstance(x, np.ndarray):
            return x
        self.state.signals = copied(x, self.room)
        return self.state.signals

    def done(self, signals: Any, **changes: Any) -> State:
        """Return the state after the step."""
        if signals is not self.state.signals:
            self.room.drop(self.state.signals)
        return replace(self.state, signals=signals, **changes)


def copied(x: Any, room: Room) -> NDArray[Any]:
    """Return what is read as a map, whose rows can be read one by one."""
    out = room.array(x.shape)
    for start, stop in _blocks(x.shape):
        out[:, start:stop] = x[:, start:stop]
        _maps.release(out)
    return out


def _blocks(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return (start, stop) of blocks in time."""
    step = max(1, BLOCK // max(1, shape[0]) // _MULTIPLE) * _MULTIPLE
    return [(start, min(start + step, shape[1])) for start in range(0, shape[1], step)]


def _way(step: Step) -> Callable[[_Task], State] | None:
    """Return how a step runs in pieces, None if it cannot."""
    if step.name in DESIGNS:
        return _filtered
    if step.name == "remove_line_noise" and step.parameters.get("method", "notch") == "notch":
        return _notched
    return _WAYS.get(step.name)


def _breaks(frame: Recording, step: Step) -> list[tuple[int, int]]:
    return _carriers.spans(frame, step.parameters.get(_SKIP, SKIPPED))


def _filtered(task: _Task) -> State:
    x, out = task.in_place()
    tf = task.step.filter_at(task.fs)
    return task.done(_run_filter(tf, task.step, x, out, task.breaks, task.workers))


def _run_filter(
    tf: filters.TransferFunction,
    step: Step,
    x: Any,
    out: Any,
    breaks: list[tuple[int, int]],
    workers: int | None,
) -> Any:
    """Run what a step is at a rate, in the way that it says."""
    given = step.parameters
    run = tf.filter if given.get("causal", False) else tf.zero_phase
    policy = {"nan_policy": given["nan_policy"]} if "nan_policy" in given else {}
    return run(x, breaks=breaks, workers=workers, out=out, **policy)


def _notched(task: _Task) -> State:
    tf, padding = line_noise.notches(task.fs, **_without(task.step, "method", _SKIP))
    x, out = task.in_place()
    form: dict[str, Any] = {"pad_length": min(padding, x.shape[1] - 1), "breaks": task.breaks}
    return task.done(tf.filtfilt(x, **form, workers=task.workers, out=out))


def _smoothed(task: _Task) -> State:
    x = task.state.signals
    if not smoothing.cuts_in_time(task.step.parameters.get("method", "moving_average")):
        x = task.mapped()
        _check_rows(task, x.shape[1])
    elif x.shape[0] > _FEW_ROWS:
        x = task.mapped()
    out = task.room.array(x.shape)
    given = _without(task.step, _SKIP)
    form: dict[str, Any] = {
        "fs": task.fs,
        "breaks": task.breaks,
        "workers": task.workers,
        "out": out,
    }
    return task.done(smoothing.smooth(x, **form, **given))


def _convolved(task: _Task) -> State:
    given = _without(task.step, "kernel", "boundary", "causal", _SKIP)
    h = kernel.taps_of(task.step.parameters["kernel"], **given)
    x, n = task.mapped(), task.state.frame.n_times
    causal = task.step.parameters.get("causal", False)
    boundary = task.step.parameters.get("boundary", "edge")
    form: dict[str, Any] = {"mode": "full"} if causal else {"mode": "same", "boundary": boundary}
    # each stretch writes beyond its end; the next one and the spans write over that
    out = task.room.array((x.shape[0], n + len(h) - 1 if causal else n))
    stretches, left = filters.signals.stretches(task.breaks, n)
    for start, stop in stretches:
        beyond = stop + len(h) - 1 if causal else stop
        to = out[:, start:beyond]
        convolution.convolve(x[:, start:stop], h, axes=-1, workers=task.workers, out=to, **form)
    for start, stop in left:
        for a, b in _blocks((x.shape[0], stop - start)):
            out[:, start + a : start + b] = x[:, start + a : start + b]
    return task.done(out[:, :n])


def _rereferenced(task: _Task) -> State:
    x, out = task.in_place()
    frame = task.state.signal_frame
    for start, stop in _blocks(x.shape):
        block = frame.replace(data=np.array(x[:, start:stop]))
        given = dict(task.step.parameters)
        referenced = conditioning.rereference(block, **given, workers=task.workers)
        out[:, start:stop] = referenced.data
        _maps.release(x)
        _maps.release(out)
    return task.done(out)


def _row_by_row(task: _Task) -> State:
    x = task.mapped()
    out = task.room.array(x.shape)
    _each_row(task, x, out, task.step.at(task.fs, task.breaks))
    return task.done(out)


def _resampled(task: _Task) -> State:
    x, new_fs = task.mapped(), float(task.step.parameters["new_fs"])
    n_new = length(x.shape[1], task.fs, new_fs)
    if n_new < 1:
        task.step.at(task.fs)(np.zeros((1, x.shape[1])), 1)  # which says so
    out = task.room.array((x.shape[0], n_new))
    _each_row(task, x, out, task.step.at(task.fs))
    others = task.state.others
    if others.shape[0]:
        old = others if isinstance(others, np.ndarray) else copied(others, task.room)
        others = task.room.array((old.shape[0], n_new))
        _each_row(task, old, others, functools.partial(codes, fs=task.fs, new_fs=new_fs))
        task.room.drop(old)
    frame = task.state.frame
    data = np.broadcast_to(np.zeros(1), (frame.n_channels, n_new))
    return task.done(out, others=others, frame=frame.replace(data=data, fs=new_fs))


def _each_row(task: _Task, x: Any, out: Any, run: Callable[[Any, int | None], Any]) -> None:
    """Run over as many whole rows at a time as memory takes."""
    longest = max(x.shape[1], out.shape[1])
    _check_rows(task, longest)
    step = max(1, task.memory // (ROW_COPIES * 8 * longest))
    for start in range(0, x.shape[0], step):
        out[start : start + step] = run(np.array(x[start : start + step]), task.workers)
        _maps.release(x)
        _maps.release(out)


def _check_rows(task: _Task, n: int) -> None:
    needed = ROW_COPIES * 8 * n
    if needed > task.memory:
        raise TooLarge(
            f"the step {task.step.name!r} takes whole channels, {needed / 1e6:.0f} MB of memory "
            f"each; {task.memory / 1e6:.0f} MB are allowed"
        )


def _without(step: Step, *names: str) -> dict[str, Any]:
    return {key: value for key, value in step.parameters.items() if key not in names}


#: Step -> how it runs in pieces. Others take the whole recording: MNE's repairs, and what has more
#: than one pass of several kinds.
_WAYS: dict[str, Callable[[_Task], State]] = {
    "smooth": _smoothed,
    "convolve": _convolved,
    "rereference": _rereferenced,
    "resample": _resampled,
    "detrend": _row_by_row,
    "remove_line_noise": _row_by_row,
    "exponential_moving_standardise": _row_by_row,
}
