"""braindecode's networks, and which of their parts are which of ours.

Run as a script (`python -m tests.nn.models.eeg_peers`), this writes golden_outputs_eeg.json as
peers.py does for images: the tests hold our networks to these numbers where braindecode is missing.
"""

import importlib.util
import json
import sys
import warnings
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import torch
from torch import nn

from .peers import answer, fill, kept

GOLDEN = Path(__file__).with_name("golden_outputs_eeg.json")
NAMES = {
    "eegnet": "EEGNet",
    "shallow_convnet": "ShallowFBCSPNet",
    "deep4": "Deep4Net",
    "atcnet": "ATCNet",
    "eeg_tcnet": "EEGTCNet",
}
#: Channels and samples; the last are too few for ATCNet's full widths.
SIZES = ((5, 700), (22, 1000), (3, 512))
CLASSES = 3


def their_network(name: str, channels: int, times: int) -> nn.Module:
    """Return braindecode's network; its package needs no torchaudio although it imports it."""
    if importlib.util.find_spec("braindecode") is None:
        pytest.skip("braindecode is not installed")
    for module in ("torchaudio", "torchaudio.functional", "torchaudio.transforms"):
        if module not in sys.modules:  # one that does not fit its torch cannot be imported
            sys.modules[module] = MagicMock()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it imports, and that it shrinks ATCNet
        from braindecode import models

        network = getattr(models, NAMES[name])
        model = network(n_chans=channels, n_outputs=CLASSES, n_times=times)
    if name == "eeg_tcnet":
        # in the paper and in its authors' code only a norm stands between the first two layers
        model.eegnet_tc.activation = _SkippedOnce(model.eegnet_tc.activation)
    return model.eval()


class _SkippedOnce(nn.Module):
    """An activation that the first of every three calls goes without."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.activation, self.calls = activation, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return x if self.calls % 3 == 1 else self.activation(x)


def our_parts(name: str, model: nn.Module) -> list[nn.Module]:
    """Return the parts of our network whose tensors come in the order of `their_parts`."""
    if name == "eeg_tcnet":
        front = nn.ModuleList([model.temporal, model.spatial, model.separable])
        paths = [block.path for block in model.causal]
        return [front, model.causal[0].shortcut, *paths, model.classifier]
    if name == "atcnet":
        front = nn.ModuleList([model.temporal, model.spatial, model.refining])
        attention = [window[0] for window in model.windows]
        blocks = [window[1:] for window in model.windows]
        return [front, *attention, *blocks, *model.classifiers]
    return [model]


def their_parts(name: str, model: nn.Module) -> list[nn.Module]:
    if name == "eeg_tcnet":
        causal = model.tcn_block
        return [model.eegnet_tc, causal.downsample, *causal.layers, model.final_layer]
    if name == "atcnet":
        blocks = [*model.attention_blocks, *model.temporal_conv_nets]
        return [model.conv_block, *blocks, *model.final_layer]
    return [model]


def filled(parts: list[nn.Module], channels: int) -> None:
    """Give all parts known numbers, within the limits of norms where these differ.

    braindecode limits what comes from one feature, Keras and we what goes to one class; and
    its EEG-TCNet has no limit on the filters over the scalp.
    """
    for part in parts:
        fill(part)
        for module in part.modules():
            held = hasattr(module, "parametrizations")
            over_the_scalp = isinstance(module, nn.Conv2d) and channels in module.kernel_size
            if (held and isinstance(module, nn.Linear)) or (over_the_scalp and len(parts) > 1):
                weight = module.parametrizations.weight.original if held else module.weight
                weight.data.mul_(0.1)


if __name__ == "__main__":
    answers = {}
    for name in NAMES:
        for channels, times in SIZES:
            model = their_network(name, channels, times)
            filled(their_parts(name, model), channels)
            answers[f"{name} {channels} {times}"] = kept(answer(model, (channels, times)))
    GOLDEN.write_text(json.dumps(answers, indent=1) + "\n")
