"""Networks trained on trials in which we know what decides the class, in 1D, 2D and 3D."""

from dataclasses import dataclass

import numpy as np
import pytest
from torch import nn

from sigconv.nn import TrainingConfig, evaluate, fit, layers
from sigconv.nn.training import seeded

FS = 128
BURST_CHANNELS = (1, 3, 4)
SHAPES = {1: (6, 256), 2: (1, 32, 32), 3: (1, 12, 12, 12)}


@dataclass(frozen=True)
class Planted:
    """A trained network, trials of the class that has the thing, and where the thing is."""

    model: nn.Module
    x: np.ndarray
    truth: np.ndarray

    @property
    def ndim(self) -> int:
        return self.x.ndim - 2


def planted(
    ndim: int, n: int, seed: int, noise: float = 0.05
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return trials, labels and the places of what makes class 1: a burst, a disc, a ball."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[ndim]
    x = rng.normal(scale=noise, size=(n, *shape))
    y = np.arange(n) % 2
    truth = np.zeros((n, *shape), dtype=bool)
    for trial in range(n):
        if ndim == 1:  # 20 Hz for 200 ms
            length = round(0.2 * FS)
            start = rng.integers(20, shape[1] - length - 20)
            truth[trial, BURST_CHANNELS, start : start + length] = True
            burst = np.sin(2 * np.pi * 20 * np.arange(length) / FS + rng.uniform(0, 2 * np.pi))
            if y[trial]:
                x[trial, BURST_CHANNELS, start : start + length] += burst
        else:
            centre = rng.uniform(4, np.array(shape[1:]) - 5)
            grid = np.indices(shape[1:])
            distance = np.sqrt(((grid - centre.reshape(-1, *[1] * ndim)) ** 2).sum(0))
            truth[trial, 0] = distance <= 4
            if y[trial]:
                x[trial, 0][truth[trial, 0]] += 1
    return x, y, truth


def network(ndim: int) -> nn.Module:
    """Return two convolutions with rectifiers, the largest value of each map, a classifier."""
    kernel = {1: 7, 2: 3, 3: 3}[ndim]

    def build() -> nn.Module:
        return nn.Sequential(
            layers.convolution(ndim, SHAPES[ndim][0], 4, kernel, padding=kernel // 2),
            layers.batch_norm(ndim, 4),
            nn.ReLU(),
            layers.convolution(ndim, 4, 4, 3, padding=1),
            layers.batch_norm(ndim, 4),
            nn.ReLU(),
            layers.GlobalMaxPool(),
            nn.Linear(4, 2),
        )

    return seeded(0, build)


@pytest.fixture(scope="session", params=(1, 2, 3), ids=("burst", "disc", "ball"))
def found(request: pytest.FixtureRequest) -> Planted:
    ndim = request.param
    # noise and a strong decay teach the network to be silent where nothing is; without them the
    # plain gradient is as large in the background, where it can be seen in the quieter trials
    x, y, _ = planted(ndim, 200, 0, noise=0.6 if ndim == 3 else 0.4)
    model = network(ndim)
    fit(model, x, y, TrainingConfig(epochs=20, learning_rate=1e-2, batch_size=20, weight_decay=1))
    x, y, truth = planted(ndim, 10, 1)
    assert evaluate(model, x, y).accuracy == 1
    return Planted(model, x[y == 1], truth[y == 1])
