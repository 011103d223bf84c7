"""Running over files: each for itself, nothing half written."""

import shutil
from pathlib import Path

import mne
import numpy as np
import pytest

from sigconv import Annotation, Pipeline, Recording, Step, read, resample, write
from sigconv.batch import Outcome, passband, plan, run

LOW = Pipeline([Step("lowpass", cutoff=40)])


def eeg(seed: int = 0, fs: float = 250) -> Recording:
    data = np.random.default_rng(seed).normal(size=(2, 2000)) * 20e-6
    return Recording(data, fs, channels=["C3", "C4"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    for number, name in enumerate(["a.edf", "b.fif", "deep/c.vhdr"]):
        write(source / name, eeg(number))
    return source


def outcomes(jobs: list, pipeline: Pipeline = LOW, **options: object) -> dict[str, Outcome]:
    return {each.source.name: each for each in run(jobs, pipeline, **options)}  # type: ignore[arg-type]


@pytest.mark.parametrize("at_once", [1, 3])
def test_every_file_is_filtered_as_an_array_would_be(
    folder: Path, tmp_path: Path, at_once: int
) -> None:
    jobs = plan([folder], tmp_path / "out")
    results = outcomes(jobs, at_once=at_once)
    assert {each.status for each in results.values()} == {"done"}
    for job in jobs:
        before, after = read(job.source), read(job.target)
        expected = LOW.apply(before.data, fs=before.fs)
        step = np.ptp(before.data) / 65535
        assert np.abs(after.data - expected).max() < step
        assert (after.fs, after.channels) == (before.fs, before.channels)


def test_one_bad_file_fails_alone(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "a.edf").read_bytes()
    (folder / "cut.edf").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.wav").touch()
    results = outcomes(plan([folder, tmp_path / "gone.edf"], tmp_path / "out"), at_once=2)
    failed = {name: each.message for name, each in results.items() if each.status == "failed"}
    assert set(failed) == {"cut.edf", "empty.wav", "gone.edf"}
    assert "cut.edf: is truncated" in failed["cut.edf"]
    assert "empty.wav: the file is empty" in failed["empty.wav"]
    assert failed["gone.edf"].endswith("gone.edf: no such file")
    written = sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file())
    sidecars = [f"{name}.sigconv.json" for name in ("a.edf", "b.fif", "c.vhdr")]
    assert written == sorted(["a.edf", "b.fif", "c.eeg", "c.vhdr", "c.vmrk", *sidecars])


def test_a_reader_that_breaks_fails_its_file_only(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv.io import brainvision

    def broken(path: Path) -> Recording:
        raise AssertionError("a\nbug")

    monkeypatch.setattr(brainvision, "open_", broken)
    results = outcomes(plan([folder], tmp_path / "out"))
    assert [each.status for each in results.values()].count("done") == 2
    assert results["c.vhdr"].message.endswith(
        "c.vhdr: cannot be read as BrainVision (AssertionError: a bug)"
    )


def test_impossible_steps_write_nothing(folder: Path, tmp_path: Path) -> None:
    results = outcomes(
        plan([folder], tmp_path / "out" / "deep"), Pipeline([Step("lowpass", cutoff=5000)])
    )
    for name, each in results.items():
        assert each.status == "failed"
        assert f"{name}: cutoff must lie between 0 and 125 Hz" in each.message
        assert "sampling rate of 250 Hz; got 5000" in each.message
    assert not (tmp_path / "out").exists()


def test_a_failed_write_takes_its_folders_with_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv.io import edf

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(edf, "write", full)
    (outcome,) = run(plan([folder / "a.edf"], tmp_path / "out" / "x"), LOW)
    assert "a.edf: cannot be written as EDF (No space left on device)" in outcome.message
    assert not (tmp_path / "out").exists()


def test_nothing_is_replaced_unasked(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.edf").write_text("precious")
    results = outcomes(plan([folder], out))
    assert results["a.edf"].status == "failed"
    assert "a.edf exists already; --overwrite replaces it" in results["a.edf"].message
    assert (out / "a.edf").read_text() == "precious"
    assert results["b.fif"].status == "done"
    results = outcomes(plan([folder], out), overwrite=True)
    assert {each.status for each in results.values()} == {"done"}
    assert read(out / "a.edf").n_times == 2000


def test_events_still_fit_the_filtered_recording(data: Path, tmp_path: Path) -> None:
    source = next(iter(sorted((data / "eeg" / "ssvep_exo").glob("*_raw.fif"))))
    (outcome,) = run(plan([source], tmp_path), LOW)
    assert outcome.status == "done", outcome.message
    events = source.name.replace("_raw.fif", "-eve.fif")
    np.testing.assert_array_equal(
        mne.read_events(tmp_path / events), mne.read_events(source.with_name(events))
    )
    first = mne.io.read_raw_fif(source, verbose="error").first_samp
    assert mne.io.read_raw_fif(tmp_path / source.name, verbose="error").first_samp == first


def test_conversion_and_widening_are_said(data: Path, tmp_path: Path) -> None:
    shutil.copy(data / "eeg" / "formats" / "neuroscan_scan41_short.cnt", tmp_path / "old.cnt")
    (outcome,) = run(plan([tmp_path / "old.cnt"], tmp_path / "out"), LOW)
    assert outcome.status == "done", outcome.message
    assert outcome.notices == (
        f"{tmp_path / 'old.cnt'}: its format can only be read; the result is FIF, old_raw.fif",
    )
    assert mne.io.read_raw_fif(tmp_path / "out" / "old_raw.fif", verbose="error").n_times == 3070


def test_stopping_early_begins_no_more_files(folder: Path, tmp_path: Path) -> None:
    for number in range(20):
        shutil.copy(folder / "a.edf", folder / f"copy{number}.edf")
    running = run(plan([folder], tmp_path / "out"), LOW)
    next(running)
    running.close()  # type: ignore[attr-defined]
    left = {path.name for path in (tmp_path / "out").rglob("*.edf")}
    assert 0 < len(left) < 20
    assert not list((tmp_path / "out").rglob("*.partial"))


def test_bad_numbers_of_files_at_once(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at_once must be a whole number of at least 1; got 0"):
        run([], LOW, at_once=0)


def test_passband() -> None:
    steps = [
        Step("bandpass", cutoff=(1, 40)),
        Step("notch", freq=50),
        Step("highpass", cutoff=2),
        Step("fir", cutoff=30, kind="lowpass"),
        Step("smooth", width=0.1),
    ]
    assert passband(Pipeline(steps)) == (2.0, 30.0)
    assert passband(Pipeline([Step("notch", freq=50)])) == (None, None)


@pytest.mark.parametrize("name", ["a.edf", "a.bdf", "a.fif", "a.vhdr", "a.set"])
def test_another_rate_in_every_format(tmp_path: Path, name: str) -> None:
    recording = eeg().replace(annotations=[Annotation(2.5, 0.5, "go")])
    write(tmp_path / name, recording)
    (outcome,) = run(
        plan([tmp_path / name], tmp_path / "out"), Pipeline([Step("resample", new_fs=100)])
    )
    assert outcome.status == "done", outcome.message
    after = read(tmp_path / "out" / name)
    assert (after.fs, after.n_times) == (100, 800)
    assert [(note.onset, note.text) for note in after.annotations] == [(2.5, "go")]
    expected = resample(read(tmp_path / name).data, 100, fs=250)
    assert np.abs(after.data - expected).max() < 2 * np.ptp(expected) / 65535


def test_event_files_count_samples_at_the_new_rate(data: Path, tmp_path: Path) -> None:
    stem = "subject01_record-2012.07.06-19.02.16"
    source = data / "eeg/ssvep_exo" / f"{stem}_raw.fif"
    pipeline = Pipeline([Step("resample", new_fs=128)])
    (outcome,) = run(plan([source], tmp_path / "out"), pipeline)
    assert outcome.status == "done", outcome.message
    before = mne.read_events(data / "eeg/ssvep_exo" / f"{stem}-eve.fif", verbose="error")
    after = mne.read_events(tmp_path / "out" / f"{stem}-eve.fif", verbose="error")
    np.testing.assert_array_equal(after[:, 1:], before[:, 1:])
    np.testing.assert_allclose(after[:, 0] / 128, before[:, 0] / 256, atol=0.5 / 128)
    raw = mne.io.read_raw_fif(tmp_path / "out" / f"{stem}_raw.fif", verbose="error")
    original = mne.io.read_raw_fif(source, verbose="error")
    assert raw.info["lowpass"] == 64
    assert raw.info["meas_date"] == original.info["meas_date"]


def test_the_sidecar_stands_before_its_results(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    replace = Path.replace

    def recorded(path: Path, target: Path) -> Path:
        order.append(target.name)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", recorded)
    assert outcomes(plan([folder / "deep"], tmp_path / "out"))["c.vhdr"].status == "done"
    assert order[0] == "c.vhdr.sigconv.json"
    assert order[-1] == "c.vhdr"


def test_stages_are_told_and_a_run_can_be_stopped(folder: Path, tmp_path: Path) -> None:
    import threading

    stop, told = threading.Event(), []

    def tell(job: object, stage: str) -> None:
        told.append(stage)
        stop.set()

    results = outcomes(plan([folder], tmp_path / "out"), stop=stop, tell=tell)
    assert told == ["reading", "lowpass", "writing"]
    assert [each.status for each in results.values()] == ["done"]
