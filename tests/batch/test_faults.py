"""Runs that are killed, interrupted, out of room or in each other's way lose nothing."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, read, write
from sigconv.batch import plan, run
from sigconv.cli import main

COMMAND = [sys.executable, "-m", "sigconv"]
STEPS = ["--bandpass", "1", "40", "--notch", "50", "--quiet"]
SCRIPT = Path(__file__).with_name("kill_runs.py")


def eeg(seed: int, n: int = 20_000) -> Recording:
    return Recording(np.random.default_rng(seed).normal(size=(8, n)) * 2e-5, 250)


def audio(seed: int, n: int = 100_000) -> Recording:
    x = np.random.default_rng(seed).normal(size=(2, n)) * 0.1
    return Recording(x, 8000, kinds="audio", units="")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of sixteen recordings in formats whose writers have no clock in them."""
    source = tmp_path / "in"
    for number in range(4):
        (source / f"day{number}").mkdir(parents=True)
        write(source / f"day{number}" / "a.edf", eeg(number))
        write(source / f"day{number}" / "b.vhdr", eeg(number + 10))
        write(source / f"day{number}" / "c.wav", audio(number))
        write(source / f"day{number}" / "d.flac", audio(number + 10))
    return source


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def visible(files: dict[str, bytes]) -> dict[str, bytes]:
    return {
        name: raw for name, raw in files.items() if not any(p[0] == "." for p in name.split("/"))
    }


# kill -9 ------------------------------------------------------------------------------------


def kill_and_resume(folder: Path, n: int, seed: int, killed_at_least: int) -> None:
    """Kill `n` runs, look at what is there after each, and end some of them properly."""
    quiet = folder.parent / "quiet"
    argv = ["filter", str(folder), *STEPS, "--jobs", "2"]
    main([*argv, "-o", str(quiet), "--dry-run"])  # what is loaded or compiled once
    began = time.perf_counter()
    assert main([*argv, "-o", str(quiet)]) == 0
    longest = time.perf_counter() - began
    expected = contents(quiet)
    assert len(expected) == 16 + 2 * 4 + 16  # two more parts of BrainVision's, and the sidecars
    out = folder.parent / "out"
    resume = [*argv, "-o", str(out), "--skip-done"]
    command = [sys.executable, str(SCRIPT), str(n), str(seed), str(longest), *resume]
    told = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killing:
        assert killing.stdin is not None
        assert killing.stdout is not None
        for number in range(n):
            told.append(killing.stdout.readline().strip())
            found = contents(out) if out.exists() else {}
            for name, raw in visible(found).items():
                assert raw == expected[name], f"{name} is not whole after kill {number}"
            for name in found:
                if name.endswith(".vhdr") and name in visible(found):  # the header comes last
                    parts = {name[:-5] + end for end in (".eeg", ".vmrk", ".vhdr.sigconv.json")}
                    assert parts <= found.keys()
            if number % 3 == 2 or number == n - 1:
                assert main(resume) == 0
                assert contents(out) == expected
                shutil.rmtree(out)
            killing.stdin.write("\n")
            killing.stdin.flush()
    assert killing.returncode == 0
    assert told.count("killed") >= killed_at_least


def test_killed_runs_leave_nothing_half_and_are_resumed(folder: Path) -> None:
    kill_and_resume(folder, 3, seed=1, killed_at_least=1)


@pytest.mark.slow
def test_fifty_killed_runs(folder: Path) -> None:
    kill_and_resume(folder, 50, seed=2, killed_at_least=25)


def test_what_a_killed_run_left_is_removed_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".a.edf.0123456789ab.partial").mkdir()
    (out / ".a.edf.0123456789ab.partial" / "a.edf").write_text("half")
    (out / ".a.edf.0123456789ab.partial.lock").touch()
    (out / ".mine").write_text("a hidden file")
    (out / ".partially").mkdir()
    assert main(["filter", str(folder / "day0" / "c.wav"), "-o", str(out), *STEPS]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        *(".mine", ".partially", "c.wav", "c.wav.sigconv.json")
    ]


# Ctrl-C -------------------------------------------------------------------------------------


