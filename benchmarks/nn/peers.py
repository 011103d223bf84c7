"""Other libraries' networks; their packages are imported when a case is built."""

import sys
import warnings
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import torch
from torch import nn

#: A library of operators takes them with it when it goes.
_KEPT: list[torch.library.Library] = []


def braindecode(name: str, **arguments: Any) -> nn.Module:
    """Return a network of braindecode."""
    _without_torchaudio()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from braindecode import models

        return getattr(models, name)(**arguments)


def classifier(
    model: nn.Module,
    batches: Callable[[], Sequence[np.ndarray]],
    on_batch: Callable[[Any, int], None],
    **sgd: Any,
) -> Any:
    """Return braindecode's classifier, of skorch, whose `partial_fit` is an epoch.

    `batches()` says which trials each batch holds; `on_batch(net, number)` is called before each.
    """
    _without_torchaudio()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from braindecode import EEGClassifier
        from skorch.callbacks import Callback

    class Numbered(Callback):  # type: ignore[misc]
        def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
            self.number = 0

        def on_batch_begin(self, net: Any, **kwargs: Any) -> None:
            on_batch(net, self.number)
            self.number += 1

    def iterator(dataset: Any, **_: Any) -> torch.utils.data.DataLoader[Any]:
        return torch.utils.data.DataLoader(dataset, batch_sampler=batches())

    net = EEGClassifier(
        model,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        train_split=None,
        batch_size=32,
        max_epochs=1,
        iterator_train=iterator,
        callbacks=[("numbered", Numbered())],
        verbose=0,
        **{f"optimizer__{name}": value for name, value in sgd.items()},
    )
    return net.initialize()


def _without_torchaudio() -> None:
    """Stand in for torchaudio, which braindecode imports although it needs none of it here."""
    for module in ("torchaudio", "torchaudio.functional", "torchaudio.transforms"):
        sys.modules.setdefault(module, MagicMock())


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
