"""What a Volume is and what it refuses."""

import numpy as np
import pytest

from sigconv import Volume


def test_defaults() -> None:
    picture = Volume(np.zeros((3, 4, 4), np.uint8), channels=("red", "green", "blue", "alpha"))
    assert (picture.grid, picture.axes, picture.spacing) == ((3, 4), ("y", "x"), (1.0, 1.0))
    assert picture.signal_channels == [0, 1, 2]
    assert Volume(np.zeros((2, 3, 4))).axes == ("z", "y", "x")
    series = Volume(np.zeros((2, 3, 4, 7)), spacing=(1, 1, 2), axes=("x", "y", "z"))
    assert series.grid == (2, 3, 4)


def test_repr() -> None:
    volume = Volume(np.zeros((2, 3, 4), np.int16), spacing=(3, 1, 1), unit="mm")
    assert repr(volume) == "<Volume: 2 x 3 x 4 int16 (z, y, x), spacing 3 x 1 x 1 mm>"
    assert "channels grey, alpha" in repr(Volume(np.zeros((2, 2, 2)), channels=("grey", "alpha")))


@pytest.mark.parametrize(
    ("shape", "fields", "sentence"),
    [
        ((2, 2, 2, 2), {}, "data must have a grid of 1 to 3 axes; got the shape"),
        ((2,), {"spacing": (1, 1)}, "data must have a grid"),
        ((2, 2), {"spacing": (1, 0)}, "spacing must be a finite number above 0; got 0"),
        ((2, 2), {"axes": ("x", "x")}, "axes must name the 2 axes of the grid x, y or z"),
        ((2, 2), {"axes": ("x", "t")}, "axes must name the 2 axes of the grid x, y or z"),
        ((2, 2, 3), {"channels": ("a",)}, "channels must name the 3 of the last axis"),
        ((2, 2), {"affine": np.eye(3)}, r"affine must have shape \(4, 4\); got \(3, 3\)"),
    ],
)
def test_refusals(shape: tuple[int, ...], fields: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Volume(np.zeros(shape), **fields)
