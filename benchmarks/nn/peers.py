"""Other libraries' networks; their packages are imported when a case is built."""

import sys
import warnings
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import torch
from torch import nn

#: A library of operators takes them with it when it goes.
_KEPT: list[torch.library.Library] = []


def braindecode(name: str, **arguments: Any) -> nn.Module:
    """Return a network of braindecode, which needs no torchaudio although it imports it."""
    for module in ("torchaudio", "torchaudio.functional", "torchaudio.transforms"):
        sys.modules.setdefault(module, MagicMock())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from braindecode import models

        return getattr(models, name)(**arguments)


def torchvision(name: str, **arguments: Any) -> nn.Module:
    """Return a network of torchvision, first weights drawn, none loaded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = _torchvision_models()
        place = models.video if hasattr(models.video, name) else models
        return getattr(place, name)(weights=None, **arguments)


def monai(name: str, *positional: Any, **arguments: Any) -> nn.Module:
    """Return a network of MONAI."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from monai.networks import nets

        return getattr(nets, name)(*positional, **arguments)


def _torchvision_models() -> ModuleType:
    # with a torch for the CPU alone two operators lack that it looks for
    if "torchvision" not in sys.modules and not _KEPT and not torch.cuda.is_available():
        _KEPT.append(torch.library.Library("torchvision", "DEF"))
        for name in ("nms", "qnms"):
            _KEPT[0].define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision.models.video

    return torchvision.models
