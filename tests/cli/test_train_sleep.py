"""Nights as Sleep-EDF has them: NAME-PSG.edf and NAME-Hypnogram.edf, of real EEG."""

import csv
import datetime
import json

import edfio
import numpy as np
import pytest

import sigconv
from sigconv.cli import main

pytestmark = pytest.mark.filterwarnings("ignore:.*at a lower rate interpolated")
#: What people saw, as the stages of a night.
STAGES = {"1": "Sleep stage W", "2": "Sleep stage 2", "3": "Sleep stage 3", "4": "Sleep stage 4"}
MERGED = "W=Sleep stage W,N2=Sleep stage 2,N3=Sleep stage 3,N3=Sleep stage 4"
PLACE = 5  # seconds


def night(folder, name, source):
    """Write the trials of a session in another order, and a hypnogram that begins earlier."""
    recording = sigconv.read(source)
    events = sigconv.io.read_events(
        source.with_name(source.name.replace("_raw.fif", "-eve.fif")), recording
    )
    # in a session all trials of a kind lie together
    events = [events[i] for i in np.random.default_rng(0).permutation(len(events))]
    n = round(PLACE * recording.fs)
    firsts = [round(mark.onset * recording.fs) for mark in events]
    cut = np.concatenate([recording.data[:2, first : first + n] for first in firsts], axis=1)
    eeg = sigconv.resample(cut, 100, fs=recording.fs)
    marks = [(30.0, 10.0, "Sleep stage ?")]  # before the recording begins
    marks += [(40.0 + PLACE * i, PLACE, STAGES[mark.text]) for i, mark in enumerate(events)]
    marks += [(40.0 + PLACE * len(events), 60.0, "Sleep stage ?")]
    about = edfio.Recording(startdate=datetime.date(1989, 4, 24))
    signals = [
        edfio.EdfSignal(1e6 * (x - x.mean()), 100, label=label, physical_dimension="uV")
        for label, x in zip(("EEG Fpz-Cz", "EEG Pz-Oz"), eeg, strict=True)
    ]
    slow = np.abs(eeg[0]).reshape(-1, 100).mean(axis=1)
    signals.append(edfio.EdfSignal(1e6 * slow, 1, label="EMG submental", physical_dimension="uV"))
    edfio.Edf(signals, starttime=datetime.time(22, 0, 40), recording=about).write(
        folder / f"{name}0-PSG.edf"
    )
    edfio.Edf(
        [],
        annotations=[edfio.EdfAnnotation(*mark) for mark in marks],
        starttime=datetime.time(22, 0, 0),
        recording=about,
    ).write(folder / f"{name}C-Hypnogram.edf")


@pytest.fixture(scope="module")
def nights(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cassette")
    sources = sorted((data / "eeg/ssvep_exo").glob("*_raw.fif"))
    subjects = sorted({path.name.split("_")[0] for path in sources})[:2]
    for number, who in enumerate(subjects):
        of_one = [path for path in sources if path.name.startswith(who)][:2]
        for session, source in enumerate(of_one, start=1):
            night(folder, f"SC40{number}{session}E", source)
    return folder


def words(*more):
    return [
        *("--task", "sequence", "--labels", "events", "--events-suffix", "-Hypnogram.edf"),
        *("--classes", MERGED, "--place", str(PLACE), "--channels", "EEG Fpz-Cz,EEG Pz-Oz"),
        *("--context", "1", "--overlap", "0.34", "--group", r"subject=filename:^(SC4\d\d)"),
        *("--model", "epoch_cnn", "--epochs", "1", "--batch-size", "8", *more),
    ]


def test_nights_are_staged_by_subject(nights, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["train", str(nights), "-o", str(out), *words()]) == 0
    said = capsys.readouterr().out
    assert "groups: filename:^(SC4\\d\\d) (2)" in said
    assert "F1 by class, epoch_cnn: N2 " in said
    found = json.loads((out / "results.json").read_text())
    assert found["classes"] == ["N2", "N3", "W"]
    assert found["scores"]["epoch_cnn"]["kappa"]["mean"] is not None
    # each place of both nights is judged once; "?" is no stage
    assert np.sum(found["confusion"]["epoch_cnn"]) == 128
    assert [found["per_class"]["epoch_cnn"][name]["windows"] for name in found["classes"]] == [
        32,
        64,
        32,
    ]
    one = str(nights / "SC4001E0-PSG.edf")
    checkpoint = ["--checkpoint", str(next(out.glob("fold01*.safetensors")))]
    labels = ["--labels", "events", "--events-suffix", "-Hypnogram.edf", "--classes", MERGED]
    assert main(["evaluate", one, "-o", str(tmp_path / "e"), *checkpoint, *labels]) == 0
    judged = json.loads((tmp_path / "e/evaluation.json").read_text())
    assert sum(map(sum, judged["confusion"])) == 32
    assert main(["predict", one, "-o", str(tmp_path / "p"), *checkpoint]) == 0
    said = (tmp_path / "p/SC4001E0-PSG_predictions.csv").read_text()
    rows = list(csv.DictReader(said.splitlines()))
    assert [float(row["start"]) for row in rows] == [PLACE * i for i in range(32)]


def test_and_by_the_time_within_them(nights, tmp_path):
    out = tmp_path / "run"
    assert main(["train", str(nights), "-o", str(out), *words("--split", "blocks:3")]) == 0
    found = json.loads((out / "results.json").read_text())
    assert [fold["fold"] for fold in found["folds"]] == [
        f"{who}/block{k}" for who in ("SC400", "SC401") for k in (1, 2, 3)
    ]
    assert found["unit"] == "subject"


def test_a_night_without_a_hypnogram_is_named(nights, tmp_path, capsys):
    (tmp_path / "SC4021E0-PSG.edf").write_bytes((nights / "SC4001E0-PSG.edf").read_bytes())
    command = ["train", str(nights), str(tmp_path / "SC4021E0-PSG.edf"), "-o", str(tmp_path / "r")]
    assert main([*command, *words()]) == 1
    assert "SC4021E0-Hypnogram.edf: no such file" in capsys.readouterr().err
