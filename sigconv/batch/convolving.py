"""One kernel over the signals of a file: a recording, a picture or a volume."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _carriers, _checks, _layout, io
from ..convolution import convolve, correlate, plan_convolution
from ..kernels import words
from ..pipeline import pieces
from ..pipeline.room import Room
from ..recording import Recording
from ..volume import Volume
from . import streamed
from .one import Work

_MILLIMETRES = re.compile(r"([0-9.eE+-]+)mm")


@dataclass(frozen=True)
class KernelChoice:
    """A kernel by its name, which becomes an array when the axes are known, or an array.

    Parameters
    ----------
    name : str
        One of `sigconv.kernels.named`, or what to call the array.
    parameters : mapping
        Those of the named kernel; `sigma` may be written "2mm" for volumes.
    taps : ndarray, optional
        The array itself.

    Examples
    --------
    >>> from sigconv.batch import KernelChoice
    >>> KernelChoice("gaussian", {"sigma": "3mm"}).at(("x", "y"), (1.5, 3.0)).shape
    (17, 9)
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    taps: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        if self.taps is not None:
            if not 1 <= self.taps.ndim <= 3:
                raise ValueError(f"kernel must have 1 to 3 axes; got {self.taps.ndim}")
            return
        first: Exception | None = None
        for axes in ("xyz", "xy", "x"):  # what no grid can have is wrong before any is read
            try:
                self.at(tuple(axes), (1.0,) * len(axes))
                return
            except (TypeError, ValueError) as error:
                first = error
        assert first is not None
        raise first

    def at(self, axes: Sequence[str], spacing_mm: Sequence[float] | None) -> NDArray[Any]:
        """Return the named kernel for axes and their spacing (None: not known)."""
        given = dict(self.parameters)
        if "sigma" in given:
            given["sigma"] = _in_samples(given["sigma"], spacing_mm)
        return words.named(self.name, axes, **given)


def convolution(
    kernel: KernelChoice,
    *,
    mode: str = "same",
    boundary: str = "edge",
    correlation: bool = False,
    axes: str = "",
) -> Work:
    """Return what `run` does to every file to convolve it with a kernel.

    Recordings are convolved along time, their triggers and settings left alone; pictures along x
    (to the right) and y (downwards), each colour by itself and transparency left alone; volumes
    along x, y and z, every time point by itself.

    Parameters
    ----------
    kernel : KernelChoice
        An array has the axes of the file in their order (those of a picture are y, x; of NIfTI
        x, y, z; of .npy the last of z, y, x), or those that `axes` names.
    mode, boundary
        As in `sigconv.convolve`. A recording with triggers or annotations and a picture with
        transparency keep their size: for them it is "same".
    correlation : bool
        Correlate instead.
    axes : str
        Which axes, as in "xy"; all of the file if not given.

    Returns
    -------
    callable
        (path, workers) -> Recording or Volume

    Raises
    ------
    ValueError
        A word that is none, axes that are none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Volume, write_volume
    >>> from sigconv.batch import KernelChoice, convolution
    >>> work = convolution(KernelChoice("sobel-x"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_volume(Path(folder) / "ramp.npy", Volume(np.arange(12).reshape(3, 4)))
    ...     work(Path(folder) / "ramp.npy", None).data
    array([[4, 8, 8, 4],
           [4, 8, 8, 4],
           [4, 8, 8, 4]])
    """
    _checks.one_of("mode", mode, ("full", "same", "valid"))
    _layout.boundary_names(boundary, 1)
    if len(set(axes)) != len(axes) or not set(axes) <= set("xyz"):
        raise ValueError(f"axes must be of the letters x, y and z, none twice; got {axes!r}")
    return _Convolution(kernel, mode, boundary, correlation, axes)


