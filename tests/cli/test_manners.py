"""What all commands over many files share: lists, names, resuming, forecasts, logs, progress."""

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, read, write
from sigconv.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    rng = np.random.default_rng(0)
    write(source / "a.edf", Recording(rng.normal(size=(2, 2000)) * 2e-5, 250))
    write(source / "deep" / "b.vhdr", Recording(rng.normal(size=(3, 2000)) * 2e-5, 250))
    write(source / "c.wav", Recording(rng.normal(size=4000) * 0.1, 8000, kinds="audio", units=""))
    return source


def fails(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    """Run wrong usage and return what it says."""
    assert main([str(each) for each in argv]) == 2
    return capsys.readouterr().err


class Stdin:
    """Standard input that holds the given bytes."""

    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


# Inputs and names ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\0"])
@pytest.mark.parametrize("given", [["-"], ["--from-file", "-"]])
def test_lists_from_standard_input(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, given: list[str]
) -> None:
    listed = f"{folder}/a.edf{end}{folder}/deep{end}"
    monkeypatch.setattr(sys, "stdin", Stdin(listed.encode()))
    assert main(["filter", *given, "-o", str(tmp_path / "out"), "--lowpass", "40"]) == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {
        *(".edf", ".vhdr", ".eeg", ".vmrk", ".json")
    }


def test_lists_from_files(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list").write_bytes(os.fsencode(f"{folder}/c.wav\n\n"))
    argv = ["filter", folder / "a.edf", "-o", tmp_path / "out", "--lowpass", "40"]
    assert main([str(each) for each in [*argv, "--from-file", tmp_path / "list"]]) == 0
    assert (tmp_path / "out" / "c.wav").exists()
    assert (tmp_path / "out" / "a.edf").exists()
    told = fails(capsys, *argv, "--from-file", tmp_path / "gone")
    assert "--from-file:" in told
    assert "No such file or directory" in told
    told = fails(capsys, "filter", "-o", tmp_path / "out", "--lowpass", 40)
    assert "inputs must name at least one file, folder or glob; got none" in told


def test_globs_that_no_shell_expanded(folder: Path, tmp_path: Path) -> None:
    argv = ["filter", f"{folder}/**/*.vhdr", "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main(argv) == 0
    assert (tmp_path / "out" / "deep" / "b.vhdr").exists()
    assert not list((tmp_path / "out").rglob("*.edf"))


def test_names_of_outputs(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["filter", folder, "-o", tmp_path / "out", "--lowpass", "40", "--name"]
    assert main([str(each) for each in [*argv, "{stem}_desc-filt{ext}"]]) == 0
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"a_desc-filt.edf", "b_desc-filt.vhdr", "b_desc-filt.eeg", "c_desc-filt.wav"} <= names
    assert read(tmp_path / "out/deep/b_desc-filt.vhdr").n_channels == 3
    for wrong in (
        "x{ext}",
        "{stem}",
        "{stem}{ext}.bak",
        "{name}{ext}",
        "{stem",
        "{stem!r:>{w}}{ext}",
    ):
        assert "name must be made of {stem} and, at its end, {ext}" in fails(capsys, *argv, wrong)
    for wrong in ("../{stem}{ext}", "a/{stem}{ext}", ".{stem}{ext}"):
        assert "name must be that of a file that is not hidden" in fails(capsys, *argv, wrong)
    # in its own folder, under another name, a file is not its own output
    assert (
        main(
            [
                str(each)
                for each in ["filter", folder / "a.edf", "-o", folder, *argv[4:], "{stem}2{ext}"]
            ]
        )
        == 0
    )
    assert (folder / "a2.edf").exists()
    told = fails(capsys, "filter", folder / "a.edf", "-o", folder, "--lowpass", 40)
    assert "out must not be where the input lies" in told


# Resuming ----------------------------------------------------------------------------------------


def statuses(capsys: pytest.CaptureFixture[str], *argv: object) -> dict[str, str]:
    capsys.readouterr()
    main([*map(str, argv), "--json"])
    told = map(json.loads, capsys.readouterr().out.splitlines())
    return {Path(each["source"]).name: each["status"] for each in told}


def test_what_is_done_is_skipped(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    argv = ["filter", folder, "-o", out, "--skip-done"]
    first = [*argv, "--lowpass", 40]
    assert set(statuses(capsys, *first).values()) == {"done"}
    assert set(statuses(capsys, *first).values()) == {"skipped"}
    assert main([*map(str, first)]) == 0
    assert capsys.readouterr().out.endswith("0 done, 3 done already, 0 failed\n")
    # the same steps in other words
    (tmp_path / "p.toml").write_text("step = [{name = 'lowpass', cutoff = 40.0}]")
    same = [*argv, "--pipeline", tmp_path / "p.toml"]
    assert set(statuses(capsys, *same).values()) == {"skipped"}
    # other steps, another input, another output, a part that is gone
    assert set(statuses(capsys, *argv, "--lowpass", 30).values()) == {"failed"}
    write(folder / "a.edf", Recording(np.ones((1, 500)) * 1e-5, 250), overwrite=True)
    (out / "c.wav").write_bytes(b"mine")
    (out / "deep" / "b.eeg").unlink()
    found = statuses(capsys, *first)
    assert found == {"a.edf": "failed", "b.vhdr": "done", "c.wav": "failed"}
    assert (out / "c.wav").read_bytes() == b"mine"
    found = statuses(capsys, *first, "--overwrite")
    assert found == {"a.edf": "done", "b.vhdr": "skipped", "c.wav": "done"}


def test_a_sidecar_says_what_was_done(folder: Path, tmp_path: Path) -> None:
    import hashlib

    from sigconv import __version__

    out = tmp_path / "out"
    argv = ["filter", str(folder / "deep"), "-o", str(out), "--lowpass", "40", "--detrend"]
    assert main(argv) == 0
    known = json.loads((out / "b.vhdr.sigconv.json").read_text())
    assert (known["software"], known["version"]) == ("sigconv", __version__)
    pipeline = Pipeline([Step("lowpass", cutoff=40), Step("detrend", order=1)])
    assert Pipeline.from_dict(known["pipeline"]) == pipeline
    for key, where in (("input", folder / "deep"), ("output", out)):
        assert known[key]["sha256"] == {
            name: hashlib.sha256((where / name).read_bytes()).hexdigest()
            for name in ("b.eeg", "b.vhdr", "b.vmrk")
        }


@pytest.mark.parametrize("damage", ["", "[]", "{}", "{", '{"input": 3}', "\x00\xff"])
def test_sidecars_that_are_none(folder: Path, tmp_path: Path, damage: str) -> None:
    argv = ["filter", str(folder / "a.edf"), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main(argv) == 0
    (tmp_path / "out" / "a.edf.sigconv.json").write_text(damage)
    assert main([*argv, "--skip-done"]) == 1
    assert main([*argv, "--skip-done", "--overwrite"]) == 0


def test_convolutions_are_resumed_too(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["convolve", folder / "a.edf", "-o", tmp_path / "out", "--skip-done", "--kernel"]
    assert statuses(capsys, *argv, "hann:9") == {"a.edf": "done"}
    assert statuses(capsys, *argv, "hann:9") == {"a.edf": "skipped"}
    assert statuses(capsys, *argv, "hann:7") == {"a.edf": "failed"}
    np.save(tmp_path / "h.npy", np.ones(3))
    assert statuses(capsys, *argv, tmp_path / "h.npy", "--overwrite") == {"a.edf": "done"}
    assert statuses(capsys, *argv, tmp_path / "h.npy") == {"a.edf": "skipped"}


# What is told ------------------------------------------------------------------------------------


def test_dry_run_tells_what_will_be(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [
        "filter",
        folder,
        "-o",
        tmp_path / "out",
        "--dry-run",
        "--resample",
        125,
        "--highpass",
        1,
    ]
    assert main([str(each) for each in argv]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r".*a\.edf -> .*a\.edf: 250 Hz to 125 Hz, 2 channels, 8 s, highpass cutoff=1 "
        r"\(IIR of order 4, 2 sections, fs 125 Hz; transient [\d.]+ s\), "
        r"up to 128 kB of memory, about 4 kB of output",
        lines[0],
    )
    assert main([*map(str, argv), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[0]["filters"][0]["transient_s"] > 1
    assert (told[0]["fs"], told[0]["new_fs"], told[0]["seconds"]) == (250, 125, 8)
    assert not (tmp_path / "out").exists()
    # what would fail at a rate is told beforehand
    argv[-1] = 100
    assert main([str(each) for each in argv]) == 1
    told_errors = capsys.readouterr().err.splitlines()
    assert len(told_errors) == 3
    assert all("half the sampling rate of 125 Hz; got 100" in line for line in told_errors)


@pytest.mark.parametrize("name", ["a.edf", "deep/b.vhdr", "c.wav"])
def test_forecast_sizes_are_about_right(folder: Path, tmp_path: Path, name: str) -> None:
    from sigconv.batch import forecast, plan, run

    work = Pipeline([Step("highpass", cutoff=1)])
    (job,) = plan([folder / name], tmp_path / "out")
    seen = forecast(job, work)
    assert seen is not None
    assert [each.status for each in run([job], work)] == ["done"]
    size = sum(path.stat().st_size for path in job.target.parent.glob(f"{job.target.stem}.*[!n]"))
    assert 0.6 * size < seen.output_bytes < 1.2 * size


def test_a_log(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.edf").write_text("no recording")
    log = tmp_path / "log.txt"
    argv = ["filter", folder, "-o", tmp_path / "out", "--lowpass", 40, "--log", log, "--quiet"]
    assert main([str(each) for each in argv]) == 1
    lines = log.read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ", line) for line in lines)
    said = [line.split(" ", 1)[1] for line in lines]
    assert re.fullmatch(r"sigconv \S+ filter: lowpass cutoff=40", said[0])
    assert said[-1] == "3 done, 1 failed"
    assert sum(line.startswith("done: ") for line in said) == 3
    assert sum(line.startswith("failed: ") and "is no EDF" in line for line in said) == 1
    assert main([*map(str, argv), "--skip-done"]) == 1
    assert len(log.read_text().splitlines()) > len(lines)  # appended
    argv[argv.index(log)] = tmp_path / "no" / "log.txt"
    assert "--log:" in fails(capsys, *argv)


def test_progress_on_a_terminal(folder: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    command = [sys.executable, "-m", "sigconv", "filter", str(folder), "-o", str(tmp_path / "out")]
    with subprocess.Popen(
        [*command, "--lowpass", "40", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        assert process.stdout is not None
        assert process.stdout.read() == "3 done, 0 failed\n"
    os.close(ours)
    assert process.returncode == 0
    text = shown.decode()
    assert "0/3 files" in text
    assert "3/3 files: 100%" in text
    assert re.search(r"a\.edf: .*(reading|lowpass|writing)", text)


# Steps -----------------------------------------------------------------------------------------


def test_a_pipeline_from_a_file_takes_its_place(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "h.npy", [0.25, 0.5, 0.25])
    steps = ["--detrend", "--pipeline", tmp_path / "p.toml", "--convolve", tmp_path / "h.npy"]
    steps += [
        "--convolve",
        "hann:5",
        "--line-noise",
        "60",
        "--step",
        "envelope:method=rms,width=0.1",
    ]
    Pipeline([Step("notch", freq=50), Step("notch", freq=50)]).save(tmp_path / "p.toml")
    argv = [
        "filter",
        folder / "a.edf",
        "-o",
        tmp_path / "out",
        "--save-pipeline",
        tmp_path / "s.toml",
    ]
    assert main([str(each) for each in [*argv, *steps]]) == 0
    assert Pipeline.load(tmp_path / "s.toml") == Pipeline(
        [
            Step("detrend", order=1),
            Step("notch", freq=50),
            Step("notch", freq=50),
            Step("convolve", kernel=(0.25, 0.5, 0.25)),
            Step("convolve", kernel="hann", width=5),
            Step("remove_line_noise", mains=60),
            Step("envelope", method="rms", width=0.1),
        ]
    )
    told = fails(capsys, *argv, "--detrend", "2")
    assert "s.toml exists already" in told
    (tmp_path / "bad.toml").write_text("step = [{name = 'notch'}]")
    told = fails(capsys, *argv[:4], "--pipeline", tmp_path / "bad.toml")
    assert "bad.toml: step 1 (notch): step 'notch' needs the parameter 'freq'" in told
    assert "gone.toml: no such file" in fails(capsys, *argv[:4], "--pipeline", "gone.toml")
    assert "got 'hannn'" in fails(capsys, *argv[:4], "--convolve", "hannn:5")
    assert "this kernel needs the axis y" in fails(capsys, *argv[:4], "--convolve", "sobel-y")
    assert "name must be one of" in fails(capsys, *argv[:4], "--step", "wobble")
    assert "--convolve:" in fails(capsys, *argv[:4], "--convolve", tmp_path / "gone.npy")


def test_repairs_through_mne(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from sigconv import interpolate_bads, simulate_eeg

    eeg = simulate_eeg(seed=1, n_trials=3)
    write(tmp_path / "a.fif", eeg)
    repair = ["--interpolate-bads", "bads=C3/C4,montage=easycap-M1", "--ica-eog", "channels=Fp1"]
    argv = ["filter", str(tmp_path / "a.fif"), "-o", str(tmp_path / "out")]
    assert main([*argv, *repair[:2]]) == 0
    expected = interpolate_bads(read(tmp_path / "a.fif"), ("C3", "C4"), montage="easycap-M1")
    after = read(tmp_path / "out" / "a.fif")
    np.testing.assert_allclose(after.data, expected.data, rtol=1e-6, atol=1e-12)
    assert main([*argv, *repair, "--overwrite"]) == 0
    assert "takes 'bads', 'montage'; got 'bad'" in fails(
        capsys, *argv, "--interpolate-bads", "bad=C3"
    )
    assert "threshold must be" in fails(capsys, *argv, "--ica-eog", "threshold=3")
