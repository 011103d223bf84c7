"""The overview of a recording: what it draws, and recordings that are hard to draw."""

from pathlib import Path

import numpy as np
import pytest

from sigconv import Recording
from sigconv.report import draw_overview


@pytest.mark.parametrize(
    "data",
    [
        np.zeros((2, 1000)),
        np.full((1, 1000), 5.0),
        np.full((1, 1000), np.nan),
        np.r_[np.ones(500), np.nan, np.inf, np.ones(498)][np.newaxis],
        np.random.default_rng(0).normal(size=(40, 30)),
        np.random.default_rng(0).normal(size=(1, 5)),
    ],
    ids=["flat", "level", "nothing", "gaps", "short", "very short"],
)
def test_hard_ones(tmp_path: Path, data: np.ndarray) -> None:
    draw_overview(Recording(data, 100), tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 5000


def test_nothing_to_draw(tmp_path: Path) -> None:
    stim = Recording(np.zeros((1, 100)), 100, kinds="stim")
    with pytest.raises(ValueError, match="recording must have channels that hold signals"):
        draw_overview(stim, tmp_path / "p.png")
    with pytest.raises(ValueError, match="channels must be one of 'ch1'; got 'x'"):
        draw_overview(stim, tmp_path / "p.png", channels=["x"])
