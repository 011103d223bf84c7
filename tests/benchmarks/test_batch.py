"""The suite of whole runs: its files, how it watches processes, and what it says (no timings)."""

import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import requirements

if missing := requirements.missing(requirements.BATCH_PEERS):
    pytest.skip(
        f"peers of the benchmark are not installed: {', '.join(missing)}", allow_module_level=True
    )

import soundfile

from benchmarks.batch import contest, inputs, processes
from benchmarks.batch.processes import Run
from sigconv import read


def test_memory_is_of_all_processes():
    words = "x = bytearray(60_000_000); import time; time.sleep(0.6)"
    alone = processes.run([sys.executable, "-c", words])
    both = "import subprocess as s, sys; a = [sys.executable, '-c', sys.argv[1]]; "
    both += "[p.wait() for p in [s.Popen(a), s.Popen(a)]]"
    two = processes.run([sys.executable, "-c", both, words])
    assert 55 < alone.peak < 100
    assert alone.peak + 50 < two.peak < 250
    assert alone.seconds > 0.5
    with pytest.raises(RuntimeError, match=r"ended with 3: why"):
        processes.run([sys.executable, "-c", "print('why'); raise SystemExit(3)"])


def test_files_are_as_they_should_be(tmp_path):
    inputs.recordings(tmp_path / "eeg", 6, 0.05, channels=3)
    files = sorted((tmp_path / "eeg").iterdir())
    assert len(files) == 6
    assert read(files[5]).data.shape == (3, 768)
    assert files[0].read_bytes() != files[1].read_bytes()
    inputs.long_recording(tmp_path / "long.edf", 0.005, channels=4)
    long = read(tmp_path / "long.edf")
    assert 4e6 < (tmp_path / "long.edf").stat().st_size < 6e6
    assert long.n_times % 153_600 == 0
    inputs.audio(tmp_path / "audio", 2, 0.5)
    known = soundfile.info(tmp_path / "audio" / "take-001.flac")
    assert (known.channels, known.frames, known.subtype) == (2, 22050, "PCM_16")


def test_outputs_are_compared_and_the_best_counts(tmp_path):
    out = tmp_path / "out"
    write = f"import pathlib as p; o = p.Path({str(out)!r}); o.mkdir(); (o / 'a').write_text('%s')"
    commands = {
        name: [sys.executable, "-c", write % text]
        for name, text in (("sigconv", "1"), ("peer", "1"), ("other", "2"))
    }

    def compare(name, ours, theirs):
        if ours != theirs:
            raise AssertionError(f"{name} differs")

    def same(folder):
        return (folder / "a").read_text()

    warm = commands["sigconv"]
    two = {name: commands[name] for name in ("sigconv", "peer")}
    best = contest.contest(two, warm, out, same, compare, rounds=2)
    assert list(best) == ["sigconv", "peer"]
    with pytest.raises(AssertionError, match="other differs"):
        contest.contest(commands, warm, out, same, compare, rounds=1)


def test_goals_are_said_plainly():
    assert contest.goal("Speed", 2.5, 3) == "- Speed: 2.50 (goal ≥ 3: MISSED)."
    assert contest.goal("Memory", 0.3, 0.333, at_most=True).endswith("(goal ≤ 0.333: met).")
    runs = {"sigconv": Run(2, 100, 90), "peer": Run(5, 300, 200)}
    assert "| peer | 5.0 | 500 | 300 | 2.50 | 3.00 |" in contest.table(runs, 10)


def test_missing_sox_fails(monkeypatch, capsys):
    monkeypatch.setattr(requirements.shutil, "which", lambda name: None)
    assert command.main(["batch", "--quick"]) == 1
    assert "apt install sox brings them; got none of sox" in capsys.readouterr().err
