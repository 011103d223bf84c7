"""Recordings that do not fit into the memory that is allowed: the same files, in bounded memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Pipeline, Recording, Step, read, write
from sigconv.batch import Conversion, KernelChoice, convolution, forecast, memory, plan, run
from sigconv.cli import main
from sigconv.filters import pieces as filter_pieces
from sigconv.filters import signals as filter_signals
from sigconv.io import open_recording, reader
from sigconv.pipeline import pieces

RNG = np.random.default_rng(11)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks and pieces so short that a test has many of them."""
    monkeypatch.setattr(filter_signals, "LARGE", 0)
    monkeypatch.setattr(filter_pieces, "SIZE", 8192)
    monkeypatch.setattr(pieces, "BLOCK", 20_000)
    monkeypatch.setattr(reader, "BLOCK", 10_000)


def eeg(n: int = 30_000, fs: float = 250) -> Recording:
    x = RNG.normal(size=(6, n)).cumsum(axis=1) * 2e-6 + 1e-5 * RNG.normal(size=(6, n))
    x[2] = np.repeat(RNG.integers(0, 60, n // 100), 100)
    return Recording(
        x,
        fs,
        channels=["Fp1", "Cz", "Status", "O1", "O2", "EMG"],
        kinds=["eeg", "eeg", "stim", "eeg", "eeg", "eeg"],
        units=["V", "V", "", "V", "V", "V"],
        annotations=[
            Annotation(20.0, 0.0, "EDGE boundary"),
            Annotation(50.0, 4.0, "BAD_ACQ_SKIP"),
            Annotation(70.0, 1.0, "go"),
        ],
    )


def audio(n: int = 60_000) -> Recording:
    return Recording(RNG.uniform(-0.5, 0.5, (2, n)), 8000, kinds="audio", units="")


STEPS = {
    "zero-phase": [Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)],
    "causal": [Step("lowpass", cutoff=30, causal=True)],
    "fir": [Step("fir", cutoff=(2, 40), kind="bandpass")],
    "causal-fir": [Step("fir", cutoff=30, kind="lowpass", taps=100, causal=True)],
    "gaps": [Step("highpass", cutoff=1, nan_policy="interpolate", skip_by_annotation=("go",))],
    "gaussian": [Step("smooth", method="gaussian", width=0.02)],
    "median": [Step("smooth", method="median", width=0.02), Step("smooth", width=0.05)],
    "whole-rows": [Step("smooth", method="exponential", width=0.1)],
    "convolve": [Step("convolve", kernel="gaussian", sigma=4)],
    "causal-taps": [Step("convolve", kernel=(0.5, 0.25, 0.125), causal=True)],
    "reference": [Step("rereference", to="average"), Step("rereference", to=["Cz"])],
    "resample": [Step("resample", new_fs=100)],
    "rows": [Step("detrend", order=2), Step("exponential_moving_standardise", factor=0.01)],
    "hum": [Step("remove_line_noise", mains=50)],
    "skips": [
        Step("remove_line_noise", mains=50, skip_by_annotation="go"),
        Step("smooth", method="gaussian", width=0.02, skip_by_annotation="go"),
        Step("convolve", kernel="gaussian", sigma=4, skip_by_annotation="go"),
        Step("convolve", kernel=(0.5, 0.25, 0.125), causal=True, skip_by_annotation="go"),
        Step("exponential_moving_standardise", skip_by_annotation="go"),
    ],
    "fitted-hum": [Step("remove_line_noise", mains=50, method="spectrum_fit", harmonics=1)],
    "everything": [
        Step("resample", new_fs=200),
        Step("notch", freq=50),
        Step("bandpass", cutoff=(0.5, 40)),
        Step("smooth", method="gaussian", width=0.01),
        Step("rereference", to="average"),
        Step("convolve", kernel="boxcar", width=5),
        Step("detrend"),
    ],
}


def both_ways(tmp_path: Path, name: str, recording: Recording, work: object) -> tuple[Path, Path]:
    """Process a file at once and in pieces."""
    write(tmp_path / name, recording)
    made = []
    for folder, allowed in (("whole", 10**9), ("pieces", 2_300_000)):
        (outcome,) = run(plan([tmp_path / name], tmp_path / folder), work, max_memory=allowed)
        assert outcome.status == "done", outcome.message
        made.append(outcome.target)
        assert not [path for path in (tmp_path / folder).iterdir() if path.name[0] == "."]
    return made[0], made[1]


def contents(path: Path) -> dict[str, bytes]:
    mates = sorted(path.parent.glob(f"{path.stem}.*"))
    return {each.name: each.read_bytes() for each in mates if each.suffix != ".json"}


@pytest.mark.parametrize("name", STEPS)
def test_every_step_gives_the_bits_of_the_whole(small: None, tmp_path: Path, name: str) -> None:
    recording = eeg()
    assert pieces.whole_steps(Pipeline(STEPS[name])) == []
    assert memory.at_once(recording, Pipeline(STEPS[name])) > 2_300_000
    whole, cut = both_ways(tmp_path, "a.bdf", recording, Pipeline(STEPS[name]))
    assert contents(cut) == contents(whole)
    if "resample" not in str(STEPS[name]):
        np.testing.assert_array_equal(read(cut).data[2], recording.data[2])


@pytest.mark.parametrize("name", ["a.edf", "a.bdf", "a.vhdr", "a.wav", "a.flac", "a.ogg", "a.aiff"])
def test_every_format_gives_the_bits_of_the_whole(small: None, tmp_path: Path, name: str) -> None:
    is_audio = name.endswith((".wav", ".flac", ".ogg", ".aiff"))
    recording = audio() if is_audio else eeg()
    work = Pipeline([Step("lowpass", cutoff=60), Step("smooth", width=0.02)])
    whole, cut = both_ways(tmp_path, name, recording, work)
    if name == "a.ogg":  # whose serial numbers are drawn by chance
        np.testing.assert_array_equal(read(cut).data, read(whole).data)
    else:
        assert contents(cut) == contents(whole)


def test_fif(small: None, tmp_path: Path) -> None:
    work = Pipeline([Step("bandpass", cutoff=(1, 60)), Step("resample", new_fs=125)])
    whole, cut = both_ways(tmp_path, "a_raw.fif", eeg(), work)
    one, other = read(whole), read(cut)
    np.testing.assert_array_equal(one.data, other.data)
    assert one.annotations == other.annotations
    assert one.origin.info["lowpass"] == other.origin.info["lowpass"] == 60


def test_gaps_are_bridged(small: None, tmp_path: Path) -> None:
    recording = eeg()
    recording.data[0, 4000:9000] = np.nan
    recording.data[3, -1] = np.inf
    work = Pipeline([Step("highpass", cutoff=1, nan_policy="interpolate")])
    whole, cut = both_ways(tmp_path, "a_raw.fif", recording, work)
    np.testing.assert_array_equal(read(cut).data, read(whole).data)
    assert np.isnan(read(cut).data[0, 5000])


@pytest.mark.parametrize("mode", ["same", "full", "valid"])
@pytest.mark.parametrize("correlate", [False, True])
def test_convolve(small: None, tmp_path: Path, mode: str, correlate: bool) -> None:
    kernel = KernelChoice("taps", taps=np.array([0.1, 0.7, 0.2, 0.05]))
    work = convolution(kernel, mode=mode, correlation=correlate)
    whole, cut = both_ways(tmp_path, "a.flac", audio(), work)
    assert contents(cut) == contents(whole)


def test_convert(small: None, tmp_path: Path) -> None:
    write(tmp_path / "a.bdf", eeg())
    expected = read(tmp_path / "a.bdf")
    (job,) = plan([tmp_path / "a.bdf"], tmp_path / "out", to=".vhdr")
    (outcome,) = run([job], Conversion(), max_memory=1_000_000)
    assert outcome.status == "done", outcome.message
    got = read(tmp_path / "out" / "a.vhdr")
    np.testing.assert_allclose(got.data, expected.data, rtol=1e-7, atol=1e-15)


def test_what_takes_everything_at_once_is_said(tmp_path: Path) -> None:
    write(tmp_path / "a.bdf", eeg())
    jobs = plan([tmp_path / "a.bdf"], tmp_path / "out")
    (outcome,) = run(jobs, Pipeline([Step("envelope")]), max_memory=2_000_000)
    assert outcome.message == (
        f"{tmp_path / 'a.bdf'}: the step 'envelope' takes the whole recording at once, 6 MB of "
        "memory; 2 MB are allowed for each file (--max-memory)"
    )
    (outcome,) = run(jobs, Pipeline([Step("detrend")]), max_memory=1_000_000)
    assert outcome.message == (
        f"{tmp_path / 'a.bdf'}: the step 'detrend' takes whole channels, 2 MB of memory each; 1 MB "
        "are allowed"
    )
    (job,) = plan([tmp_path / "a.bdf"], tmp_path / "out", to=".set")
    (outcome,) = run([job], Conversion(), max_memory=1_000_000)
    assert "a.set: its format is written all at once, which takes 6 MB of memory" in outcome.message
    assert not (tmp_path / "out").exists()
    with pytest.raises(ValueError, match="the step 'envelope' takes the whole recording at once"):
        forecast(jobs[0], Pipeline([Step("envelope")]), max_memory=2_000_000)


def test_memory_is_shared(tmp_path: Path) -> None:
    assert memory.share(None, 1) == memory.machine() // 4
    assert memory.share(1000, 3) == 333
    write(tmp_path / "a.bdf", eeg())
    (job,) = plan([tmp_path / "a.bdf"], tmp_path / "out")
    work = Pipeline([Step("lowpass", cutoff=40)])
    assert not forecast(job, work, max_memory=6_000_000).in_pieces  # type: ignore[union-attr]
    assert forecast(job, work, max_memory=6_000_000, at_once=2).in_pieces  # type: ignore[union-attr]


def test_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.bdf", eeg())
    argv = ["filter", str(tmp_path / "a.bdf"), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main([*argv, "--max-memory", "2M", "--dry-run"]) == 0
    assert "of memory (in pieces)" in capsys.readouterr().out
    assert main([*argv, "--max-memory", "2M"]) == 0
    assert main([*argv, "--max-memory", "lots"]) == 2
    assert "must be a size in bytes, as 800M or 2G; got 'lots'" in capsys.readouterr().err


def test_a_full_disk_between_the_steps(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    write(tmp_path / "a.bdf", eeg())
    jobs = plan([tmp_path / "a.bdf"], tmp_path / "out")
    (outcome,) = run(jobs, Pipeline([Step("lowpass", cutoff=40)]), max_memory=1_000_000)
    assert outcome.status == "failed"
    assert "No space left on device" in outcome.message
    assert not (tmp_path / "out").exists()


MEASURE = """
import sys
from pathlib import Path
from sigconv import Pipeline, Step
from sigconv.batch import run_file


source, target, allowed = sys.argv[1:]
steps = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)])
run_file(source, target, steps, max_memory=int(allowed))
# getrusage would tell of the process that this one was forked from
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) / 1000)
"""


def measured(tmp_path: Path, name: str, make: object, n_blocks: int) -> tuple[float, float]:
    """Return the peaks in MB of processes that do a small file and a large one."""
    small, large = tmp_path / f"s{name}", tmp_path / name
    write(small, make(1))  # type: ignore[operator]
    enlarge(small, large, n_blocks)
    peaks = []
    for number, source in enumerate((small, small, large)):  # the first one may have to compile
        words = [source, tmp_path / f"{number}{source.suffix}", 10**8]
        command = [sys.executable, "-c", MEASURE, *map(str, words)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks.append(float(done.stdout))
    with (
        open_recording(large) as before_it,
        open_recording(tmp_path / f"2{large.suffix}") as it,
    ):
        assert it.shape == before_it.shape
    return peaks[1], peaks[2]


def enlarge(small: Path, large: Path, n: int) -> None:
    """Write an EDF file that has the records of another n times."""
    raw = small.read_bytes()
    length, records = int(raw[184:192]), int(raw[236:244])
    with large.open("wb") as file:
        file.write(raw[:236] + f"{records * n:<8}".encode() + raw[244:length])
        for _ in range(n):
            file.write(raw[length:])


def noise(seconds: int) -> Recording:
    return Recording(RNG.normal(size=(64, 256 * 100 * seconds)) * 2e-5, 256)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux")
def test_memory_is_bounded(tmp_path: Path) -> None:
    """A file of 50 MB, of which the whole would take 800 MB."""
    before, after = measured(tmp_path, "a.edf", noise, 15)
    assert after < 450
    assert after - before < 200


@pytest.mark.slow
def test_a_gigabyte(tmp_path: Path) -> None:
    """A file of 1 GB, of which the whole would take 16 GB."""
    before, after = measured(tmp_path, "a.edf", noise, 300)
    assert after < 600
    assert after - before < 350
