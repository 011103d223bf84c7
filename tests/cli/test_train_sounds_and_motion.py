"""`sigconv train`, `predict` and `evaluate` on sounds and on tables of motion."""

import csv
import json

import numpy as np
import pytest

import sigconv
from sigconv.cli import main


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    for number in range(18):
        n = 700 + 40 * (number % 5)
        pitch = (200, 400, 700)[number % 3]
        x = 0.5 * np.sin(2 * np.pi * pitch * np.arange(n) / 2000) + 0.05 * rng.normal(size=n)
        recording = sigconv.Recording(x, 2000.0, kinds="audio", units="")
        sigconv.write(folder / f"{number % 3}_{'abc'[number // 6]}_{number}.wav", recording)
    return folder


@pytest.mark.parametrize("words", [[], ["--input", "logmel:n_mels=16,length=0.05"]])
def test_sounds(sounds, tmp_path, capsys, words):
    labels = ["--labels", r"filename:^(\d)"]
    training = ["--group", "subject=filename:_([a-c])_", "--split", "group-k-fold:3", *words]
    quick = ["--epochs", "1", "-o", str(tmp_path / "run")]
    assert main(["train", str(sounds), *labels, *training, *quick]) == 0
    said = capsys.readouterr().out
    assert "18 windows: 6 0, 6 1, 6 2" in said
    assert "log-mel + LDA" in said
    checkpoint = ["--checkpoint", str(tmp_path / "run/fold01-part1.safetensors")]
    held_out = sorted(str(path) for path in sounds.glob("*_c_*.wav"))
    assert main(["evaluate", *held_out, "-o", str(tmp_path), *labels, *checkpoint]) == 0
    assert main(["predict", *held_out, "-o", str(tmp_path / "said"), *checkpoint]) == 0
    tables = sorted((tmp_path / "said").iterdir())
    rows = [next(csv.DictReader(path.read_text().splitlines())) for path in tables]
    found = json.loads((tmp_path / "evaluation.json").read_text())
    right = np.mean(
        [
            row["class"] == name.rsplit("/", 1)[1][0]
            for row, name in zip(rows, held_out, strict=True)
        ]
    )
    assert right == found["scores"]["accuracy"]
    assert found["windows"] == 6


def test_whole_sequences_of_motion_are_held_out(tmp_path, capsys):
    rng = np.random.default_rng(0)
    sequences = {
        f"train/{action}/{action}_{i}": np.sin(np.arange(150 + 30 * i)[:, None] * pace)
        + 0.1 * rng.normal(size=(150 + 30 * i, 4))
        for action, pace in (("walk", 0.1), ("run", 0.4))
        for i in range(3)
    }
    np.savez(tmp_path / "moves.npz", **sequences)
    words = [
        "--labels",
        "folder",
        "--group",
        "file",
        "--window",
        "0",
        "0.64",
        "--split",
        "group-k-fold:3",
    ]
    source = [str(tmp_path / "moves.npz"), "--fs", "100"]
    out = tmp_path / "run"
    assert main(["train", *source, "-o", str(out), *words, "--epochs", "1"]) == 0
    said = capsys.readouterr().out
    assert "4 channels at 100 Hz" in said
    assert "groups: file (6)" in said
    found = json.loads((out / "results.json").read_text())
    assert len(found["per_subject"]) == 6  # each sequence is tested, and in one fold only
    checkpoint = ["--checkpoint", str(out / "fold01-part1.safetensors")]
    assert main(["predict", *source, "-o", str(tmp_path / "said"), *checkpoint]) == 0
    names = sorted(path.name for path in (tmp_path / "said").iterdir())
    assert names[0] == "train_run_run_0_predictions.csv"
    assert len(names) == 6
    assert main(["train", source[0], "-o", str(tmp_path / "b"), *words]) == 1
    assert "so fs must be given" in capsys.readouterr().err
