"""Recursive filters over some channels at a time: to the bit what they make of all at once."""

from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Pipeline, Recording, Step, open_recording, write
from sigconv.batch import run_file, streamed
from sigconv.io import collected

BAND = Step("bandpass", cutoff=(1, 40))
PIPELINES = {
    "zero phase": Pipeline([BAND, Step("notch", freq=50)]),
    "causal": Pipeline([Step("highpass", cutoff=1, causal=True)]),
    "gaps": Pipeline([Step("lowpass", cutoff=40, nan_policy="interpolate")]),
    "families": Pipeline([Step("bandstop", cutoff=(45, 55), family="elliptic", order=6), BAND]),
    "skipping": Pipeline([Step("comb", freq=50, skip_by_annotation="bad")]),
}


def made(n_signals: int, n: int) -> Recording:
    x = np.random.default_rng(n_signals).normal(size=(n_signals + 1, n)) * 2e-5
    x[3] = np.arange(n) // 500
    kinds = ["eeg"] * (n_signals + 1)
    kinds[3] = "stim"
    units = ["" if kind == "stim" else "V" for kind in kinds]
    notes = [Annotation(3, 0.0, "edge"), Annotation(8, 1.5, "BAD"), Annotation(9, 0, "go")]
    names = ["Status" if kind == "stim" else f"E{i}" for i, kind in enumerate(kinds)]
    return Recording(x, 250, channels=names, kinds=kinds, units=units, annotations=notes)


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize(
    ("n_signals", "workers", "ending"),
    [(16, 1, "edf"), (19, 1, "bdf"), (23, 1, "vhdr"), (25, 1, "fif"), (37, 2, "edf")],
)
def test_the_bits_of_the_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    n_signals: int,
    workers: int,
    ending: str,
) -> None:
    source = tmp_path / f"a.{ending}"
    write(source, made(n_signals, 20_000))
    monkeypatch.setattr(streamed, "_BLOCK", 50_000)
    taken = []
    by_channels = streamed.ByChannels
    monkeypatch.setattr(streamed, "ByChannels", lambda *a: taken.append(1) or by_channels(*a))
    for worth, folder in ((1, "parts"), (1 << 40, "whole")):
        monkeypatch.setattr(streamed, "_WORTH", worth)
        with collected():  # ranges are widened
            run_file(source, tmp_path / folder / source.name, PIPELINES[name], workers=workers)
    assert taken == [1]
    raw = [(tmp_path / folder / source.name).read_bytes() for folder in ("parts", "whole")]
    if ending == "fif":  # has a number of its own in each file
        assert len(raw[0]) == len(raw[1])
    else:
        assert raw[0] == raw[1]
    if ending == "vhdr":
        parts, whole = ((tmp_path / folder / "a.eeg").read_bytes() for folder in ("parts", "whole"))
        assert parts == whole
    assert not list((tmp_path / "parts").glob(".*"))


def test_what_goes_another_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed, "_WORTH", 1)
    write(tmp_path / "many.edf", made(16, 2500))
    write(tmp_path / "few.edf", made(15, 2500))
    with open_recording(tmp_path / "many.edf") as many, open_recording(tmp_path / "few.edf") as few:
        assert streamed.goes_by_channels(Pipeline([BAND]), many)
        assert not streamed.goes_by_channels(Pipeline([BAND]), few)
        for step in (Step("fir", cutoff=40), Step("detrend"), Step("rereference")):
            assert not streamed.goes_by_channels(Pipeline([BAND, step]), many)
        assert not streamed.goes_by_channels(Pipeline(), many)
        monkeypatch.setattr(streamed, "_WORTH", 100_000)
        assert not streamed.goes_by_channels(Pipeline([BAND]), many)


def test_samples_on_disk(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(5, 100))
    there = streamed._OnDisk(tmp_path, (5, 100))
    there[:, 0:70] = x[:, :70]
    there[:, 70:100] = x[:, 70:]
    np.testing.assert_array_equal(there[:, :], x)
    there[2:4, :] = -x[2:4]
    np.testing.assert_array_equal(there[1:4, 13:77], [x[1, 13:77], *-x[2:4, 13:77]])
    assert not list(tmp_path.iterdir())
    there._file.truncate(100)
    with pytest.raises(OSError, match="samples between two steps are gone"):
        there[:, :]
    there.close()
