"""`sigconv train`: from labelled recordings to results and checkpoints."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

import sigconv
from sigconv.cli import main
from sigconv.nn import load_checkpoint
from sigconv.nn.data import EEGDataset


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Three people, twelve trials each."""
    folder = tmp_path_factory.mktemp("recordings")
    for subject in (1, 2, 3):
        eeg = sigconv.simulate_eeg(seed=subject, n_trials=12, fs=128)
        sigconv.write(folder / f"sub-{subject:02d}.edf", eeg)
    return folder


QUICK = ["--epochs", "2", "--bandpass", "1", "40"]


def test_results_and_checkpoints(recordings, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["train", str(recordings), "-o", str(out), *QUICK]) == 0
    said = capsys.readouterr().out
    assert "36 windows: 18 left, 18 right" in said
    assert "8 channels at 128 Hz, 0 to 3 s; filter: bandpass cutoff=(1, 40)" in said
    assert "labels: annotations; groups: filename:" in said
    for fold in ("sub-01", "sub-02", "sub-03"):
        assert fold in said
    results = json.loads((out / "results.json").read_text())
    assert [fold["fold"] for fold in results["folds"]] == ["sub-01", "sub-02", "sub-03"]
    for fold in results["folds"]:
        assert (fold["n_train"], fold["n_test"], fold["accuracy"]["chance"]) == (24, 12, 0.5)
        assert len(fold["losses"]) == 2
    mean = np.mean([fold["accuracy"]["plain_cnn"] for fold in results["folds"]])
    assert results["scores"]["plain_cnn"]["accuracy"]["mean"] == pytest.approx(mean)
    assert re.search(rf"plain_cnn +{mean:.3f} ± 0\.\d\d\d", said)
    assert re.search(r"band power \+ LDA +0\.\d\d\d ± ", said)
    assert re.search(r"chance +0\.500 ± 0\.000", said)
    assert "plain_cnn against chance: " in said
    names = ["epochs.csv", *(f"fold0{i}-sub-0{i}.safetensors" for i in (1, 2, 3))]
    assert sorted(p.name for p in out.iterdir()) == [*names, "report.html", "results.json"]
    assert len((out / "epochs.csv").read_text().splitlines()) == 1 + 3 * 2


def test_a_folds_checkpoint_gives_the_folds_accuracy(recordings, tmp_path):
    """Filter, windows and network come back from the file; the held-out trials decide."""
    out = tmp_path / "run"
    assert main(["train", str(recordings), "-o", str(out), *QUICK, "--quiet"]) == 0
    results = json.loads((out / "results.json").read_text())
    checkpoint = load_checkpoint(out / "fold02-sub-02.safetensors")
    held_out = EEGDataset.from_recordings(
        [recordings / "sub-02.edf"],
        labels="annotations",
        window=checkpoint.window,
        pipeline=checkpoint.pipeline,
    )
    called = checkpoint.predict_proba(held_out.X).argmax(axis=1)
    assert (called == held_out.y).mean() == results["folds"][1]["accuracy"]["plain_cnn"]
    assert checkpoint.classes == ("left", "right")
    assert checkpoint.channels == held_out.channels


def test_the_same_seed_gives_the_same_numbers(recordings, tmp_path, capsys):
    texts = []
    for name in ("a", "b"):
        assert main(["train", str(recordings), "-o", str(tmp_path / name), *QUICK, "--json"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["model"] == "plain_cnn"


def test_labels_from_names_and_every_other_option(recordings, tmp_path, capsys):
    arguments = ["--labels", r"filename:sub-0(\d)", "--classes", "odd=1,odd=3,even=2"]
    arguments += ["--group", "file", "--window", "0", "4", "--split", "group-k-fold:3"]
    arguments += [
        "--model",
        "eegnet",
        "--seed",
        "3",
        "--batch-size",
        "8",
        "--learning-rate",
        "1e-3",
    ]
    code = main(["train", str(recordings), "-o", str(tmp_path / "run"), *arguments, *QUICK])
    # "even" is one file: the fold that holds it out has nothing to learn it from
    assert code == 1
    assert "must hold every class; 'even' stands only in its test trials" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_nothing_is_overwritten_unasked(recordings, tmp_path, capsys):
    out = tmp_path / "run"
    out.mkdir()
    (out / "results.json").write_text("precious")
    assert main(["train", str(recordings), "-o", str(out), *QUICK]) == 1
    assert "results.json: exists already; --overwrite replaces it" in capsys.readouterr().err
    assert (out / "results.json").read_text() == "precious"
    assert main(["train", str(recordings), "-o", str(out), *QUICK, "--overwrite"]) == 0
    assert sum(json.loads((out / "results.json").read_text())["windows"].values()) == 36


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--labels", "anotations"], 1, "labels must be one of .*did you mean 'annotations'"),
        (["--model", "eegnat"], 1, "name must be one of .*did you mean 'eegnet'"),
        (["--split", "random"], 1, "split must be one of"),
        (["--epochs", "0"], 2, "argument --epochs: must be a whole number of at least 1; got '0'"),
        (["--window", "3", "0"], 1, r"window must be \(start, end\) with start < end"),
        (["--classes", "left"], 2, "argument --classes: must be NAME=TEXT,NAME=TEXT"),
        (["--lowpass", "500"], 1, r"sub-01\.edf: cutoff must lie between 0 and 64 Hz"),
        (["--labels", "events"], 1, r"sub-01-eve\.fif"),
        (["--group", "subject=sub"], 1, "group must be one of"),
    ],
)
def test_bad_options(recordings, tmp_path, capsys, arguments, code, message):
    out = tmp_path / "run"
    assert main(["train", str(recordings), "-o", str(out), "--epochs", "1", *arguments]) == code
    said = capsys.readouterr().err
    assert re.search(message, said), said
    assert not out.exists()


def test_inputs_without_recordings(tmp_path, capsys):
    assert main(["train", str(tmp_path), "-o", str(tmp_path / "run")]) == 2
    assert "must hold recordings; found none" in capsys.readouterr().err


def test_without_torch_the_extra_is_named(recordings, tmp_path):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        f"from sigconv.cli import main; sys.exit(main(['train', {str(recordings)!r}, '-o', 'x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 1
    assert "sigconv train needs torch, which the extra 'nn' brings" in done.stderr
    assert "pip install 'sigconv[nn]'" in done.stderr
    assert list(tmp_path.iterdir()) == []
