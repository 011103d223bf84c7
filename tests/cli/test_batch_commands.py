"""`sigconv filter` and `sigconv smooth`, called as a user would."""

import json
import subprocess
import sys
from pathlib import Path

import mne
import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, read, write
from sigconv.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    source.mkdir()
    rng = np.random.default_rng(0)
    write(source / "a.edf", Recording(rng.normal(size=(2, 2000)) * 2e-5, 250))
    write(source / "b.wav", Recording(rng.normal(size=4000) * 0.1, 8000, kinds="audio", units=""))
    return source


def run_fails(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    """Run wrong usage and return what it says."""
    assert main([str(each) for each in argv]) == 2
    out, err = capsys.readouterr()
    assert not out
    return err


def test_real_eeg_and_audio_in_one_run(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audio = data / "audio" / "fsdd" / "recordings"
    argv = ["filter", data / "eeg" / "eegmat", f"{audio}/3_*_1.wav", "-o", tmp_path]
    assert main([str(each) for each in [*argv, "--bandpass", 1, 40, "--notch", 50]]) == 0
    assert "10 done, 0 failed" in capsys.readouterr().out
    for path in sorted((data / "eeg" / "eegmat").glob("*.edf")):
        before = mne.io.read_raw_edf(path, preload=True, verbose="error")
        after = mne.io.read_raw_edf(tmp_path / path.name, preload=True, verbose="error")
        assert after.ch_names == before.ch_names
        assert after.info["sfreq"] == before.info["sfreq"]
        assert after.info["meas_date"] == before.info["meas_date"]
        assert after.n_times == before.n_times
        assert list(after.annotations.description) == list(before.annotations.description)
        np.testing.assert_array_equal(after.annotations.onset, before.annotations.onset)
        expected = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)]).apply(
            before.get_data(), fs=500
        )
        steps = np.ptp(before.get_data(), axis=1, keepdims=True) / 65535
        assert np.all(np.abs(after.get_data() - expected) <= 2 * steps)


def test_a_cutoff_beyond_every_rate(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["filter", str(folder), "-o", str(out), "--lowpass", "5000"]) == 1
    told = capsys.readouterr()
    assert "a.edf: cutoff must lie between 0 and 125 Hz, half the sampling rate of 250 Hz; got 5000"
    assert "half the sampling rate of 250 Hz; got 5000" in told.err
    assert "half the sampling rate of 8000 Hz; got 5000" in told.err
    assert told.out == "0 done, 2 failed\n"
    assert not out.exists()


def test_steps_apply_in_the_order_given(folder: Path, tmp_path: Path) -> None:
    argv = "--notch 50 --smooth gaussian:width=0.004 --lowpass 40 --lowpass 30 --order 2 --causal"
    assert main(["filter", str(folder / "a.edf"), "-o", str(tmp_path / "out"), *argv.split()]) == 0
    recording = read(folder / "a.edf")
    expected = Pipeline(
        [
            Step("notch", freq=50, causal=True),
            Step("smooth", method="gaussian", width=0.004),
            Step("lowpass", cutoff=40, order=2, causal=True),
            Step("lowpass", cutoff=30, order=2, causal=True),
        ]
    ).apply(recording.data, fs=250)
    step = np.ptp(recording.data) / 65535
    assert np.abs(read(tmp_path / "out" / "a.edf").data - expected).max() <= step


def test_fir(folder: Path, tmp_path: Path) -> None:
    argv = ["filter", str(folder / "a.edf"), "-o", str(tmp_path / "o"), "--bandpass", "5", "30"]
    assert main([*argv, "--fir"]) == 0
    recording = read(folder / "a.edf")
    step = Step("fir", cutoff=(5, 30), kind="bandpass")
    expected = Pipeline([step]).apply(recording.data, fs=250)
    assert np.abs(read(tmp_path / "o" / "a.edf").data - expected).max() <= 1e-8


