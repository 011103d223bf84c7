"""Inputs that a network makes up: what moves a class, a map or a layer most.

Erhan et al. 2009 (activation maximisation), Mordvintsev et al. 2015 (DeepDream), Olah et al. 2017
(https://doi.org/10.23915/distill.00007: Fourier parametrisation and jitter).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from tqdm import tqdm

from ... import _checks
from .asked import ClassScores, at_rest, checked_inputs, layer_named
from .layers import output_of, recorded

Objective = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Dream:
    """An input that a network made up.

    Attributes
    ----------
    values : array of float64, shape (channels, ...)
    before, after : float
        What was to be large, at the start and in the end, without jitter.
    history : array, shape (n_steps,)
        The same on the way, with jitter.
    """

    values: NDArray[np.float64]
    before: float
    after: float
    history: NDArray[np.float64]


def activation_maximum(
    model: nn.Module,
    shape: Sequence[int],
    *,
    target: int | None = None,
    layer: str | None = None,
    index: int | None = None,
    place: Sequence[int] | None = None,
    start: ArrayLike | None = None,
    n_steps: int = 256,
    step: float = 0.05,
    octaves: int = 3,
    decay: float = 0.5,
    jitter: int | None = None,
    total_variation: float = 0.0,
    deviation: float = 1.0,
    seed: int = 0,
    progress: bool = False,
) -> Dream:
    """Return an input that moves a class, a channel of a layer, or one neuron, as far as it can.

    Parameters
    ----------
    model : torch.nn.Module
    shape : sequence of int
        (channels, ...) of the input.
    target : int, optional
        The class whose score is to be large; or else `layer` and `index`.
    layer, index : str and int, optional
        The map of a layer whose mean is to be large.
    place : sequence of int, optional
        One place of that map, instead of its mean: a neuron.
    start : array of that shape, optional
        Where to begin; noise by default.
    n_steps, step : int, float
        Of Adam, on the spectrum.
    octaves : int
        The first steps move only the lowest frequencies, up to 1/2^(octaves-1) of all; each
        further octave adds the next ones.
    decay : float
        A frequency f moves as 1/f^decay: pictures of nature have 1, noise has 0.
    jitter : int, optional
        Samples by which each step shifts the input at most along each axis; a 32nd of it by
        default. Sharp patterns that only one alignment likes do not survive.
    total_variation : float
        Weight against differences of neighbours.
    deviation : float
        The result's standard deviation, without which larger would always be better: networks
        of this package see inputs of deviation 1.
    seed : int
    progress : bool

    Returns
    -------
    Dream

    Raises
    ------
    ValueError
        If neither or both of target and layer are given, or one of them is not there.

    Examples
    --------
    >>> from torch import nn
    >>> from sigconv.nn.explain import activation_maximum
    >>> model = nn.Sequential(nn.Conv1d(1, 4, 9), nn.ReLU(), nn.Flatten(), nn.Linear(224, 2))
    >>> dream = activation_maximum(model, (1, 64), target=1, n_steps=20)
    >>> dream.values.shape, dream.after > dream.before
    ((1, 64), True)
    """
    rng = np.random.default_rng(_checks.whole("seed", seed, at_least=0))
    shape = tuple(_checks.whole("shape", n) for n in shape)
    given = rng.normal(size=shape) if start is None else np.asarray(start, dtype=float)
    if given.shape != shape:
        raise ValueError(f"start must have the shape {shape}; got {given.shape}")
    inputs = checked_inputs(model, given[None])
    if (target is None) == (layer is None):
        raise ValueError("target or layer must be given, and not both")
    if target is not None:
        objective = _class_score(model, inputs, target)
    else:
        objective = _map_mean(model, inputs, str(layer), index, place)
    return _ascend(
        model,
        objective,
        inputs,
        n_steps=n_steps,
        step=step,
        octaves=octaves,
        decay=decay,
        jitter=jitter,
        total_variation=total_variation,
        deviation=_checks.number("deviation", deviation, above=0),
        seed=seed,
        progress=progress,
    )


def deep_dream(
    model: nn.Module,
    x: ArrayLike,
    layer: str,
    *,
    n_steps: int = 64,
    step: float = 0.02,
    octaves: int = 3,
    decay: float = 0.5,
    jitter: int | None = None,
    total_variation: float = 0.0,
    seed: int = 0,
    progress: bool = False,
) -> Dream:
    """Let a layer see more of what it sees in an input already.

    Parameters
    ----------
    model : torch.nn.Module
    x : array, shape (channels, ...)
        Where the dream begins; its deviation is kept. Dream again on the result to go deeper.
    layer : str
        The layer whose mean square is to be large.
    n_steps, step, octaves, decay, jitter, total_variation, seed, progress
        As in `activation_maximum`.

    Returns
    -------
    Dream

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import deep_dream
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 2))
    >>> picture = np.random.default_rng(0).normal(size=(1, 16, 16))
    >>> dream = deep_dream(model, picture, "1", n_steps=10)
    >>> dream.after > dream.before
    True
    """
    given = np.asarray(x, dtype=float)
    inputs = checked_inputs(model, given[None])
    module = layer_named(model, layer)

    def objective(x: Tensor) -> Tensor:
        with recorded({layer: module}) as outputs:
            model(x)
        return (output_of(outputs, layer) ** 2).mean()

    return _ascend(
        model,
        objective,
        inputs,
        n_steps=n_steps,
        step=step,
        octaves=octaves,
        decay=decay,
        jitter=jitter,
        total_variation=total_variation,
        deviation=float(inputs.std()) or 1.0,
        seed=seed,
        progress=progress,
    )


def _class_score(model: nn.Module, inputs: Tensor, target: int) -> Objective:
    scores = ClassScores(model)
    with torch.no_grad(), at_rest(model):
        n_classes = scores(inputs).shape[1]
    if not 0 <= _checks.whole("target", target, at_least=0) < n_classes:
        raise ValueError(f"target must be a class from 0 to {n_classes - 1}; got {target}")
    return lambda x: scores(x)[0, target]


def _map_mean(
    model: nn.Module,
    inputs: Tensor,
    layer: str,
    index: int | None,
    place: Sequence[int] | None,
) -> Objective:
    module = layer_named(model, layer)
    with torch.no_grad(), at_rest(model), recorded({layer: module}) as outputs:
        model(inputs)
    maps = output_of(outputs, layer)[0]
    if index is None or not 0 <= _checks.whole("index", index, at_least=0) < len(maps):
        raise ValueError(
            f"index must be a map of {layer!r}, from 0 to {len(maps) - 1}; got {index}"
        )
    where = None if place is None else tuple(place)
    if where is not None and (
        len(where) != maps.ndim - 1
        or any(not 0 <= p < n for p, n in zip(where, maps.shape[1:], strict=True))
    ):
        raise ValueError(f"place must lie in a map of shape {tuple(maps.shape[1:])}; got {place}")

    def objective(x: Tensor) -> Tensor:
        with recorded({layer: module}) as outputs:
            model(x)
        chosen = outputs[layer][0, index]
        return chosen.mean() if where is None else chosen[where]

    return objective


def _ascend(
    model: nn.Module,
    objective: Objective,
    inputs: Tensor,
    *,
    n_steps: int,
    step: float,
    octaves: int,
    decay: float,
    jitter: int | None,
    total_variation: float,
    deviation: float,
    seed: int,
    progress: bool,
) -> Dream:
    """Climb on the spectrum of an input, its lowest frequencies first."""
    n_steps, octaves = _checks.whole("n_steps", n_steps), _checks.whole("octaves", octaves)
    step = _checks.number("step", step, above=0)
    decay = _checks.number("decay", decay, at_least=0)
    total_variation = _checks.number("total_variation", total_variation, at_least=0)
    axes = tuple(range(2, inputs.ndim))
    places = tuple(inputs.shape[2:])
    radius = _radius(places).to(inputs)
    weight = 1 / radius.clamp(min=1 / max(places)) ** decay
    start = _scaled(inputs, deviation)
    spectrum = torch.view_as_real(torch.fft.rfftn(start, dim=axes, norm="ortho") / weight)
    spectrum = spectrum.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([spectrum], lr=step * float(spectrum.detach().std()))
    generator = torch.Generator().manual_seed(_checks.whole("seed", seed, at_least=0))
    shift = [
        max(1, n // 32) if jitter is None else _checks.whole("jitter", jitter, at_least=0)
        for n in places
    ]
    history = []

    def drawn() -> Tensor:
        whole = torch.view_as_complex(spectrum) * weight
        return _scaled(torch.fft.irfftn(whole, s=places, dim=axes, norm="ortho"), deviation)

    # its own enable_grad: the caller may hold gradients off
    with torch.enable_grad(), at_rest(model):
        before = objective(start).item()
        for number in tqdm(range(n_steps), desc="dreaming", disable=not progress, leave=False):
            x = drawn()
            moved = [int(torch.randint(-s, s + 1, (), generator=generator)) for s in shift]
            reached = objective(x.roll(moved, axes))
            history.append(reached.item())
            roughness = sum(x.diff(dim=axis).abs().mean() for axis in axes)
            loss = total_variation * roughness - reached
            (spectrum.grad,) = torch.autograd.grad(loss, spectrum)
            octave = octaves - 1 - number * octaves // n_steps
            spectrum.grad *= (radius <= 0.5 / 2**octave)[..., None]
            optimiser.step()
        with torch.no_grad():
            final = drawn()
            after = objective(final).item()
    return Dream(final[0].double().cpu().numpy(), before, after, np.array(history))


def _radius(places: tuple[int, ...]) -> Tensor:
    """Return each frequency's largest part along an axis, in cycles a sample, in rfftn's order."""
    along = [torch.fft.fftfreq(n) for n in places[:-1]] + [torch.fft.rfftfreq(places[-1])]
    grids = torch.meshgrid(*along, indexing="ij")
    return torch.stack([grid.abs() for grid in grids]).amax(0)


def _scaled(x: Tensor, deviation: float) -> Tensor:
    return x * (deviation / x.std().clamp(min=1e-12))
