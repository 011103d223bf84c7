"""Subjects made alike without labels: each one's mean covariance becomes the identity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks

#: Directions with less than this share of the strongest one's power are none: an average
#: reference takes one away.
_LEAST_POWER = 1e-10


def align(X: ArrayLike, groups: ArrayLike) -> NDArray[np.float32]:
    """Whiten the windows of each group by the mean of their covariances over channels.

    Euclidean alignment: He & Wu 2020, https://doi.org/10.1109/TBME.2019.2913914.

    Parameters
    ----------
    X : array, shape (n_windows, n_channels, n_times)
    groups : array, shape (n_windows,)
        Whose window each is: the subject, or the session.

    Returns
    -------
    array of float32, of the same shape
        The covariances of each group's windows have the identity for their mean (but for
        directions in which nothing ever was).

    Notes
    -----
    Labels are not looked at, but all windows of a group are: of a person who is held out this
    takes recordings without labels, and a result must say so.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.data import align
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(20, 2, 100)) * [[1e-5], [3e-5]]
    >>> aligned = align(X, ["one"] * 20)
    >>> np.mean([np.cov(window) for window in aligned], axis=0).round(2)
    array([[ 1., -0.],
           [-0.,  1.]])
    """
    windows = _checks.numeric("X", X)
    if windows.ndim != 3:
        raise ValueError(f"X must have shape (windows, channels, times); got {windows.shape}")
    who = np.asarray(groups)
    if who.shape != (len(windows),):
        raise ValueError(f"groups must be one for each of {len(windows)} windows; got {who.shape}")
    aligned = np.empty(windows.shape, np.float32)
    for group in np.unique(who):
        chosen = np.flatnonzero(who == group)
        part = windows[chosen].astype(np.float64)
        part -= part.mean(axis=-1, keepdims=True)
        covariance = np.einsum("nct,ndt->cd", part, part) / (len(part) * (part.shape[-1] - 1))
        power, directions = np.linalg.eigh(covariance)
        there = power > _LEAST_POWER * power[-1]
        gain = np.where(there, 1 / np.sqrt(np.where(there, power, 1.0)), 0.0)
        aligned[chosen] = (directions * gain @ directions.T) @ part
    return aligned
