"""Fitting a network to trials."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ... import _checks
from . import trials
from .config import TrainingConfig
from .held_back import hold_back
from .history import Epoch, History
from .objectives import OBJECTIVES
from .run import Run


def seeded(seed: int, build: Callable[[], nn.Module]) -> nn.Module:
    """Build a network whose first weights depend on the seed alone.

    Examples
    --------
    >>> from torch import Tensor, nn
    >>> from sigconv.nn.training import seeded
    >>> a, b = (seeded(7, lambda: nn.Linear(3, 2)) for _ in range(2))
    >>> bool((a.weight == b.weight).all())
    True
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build()


def fit(
    model: nn.Module,
    X: Any,
    y: ArrayLike,
    config: TrainingConfig | None = None,
    *,
    groups: ArrayLike | None = None,
    prepare: trials.Prepare | None = None,
    fs: float | None = None,
    state: str | Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> History:
    """Train a network in place; it ends in evaluation mode.

    Parameters
    ----------
    model : torch.nn.Module
        Takes (batch, channels, ...) to logits (batch, classes), or to values (batch, outputs)
        with ``task="regress"``. Outputs with more axes are averaged over them.
    X : array or reader, shape (n_trials, n_channels, ...)
        What is larger than memory may be a memory map, or an object that is read by lists of
        indices.
    y : array, shape (n_trials,)
        Class indices; values (n_trials,) or (n_trials, n_outputs) to regress; with the tasks
        'sequence' and 'segment' class indices (n_trials, *places), -1 where nothing is known.
    config : TrainingConfig, optional
    groups : array, shape (n_trials,), optional
        What must not stand both in the training and in the validation part (`config.patience`):
        trials of one session, windows of one trial. Each trial is its own if not given.
    prepare : callable, optional
        Done to trials before the network sees them, array in, array out, each trial by itself:
        `sigconv.nn.data.standardise`, say. The network's users do the same.
    fs : float, optional
        Sampling rate in Hz: then `config.crop` and the augmentations are in seconds and Hz.
    state : path, optional
        A file that holds the training after every epoch. If it is there already, the training
        goes on from it, to the same end as if it had not stopped; it stays when all is done.
    on_epoch : callable, optional
        Called with each `Epoch`.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If an argument is illegal, a trial holds NaN, or the loss does not stay finite.
    FileError
        If `state` is of another training, or cannot be written.

    Notes
    -----
    After the last step the statistics of the batch norms are taken anew over the whole
    training set. Networks with a slow moving average (EEGNet: momentum 0.01) would otherwise
    be judged, after the few hundred steps that EEG sets allow, with statistics of weights
    that they no longer have.

    On one machine a seed gives the same numbers to the bit on the CPU. Where torch.distributed
    is set up, all processes call this with the same arguments and end with the same network.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import TrainingConfig, build_model, evaluate, fit
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> X = rng.normal(size=(40, 2, 64)) + y[:, None, None]
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> history = fit(model, X, y, TrainingConfig(epochs=20))
    >>> history.losses[-1] < history.losses[0]
    True
    >>> evaluate(model, X, y).accuracy > 0.9
    True
    """
    config = config or TrainingConfig()
    source = trials.Trials(X, model, prepare=prepare, crop=crops(config, fs))
    objective = OBJECTIVES[config.task]
    targets = objective.targets(y, source.n_trials)
    if source.n_crops > 1 and not objective.crops:
        raise ValueError(f"crop must not be given with task {config.task!r}")
    training, validation = hold_back(targets, groups, config)
    like = next(model.parameters())
    run = Run(
        model=model,
        source=source,
        loss=objective.loss(targets, config, like),
        targets=_on_device(targets, like),
        training=training,
        validation=validation,
        config=config,
        fs=1.0 if fs is None else _checks.sampling_rate(fs),
    )
    path = None if state is None else Path(state)
    if path is not None and path.exists():
        run.restore(path)
    while not run.is_done:
        epoch = run.epoch()
        if path is not None:
            run.save(path)
        if on_epoch is not None:
            on_epoch(epoch)
    return run.finish()


def _on_device(targets: NDArray[Any], like: Tensor) -> Tensor:
    """Return targets beside the network, values in its precision."""
    dtype = like.dtype if targets.dtype.kind == "f" else None
    return torch.as_tensor(targets, dtype=dtype, device=like.device)


def crops(config: TrainingConfig, fs: float | None) -> tuple[int, int] | None:
    """Return length and stride of the crops in samples, None if trials are taken whole."""
    if config.crop is None:
        return None
    length = _checks.samples("crop", config.crop, fs)
    if config.crop_stride is None:
        return length, max(1, length // 2)
    return length, _checks.samples("crop_stride", config.crop_stride, fs)
