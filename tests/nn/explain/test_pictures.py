"""Pictures are drawn of what they are given, and say what they cannot draw."""

import dataclasses
import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageSequence

from sigconv.nn.explain import (
    Attribution,
    draw_overlay,
    draw_parts,
    draw_slices,
    draw_strip,
    draw_topomaps,
    draw_traces,
    draw_waveform,
    film,
    time_windows,
)

AXES = {
    3: ("trial", "channel", "time"),
    4: ("trial", "channel", "height", "width"),
    5: ("trial", "channel", "depth", "height", "width"),
}


def attributed(shape: tuple[int, ...]) -> tuple[np.ndarray, Attribution]:
    x = np.random.default_rng(0).normal(size=shape)
    values = np.zeros(shape)
    values[(0, 0, *(n // 3 for n in shape[2:]))] = 1
    return x, Attribution(values, AXES[len(shape)], "saliency", np.zeros(1, int), np.ones(1))


@pytest.mark.parametrize(
    ("draw", "shape", "n_axes"),
    [
        (draw_traces, (1, 4, 200), 2),
        (draw_waveform, (1, 1, 2000), 3),
        (draw_waveform, (1, 1, 40), 3),
        (draw_overlay, (1, 1, 20, 30), 3),
        (draw_overlay, (1, 3, 20, 30), 3),
        (draw_slices, (1, 1, 8, 10, 12), 4),
        (draw_strip, (1, 3, 16, 10, 12), 17),
    ],
)
def test_pictures_have_their_panels(draw, shape: tuple[int, ...], n_axes: int) -> None:
    figure = draw(*attributed(shape))
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    assert len(figure.axes) == n_axes


def test_slices_go_through_the_largest_value() -> None:
    figure = draw_slices(*attributed((1, 1, 9, 12, 15)), spacing=(2, 1, 1))
    assert [axes.get_title() for axes in figure.axes[:3]] == ["depth 3", "height 4", "width 5"]


def test_parts_are_drawn_as_bars_or_as_a_table() -> None:
    band = Attribution(
        np.array([[1.0, -2.0]]),
        ("trial", "band"),
        "shapley",
        np.zeros(1, int),
        np.ones(1),
        over="band",
        bands=((8, 13), (13, 30)),
    )
    labels = [text.get_text() for text in draw_parts(band).axes[0].get_xticklabels()]
    assert labels == ["8-13 Hz", "13-30 Hz"]
    both = Attribution(
        np.ones((1, 3, 5)), ("trial", "channel", "band"), "occlusion", np.zeros(1, int), np.ones(1)
    )
    assert len(draw_parts(both, names=["a", "b", "c"]).axes) == 2
    with pytest.raises(ValueError, match="attribution must be on channels or bands"):
        draw_parts(attributed((1, 2, 30))[1])


def test_topomaps_need_places_of_electrodes() -> None:
    figure = draw_topomaps(np.eye(3), ["fz", "CZ", "Oz"], titles=["a", "b", "c"])
    assert [axes.get_title() for axes in figure.axes[:3]] == ["a", "b", "c"]
    with pytest.raises(ValueError, match="names must be electrodes of the 10-05 system; got EOG1"):
        draw_topomaps(np.eye(2), ["Fz", "EOG1"])
    with pytest.raises(ValueError, match="names must be one for each of 2 channels; got 1"):
        draw_topomaps(np.eye(2), ["Fz"])


def test_stretches_of_time_are_averaged() -> None:
    means, titles = time_windows(np.arange(10.0)[None], 3, fs=10, start=1)
    np.testing.assert_allclose(means[:, 0], [1.5, 5, 8])
    assert titles == ["1-1.4 s", "1.4-1.7 s", "1.7-2 s"]


def test_what_does_not_fit_gets_one_sentence() -> None:
    x, attribution = attributed((1, 2, 30))
    with pytest.raises(ValueError, match="x must have 2 axes behind"):
        draw_overlay(x, attribution)
    with pytest.raises(ValueError, match="trial must be from 0 to 0; got 3"):
        draw_traces(x, attribution, trial=3)


def test_a_film_shows_every_frame(tmp_path) -> None:
    x, attribution = attributed((1, 3, 5, 10, 12))
    (tmp_path / "film.gif").write_bytes(film(x, attribution, fps=4))
    with Image.open(tmp_path / "film.gif") as moving:
        assert (moving.n_frames, moving.info["duration"], moving.info["loop"]) == (5, 250, 0)
        frames = [np.asarray(each.convert("RGB")) for each in ImageSequence.Iterator(moving)]
    assert all((a != b).any() for a, b in itertools.pairwise(frames))
    assert frames[0].shape == (272, 512, 3)
    with pytest.raises(ValueError, match="fps must be a whole number of at least 1"):
        film(x, attribution, fps=0)


def test_classes_have_their_names() -> None:
    x, attribution = attributed((1, 4, 200))
    named = dataclasses.replace(attribution, classes=("left", "right"))
    for each, label in ((attribution, "saliency, class 0"), (named, "saliency, left")):
        assert draw_traces(x, each).axes[1].get_ylabel() == label


def test_a_sounds_spectrogram_lies_below_its_colours() -> None:
    below = draw_waveform(*attributed((1, 1, 2000))).axes[1]
    (mesh,), (colours,) = below.collections, below.images
    assert colours.get_zorder() > mesh.get_zorder()


def test_a_trace_alone_is_drawn_whole() -> None:
    x, attribution = attributed((1, 1, 200))
    x[0, 0, 50] = 30
    axes = draw_traces(x, attribution).axes[0]
    low, high = sorted(axes.get_ylim())
    drawn = axes.lines[0].get_ydata()
    assert low < drawn.min() < drawn.max() < high
