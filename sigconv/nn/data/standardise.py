"""What networks see of windows: each channel with mean 0 and deviation 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def standardise(X: NDArray[Any]) -> NDArray[np.float32]:
    """Give each channel of each window mean 0 and standard deviation 1 (flat ones become 0).

    Parameters
    ----------
    X : array, shape (..., n_times)

    Returns
    -------
    array of float32

    Notes
    -----
    Nothing is fitted, so nothing can leak from one window to another, and one window that
    comes alone in a stream is treated as all others were.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.data import standardise
    >>> standardise(np.array([[1e-6, 3e-6], [5.0, 5.0]]))
    array([[-1.,  1.],
           [ 0.,  0.]], dtype=float32)
    """
    X = np.asarray(X, dtype=np.float64)
    centred = X - X.mean(axis=-1, keepdims=True)
    deviation = centred.std(axis=-1, keepdims=True)
    # what is left of a flat channel is rounding noise of its level: not to be blown up
    flat = deviation <= 1e-12 * np.abs(X).max(axis=-1, keepdims=True)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, deviation)).astype(np.float32)
