"""The page of explanations, opened in a real browser."""

from pathlib import Path

import numpy as np
import pytest

from sigconv.nn.explain import report
from sigconv.report import page
from tests.browser import Browser

from .conftest import FS, Planted

NAMES = ["Fz", "C3", "Cz", "C4", "Pz", "Oz"]


def test_the_page_shows_trials_reasons_and_verdicts(
    found: Planted, tmp_path: Path, browser: Browser
) -> None:
    signal = found.ndim == 1
    text = report(
        found.model,
        found.x[:1],
        methods=["saliency", "guided_backprop", "grad_cam"],
        fs=FS if signal else None,
        names=NAMES if signal else (),
        classes=["nothing", "<b>thing</b>"],
        about={"File": "a<i>.edf"},
    )
    page.save(tmp_path / "page.html", text)
    browser.open(tmp_path / "page.html")
    headings = browser.texts("h2")
    assert headings[0] == "What the network says"
    assert headings[1] == "Trial 1: <b>thing</b>"
    assert headings[-2:] == ["Is it true?", "The network"]
    # methods; channels and bands; two maps of the scalp; what a unit sees
    pictures = 3 + 2 * signal + 2 * signal + 1
    assert len(browser.find("figure img")) == pictures
    assert "guided_backprop is known to survive shuffled weights" in " ".join(browser.texts("li"))


def test_all_kinds_are_drawn() -> None:
    from torch import nn

    rng = np.random.default_rng(0)
    sound = nn.Sequential(nn.Conv1d(1, 2, 9), nn.ReLU(), nn.Flatten(), nn.Linear(1584, 2))
    text = report(sound, rng.normal(size=(2, 1, 800)), methods=["saliency"], kind="sound", fs=8000)
    assert text.count("<figure>") == 2 + 1  # the bands of EEG are not those of sound
    video = nn.Sequential(nn.Conv3d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(432, 2))
    text = report(video, rng.normal(size=(1, 3, 8, 8, 8)), methods=["grad_cam"], kind="video")
    assert text.count("<figure>") == 2 + 1
    assert "data:image/gif" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ["gradcam"]}, "methods must be one of .*did you mean 'grad_cam'"),
        ({"kind": "picture"}, "kind must be one of 'signal', 'sound'"),
        ({"classes": ["a"]}, "classes must be 2, one for each output; got 1"),
    ],
)
@pytest.mark.parametrize("found", [2], indirect=True, ids=["disc"])
def test_pages_of_nothing_get_one_sentence(found: Planted, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        report(found.model, found.x[:1], **options)
