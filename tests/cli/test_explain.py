"""`sigconv explain`: from a checkpoint and a recording to a page."""

import re

import pytest

import sigconv
from sigconv.cli import main


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A checkpoint, and a recording that it has not seen."""
    folder = tmp_path_factory.mktemp("explain")
    for subject in (1, 2, 3):
        eeg = sigconv.simulate_eeg(seed=subject, n_trials=12, fs=128)
        sigconv.write(folder / f"sub-{subject:02d}.edf", eeg)
    options = ["--epochs", "4", "--bandpass", "1", "40", "--quiet", "--model", "plain_cnn"]
    assert main(["train", str(folder), "-o", str(folder / "run"), *options]) == 0
    return folder / "run" / "fold01-sub-01.safetensors", folder / "sub-01.edf"


def test_a_page_explains_the_surest_windows(trained, tmp_path, capsys, browser):
    model, recording = trained
    out = tmp_path / "why.html"
    assert main(["explain", str(model), str(recording), "-o", str(out), "--method", "gradcam"]) == 0
    assert "2 windows explained by grad_cam" in capsys.readouterr().out
    browser.open(out)
    assert browser.texts("h1") == ["Why plain_cnn says so"]
    assert sum(
        bool(re.match(r"Trial \d at [\d.]+ s: (left|right)", h)) for h in browser.texts("h2")
    )
    assert str(recording) in browser.texts("dd")[0]


def test_what_is_seen_at_another_rate_is_explained_there(trained, tmp_path):
    """The default network of EEG, and crops in samples of what it sees."""
    _, recording = trained
    folder = tmp_path / "run"
    words = ["train", str(recording.parent), "-o", str(folder), "--epochs", "1", "--quiet"]
    assert main([*words, "--input", "waveform:low=1,rate=64", "--crop", "2"]) == 0
    one, out = folder / "fold01-sub-01.safetensors", tmp_path / "why.html"
    assert main(["explain", str(one), str(recording), "-o", str(out), "--at", "4", "--quiet"]) == 0
    text = out.read_text("utf-8")
    assert "Trial 1 at 4 s" in text
    assert "the signals above 1 Hz, at 64 Hz" in text


def test_windows_and_class_can_be_named(trained, tmp_path):
    model, recording = trained
    out = tmp_path / "why.html"
    words = ["explain", str(model), str(recording), "-o", str(out), "--method", "saliency"]
    assert main([*words, "--at", "4", "--target", "right", "--quiet"]) == 0
    assert "Trial 1 at 4 s" in out.read_text("utf-8")
    assert "saliency for right" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--method", "gradcan"], "--method must be one of .*did you mean 'grad_cam'"),
        (["--target", "rigth"], r"--target must be one of 'left', 'right'; got 'rigth'"),
        (["--at", "1e6"], r"sub-01.edf: --at must leave a window of 3 s within its"),
        (["-o", "page.png"], "--out must be a page, as in report.html"),
    ],
)
def test_wrong_words_get_one_sentence(trained, tmp_path, capsys, extra, sentence):
    model, recording = trained
    words = ["explain", str(model), str(recording), "-o", str(tmp_path / "why.html"), *extra]
    assert main(words) == 2
    assert re.search(sentence, capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


def test_a_page_is_not_replaced_unasked(trained, tmp_path, capsys):
    model, recording = trained
    out = tmp_path / "why.html"
    out.write_text("mine")
    assert main(["explain", str(model), str(recording), "-o", str(out)]) == 2
    assert "exists already; --overwrite replaces it" in capsys.readouterr().err
    assert out.read_text() == "mine"
