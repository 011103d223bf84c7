"""A trained network and all that is needed to use it, in one file without pickled code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from .. import __version__, _checks, _files
from ..pipeline import Pipeline
from ..recording import Recording
from ..volume import Volume
from .data import Inputs, Seen, grids
from .data.kinds import Dataset
from .inference import Predictions, PredictionStream, predict_recording
from .models import build_model
from .patches import over_volume
from .training import TrainingConfig, predict, predict_proba
from .training.fit import crops

#: Raised by one when a file of the version before cannot be read any more.
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A network with the recordings' side of it.

    Parameters
    ----------
    model : torch.nn.Module
        Made by `build_model`.
    classes : sequence of str
        Names of the outputs, in their order.
    channels : sequence of str
        Names of the input's channels, in their order.
    fs : float
        Sampling rate in Hz.
    window : (float, float)
        Seconds after an event, as in `EEGDataset`.
    pipeline : Pipeline
        What is to be done to a recording before it is cut.
    units : sequence of str
        Of each channel; if empty, whatever comes.
    crop : (int, int), optional
        Length and stride in samples (of `inputs`) of the crops of a window that the network
        sees.
    inputs : Inputs
        What the network sees of a window.
    lengths : {'drop', 'pad', 'clip'}
        What was done with recordings of one label, as in `EEGDataset`.
    task : {'classify', 'regress', 'sequence', 'segment'}
        What the outputs are: logits of classes, values, or logits of classes for each place (each
        voxel).
    place : float
        Seconds of a place.
    scale : (float, float)
        Mean and deviation of the values that the network has learned in those units.
    spacing : sequence of float
        With task 'segment': of the volumes that the network sees.
    patch : sequence of int
        With task 'segment': samples along each axis that it sees at once.
    training : mapping
        How and on what it was trained, as plain data: the configuration, the digests of the
        files with the seconds of them, and the versions of sigconv and torch.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import Checkpoint, build_model
    >>> model = build_model("eegnet", in_channels=2, num_classes=2, n_times=128)
    >>> checkpoint = Checkpoint(model, ["left", "right"], ["C3", "C4"], 128.0, (0, 1))
    >>> window = 1e-5 * np.random.default_rng(0).normal(size=(1, 2, 128))
    >>> checkpoint.predict_proba(window).shape
    (1, 2)
    """

    model: nn.Module
    classes: Sequence[str]
    channels: Sequence[str]
    fs: float
    window: tuple[float, float]
    pipeline: Pipeline = field(default_factory=Pipeline)
    units: Sequence[str] = ()
    crop: tuple[int, int] | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    inputs: Inputs = field(default_factory=Inputs)
    lengths: str = "drop"
    task: str = "classify"
    place: float = 0.0
    scale: tuple[float, float] = (0.0, 1.0)
    spacing: Sequence[float] = ()
    patch: Sequence[int] = ()

    @classmethod
    def of(
        cls,
        model: nn.Module,
        data: Dataset,
        config: TrainingConfig,
        *,
        scale: tuple[float, float] = (0.0, 1.0),
        seen: Seen | None = None,
    ) -> Checkpoint:
        """Return a network with all that its data set says of recordings.

        Parameters
        ----------
        model : torch.nn.Module
            Trained on `data`, standardised.
        data : EEGDataset or VolumeDataset
        config : TrainingConfig
        scale : (float, float)
            Of the `FoldResult`, to regress.
        seen : Seen, optional
            What it was trained on, by which networks that start from it are kept from being
            tested on that; all of `data`, if not given.
        """
        if seen is None:
            seen = Seen.of(data, range(len(data)))
        fields = data.carried()
        rate = fields["inputs"].rate(fields["fs"]) if "inputs" in fields else 1.0
        return cls(
            model,
            **fields,
            crop=crops(config, rate),
            training={
                "configuration": config.to_dict(),
                "seen": seen.to_dict(),
                "versions": {"sigconv": __version__, "torch": torch.__version__},
            },
            scale=scale,
        )

    def segment(self, volume: Volume) -> Volume:
        """Return the class of each sample of a picture or volume, on its own grid.

        Parameters
        ----------
        volume : Volume
            It is turned and resampled to the training's orientation and spacing, and the
            probabilities are resampled back.

        Returns
        -------
        Volume
            Of uint8 (int16 where there are more classes): indices into `classes`.

        Raises
        ------
        ValueError
            If the network is none that segments, or the volume has channels or other axes.
        """
        if self.task != "segment":
            raise ValueError(f"task must be 'segment' to label voxels; got {self.task!r}")
        seen = grids.prepared(volume, self.spacing, self.channels)
        said = over_volume(self.model, seen, self.patch)
        plane = np.broadcast_to(np.zeros(1, np.uint8), volume.grid)
        turned, _, how = grids.oriented(volume.replace(data=plane, channels=()))
        there = np.stack([grids.onto(each, turned.shape, order=1) for each in said])
        dtype = np.uint8 if len(self.classes) <= 256 else np.int16
        called = there.argmax(axis=0).astype(dtype)
        return volume.replace(channels=(), data=np.ascontiguousarray(grids.put_back(called, how)))

    def prepare(self, X: NDArray[Any]) -> NDArray[np.float32]:
        """Return what the network sees of windows."""
        return self.inputs(X, self.fs)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class for each window (or its value, to regress).

        Parameters
        ----------
        X : array or reader, shape (n_windows, n_channels, n_times)
            Windows in the recordings' units, filtered by `pipeline`, as in `EEGDataset.X`.

        Returns
        -------
        array of float64, shape (n_windows, n_classes)
            Of sequences (n_windows, n_classes, n_places).
        """
        if self.task == "regress":
            values = predict(self.model, X, prepare=self.prepare, crop=self.crop)
            return values * self.scale[1] + self.scale[0]
        if self.task == "sequence":
            n = round((self.window[1] - self.window[0]) / self.place)
            return predict_proba(self.model, X, prepare=self.prepare, places=n)
        return predict_proba(self.model, X, prepare=self.prepare, crop=self.crop)

    def predict(
        self, recording: Recording, *, step: float | None = None, name: str = "recording"
    ) -> Predictions:
        """Return what the network says of a whole recording, window by window.

        Parameters
        ----------
        recording : Recording
            As it was recorded: its channels are ordered, brought to the network's units and rate,
            and filtered. What does not fit is an error.
        step : float, optional
            Seconds from window to window; as long as a window, if not given. A network that was
            trained on clips (`lengths`) sees the middle of the recording then.
        name : str
            What errors call it.

        Returns
        -------
        Predictions
        """
        return predict_recording(self, recording, step=step, name=name)

    def stream(self, fs: float, *, step: float | None = None) -> PredictionStream:
        """Return the network over signals that arrive in chunks.

        Parameters
        ----------
        fs : float
            Rate of the signals in Hz.
        step : float, optional
            Seconds from window to window; as long as a window, if not given.

        Returns
        -------
        PredictionStream
            `.push(chunk)` gives the predictions that a chunk completes: what `predict` gives for
            the whole, however it is cut.

        Raises
        ------
        ValueError
            If the rate does not lead to the network's, a step of the pipeline needs samples
            that come later, or the network labels the places of windows.
        """
        return PredictionStream(self, fs, step=step)


def save_checkpoint(path: str | Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint: a safetensors file with the rest as JSON in its header.

    Parameters
    ----------
    path : path
        What stood there is replaced, at the moment when the new file is whole.
    checkpoint : Checkpoint

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv.nn import Checkpoint, build_model, load_checkpoint, save_checkpoint
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.safetensors"
    ...     save_checkpoint(path, Checkpoint(model, ["left", "right"], ["C3", "C4"], 250.0, (0, 1)))
    ...     load_checkpoint(path).classes
    ('left', 'right')
    """
    config = getattr(checkpoint.model, "config", None)
    if config is None:
        raise TypeError("model must be made by build_model: only that can be built again")
    about = {
        "format": _FORMAT,
        "sigconv": __version__,
        "model": config,
        "classes": list(checkpoint.classes),
        "channels": list(checkpoint.channels),
        "fs": checkpoint.fs,
        "window": list(checkpoint.window),
        "pipeline": checkpoint.pipeline.to_dict(),
        "units": list(checkpoint.units),
        "crop": checkpoint.crop,
        "training": dict(checkpoint.training),
        "inputs": checkpoint.inputs.to_dict(),
        "lengths": checkpoint.lengths,
        "task": checkpoint.task,
        "place": checkpoint.place,
        "scale": list(checkpoint.scale),
        "spacing": list(checkpoint.spacing),
        "patch": list(checkpoint.patch),
    }
    tensors = {
        key: value.cpu().contiguous() for key, value in checkpoint.model.state_dict().items()
    }
    content = save(tensors, metadata={"sigconv": json.dumps(about)})
    try:
        with _files.whole(Path(path)) as target:
            target.write_bytes(content)
    except OSError as error:
        raise _checks.FileError(
            f"{path}: the checkpoint cannot be written ({error.strerror or error})"
        ) from error


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint; no code in the file is run.

    Returns
    -------
    Checkpoint
        Its model is in evaluation mode, on the CPU.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is broken or not a checkpoint of sigconv.

    Examples
    --------
    >>> from sigconv.nn import load_checkpoint
    >>> load_checkpoint("nowhere.safetensors")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.safetensors: no such file
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        about: dict[str, Any] = json.loads(metadata["sigconv"])
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise _checks.FileError(f"{path}: is not a checkpoint of sigconv ({error})") from error
    if about.get("format") != _FORMAT:
        raise _checks.FileError(
            f"{path}: is a checkpoint of format {about.get('format')}; this sigconv "
            f"({__version__}) reads format {_FORMAT}"
        )
    try:
        model = build_model(**about["model"])
        model.load_state_dict(tensors)
        checkpoint = Checkpoint(
            model=model.eval(),
            classes=tuple(about["classes"]),
            channels=tuple(about["channels"]),
            fs=about["fs"],
            window=(about["window"][0], about["window"][1]),
            pipeline=Pipeline.from_dict(about["pipeline"]),
            units=tuple(about.get("units", ())),
            crop=None if about.get("crop") is None else (about["crop"][0], about["crop"][1]),
            training=about.get("training", {}),
            inputs=Inputs(**about.get("inputs", {})),
            lengths=about.get("lengths", "drop"),
            task=about.get("task", "classify"),
            place=about.get("place", 0.0),
            scale=tuple(about.get("scale", (0.0, 1.0))),
            spacing=tuple(about.get("spacing", ())),
            patch=tuple(about.get("patch", ())),
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _checks.FileError(f"{path}: its network cannot be built: {error}") from error
    return checkpoint
