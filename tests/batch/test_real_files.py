"""Real recordings through a pipeline: untouched channels to the bit, others within half a step."""

from pathlib import Path

import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, read
from sigconv.batch import plan, run
from sigconv.io import collected, is_recording
from sigconv.io.edf_header import read_header
from sigconv.io.edf_layout import VOLTS

STEPS = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("smooth", width=0.02)])


def steps_of(path: Path, recording: Recording) -> np.ndarray:
    """Return the step of each channel of a file, shape (n_channels, 1)."""
    if path.suffix in (".edf", ".bdf"):
        signals = [each for each in read_header(path).signals if not each.holds_annotations]
        found = [abs(each.gain) * VOLTS.get(each.dimension, 1.0) for each in signals]
    elif path.suffix in (".wav", ".flac"):
        found = [2.0**-15] * recording.n_channels
    else:  # 32-bit floats
        found = list(2.0**-23 * np.abs(recording.data).max(axis=1))
    return np.array(found)[:, np.newaxis]


def check(source: Path, folder: Path, max_memory: int | None) -> Path:
    """Process a file; compare the result with what the arrays give."""
    (outcome,) = run(plan([source], folder), STEPS, max_memory=max_memory)
    assert outcome.status == "done", outcome.message
    with collected():
        before, after = read(source), read(outcome.target)
    expected = STEPS.apply(before)
    assert (after.fs, after.channels, after.start) == (before.fs, before.channels, before.start)
    assert [note.text for note in after.annotations] == [note.text for note in before.annotations]
    rows = before.signal_channels
    rest = [row for row in range(before.n_channels) if row not in rows]
    if outcome.target.suffix == ".fif":  # of which triggers are 32-bit floats too
        untouched = before.data[rest].astype(np.float32)
    else:
        untouched = before.data[rest]
    np.testing.assert_array_equal(after.data[rest], untouched)
    half = 0.501 * steps_of(outcome.target, after)
    assert np.all(np.abs(after.data - expected.data)[rows] <= half[rows])
    return outcome.target


def test_every_eeg_file(data: Path, tmp_path: Path) -> None:
    files = [path for path in sorted((data / "eeg").rglob("*")) if is_recording(path)]
    assert len(files) >= 25
    chosen = [path for i, path in enumerate(files) if i % 4 == 0 or path.parent.name == "formats"]
    for path in chosen:
        whole = check(path, tmp_path / "whole" / path.parent.name, None)
        # of .set, which is written at once, and of what is short the whole fits in any case
        allowed = None if path.suffix == ".set" else 3_000_000
        cut = check(path, tmp_path / "cut" / path.parent.name, allowed)
        with collected():
            np.testing.assert_array_equal(read(cut).data, read(whole).data)


@pytest.mark.slow
def test_every_eeg_file_of_all(data: Path, tmp_path: Path) -> None:
    for path in sorted((data / "eeg").rglob("*")):
        if is_recording(path):
            check(path, tmp_path / path.parent.name, None if path.suffix == ".set" else 3_000_000)


def test_audio(data: Path, tmp_path: Path) -> None:
    for name in ("0_george_0.wav", "5_theo_3.wav", "9_yweweler_7.wav"):
        source = data / "audio" / "fsdd" / "recordings" / name
        one, other = (check(source, tmp_path / word, size) for word, size in AT_ONCE)
        assert one.read_bytes() == other.read_bytes()


AT_ONCE = (("whole", None), ("cut", 10_000))
