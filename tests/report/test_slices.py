"""What is seen of pictures and volumes."""

import numpy as np
import pytest

from sigconv import Volume
from sigconv.report.slices import figure_of, slice_of

GRAY = np.arange(600.0).reshape(20, 30)


def test_facts() -> None:
    x = GRAY.copy()
    x[0, 0], x[1, 1] = np.nan, np.inf
    seen = slice_of(Volume(x))
    assert (seen.shape, seen.axes, seen.not_finite) == ((20, 30), ("y", "x"), 2)
    assert (seen.low, seen.high) == (1, 599)


def test_the_middle_of_a_volume() -> None:
    x = np.random.default_rng(0).normal(size=(10, 20, 30))
    np.testing.assert_array_equal(slice_of(Volume(x)).drawn, x[5])
    seen = slice_of(Volume(x, spacing=(1, 1, 1), axes=("x", "y", "z")))
    np.testing.assert_array_equal(seen.drawn, x[:, :, 15].T[::-1])
    over_time = np.stack([x, x + 1], axis=-1)
    seen = slice_of(Volume(over_time, spacing=(1, 1, 1), axes=("x", "y", "z")))
    np.testing.assert_array_equal(seen.drawn, x[:, :, 15].T[::-1])


def test_large_ones_are_made_small() -> None:
    assert max(slice_of(Volume(np.zeros((2000, 3000)))).drawn.shape) <= 600


@pytest.mark.parametrize(
    "volume",
    [
        Volume(GRAY),
        Volume(np.full((5, 5), np.nan)),
        Volume(np.arange(50.0)),
        Volume(np.zeros((4, 5, 6), complex)),
        Volume(np.full((8, 9, 3), 200, np.uint8), channels=("red", "green", "blue")),
        Volume(np.full((8, 9, 4), -0.5), channels=("red", "green", "blue", "alpha")),
        Volume(np.full((8, 9, 2), 7, np.int16), channels=("gray", "alpha")),
    ],
    ids=["gray", "nothing", "line", "complex", "colours", "transparent", "gray and alpha"],
)
def test_all_of_them_are_drawn(volume: Volume) -> None:
    seen = slice_of(volume)
    figure_of({"before": seen, "after": seen}).canvas.draw()
