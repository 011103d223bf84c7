"""What all data sets have, whatever they hold."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Dataset(Protocol):
    """Labelled things (windows, volumes), and what must not be parted by a split."""

    @property
    def task(self) -> str:
        """What is learned of them."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of a network's outputs."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of a network's inputs."""

    @property
    def files(self) -> NDArray[np.str_]:
        """The file that each is from; empty words for arrays."""

    @property
    def groups(self) -> NDArray[np.str_]:
        """Whose each is."""

    @property
    def sessions(self) -> NDArray[np.str_]:
        """When it was recorded."""

    @property
    def trials(self) -> NDArray[np.str_]:
        """What overlaps or lies side by side."""

    def __len__(self) -> int: ...

    def seconds(self) -> tuple[NDArray[np.float64], float, float]:
        """Return where in its file each begins, how long each is, and half a sample."""

    def samples(self, row: int) -> NDArray[Any]:
        """Return one as it is."""

    def facts(self) -> dict[str, Any]:
        """Return what results.json says of the set."""

    def described(self) -> dict[str, str]:
        """Return the same for people: what -> how."""

    def carried(self) -> dict[str, Any]:
        """Return the fields of a `Checkpoint` that the set decides."""
