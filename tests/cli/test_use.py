"""`sigconv predict` and `sigconv evaluate`: a trained network on recordings."""

import csv
import json
import re

import numpy as np
import pytest

import sigconv
from sigconv.cli import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Three people, and networks trained on two of them each."""
    folder = tmp_path_factory.mktemp("use")
    (folder / "eeg").mkdir()
    for subject in (1, 2, 3):
        eeg = sigconv.simulate_eeg(seed=subject, n_trials=12, fs=128)
        sigconv.write(folder / "eeg" / f"sub-{subject:02d}.edf", eeg)
    words = ["train", str(folder / "eeg"), "-o", str(folder / "run"), "--epochs", "2", "--quiet"]
    assert main([*words, "--bandpass", "1", "40", "--model", "eegnet"]) == 0
    return folder


def table(path):
    return list(csv.DictReader(path.read_text().splitlines()))


CHECKPOINT = "run/fold02-sub-02.safetensors"


def test_a_held_out_file_gets_the_numbers_of_the_training(run, tmp_path, capsys):
    words = ["--checkpoint", str(run / CHECKPOINT), "--labels", "annotations"]
    source = str(run / "eeg/sub-02.edf")
    assert main(["predict", source, "-o", str(tmp_path), *words]) == 0
    rows = table(tmp_path / "sub-02_predictions.csv")
    assert len(rows) == 12
    right = np.mean([row["class"] == row["label"] for row in rows])
    results = json.loads((run / "run/results.json").read_text())
    assert right == results["folds"][1]["accuracy"]["eegnet"]
    for row in rows:
        p = [float(row["p(left)"]), float(row["p(right)"])]
        assert sum(p) == pytest.approx(1, abs=2e-6)
        assert row["class"] == ("left", "right")[int(np.argmax(p))]
    assert "sub-02.edf -> " in capsys.readouterr().out
    assert main(["evaluate", source, "-o", str(tmp_path), *words]) == 0
    said = capsys.readouterr().out
    found = json.loads((tmp_path / "evaluation.json").read_text())
    assert found["scores"]["accuracy"] == right
    assert np.sum(found["confusion"]) == 12
    assert f"accuracy {right:.3f}, balanced_accuracy" in said
    assert "12 windows; the commonest class alone: 0.500" in said


@pytest.mark.parametrize("ending", [".edf", "_raw.fif"])
def test_calls_are_written_back_as_annotations(run, tmp_path, ending):
    source = tmp_path / f"night{ending}"
    recording = sigconv.read(run / "eeg/sub-01.edf")
    sigconv.write(source, recording)
    words = ["--checkpoint", str(run / CHECKPOINT), "--annotate", "--step", "1.5", "--json"]
    assert main(["predict", str(source), "-o", str(tmp_path / "out"), *words]) == 0
    rows = table(next((tmp_path / "out").glob("*.csv")))
    again = sigconv.read(tmp_path / "out" / source.name)
    np.testing.assert_allclose(again.data, recording.data, atol=1e-7)
    calls = [a for a in again.annotations if a.text in ("left", "right") and a.duration == 3.0]
    own = [a for a in recording.annotations if a.duration == 3.0]
    assert len(rows) == int((recording.duration - 3) / 1.5) + 1
    assert len(calls) == len(rows) + len(own)
    onsets = {round(a.onset, 3): a.text for a in calls}
    assert all(round(float(row["start"]), 3) in onsets for row in rows)


def test_what_does_not_fit_is_told_and_the_others_are_done(run, tmp_path, capsys):
    good = run / "eeg/sub-01.edf"
    recording = sigconv.read(good)
    other = recording.replace(channels=[f"X{i}" for i in range(recording.n_channels)])
    sigconv.write(tmp_path / "other.edf", other)
    words = ["--checkpoint", str(run / CHECKPOINT), "-o", str(tmp_path / "out")]
    assert main(["predict", str(tmp_path / "other.edf"), str(good), *words]) == 1
    caught = capsys.readouterr()
    assert re.search(r"other\.edf: lacks the channels ", caught.err)
    assert "sub-01_predictions.csv" in caught.out
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["sub-01_predictions.csv"]
    assert main(["predict", str(good), *words]) == 1
    assert (
        "sub-01_predictions.csv: exists already; --overwrite replaces it" in capsys.readouterr().err
    )
    assert main(["predict", str(good), str(run / "eeg/../eeg/sub-01.edf"), *words]) in (1, 2)


@pytest.mark.parametrize(
    ("command", "arguments", "code", "message"),
    [
        ("predict", ["--checkpoint", "none.safetensors"], 1, "no such file"),
        ("evaluate", ["--checkpoint", "none.safetensors"], 1, "no such file"),
        ("predict", [], 2, "required: --checkpoint"),
        (
            "evaluate",
            ["--classes", "up=left"],
            1,
            "classes must be among the network's, left",
        ),
        ("evaluate", ["--labels", "folder"], 1, "classes must be among the network's"),
        ("evaluate", ["--labels", "anotations"], 1, "labels must be one of"),
        ("predict", ["--step", "0"], 2, "argument --step: must be a time in seconds above 0"),
    ],
)
def test_bad_options(run, tmp_path, capsys, command, arguments, code, message):
    if "--checkpoint" not in arguments and "required" not in message:
        arguments = [*arguments, "--checkpoint", str(run / CHECKPOINT)]
    out = tmp_path / "out"
    assert main([command, str(run / "eeg/sub-01.edf"), "-o", str(out), *arguments]) == code
    assert message in capsys.readouterr().err
    assert not out.exists()
