"""Windows that are read when they are asked for, by lists of indices or slices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _maps


class Int16Windows:
    """Windows kept as whole numbers of 16 bits, with a scale and a level for each channel of each.

    What comes out differs from what went in by 2^-17 of each channel's span at most, however far
    from 0 it lies: electrodes have offsets a thousand times as large as EEG.

    Parameters
    ----------
    numbers : array of int16, shape (n_windows, n_channels, n_times)
    scales : array of float32, shape (n_windows, n_channels, 2)
        Scale and level.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, numbers: NDArray[np.int16], scales: NDArray[np.float32]) -> None:
        self._numbers, self._scales = numbers, scales
        self.shape = numbers.shape

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        scales = np.asarray(self._scales[index])[..., None, :]
        return self._numbers[index].astype(np.float32) * scales[..., 0] + scales[..., 1]

    @staticmethod
    def packed(data: NDArray[np.float32]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
        """Return the numbers and scales of windows."""
        wide = data.astype(np.float64)
        low, high = wide.min(axis=-1), wide.max(axis=-1)
        levels = ((low + high) / 2).astype(np.float32)
        scales = ((high - low) / (2 * np.iinfo(np.int16).max)).astype(np.float32)
        divisors = np.where(scales > 0, scales, 1)[..., None]
        numbers = np.rint((wide - levels[..., None]) / divisors)
        most = np.iinfo(np.int16).max
        return numbers.clip(-most, most).astype(np.int16), np.stack([scales, levels], axis=-1)


class Rows:
    """Some rows of what is read lazily; they are read when they are asked for.

    Parameters
    ----------
    source : array or reader
    rows : array of int
    """

    def __init__(self, source: Any, rows: NDArray[np.intp]) -> None:
        self._source, self._rows = source, rows
        self.shape = (len(rows), *source.shape[1:])
        self.dtype = source.dtype

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        rows = self._rows[index]
        rising, places = np.unique(rows, return_inverse=True)
        return np.asarray(self._source[rising])[places]


class Parts:
    """Equal parts of windows one after the other, as many of each; read when they are asked for.

    Parameters
    ----------
    source : array or reader, shape (n_windows, n_channels, n_times)
    n : int
        Of a window; `n_times` is a multiple of it.
    """

    def __init__(self, source: Any, n: int) -> None:
        self._source, self._n = source, n
        self._length = source.shape[2] // n
        self.shape = (len(source) * n, source.shape[1], self._length)
        self.dtype = source.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> NDArray[Any]:
        rows, parts = np.divmod(np.arange(len(self))[index], self._n)
        rising, places = np.unique(rows, return_inverse=True)
        windows = np.asarray(self._source[rising])
        cut = windows.reshape(*windows.shape[:2], self._n, self._length)
        return cut[places, :, parts]


def take(X: Any, rows: ArrayLike) -> Any:
    """Return some rows: an array of an array in memory, else what is read lazily."""
    chosen = np.asarray(rows)
    if isinstance(X, np.ndarray) and _maps.map_below(X) is None:
        return X[chosen]
    return Rows(X, chosen)
