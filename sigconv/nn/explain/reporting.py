"""One page that shows trials, what the network says of them, why, and whether that is true."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn
from tqdm import tqdm

from ... import __version__, _checks
from ...report import page
from ..summary import summary
from . import pictures
from .asked import ClassScores, ask, at_rest, checked_inputs
from .attribution import Attribution
from .checking import SAME, Check, check
from .explaining import METHODS, explain
from .layers import last_maps
from .parts import EEG_BANDS
from .receptive import draw_receptive_field, receptive_field
from .topomaps import draw_topomaps, electrode_places, time_windows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: How trials are drawn.
KINDS = {
    "signal": "channels one above the other",
    "sound": "waveform and spectrogram",
    "image": "an image",
    "volume": "three slices",
    "video": "a moving picture",
}
_USUAL = {1: "signal", 2: "image", 3: "volume"}
#: Methods of which is known that they hardly change when weights are shuffled.
SURVIVORS = ("guided_backprop", "deconvnet")
#: Channels that exact Shapley values are computed of: 2^8 runs; above, one channel is occluded.
SHAPLEY_CHANNELS = 8
#: Maps of the scalp.
TOPOMAPS = 6


def report(
    model: nn.Module,
    x: ArrayLike,
    *,
    methods: Sequence[str] = ("integrated_gradients", "grad_cam", "occlusion"),
    target: int | None = None,
    kind: str | None = None,
    fs: float | None = None,
    starts: Sequence[float] = (),
    spacing: float | Sequence[float] = 1.0,
    names: Sequence[str] = (),
    classes: Sequence[str] = (),
    title: str = "What the network sees",
    about: Mapping[str, str] | None = None,
    seed: int = 0,
    progress: bool = False,
) -> page.Html:
    """Return a self-contained page that explains what a network says of some trials.

    Parameters
    ----------
    model : torch.nn.Module
    x : array, shape (trials, channels, ...)
        As the network gets them.
    methods : sequence of str
        Of `explain`.
    target : int, optional
        The class; of each trial the predicted one by default.
    kind : {"signal", "sound", "image", "volume", "video"}, optional
        How trials are drawn; by their number of axes if not given.
    fs : float, optional
        Sampling rate in Hz of signals; frequency bands are explained only if it is given.
    starts : sequence of float
        Seconds at which each trial begins.
    spacing : float or one for each axis
        Millimetres from sample to sample of a volume.
    names : sequence of str
        Of the channels; electrodes of the 10-05 system are drawn as maps of the scalp.
    classes : sequence of str
        Their names.
    title : str
    about : mapping of str to str, optional
        Facts to stand on top.
    seed : int
    progress : bool

    Returns
    -------
    Html
        For `sigconv.report.page.save`.

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import report
    >>> model = nn.Sequential(nn.Conv1d(1, 2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(120, 2))
    >>> text = report(model, np.random.default_rng(0).normal(size=(1, 1, 64)), methods=["saliency"])
    >>> "<h1>What the network sees</h1>" in text
    True
    """
    array = _checks.numeric("x", x)
    inputs = checked_inputs(model, array)
    for method in methods:
        _checks.one_of("methods", method, METHODS)
    ndim = array.ndim - 2
    kind = _USUAL[ndim] if kind is None else _checks.one_of("kind", kind, KINDS)
    with torch.no_grad(), at_rest(model):
        probabilities = ClassScores(model)(inputs).double().softmax(1).cpu().numpy()
    labels = list(classes) or [str(number) for number in range(probabilities.shape[1])]
    if len(labels) != probabilities.shape[1]:
        raise ValueError(
            f"classes must be {probabilities.shape[1]}, one for each output; got {len(labels)}"
        )
    made: list[tuple[Attribution, Check]] = []
    for method in tqdm(methods, desc="explaining", disable=not progress, leave=False):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* differs from the plain gradient only")
            attribution = explain(
                model, array, method=method, target=target, seed=seed, classes=labels
            )
            made.append((attribution, check(model, array, attribution, seed=seed)))
    parts = _parts(model, array, target, fs if kind == "signal" else None, seed, labels)
    on_scalp = _on_scalp(names)
    sections = [_predictions(probabilities, labels)]
    for trial in range(len(array)):
        start = starts[trial] if trial < len(starts) else 0.0
        shown: list[page.Part] = []
        for attribution, _ in made:
            figure = _drawn(kind, array, attribution, trial, fs, start, names, spacing)
            shown.append(
                page.picture(figure, f"{attribution.method} for {attribution.said(trial)}")
            )
        for attribution in parts:
            figure = pictures.draw_parts(attribution, trial=trial, names=names)
            shown.append(page.picture(figure, f"{attribution.method} over {attribution.over}"))
        for attribution, _ in made:
            if fs is not None and on_scalp and "channel" in attribution.axes:
                means, titles = time_windows(
                    attribution.values[trial], TOPOMAPS, fs=fs, start=start
                )
                figure = draw_topomaps(means, names, titles=titles)
                shown.append(page.picture(figure, f"{attribution.method} on the scalp"))
        said = labels[int(probabilities[trial].argmax())]
        when = f" at {start:g} s" if starts else ""
        sections.append(page.section(f"Trial {trial + 1}{when}: {said}", *shown))
    sections.append(_truth(made))
    about_net = str(summary(model, array.shape[1:], fs=fs if ndim == 1 else None))
    shown = [page.folded("Its layers", page.code(about_net))]
    if (layer := _last_maps(model, array)) is not None:
        field = receptive_field(model, array, layer)
        figure = draw_receptive_field(
            array,
            field,
            fs=fs or 1.0,
            start=starts[0] if len(starts) else 0.0,
            spacing=spacing,
            names=names,
        )
        shown.append(page.picture(figure, "what a unit of the last maps sees of trial 1"))
    sections.append(page.section("The network", *shown))
    known = {**(about or {}), "Trials": str(len(array)), "sigconv": __version__}
    return page.document(title, page.facts(known), *sections)


def _last_maps(model: nn.Module, x: NDArray[np.generic]) -> str | None:
    """Return the layer behind the last convolution, None in a network without one."""
    try:
        return last_maps(ask(model, x[:1], None, 1))
    except ValueError:
        return None


def _parts(
    model: nn.Module,
    x: NDArray[np.generic],
    target: int | None,
    fs: float | None,
    seed: int,
    classes: Sequence[str],
) -> list[Attribution]:
    """Return what channels and, of signals, frequency bands count."""
    found = []
    told: dict[str, Any] = {"target": target, "seed": seed, "classes": classes}
    if x.shape[1] > 1:
        method = "shapley" if x.shape[1] <= SHAPLEY_CHANNELS else "occlusion"
        found.append(explain(model, x, method=method, over="channel", **told))
    if x.ndim == 3 and fs is not None:
        spacing = fs / x.shape[-1]
        bands = [(low, high) for low, high in EEG_BANDS if high <= fs / 2 and high - low > spacing]
        if bands:
            found.append(
                explain(model, x, method="shapley", over="band", bands=bands, fs=fs, **told)
            )
    return found


def _drawn(
    kind: str,
    x: NDArray[np.generic],
    attribution: Attribution,
    trial: int,
    fs: float | None,
    start: float,
    names: Sequence[str],
    spacing: float | Sequence[float],
) -> Figure | bytes:
    if kind == "signal":
        return pictures.draw_traces(
            x, attribution, trial=trial, fs=fs or 1.0, start=start, names=names
        )
    if kind == "sound":
        return pictures.draw_waveform(x, attribution, trial=trial, fs=fs or 1.0)
    if kind == "image":
        return pictures.draw_overlay(x, attribution, trial=trial)
    if kind == "volume":
        return pictures.draw_slices(x, attribution, trial=trial, spacing=spacing)
    return pictures.film(x, attribution, trial=trial)


def _predictions(probabilities: NDArray[np.float64], labels: Sequence[str]) -> page.Html:
    rows: list[list[page.Part]] = [
        [trial + 1, labels[int(row.argmax())], *(float(p) for p in row)]
        for trial, row in enumerate(probabilities)
    ]
    return page.section(
        "What the network says", page.table(["trial", "class", *labels], rows, search=False)
    )


def _truth(made: Sequence[tuple[Attribution, Check]]) -> page.Html:
    """Return what tests say of each method, in numbers and words."""
    rows: list[list[page.Part]] = []
    words = []
    for attribution, found in made:
        areas: list[page.Part] = [None] * 4
        if (curves := found.curves) is not None:
            areas = [
                curves.deletion_area,
                curves.random_deletion,
                curves.insertion_area,
                curves.random_insertion,
            ]
        rows.append([attribution.method, *areas, found.shuffled])
        verdict: list[page.Part] = list(found.verdict)
        if attribution.method in SURVIVORS:
            known = "is known to survive shuffled weights (Adebayo et al. 2018)"
            here = "does so here" if abs(found.shuffled) >= SAME else "does not do so here"
            verdict.append(f"{attribution.method} {known}; it {here}.")
        words.append(page.section(attribution.method, page.items(verdict), level=3))
    columns = [
        "method",
        "deletion area",
        "in random order",
        "insertion area",
        "in random order",
        "correlation with shuffled weights",
    ]
    return page.section("Is it true?", page.table(columns, rows, search=False), *words)


def _on_scalp(names: Sequence[str]) -> bool:
    """Whether all channels are electrodes whose places are known."""
    if len(names) < 3:
        return False
    try:
        electrode_places(names)
    except (ValueError, _checks.MissingExtra):
        return False
    return True