@dataclass(frozen=True)
class _Convolution:
    """What `convolution` returns."""

    kernel: KernelChoice
    mode: str
    boundary: str
    correlation: bool
    axes: str

    def __call__(self, path: Path, workers: int | None) -> Recording | Volume:
        return self.apply(io.read_volume(path) if io.is_volume(path) else io.read(path), workers)

    def apply(self, content: Recording | Volume, workers: int | None) -> Recording | Volume:
        """Convolve what is in memory."""
        form = {"mode": self.mode, "boundary": self.boundary, "workers": workers}
        function = correlate if self.correlation else convolve
        if isinstance(content, Volume):
            return _on_volume(content, self.kernel, function, self.axes, form)
        return _on_recording(content, self.kernel, function, self.axes, form)

    def in_pieces(self, reader: io.Reader, room: Path, workers: int | None) -> io.Reader:
        """Convolve a recording that does not fit into memory, from file into file."""
        taps = _taps(reader.frame, self.kernel, self.axes, self.mode)
        function = correlate if self.correlation else convolve
        space, state = Room(room), pieces.begin(reader)
        x = pieces.copied(state.signals, space)
        longer = {"full": len(taps) - 1, "same": 0, "valid": 1 - len(taps)}[self.mode]
        n = x.shape[1] + longer
        out = space.array((x.shape[0], n))
        form: dict[str, Any] = {"mode": self.mode, "boundary": self.boundary, "workers": workers}
        function(x, taps, axes=-1, out=out, **form)
        space.drop(x)
        frame = reader.frame.replace(data=np.broadcast_to(np.zeros(1), (reader.shape[0], n)))
        return streamed.Pieced(replace(state, signals=out, frame=frame))

    def volume_in_pieces(self, reader: io.VolumeReader, room: Path, workers: int | None) -> Volume:
        """Convolve a volume that does not fit into memory, from file into file."""
        frame, space = reader.frame, Room(room)
        taps, where = _over_grid(frame, self.kernel, self.axes)
        x = streamed.mapped(reader, space, _computable(frame.data, taps, len(frame.grid) > 2))
        form: dict[str, Any] = {"axes": where, "mode": self.mode, "boundary": self.boundary}
        known = plan_convolution(x.shape, _wide(taps), x_dtype=x.dtype, **form)
        out = space.array(known.output_shape, known.dtype, reader.order)
        function = correlate if self.correlation else convolve
        function(x, _wide(taps), out=out, workers=workers, **form)
        space.drop(x)
        return frame.replace(data=out, affine=_moved(frame, taps, where, self.mode))

    def to_dict(self) -> dict[str, Any]:
        """Return what is done as plain data."""
        kernel: dict[str, Any] = {"name": self.kernel.name, **self.kernel.parameters}
        if self.kernel.taps is not None:
            taps = np.ascontiguousarray(self.kernel.taps)
            digest = hashlib.sha256(taps.tobytes()).hexdigest()
            kernel = {"shape": taps.shape, "type": taps.dtype.str, "sha256": digest}
        word = "correlation" if self.correlation else "convolution"
        return {
            word: {
                "kernel": kernel,
                "mode": self.mode,
                "boundary": self.boundary,
                "axes": self.axes,
            }
        }


def _on_recording(
    recording: Recording, kernel: KernelChoice, function: Any, axes: str, form: dict[str, Any]
) -> Recording:
    taps = _taps(recording, kernel, axes, form["mode"])
    result: Recording = _carriers.apply(recording, lambda x: function(x, taps, axes=-1, **form))
    return result


def _taps(recording: Recording, kernel: KernelChoice, axes: str, mode: str) -> NDArray[Any]:
    """Return the kernel over time, or raise ValueError if there is none for this recording."""
    if axes not in ("", "x"):
        raise ValueError(f"axes must be x, which is time, for a recording; got {axes!r}")
    taps = kernel.at(("x",), None) if kernel.taps is None else kernel.taps
    if taps.ndim != 1:
        raise ValueError(f"kernel must have one axis for a recording; got {taps.ndim}")
    keeps_length = len(recording.signal_channels) < recording.n_channels or recording.annotations
    if mode != "same" and keeps_length:
        raise ValueError(
            "mode must be 'same' for a recording with triggers or annotations, which stay where "
            f"they are; got {mode!r}"
        )
    return taps