def test_smooth(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["smooth", str(folder), "-o", str(tmp_path / "out"), "--width", "0.02"]
    assert main(argv) == 0
    recording = read(folder / "a.edf")
    expected = Pipeline([Step("smooth", width=0.02)]).apply(recording.data, fs=250)
    assert np.abs(read(tmp_path / "out" / "a.edf").data - expected).max() <= 1e-8
    assert main([*argv, "--overwrite", "--method", "savitzky_golay:order=2", "--quiet"]) == 0
    expected = Pipeline([Step("smooth", width=0.02, method="savitzky_golay", order=2)]).apply(
        recording.data, fs=250
    )
    assert np.abs(read(tmp_path / "out" / "a.edf").data - expected).max() <= 1e-8


def test_one_bad_file_and_what_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.edf").write_text("no recording")
    argv = ["filter", str(folder), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "2 done, 1 failed"
    assert f"{folder / 'a.edf'} -> {tmp_path / 'out' / 'a.edf'}" in out
    assert f"{folder / 'broken.edf'}: is no EDF or BDF file" in err
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert "0 done, 3 failed" in out
    assert "a.edf exists already; --overwrite replaces it" in err
    assert main([*argv, "--overwrite", "--quiet", "--jobs", "2"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) == 1


def test_json_lines(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.edf").write_text("no recording")
    argv = ["filter", str(folder), "-o", str(tmp_path / "out"), "--lowpass", "40", "--json"]
    assert main([*argv, "--dry-run"]) == 1  # the header of one is broken
    planned = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(planned) == 3
    assert not (tmp_path / "out").exists()
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert not err
    told = {Path(each["source"]).name: each for each in map(json.loads, out.splitlines())}
    assert {name: each["status"] for name, each in told.items()} == {
        "a.edf": "done",
        "b.wav": "done",
        "broken.edf": "failed",
    }
    assert "is no EDF" in told["broken.edf"]["message"]


def test_dry_run(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["filter", str(folder), "-o", str(tmp_path / "out"), "--lowpass", "40", "--dry-run"]
    assert main(argv) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert not (tmp_path / "out").exists()
    argv.insert(1, str(tmp_path / "gone.edf"))
    assert main(argv) == 1
    assert "gone.edf: no such file" in capsys.readouterr().err


def test_wrong_usage(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = ["filter", folder, "-o", tmp_path / "out"]
    assert "at least one step must be given: --lowpass" in run_fails(capsys, *good)
    assert "-o/--out" in run_fails(capsys, "filter", folder, "--lowpass", 40)
    err = run_fails(capsys, *good, "--lowpass", "-3")
    assert "argument --lowpass: must be a frequency in Hz above 0; got '-3'" in err
    assert "argument --jobs: must be a whole number" in run_fails(capsys, *good, "--jobs", 0)
    err = run_fails(capsys, *good, "--lowpass", 40, "--family", "butterwurst")
    assert "--family must be one of 'butterworth'" in err
    err = run_fails(capsys, *good, "--smooth", "gausian:width=1")
    assert "did you mean 'gaussian'?" in err
    err = run_fails(capsys, *good, "--lowpass", 40, "--fir", "--order", 3)
    assert "--order belongs to IIR filters, not to --fir" in err
    err = run_fails(capsys, *good, "--smooth", "gaussian")
    assert "step 'smooth' needs the parameter 'width'" in err
    err = run_fails(capsys, *good, "--smooth", "gaussian:width=0.1,wobble=3")
    assert "got 'wobble'" in err
    err = run_fails(capsys, *good, "--smooth", "gaussian:width")
    assert "argument --smooth: must be written NAME:KEY=VALUE,KEY=VALUE; got" in err
    err = run_fails(capsys, *good, "--smooth", "gaussian:width=wide")
    assert "width must be a finite number above 0; got 'wide'" in err
    empty = tmp_path / "empty"
    empty.mkdir()
    err = run_fails(capsys, "filter", empty, "-o", tmp_path / "out", "--lowpass", 40)
    assert "must hold recordings; found none" in err
    err = run_fails(capsys, "filter", folder, "-o", folder, "--lowpass", 40)
    assert "out must not be where the input lies" in err
    err = run_fails(capsys, "filter", folder, "-o", folder / "a.edf", "--lowpass", 40)
    assert "out must be a folder; got the file" in err
    err = run_fails(capsys, "filter", folder, "-o", "/proc/self/x", "--lowpass", 40)
    assert "out must be a folder that can be written to; got '/proc/self/x'" in err
    assert "width belongs to --width" in run_fails(
        capsys, "smooth", folder, "-o", tmp_path / "out", "--width", 1, "--method", "gaussian:0.1"
    )
    assert "invalid choice: 'fliter'" in run_fails(capsys, "fliter")
    assert not (tmp_path / "out").exists()


def test_interruption_is_clean(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sigconv import batch

    def interrupted(*args: object, **options: object) -> object:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(batch, "run", interrupted)
    argv = ["filter", str(folder), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main(argv) == 130
    out, err = capsys.readouterr()
    assert out == "0 done, 0 failed, 2 not begun\n"
    assert err == "sigconv: interrupted\n"


def test_a_fresh_process(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sigconv", "filter", str(folder), "-o", str(tmp_path / "out")]
    done = subprocess.run([*command, "--lowpass", "40"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("2 done, 0 failed\n")


def test_conditioning_steps(folder: Path, tmp_path: Path) -> None:
    argv = "--resample 125 --notch 50 --reref average --detrend --detrend 3"
    assert main(["filter", str(folder / "a.edf"), "-o", str(tmp_path / "out"), *argv.split()]) == 0
    recording = read(folder / "a.edf")
    expected = Pipeline(
        [
            Step("resample", new_fs=125),
            Step("notch", freq=50),
            Step("rereference", to="average"),
            Step("detrend", order=1),
            Step("detrend", order=3),
        ]
    ).apply(recording)
    after = read(tmp_path / "out" / "a.edf")
    assert after.fs == 125
    assert np.abs(after.data - expected.data).max() <= np.ptp(recording.data) / 65535


def test_references_by_name(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["filter", str(folder / "a.edf"), "-o", str(tmp_path / "out"), "--reref"]
    assert main([*argv, "ch1"]) == 0
    after = read(tmp_path / "out" / "a.edf")
    assert np.abs(after.data[0]).max() <= 1e-9
    capsys.readouterr()
    assert main([*argv, "ch1,Cz", "--overwrite"]) == 1
    assert "a.edf: to must be one of 'ch1', 'ch2'; got 'Cz'" in capsys.readouterr().err
    told = run_fails(capsys, "filter", folder, "-o", tmp_path, "--detrend", "x")
    assert "argument --detrend: must be a whole number of at least 0; got 'x'" in told
