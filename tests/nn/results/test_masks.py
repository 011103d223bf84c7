"""Slices of what was held out, with what is true and what is called."""

import numpy as np
import pytest

from sigconv.nn.data import VolumeDataset
from sigconv.nn.results import draw_masks

pytest.importorskip("matplotlib", reason="masks are drawn with matplotlib")


def cube(shape=(12, 10, 8)):
    mask = np.zeros(shape, int)
    mask[2:5, 6:9, 3:7] = 1
    x = mask + np.arange(shape[0])[:, None, None] / 10
    return VolumeDataset.from_arrays([x[None]], [mask], classes=["no", "yes"], spacing=(1, 1, 2))


def test_volumes_are_cut_where_most_of_the_truth_is():
    data = cube()
    called = np.zeros((12, 10, 8), int)
    called[:, :, 0] = 1  # far from the truth, and more of it
    figure = draw_masks(data, 0, called)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    x = data.volumes[0][0]
    for got, wanted in zip(shown, (x[:, :, 3], x[:, 6, :], x[2, :, :]), strict=True):
        np.testing.assert_allclose(got, wanted.T)
    # across z samples are squares; across y and x they are twice as high as wide
    assert [axes.get_aspect() for axes in figure.axes] == [1, 2, 2]


def test_what_is_called_is_drawn_even_where_nothing_is_true():
    data = cube()
    for truth, called, n in ((1, 1, 2), (1, 0, 1), (0, 1, 1), (0, 0, 0)):
        mask = data.truths[0] * truth
        each = VolumeDataset(**{**vars(data), "truths": [mask]})
        figure = draw_masks(each, 0, data.truths[0] * called)
        assert all(len(axes.collections) == n for axes in figure.axes)


def test_signals_are_no_pictures():
    data = VolumeDataset.from_arrays(np.zeros((1, 1, 9)), np.zeros((1, 9)), classes=["a", "b"])
    with pytest.raises(ValueError, match="data must hold pictures or volumes to be drawn"):
        draw_masks(data, 0, np.zeros(9, int))
