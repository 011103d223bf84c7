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
from sigconv.nn.data import EEGDataset, Inputs


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
    mean = np.mean([fold["accuracy"]["log_power"] for fold in results["folds"]])
    assert results["scores"]["log_power"]["accuracy"]["mean"] == pytest.approx(mean)
    assert re.search(rf"log_power +{mean:.3f} ± 0\.\d\d\d", said)
    assert re.search(r"band power \+ LDA +0\.\d\d\d ± ", said)
    assert re.search(r"chance +0\.500 ± 0\.000", said)
    assert "log_power against chance: " in said
    names = ["epochs.csv", *(f"fold0{i}-sub-0{i}.safetensors" for i in (1, 2, 3))]
    assert sorted(p.name for p in out.iterdir()) == [*names, "report.html", "results.json"]
    assert len((out / "epochs.csv").read_text().splitlines()) == 1 + 3 * 2


def test_what_the_network_sees_is_chosen_where_no_step_says_so(recordings, tmp_path, capsys):
    words = ["train", str(recordings), "--epochs", "1"]

    def seen(name, *more):
        out = tmp_path / name
        assert main([*words, "-o", str(out), *more]) == 0
        inputs = load_checkpoint(next(out.glob("fold02-*.safetensors"))).inputs
        assert f"the network sees {inputs}\n" in capsys.readouterr().out
        results = json.loads((out / "results.json").read_text())
        assert Inputs(**results["inputs"]) == inputs
        return inputs

    chosen = Inputs("waveform", {"high": 40, "difference": True})  # at 128 Hz already
    assert seen("chosen", "--model", "eegnet") == chosen
    slow = Inputs("waveform", {"low": 1, "rate": 64})
    assert seen("given", "--input", "waveform:low=1,rate=64") == slow
    assert (
        seen("carried", "--init", str(tmp_path / "given"), *("--split", "within-subject:2")) == slow
    )
    assert seen("bare", "--input", "waveform") == Inputs()
    assert seen("filtered", "--bandpass", "1", "40") == Inputs()
    assert seen("repaired", "--notch", "50", "--reref", "average") == chosen
    # the held-out file gets what it got inside the training
    held_out = ["predict", str(recordings / "sub-02.edf"), "-o", str(tmp_path / "said")]
    held_out += ["--checkpoint", str(tmp_path / "given" / "fold02-sub-02.safetensors")]
    assert main([*held_out, "--labels", "annotations"]) == 0
    rows = (tmp_path / "said" / "sub-02_predictions.csv").read_text().splitlines()
    heads = rows[0].split(",")
    right = [
        row.split(",")[heads.index("class")] == row.split(",")[heads.index("label")]
        for row in rows[1:]
    ]
    results = json.loads((tmp_path / "given" / "results.json").read_text())
    assert np.mean(right) == results["folds"][1]["accuracy"]["log_power"]


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
    assert (called == held_out.y).mean() == results["folds"][1]["accuracy"]["log_power"]
    assert checkpoint.classes == ("left", "right")
    assert checkpoint.channels == held_out.channels


