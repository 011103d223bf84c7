"""What an explanation is: numbers on named axes, with what it took to make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: The axes of an input by its dimension: behind "trial" stand the channels, then the places.
AXES = {
    1: ("trial", "channel", "time"),
    2: ("trial", "channel", "height", "width"),
    3: ("trial", "channel", "depth", "height", "width"),
}


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each part of some inputs speaks for a class.

    Attributes
    ----------
    values : array of float64
        One axis for each of `axes`.
    axes : tuple of str
        Their names: those of the input (see `AXES`), less those along which the method cannot
        tell parts apart (a class activation map has no channels); "band" stands for the
        frequency bands of `bands`.
    method, over : str
        What made it; `over` is what was taken away, "" where nothing was.
    target : array of int, shape (n_trials,)
        The class that it speaks of.
    score : array of float64, shape (n_trials,)
        The network's output for that class.
    bands : tuple of (float, float)
        Edges in Hz.
    options : mapping
        The keywords with which `explain` makes it again.
    classes : tuple of str
        Names of the network's classes, if they were given.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.explain import Attribution
    >>> a = Attribution(np.ones((3, 64)), ("trial", "time"), "grad_cam", np.zeros(3), np.ones(3))
    >>> a.on_input((3, 2, 64)).shape
    (3, 2, 64)
    """

    values: NDArray[np.float64]
    axes: tuple[str, ...]
    method: str
    target: NDArray[np.int64]
    score: NDArray[np.float64]
    over: str = ""
    bands: tuple[tuple[float, float], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    def said(self, trial: int) -> str:
        """Return the name of the class that it speaks of in a trial, its number without names."""
        target = int(self.target[trial])
        return self.classes[target] if self.classes else f"class {target}"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the values, so that NumPy's functions take an explanation."""
        return np.array(self.values, dtype=dtype, copy=copy)

    def on_input(self, shape: Sequence[int]) -> NDArray[np.float64]:
        """Return the values on the grid of an input: repeated along axes that they lack.

        Parameters
        ----------
        shape : sequence of int
            (trials, channels, ...) of the input that was explained.

        Returns
        -------
        array, read-only, of that shape

        Raises
        ------
        ValueError
            If the parts are not parts of that grid, as frequency bands are not.
        """
        names = AXES.get(len(shape) - 2, ())
        if not set(self.axes) <= set(names):
            raise ValueError(
                f"attribution must be on the input's axes ({', '.join(names)}); got one on "
                f"{', '.join(self.axes)}"
            )
        index = tuple(slice(None) if name in self.axes else None for name in names)
        return np.broadcast_to(self.values[index], tuple(shape))


def mass_inside(attribution: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    """Return the share of each trial's positive values that lies where the truth is.

    Parameters
    ----------
    attribution : array or Attribution, shape (n_trials, ...)
    truth : array of bool
        Of the shape of one trial or of all.

    Returns
    -------
    array, shape (n_trials,)
        NaN where nothing is positive.

    Examples
    --------
    >>> from sigconv.nn.explain import mass_inside
    >>> mass_inside([[1.0, -5.0, 3.0]], [False, False, True]).tolist()
    [0.75]
    """
    positive = np.maximum(np.asarray(attribution, dtype=float), 0).copy()
    inside = np.broadcast_to(np.asarray(truth, dtype=bool), positive.shape)
    behind = tuple(range(1, positive.ndim))
    total = positive.sum(axis=behind)
    with np.errstate(invalid="ignore"):
        return (positive * inside).sum(axis=behind) / np.where(total > 0, total, np.nan)


def pointing_game(attribution: ArrayLike, truth: ArrayLike) -> float:
    """Return the share of trials whose largest value lies where the truth is.

    Zhang et al. 2018, Top-down neural attention by excitation backprop.

    Parameters
    ----------
    attribution : array or Attribution, shape (n_trials, ...)
    truth : array of bool
        Of the shape of one trial or of all.

    Examples
    --------
    >>> from sigconv.nn.explain import pointing_game
    >>> pointing_game([[1.0, 2.0], [5.0, 3.0]], [False, True])
    0.5
    """
    values = np.asarray(attribution, dtype=float)
    inside = np.broadcast_to(np.asarray(truth, dtype=bool), values.shape)
    highest = values.reshape(len(values), -1).argmax(axis=1)
    return float(inside.reshape(len(values), -1)[np.arange(len(values)), highest].mean())
