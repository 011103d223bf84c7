"""The classical way to tell voxels apart: what is seen around each, and LDA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

#: Deviations of the Gaussians under which a voxel is looked at, in its shortest side.
_SCALES = (1.0, 2.0, 4.0, 8.0)
#: Voxels of each class and volume that are learned from: more change nothing but the time.
_VOXELS = 5000
#: Voxels whose class is computed at once.
_AT_ONCE = 2**18


class VoxelLDA:
    """Linear discriminant analysis of intensities and edges around each voxel, at four scales.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.training.voxels import VoxelLDA
    >>> mask = np.zeros((20, 20), int)
    >>> mask[5:12, 6:15] = 1
    >>> x = (3.0 * mask + np.random.default_rng(0).normal(size=(20, 20)))[None]
    >>> found = VoxelLDA().fit([(x, mask)], (1, 1), 2).predict_proba(x, (1, 1)).argmax(0)
    >>> bool((found == mask).mean() > 0.9)
    True
    """

    def fit(
        self,
        volumes: Iterable[tuple[NDArray[Any], NDArray[Any]]],
        spacing: Sequence[float],
        n_classes: int,
    ) -> VoxelLDA:
        """Learn from volumes (n_channels, *grid) and their masks (*grid), -1 where not known."""
        rng = np.random.default_rng(0)
        X, y, counts = [], [], np.zeros(n_classes)
        for x, mask in volumes:
            seen = features(x, spacing)
            flat = mask.ravel()
            counts += np.bincount(flat[flat >= 0], minlength=n_classes)
            for label in range(n_classes):
                places = np.flatnonzero(flat == label)
                chosen = rng.permutation(places)[:_VOXELS]
                X.append(seen[chosen])
                y.append(np.full(len(chosen), label))
        labels = np.concatenate(y)
        there = np.unique(labels)
        priors = counts[there] / counts[there].sum()
        self._n = n_classes
        self._lda = LinearDiscriminantAnalysis(priors=priors)
        self._lda.fit(np.concatenate(X), labels)
        return self

    def predict_proba(self, x: NDArray[Any], spacing: Sequence[float]) -> NDArray[np.float32]:
        """Return the probability of each class at each voxel, shape (n_classes, *grid)."""
        seen = features(x, spacing)
        said = np.zeros((self._n, len(seen)), np.float32)
        for start in range(0, len(seen), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            said[self._lda.classes_, some] = self._lda.predict_proba(seen[some]).T
        return said.reshape(self._n, *x.shape[1:])


def features(x: NDArray[Any], spacing: Sequence[float]) -> NDArray[np.float32]:
    """Return what is seen around each voxel, shape (n_voxels, n_features)."""
    least = min(spacing)
    found = []
    for channel in x:
        found.append(channel)
        for scale in _SCALES:
            widths = [scale * least / step for step in spacing]
            found.append(ndimage.gaussian_filter(channel, widths))
            found.append(ndimage.gaussian_gradient_magnitude(channel, widths))
    return np.stack([each.ravel() for each in found], axis=1).astype(np.float32)