def test_the_same_seed_gives_the_same_numbers(recordings, tmp_path, capsys):
    texts = []
    for name in ("a", "b"):
        assert main(["train", str(recordings), "-o", str(tmp_path / name), *QUICK, "--json"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["model"] == "log_power"


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


def test_seeds_sessions_and_options_of_all_kinds(recordings, tmp_path, capsys):
    out = tmp_path / "run"
    table = tmp_path / "labels.csv"
    lines = ["file,onset,label,who,day"]
    for i in (1, 2, 3):
        for mark in sigconv.read(recordings / f"sub-0{i}.edf").annotations:
            day = "monday" if mark.onset < 30 else "friday"
            lines.append(f"sub-0{i}.edf,{mark.onset},{mark.text},person{i % 2},{day}")
    table.write_text("\n".join(lines))
    arguments = ["--labels", str(table), "--group", "subject=column:who", "--window", "0", "3"]
    arguments += ["--group", "session=column:day", "--split", "leave-one-session-out"]
    arguments += ["--seeds", "2", "--model-option", "width=0.5", "--augment", "noise:deviation=0.2"]
    arguments += ["--optimiser", "sgd", "--schedule", "cosine", "--balanced", "--clip", "1"]
    arguments += ["--crop", "1.5", "--patience", "1", "--sliding", "2.5", "--overlap", "0.9"]
    arguments += ["--tensorboard", str(tmp_path / "board"), "--cache", str(tmp_path / "cache")]
    assert main(["train", str(recordings), "-o", str(out), *arguments, *QUICK]) == 0
    results = json.loads((out / "results.json").read_text())
    folds = {fold["fold"] for fold in results["folds"]}
    assert folds == {f"person{i}/{day}" for i in (0, 1) for day in ("monday", "friday")}
    assert results["seeds"] == [0, 1]
    assert len(results["folds"]) == 8
    assert results["configuration"]["augment"] == [{"name": "noise", "p": 0.5, "deviation": 0.2}]
    assert all(fold["validation_losses"] for fold in results["folds"])
    assert len(list(out.glob("*-seed1.safetensors"))) == 4
    checkpoint = load_checkpoint(next(out.glob("*-seed1.safetensors")))
    assert checkpoint.crop == (192, 96)
    assert checkpoint.units == ("V",) * 8
    assert checkpoint.training["configuration"]["optimiser"] == "sgd"
    assert "(mean ± standard error over 2 subjects, 2 seeds each)" in capsys.readouterr().out
    assert list((tmp_path / "board").rglob("events*"))


def test_what_was_interrupted_is_resumed(recordings, tmp_path, capsys, monkeypatch):
    """Ctrl-C in the second fold: the same command with --resume ends as if there had been none."""
    words = ["train", str(recordings), *QUICK, "--json", "--epochs", "3"]
    assert main([*words, "-o", str(tmp_path / "whole")]) == 0
    expected = json.loads(capsys.readouterr().out)
    from sigconv.nn.training import run

    step, steps = run.Run._step, 0

    def interrupted(self, *args):
        nonlocal steps
        steps += 1
        if steps == 5:
            raise KeyboardInterrupt
        return step(self, *args)

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(run.Run, "_step", interrupted)
        assert main([*words, "-o", str(out)]) == 130
    assert "the same command with --resume goes on from here" in capsys.readouterr().err
    assert (out / "states").is_dir()
    assert load_checkpoint(out / "fold01-sub-01.safetensors").classes == ("left", "right")
    assert main([*words, "-o", str(out), "--resume"]) == 0
    assert json.loads(capsys.readouterr().out) == expected
    assert not (out / "states").exists()


def test_trials_that_cannot_be_trained_on(tmp_path, capsys):
    """One class only, NaN in a trial, a subject without one class, fewer trials than the batch."""

    def folder(name, labels, bad=()):
        (tmp_path / name).mkdir()
        for subject, marks in labels.items():
            rng = np.random.default_rng(len(subject))
            data = 1e-5 * rng.normal(size=(2, 128 * 2 * len(marks)))
            if subject in bad:
                data[0, 100] = np.nan
            events = [sigconv.Annotation(2.0 * i, 2.0, text) for i, text in enumerate(marks)]
            recording = sigconv.Recording(data, 128.0, annotations=events)
            sigconv.write(tmp_path / name / f"{subject}_raw.fif", recording)
        return [str(tmp_path / name), "--labels", "annotations", "--window", "0", "2"]

    def said(words):
        code = main(["train", *words, "-o", str(tmp_path / "out"), "--epochs", "1", "--overwrite"])
        caught = capsys.readouterr()
        return code, caught.out + caught.err

    code, text = said(folder("one", {"s1": "aaaa", "s2": "aaaa"}))
    assert code == 1
    assert "labels must give windows of at least two classes; found only 'a'" in text
    code, text = said(folder("lacking", {"s1": "aabb", "s2": "aaaa", "s3": "aabb"}))
    assert code == 0, text  # who has one class has no kappa and no area
    code, text = said(folder("alone", {"s1": "aabb", "s2": "aaaa"}))
    assert code == 1
    assert "'b' stands only in its test trials" in text
    code, text = said(folder("gap", {"s1": "abab", "s2": "abab"}, bad=("s1",)))
    assert code == 0, text
    assert "7 windows (1 left out: 1 not finite)" in text
    results = json.loads((tmp_path / "out/results.json").read_text())
    assert [fold["n_train"] for fold in results["folds"]] == [4, 3]  # less than a batch of 32


def test_a_training_starts_from_another(recordings, tmp_path, capsys):
    """Few shots of each person, from the network that never saw them; its run is enough to say."""
    before, out = tmp_path / "before", tmp_path / "run"
    first = ["train", str(recordings), "-o", str(before), *QUICK, "--quiet"]
    assert main([*first, "--model", "plain_cnn"]) == 0
    words = ["train", str(recordings), *QUICK, "--init", str(before)]
    more = ["--split", "few-shot:2", "--freeze", "features.4", "--probe", "features.9"]
    capsys.readouterr()
    assert main([*words, "-o", str(out), *more]) == 0
    said = capsys.readouterr().out
    for i in (1, 2, 3):
        line = rf"starts from \S+fold0{i}-sub-0{i}\.safetensors: 20 of 20 tensors; frozen up to fe"
        assert len(re.findall(line, said)) == 1
    results = json.loads((out / "results.json").read_text())
    assert [(fold["n_train"], fold["n_test"]) for fold in results["folds"]] == [(4, 8)] * 3
    assert "features.9 + logistic regression" in results["scores"]
    assert "fold02-sub-02.safetensors: 20 of 20" in results["folds"][1]["begun"]
    one, other = (load_checkpoint(each / "fold02-sub-02.safetensors") for each in (before, out))
    kept, moved = (
        [bool((one.model.state_dict()[k] == v).all()) for k, v in part.items()]
        for part in (
            {f"features.{i}.weight": other.model.features[i].weight for i in (0, 1)},
            {f"features.{i}.weight": other.model.features[i].weight for i in (5, 10)},
        )
    )
    assert all(kept)
    assert not any(moved)


def test_a_start_that_would_leak_is_refused(recordings, tmp_path, capsys):
    before, out = tmp_path / "before", tmp_path / "run"
    assert main(["train", str(recordings), "-o", str(before), *QUICK, "--quiet"]) == 0
    one = str(before / "fold01-sub-01.safetensors")  # trained on sub-02 and sub-03
    words = ["train", str(recordings), *QUICK, "-o", str(out)]
    assert main([*words, "--init", one]) == 1
    error = capsys.readouterr().err
    assert "fold 'sub-02' are new" in error
    assert "was trained on groups 'sub-02' of the test windows" in error
    assert main([*words, "--init", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: no such file" in capsys.readouterr().err
    assert main([*words, "--init", str(before), "--freeze", "stage2"]) == 1
    assert "layer must be one of" in capsys.readouterr().err
    assert main([*words, "--freeze", "features.4"]) == 2
    assert "--freeze: must come with --init" in capsys.readouterr().err
    assert not out.exists()