def _on_volume(
    volume: Volume, kernel: KernelChoice, function: Any, axes: str, form: dict[str, Any]
) -> Volume:
    taps, where = _over_grid(volume, kernel, axes)
    x, others = volume.data, None
    if len(volume.signal_channels) < len(volume.channels):
        if form["mode"] != "same":
            raise ValueError(
                f"mode must be 'same' for a picture with transparency; got {form['mode']!r}"
            )
        others = np.delete(x, volume.signal_channels, axis=-1)
        x = x[..., volume.signal_channels]
    x = x.astype(_computable(x, taps, len(volume.grid) > 2), copy=False)
    result = function(x, _wide(taps), axes=where, **form)
    if others is not None:
        result = np.concatenate([result, others.astype(result.dtype)], axis=-1)
    return volume.replace(data=result, affine=_moved(volume, taps, where, form["mode"]))


def _over_grid(
    volume: Volume, kernel: KernelChoice, axes: str
) -> tuple[NDArray[Any], tuple[int, ...]]:
    """Return the kernel for a volume and the axes it runs along, or raise ValueError."""
    if not set(axes) <= set(volume.axes):
        raise ValueError(f"axes must be among {', '.join(volume.axes)}; got {axes!r}")
    if kernel.taps is None:
        chosen = tuple(sorted(axes or volume.axes))
        known = [volume.spacing[volume.axes.index(axis)] for axis in chosen]
        scale = {"mm": 1.0, "m": 1000.0, "um": 0.001}.get(volume.unit)
        taps = kernel.at(chosen, None if scale is None else [step * scale for step in known])
    else:
        chosen, taps = tuple(axes or volume.axes), kernel.taps
        if taps.ndim != len(chosen):
            raise ValueError(
                f"kernel must have one axis for each of {', '.join(chosen)} (--axes says which); "
                f"got {taps.ndim}"
            )
    return taps, tuple(volume.axes.index(axis) for axis in chosen)


def _moved(volume: Volume, taps: NDArray[Any], where: tuple[int, ...], mode: str) -> Any:
    """Return the affine map of the answer."""
    if volume.affine is None or mode == "same":
        return volume.affine
    return np.asarray(volume.affine) @ _first_output(taps.shape, where, mode)


def _computable(x: NDArray[Any], taps: NDArray[Any], is_large: bool) -> np.dtype[Any]:
    """Return the type to compute in: for integers under fractions the least floats that hold them.

    Pictures are small and get rounded: they have float64's digits.
    """
    if is_large and x.dtype.kind in "iu" and x.itemsize <= 2 and taps.dtype.kind in "fc":
        return np.dtype(np.float32)
    return x.dtype


def _wide(taps: NDArray[Any]) -> NDArray[Any]:
    """Return a kernel of integers in a type in which no sum of products wraps around."""
    return taps.astype(np.int64) if taps.dtype.kind in "iub" else taps


def _in_samples(sigma: Any, spacing_mm: Sequence[float] | None) -> Any:
    """Return standard deviations in samples; those in millimetres need the spacing."""
    values = sigma if isinstance(sigma, tuple) else (sigma,)
    if not any(isinstance(value, str) for value in values):
        return sigma
    found = [_MILLIMETRES.fullmatch(str(value)) for value in values]
    try:
        lengths = [float(each[1]) for each in found if each]
    except ValueError:
        lengths = []
    if len(lengths) != len(values):
        raise ValueError(f"sigma must be in samples (2) or in millimetres (2mm); got {sigma!r}")
    if spacing_mm is None:
        raise ValueError(f"sigma must be in samples where there are no millimetres; got {sigma!r}")
    if len(lengths) == 1:
        lengths *= len(spacing_mm)
    if len(lengths) != len(spacing_mm):
        raise ValueError(
            f"sigma must be one number or one per axis ({len(spacing_mm)}); got {sigma!r}"
        )
    result = tuple(length / step for length, step in zip(lengths, spacing_mm, strict=True))
    return result[0] if len(set(result)) == 1 else result


def _first_output(span: Sequence[int], axes: Sequence[int], mode: str) -> NDArray[np.float64]:
    """Return the affine map from indices of the answer to those of the volume."""
    shift = np.eye(4)
    for k, axis in zip(span, axes, strict=True):
        shift[axis, 3] = k // 2 - (k - 1 if mode == "full" else 0)
    return shift
