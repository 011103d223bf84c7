"""`sigconv train --task`: values from a table, and the stages of nights."""

import csv
import json

import numpy as np
import pytest

import sigconv
from sigconv.cli import main


def lines(path):
    return list(csv.DictReader(path.read_text().splitlines()))


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nights")
    for seed in range(3):
        night = sigconv.simulate_sleep(seed=seed, n_epochs=24, fs=64)
        sigconv.write(folder / f"sub-{seed}.edf", night)
    return folder


STAGES = ["--classes", "wake=Sleep stage W,deep=Sleep stage 3"]
STAGES[1] += ",light=Sleep stage 1,light=Sleep stage 2"


def test_a_night_from_its_hypnogram_to_its_hypnogram(nights, tmp_path, capsys):
    words = ["--task", "sequence", "--place", "30", "--context", "2", "--overlap", "0.5", *STAGES]
    words += ["--model", "epoch_cnn", "--epochs", "1", "--split", "group-k-fold:3"]
    out = tmp_path / "run"
    assert main(["train", str(nights), "-o", str(out), *words]) == 0
    found = json.loads((out / "results.json").read_text())
    assert found["task"] == "sequence"
    assert found["classes"] == ["deep", "light", "wake"]
    assert {"precision", "recall", "f1", "windows"} == set(found["per_class"]["epoch_cnn"]["deep"])
    assert found["scores"]["epoch_cnn"]["kappa"]["mean"] is not None
    capsys.readouterr()
    one = str(nights / "sub-0.edf")
    checkpoint = ["--checkpoint", str(out / "fold01-part1.safetensors")]
    assert main(["predict", one, "-o", str(tmp_path / "said"), *checkpoint, "--annotate"]) == 0
    rows = lines(tmp_path / "said/sub-0_predictions.csv")
    assert [float(row["start"]) for row in rows] == [30.0 * i for i in range(24)]
    marks = sigconv.read(tmp_path / "said/sub-0.edf").annotations
    assert sum(mark.text == rows[0]["class"] for mark in marks) >= 1
    assert main(["evaluate", one, "-o", str(tmp_path / "said"), *checkpoint, *STAGES]) == 0
    judged = json.loads((tmp_path / "said/evaluation.json").read_text())
    assert judged["task"] == "sequence"
    assert sum(map(sum, judged["confusion"])) == judged["windows"]
    assert "places; the commonest class alone" in capsys.readouterr().out


def test_values_from_a_column(tmp_path, capsys):
    rng = np.random.default_rng(0)
    table = ["file,label,age"]
    for i in range(6):
        age = 20 + 10 * i
        x = np.sin(2 * np.pi * (4 + i) * np.arange(640) / 64) + 0.1 * rng.normal(size=640)
        sigconv.write(tmp_path / f"p{i}.edf", sigconv.Recording(1e-5 * x, 64.0))
        table.append(f"p{i}.edf,x,{age}")
    (tmp_path / "people.csv").write_text("\n".join(table) + "\n")
    words = ["--labels", str(tmp_path / "people.csv"), "--target", "age"]
    training = ["--task", "regress", "--window", "0", "2", "--split", "group-k-fold:3"]
    out = tmp_path / "run"
    source = [str(tmp_path / f"p{i}.edf") for i in range(6)]
    assert main(["train", *source, "-o", str(out), *words, *training, "--epochs", "1"]) == 0
    said = capsys.readouterr().out
    assert "30 windows: age from 20 to 70" in said
    assert "band power + ridge" in said
    checkpoint = ["--checkpoint", str(out / "fold01-part1.safetensors")]
    assert main(["predict", source[0], "-o", str(tmp_path / "s"), *checkpoint, *words]) == 0
    rows = lines(tmp_path / "s/p0_predictions.csv")
    assert [row["label"] for row in rows] == ["20"] * 5
    assert all(np.isfinite(float(row["age"])) for row in rows)
    assert main(["evaluate", source[0], "-o", str(tmp_path / "s"), *checkpoint, *words]) == 0
    judged = json.loads((tmp_path / "s/evaluation.json").read_text())
    off = np.mean([abs(float(row["age"]) - 20) for row in rows])
    assert judged["scores"]["mae"] == pytest.approx(off, rel=1e-4)
    wrong = ["--labels", r"filename:(p\d)", *training]
    assert main(["train", *source, "-o", str(tmp_path / "b"), *wrong]) == 1
    assert "labels must be numbers with task 'regress'; got 'p0'" in capsys.readouterr().err