def test_an_interrupt_finishes_what_was_begun(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    argv = [*COMMAND, "filter", str(folder), "-o", str(out), *STEPS[:-1]]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # one file is done
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "finishing the files begun" in errors
    assert errors.endswith("sigconv: interrupted\n")
    summary = told.splitlines()[-1].replace(",", "").split()
    done, failed, left = int(summary[0]), int(summary[2]), int(summary[4])
    assert (done + left, failed, summary[5:]) == (16, 0, ["not", "begun"])
    assert left > 0
    assert len(list(out.rglob("*.sigconv.json"))) == done
    assert not [path for path in out.rglob("*") if path.name.startswith(".")]


# A full disk, a disk that is read only -------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("ending", ["edf", "bdf", "vhdr", "fif", "set", "wav", "flac", "ogg"])
def test_a_full_disk_is_said_and_leaves_nothing_half(
    small_disk: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    is_audio = ending in ("wav", "flac", "ogg")
    made = audio if is_audio else eeg
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / f"small.{ending}", made(0, 2000))
    write(tmp_path / "in" / f"large.{ending}", made(1, 1_600_000 if ending == "ogg" else 400_000))
    steps = ["--highpass", "40"]  # noise, which FLAC cannot make small
    assert main(["filter", str(tmp_path / "in"), "-o", str(small_disk / "out"), *steps]) == 1
    told = capsys.readouterr()
    assert f"large.{ending}: cannot be written as" in told.err
    assert "No space left on device" in told.err
    assert "1 done, 1 failed" in told.out
    names = {path.name for path in (small_disk / "out").iterdir()}
    assert not [name for name in names if name.startswith((".", "large"))]
    assert read(small_disk / "out" / f"small.{ending}").n_times == 2000


def test_a_disk_that_is_read_only(
    small_disk: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert main(["filter", str(folder), "-o", str(small_disk / "out"), *STEPS]) == 2
    assert "out must be a folder that can be written to" in capsys.readouterr().err


# Two runs, files that change ------------------------------------------------------------------


def test_two_runs_into_one_folder(folder: Path, tmp_path: Path) -> None:
    out, alone = tmp_path / "out", tmp_path / "alone"
    argv = ["filter", str(folder), *STEPS[:-1]]
    both = [
        subprocess.Popen(
            [*COMMAND, *argv, "-o", str(out)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120) for process in both]
    assert main([*argv, "-o", str(alone), "--quiet"]) == 0
    assert contents(out) == contents(alone)
    done = [line for text, _ in told for line in text.splitlines() if " -> " in line]
    assert len(done) == len(set(done)) == 16  # each by one run only
    refused = [line for _, text in told for line in text.splitlines()]
    assert len(refused) == 16
    for line in refused:
        assert line.endswith(("is being written by another run", "--overwrite replaces it")), line


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_a_file_that_shrinks_while_it_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    from sigconv.io import edf
    from sigconv.io.edf_samples import EdfReader

    opened, loaded = edf.open_, EdfReader.load

    def shrink(now: str, path: Path | None) -> None:
        if now == when:
            assert path is not None
            os.truncate(path, path.stat().st_size // 2)

    def opening(path: Path) -> EdfReader:
        shrink("before", path)
        return opened(path)

    def loading(reader: EdfReader) -> Recording:
        shrink("between", reader.path)
        recording = loaded(reader)
        shrink("after", reader.path)
        return recording

    monkeypatch.setattr(edf, "open_", opening)
    monkeypatch.setattr(EdfReader, "load", loading)
    source = folder / "day0" / "a.edf"
    (outcome,) = run(plan([source], tmp_path / "out"), Pipeline([Step("lowpass", cutoff=40)]))
    assert outcome.status == "failed"
    sentence = {
        "before": "a.edf: is truncated: the header tells of 80 records",
        "between": "a.edf: is truncated: of 80 records 3",
        "after": "a.edf: was changed while it was read",
    }
    assert sentence[when] in outcome.message
    assert not (tmp_path / "out").exists()


# Names and links -------------------------------------------------------------------------------

NAMES = [
    *("two words.edf", 'it\'s "quoted".edf', "line\nbreak.edf", "Zürich 脑电.edf", "[a]*?.edf"),
    *("$HOME; rm.edf", "-o.edf", "a.b.c.edf", "tab\t.edf", os.fsdecode(b"latin-\xe9.edf")),
]


def test_names_of_every_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number, name in enumerate(NAMES):
        write(source / name, eeg(number, 1000))
        write((source / name).with_suffix(".flac"), audio(number, 1000))
    argv = ["filter", str(source), "-o", str(out), "--lowpass", "40"]
    assert main([*argv, "--dry-run"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(NAMES)
    assert main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * len(NAMES) + 1
    assert f"{source}/line\\nbreak.edf -> {out}/line\\nbreak.edf" in lines
    for name in NAMES:
        assert read(out / name).n_times == 1000
    assert main([*argv, "--skip-done", "--json", "--log", str(tmp_path / "log")]) == 0
    assert capsys.readouterr().out.count('"skipped"') == 2 * len(NAMES)
    assert main(["info", *(str(out / name) for name in NAMES)]) == 0


def test_brainvision_cannot_name_its_parts_over_two_lines(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot have line ends in its name"):
        write(tmp_path / "line\nbreak.vhdr", eeg(0, 1000))
    assert not list(tmp_path.iterdir())


def test_links_in_a_circle(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "day0" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self.edf").symlink_to(folder / "self.edf")
    (folder / "gone.edf").symlink_to(folder / "nowhere.edf")
    out = tmp_path / "out"
    assert main(["filter", str(folder), "-o", str(out), *STEPS]) == 1
    told = capsys.readouterr().err
    assert [line.split(": ", 1)[1] for line in told.splitlines()] == ["no such file"] * 2
    assert len(list(out.rglob("*.sigconv.json"))) == 16
    assert main(["filter", f"{folder}/**/*.edf", "-o", str(tmp_path / "globbed"), *STEPS]) == 1
    assert len(list((tmp_path / "globbed").rglob("*.edf"))) == 4
