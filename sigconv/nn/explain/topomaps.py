"""Explanations and patterns as maps of the scalp, drawn by MNE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Where electrodes are, under its name of today and that before MNE 1.13.
MONTAGES = ("colin27_1005", "standard_1005")


def draw_topomaps(values: ArrayLike, names: Sequence[str], *, titles: Sequence[str] = ()) -> Figure:
    """Draw values of EEG channels as maps of the scalp, one beside the other.

    Parameters
    ----------
    values : array, shape (n_maps, n_channels)
        Means of an attribution over stretches of time, or spatial patterns.
    names : sequence of str
        Of the channels, in the 10-05 system.
    titles : sequence of str
        Of the maps.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    ValueError
        If a channel's place is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.explain import draw_topomaps
    >>> figure = draw_topomaps(np.eye(4)[:2], ["Fz", "C3", "C4", "Oz"], titles=["front", "left"])
    """
    mne = _checks.require("mne", extra="eeg", purpose="draw_topomaps")
    maps = np.atleast_2d(_checks.numeric("values", values))
    if maps.shape[1] != len(names):
        raise ValueError(
            f"names must be one for each of {maps.shape[1]} channels; got {len(names)}"
        )
    places = electrode_places(names)
    info = mne.create_info(list(names), 1.0, "eeg")
    info.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.9 * len(maps) + 0.8, 2.4), layout="constrained")
    axes = figure.subplots(1, len(maps), squeeze=False)[0]
    limit = float(np.abs(maps).max()) or 1.0
    for number, (one, row) in enumerate(zip(axes, maps, strict=True)):
        image, _ = mne.viz.plot_topomap(
            row, info, axes=one, show=False, cmap="RdBu_r", vlim=(-limit, limit), contours=0
        )
        if number < len(titles):
            one.set_title(titles[number], fontsize=9)
    figure.colorbar(image, ax=list(axes), shrink=0.7)
    return figure


def electrode_places(names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Return where electrodes are on the head, in metres; raise if one is not known."""
    mne = _checks.require("mne", extra="eeg", purpose="a map of the scalp")
    known = mne.channels.get_builtin_montages()
    montage = mne.channels.make_standard_montage(next(m for m in MONTAGES if m in known))
    positions = montage.get_positions()["ch_pos"]
    places = {name.lower(): place for name, place in positions.items()}
    unknown = [name for name in names if name.lower() not in places]
    if unknown:
        raise ValueError(
            f"names must be electrodes of the 10-05 system; got {', '.join(unknown[:5])}"
        )
    return {name: places[name.lower()] for name in names}


def time_windows(
    values: ArrayLike, n_windows: int, *, fs: float, start: float = 0.0
) -> tuple[np.ndarray, list[str]]:
    """Return means (n_windows, n_channels) of (n_channels, n_times) over stretches, and titles.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.explain import time_windows
    >>> means, titles = time_windows(np.arange(8.0)[None], 2, fs=4)
    >>> means.tolist(), titles
    ([[1.5], [5.5]], ['0-1 s', '1-2 s'])
    """
    array = np.atleast_2d(_checks.numeric("values", values))
    fs = _checks.sampling_rate(fs)
    parts = np.array_split(np.arange(array.shape[1]), _checks.whole("n_windows", n_windows))
    means = np.array([array[:, part].mean(axis=1) for part in parts if len(part)])
    titles = [
        f"{start + part[0] / fs:.3g}-{start + (part[-1] + 1) / fs:.3g} s"
        for part in parts
        if len(part)
    ]
    return means, titles
