"""Which networks are compared, on which inputs, with whose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn

from sigconv.nn import build_model

from . import peers


@dataclass(frozen=True)
class Case:
    """A network of ours and one of a peer, on the same batch."""

    name: str
    ours: Callable[[], nn.Module]
    peer: str
    theirs: Callable[[], nn.Module]
    #: Of the batch.
    shape: tuple[int, ...]
    #: How many times as fast a training step, and an answer, of ours has to be.
    goal: float = 1.0
    answer_goal: float = 1.0
    #: Whether the two have to have the same number of parameters.
    same: bool = True


EEG = {"n_chans": 22, "n_times": 1125, "n_outputs": 4}


def _eeg(name: str, theirs: str, goal: float, same: bool = True) -> Case:
    ours = partial(build_model, name, in_channels=22, n_times=1125, num_classes=4)
    peer = partial(peers.braindecode, theirs, **EEG)
    return Case(name, ours, f"braindecode {theirs}", peer, (32, 22, 1125), goal, same)


def _vision(name: str, theirs: str, shape: tuple[int, ...], **options: Any) -> Case:
    ours = partial(build_model, name, ndim=len(shape) - 2, in_channels=3, num_classes=10, **options)
    peer = partial(peers.torchvision, theirs, num_classes=10)
    return Case(name, ours, f"torchvision {theirs}", peer, shape)


def _medical(name: str, shape: tuple[int, ...]) -> Case:
    ndim = len(shape) - 2
    ours = partial(build_model, name, ndim=ndim, in_channels=1, num_classes=2)
    if name == "resnet18":
        theirs = partial(
            peers.monai,
            "resnet18",
            spatial_dims=ndim,
            n_input_channels=1,
            conv1_t_stride=2,  # theirs is 1 by default, which is more work
            num_classes=2,
            bias_downsample=False,
        )
    else:
        theirs = partial(
            peers.monai, "DenseNet121", spatial_dims=ndim, in_channels=1, out_channels=2
        )
    return Case(f"{name}, {ndim}D", ours, "MONAI", theirs, shape)


def _first_layer(name: str, kernel: int, stride: int) -> Case:
    """Return the wide convolution that a waveform meets first, by itself."""

    def ours() -> nn.Module:
        return build_model(name, in_channels=1, num_classes=10).features[0][0]

    def theirs() -> nn.Module:
        return nn.Conv1d(1, ours().out_channels, kernel, stride, padding=(kernel - stride + 1) // 2)

    label = f"{name}, first layer (1 channel, {kernel} taps, stride {stride})"
    return Case(label, ours, "torch conv1d", theirs, (8, 1, 32_000), 3.0, 3.0)


PARTS: Mapping[str, tuple[Case, ...]] = {
    "eeg": (
        _eeg("eegnet", "EEGNet", 8.0),
        _eeg("shallow_convnet", "ShallowFBCSPNet", 3.0),
        _eeg("deep4", "Deep4Net", 2.0),
        _eeg("atcnet", "ATCNet", 1.0),
        _eeg("eeg_tcnet", "EEGTCNet", 1.0),
    ),
    "waveforms": tuple(_first_layer(name, 80, 4) for name in ("m3", "m5", "m11", "m34res")),
    "images": (
        _vision("resnet18", "resnet18", (4, 3, 112, 112)),
        _vision("resnet50", "resnet50", (4, 3, 112, 112)),
        _vision("densenet121", "densenet121", (4, 3, 112, 112)),
        _vision("vgg11", "vgg11", (2, 3, 224, 224)),
    ),
    "volumes": (
        _medical("resnet18", (8, 1, 4096)),
        _medical("resnet18", (2, 1, 48, 48, 48)),
        _medical("densenet121", (8, 1, 4096)),
        _medical("densenet121", (2, 1, 48, 48, 48)),
    ),
    "video": (
        _vision("r3d18", "r3d_18", (2, 3, 8, 56, 56)),
        _vision("mc3", "mc3_18", (2, 3, 8, 56, 56)),
        _vision("r2plus1d", "r2plus1d_18", (2, 3, 8, 56, 56)),
    ),
}
