"""Derivative data sets, read back by mne-bids."""

import json
from pathlib import Path

import mne_bids
import numpy as np
import pytest

from sigconv import Annotation, Pipeline, Recording, Step, read, write
from sigconv._checks import FileError
from sigconv.cli import main
from sigconv.io import BidsTree


def eeg(seed: int = 0) -> Recording:
    x = np.random.default_rng(seed).normal(size=(3, 5000)) * 2e-5
    x[2] = np.arange(5000) // 1000
    return Recording(
        x,
        250,
        channels=["C3", "C4", "Status"],
        kinds=["eeg", "eeg", "stim"],
        units=["V", "V", ""],
        annotations=[Annotation(4.0, 1.0, "go"), Annotation(8.0, 0.0, "stop")],
    )


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Return a data set of two subjects, three formats."""
    folder = tmp_path / "raw"
    for number, name in enumerate(
        [
            "sub-01/ses-1/eeg/sub-01_ses-1_task-rest_run-1_eeg.edf",
            "sub-01/ses-1/eeg/sub-01_ses-1_task-rest_run-2_eeg.vhdr",
            "sub-02/eeg/sub-02_task-oddball_eeg.bdf",
        ]
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(folder / name, eeg(number))
    beside = folder / "sub-02/eeg/sub-02_task-oddball_eeg.bdf"
    facts = {"PowerLineFrequency": 50, "EEGReference": "A1", "SamplingFrequency": 1}
    beside.with_suffix(".json").write_text(json.dumps(facts))
    beside.with_name("sub-02_task-oddball_events.tsv").write_text(
        "onset\tduration\ttrial_type\tsample\n2.0\t0.5\tdeviant\t500\nn/a\t0\tlost\t7\n"
    )
    return folder


def run(*argv: object) -> int:
    return main([str(each) for each in argv])


def test_a_data_set(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "derivatives" / "clean"
    steps = ["--resample", 125, "--bandpass", 1, 40, "--notch", 50]
    assert run("filter", raw, "-o", out, "--bids", *steps) == 0, capsys.readouterr().err
    found = mne_bids.find_matching_paths(out, extensions=[".edf", ".bdf", ".vhdr"])
    assert [path.basename for path in found] == [
        "sub-01_ses-1_task-rest_run-1_desc-filt_eeg.edf",
        "sub-01_ses-1_task-rest_run-2_desc-filt_eeg.vhdr",
        "sub-02_task-oddball_desc-filt_eeg.bdf",
    ]
    work = Pipeline(
        [Step("resample", new_fs=125), Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)]
    )
    for number, path in enumerate(found):
        again = mne_bids.read_raw_bids(path, verbose="error")
        assert (again.info["sfreq"], again.ch_names) == (125, ["C3", "C4", "Status"])
        kind = "misc" if path.extension == ".vhdr" else "stim"  # which knows no kinds
        assert again.get_channel_types() == ["eeg", "eeg", kind]
        expected = work.apply(eeg(number))
        got = again.get_data()[:2]
        assert np.abs(got - expected.data[:2]).max() < 1e-8
        facts = json.loads(path.copy().update(extension=".json").fpath.read_text())
        assert facts["SoftwareFilters"] == {
            "1 resample": {"new_fs": 125},
            "2 bandpass": {"cutoff": [1, 40]},
            "3 notch": {"freq": 50},
        }
        assert facts["GeneratedBy"][0]["Name"] == "sigconv"
        assert facts["SamplingFrequency"] == 125
    assert (facts["PowerLineFrequency"], facts["EEGReference"]) == (50, "A1")
    assert list(again.annotations.description) == ["deviant"]
    assert list(again.annotations.onset) == [2.0]
    table = out / "sub-02/eeg/sub-02_task-oddball_desc-filt_events.tsv"
    assert table.read_text().splitlines()[1] == "2.0\t0.5\tdeviant\t250"
    description = json.loads((out / "dataset_description.json").read_text())
    assert description["DatasetType"] == "derivative"
    assert description["GeneratedBy"][0]["Name"] == "sigconv"
    assert "sub-02" in (out / "participants.tsv").read_text()
    scans = (out / "sub-01/ses-1/sub-01_ses-1_scans.tsv").read_text()
    assert scans.count("desc-filt_eeg") == 2
    assert mne_bids.get_entity_vals(out, "subject") == ["01", "02"]
    hidden = [path for path in out.rglob(".*") if path.name != ".bidsignore"]
    assert not hidden
    assert run("filter", raw, "-o", out, "--bids", *steps, "--skip-done") == 0
    assert "3 done already" in capsys.readouterr().out


def test_entities_for_names_that_do_not_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a_raw.fif", eeg().replace(kinds=["eeg", "eog", "stim"]))
    argv = ["smooth", tmp_path / "a_raw.fif", "-o", tmp_path / "out", "--width", 0.02, "--bids"]
    assert run(*argv) == 1
    assert "a_raw.fif: must tell of a subject and a task, as sub-01_" in capsys.readouterr().err
    entities = "subject=07,task=rest,description=smooth"
    assert run(*argv, "--bids-entities", entities) == 0
    assert "BIDS takes other formats; the result is BrainVision" in capsys.readouterr().err
    (path,) = mne_bids.find_matching_paths(tmp_path / "out", extensions=".vhdr")
    assert path.basename == "sub-07_task-rest_desc-smooth_eeg.vhdr"
    again = mne_bids.read_raw_bids(path, verbose="error")
    assert again.n_times == 5000
    assert again.get_channel_types() == ["eeg", "eog", "stim"]
    assert read(path.fpath).n_times == 5000


def test_what_is_no_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.edf", eeg())
    argv = ["filter", tmp_path / "a.edf", "-o", tmp_path / "out", "--lowpass", 40]
    assert run(*argv, "--bids-entities", "subject=1") == 2
    assert "--bids-entities belongs to --bids" in capsys.readouterr().err
    assert run(*argv, "--bids", "--bids-entities", "who=1") == 2
    assert "entities must be one of 'subject', 'session'" in capsys.readouterr().err
    assert run(*argv, "--bids", "--bids-entities", "subject") == 2
    assert "must be written KEY=VALUE,KEY=VALUE; got 'subject'" in capsys.readouterr().err
    assert run(*argv, "--bids", "--name", "{stem}_x{ext}") == 2
    assert "--bids names the results itself; --name cannot" in capsys.readouterr().err
    with pytest.raises(FileError, match=r"a\.wav: BIDS has no place for audio files"):
        BidsTree(tmp_path).place(Path("sub-01_task-x_a.wav"))
