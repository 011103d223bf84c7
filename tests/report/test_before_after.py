"""The before-and-after picture: it is there, it shows both, it refuses what does not match."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import image

from sigconv import Recording
from sigconv.report import draw_before_after


def two(fs=250.0, n=2500):
    rng = np.random.default_rng(0)
    times = np.arange(n) / fs
    clean = 20e-6 * np.sin(2 * np.pi * 10 * times)[None] + np.zeros((2, 1))
    noisy = clean + 50e-6 * rng.normal(size=(2, n))
    return Recording(noisy, fs, channels=["C3", "C4"]), Recording(clean, fs, channels=["C3", "C4"])


def test_both_colours_are_drawn(tmp_path):
    before, after = two()
    draw_before_after(before, after, tmp_path / "a.png", title="title")
    pixels = image.imread(tmp_path / "a.png")[..., :3]
    blue = np.isclose(pixels, mpl.colors.to_rgb("tab:blue"), atol=0.02).all(axis=-1)
    grey = np.isclose(pixels, 0.65, atol=0.02).all(axis=-1)
    left = slice(0, pixels.shape[1] // 2)
    right = slice(pixels.shape[1] // 2, None)
    for half in (left, right):
        assert blue[:, half].sum() > 100
        assert grey[:, half].sum() > 100


@pytest.mark.parametrize("kind", ["audio", "eeg"])
def test_one_short_channel(tmp_path, kind):
    x = Recording(np.zeros((1, 30)), 100.0, kinds=kind)
    draw_before_after(x, x, tmp_path / "flat.svg")
    assert (tmp_path / "flat.svg").read_text().startswith("<?xml")


def test_recordings_that_differ(tmp_path):
    before, after = two()
    with pytest.raises(ValueError, match="after must have the channels, the rate and the length"):
        draw_before_after(before, after.replace(fs=100.0), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
