"""Arrays (.npy) as recordings: their sidecars, their order in the file, their precision."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Recording
from sigconv._checks import FileError
from sigconv.io import (
    FileNotice,
    is_recording,
    is_volume,
    mark_filtered,
    open_recording,
    read,
    read_heading,
    write,
    write_volume,
)
from sigconv.volume import Volume

RNG = np.random.default_rng(5)


def full() -> Recording:
    return Recording(
        RNG.normal(size=(3, 700)),
        256.5,
        channels=["C3", "gr\u00f6\u00dfe", "STI"],
        kinds=["eeg", "misc", "stim"],
        units=["V", "C", ""],
        annotations=[Annotation(0.25, 1.5, "<b>go</b>", ("C3",)), Annotation(2.0, 0.0, "stop")],
        start=datetime(2020, 2, 29, 12, 0, 1, 250_000, tzinfo=UTC),
    )


def test_everything_comes_back(tmp_path: Path) -> None:
    recording = mark_filtered(full(), highpass=1, lowpass=40, notches=[50])
    write(tmp_path / "a.npy", recording)
    again = read(tmp_path / "a.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), recording.data)
    np.testing.assert_array_equal(again.data, recording.data)
    for name in ("fs", "channels", "kinds", "units", "annotations", "start"):
        assert getattr(again, name) == getattr(recording, name), name
    assert (again.origin.highpass, again.origin.lowpass) == (1, 40)
    assert again.origin.notches == (50,)
    write(tmp_path / "b.npy", again)
    for ending in (".npy", ".npy.json"):
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "f2", "<i2", ">u4", "i1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_part_of_any_array(tmp_path: Path, dtype: str, order: str) -> None:
    x = np.array(RNG.integers(0, 100, (4, 900)), dtype, order=order)
    np.save(tmp_path / "a.npy", x)
    with open_recording(tmp_path / "a.npy", fs=100) as reader:
        assert reader.dtype == np.float64
        np.testing.assert_array_equal(reader.read(0, 900), x)
        np.testing.assert_array_equal(reader.read(13, 140, [2, 0]), x[[2, 0], 13:140])
        np.testing.assert_array_equal(reader.read(899, 900, slice(1, 3)), x[1:3, 899:])
        assert reader.read(5, 5).shape == (4, 0)
    assert (read_heading(tmp_path / "a.npy", fs=100).channels) == ("ch1", "ch2", "ch3", "ch4")


def test_one_channel_and_many(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(10.0))
    np.testing.assert_array_equal(read(tmp_path / "a.npy", fs=5).data, [np.arange(10)])
    np.save(tmp_path / "b.npy", np.zeros((90, 2)))
    with pytest.warns(FileNotice, match="its first axis are the channels: 90 of 2 samples"):
        assert read(tmp_path / "b.npy", fs=5).n_channels == 90


@pytest.mark.parametrize(
    ("dtype", "becomes"), [("f4", "f4"), ("f8", "f8"), (">f4", "f4"), ("i2", "f4"), ("i4", "f8")]
)
def test_the_precision_of_the_source(tmp_path: Path, dtype: str, becomes: str) -> None:
    np.save(tmp_path / "a.npy", np.arange(12).reshape(2, 6).astype(dtype))
    recording = read(tmp_path / "a.npy", fs=10)
    halves = recording.replace(data=recording.data / 2)
    if becomes == np.dtype(dtype).newbyteorder("="):
        write(tmp_path / "b.npy", halves)
    else:
        with pytest.warns(FileNotice, match=f"int.. samples became {np.dtype(becomes)}"):
            write(tmp_path / "b.npy", halves)
    found = np.load(tmp_path / "b.npy")
    assert found.dtype == becomes
    np.testing.assert_array_equal(found, np.arange(12).reshape(2, 6) / 2)


def test_what_is_too_large_for_the_precision(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((1, 4), np.float16))
    recording = read(tmp_path / "a.npy", fs=10)
    with pytest.raises(FileError, match=r"b\.npy: float16 cannot hold 4 of the values"):
        write(tmp_path / "b.npy", recording.replace(data=recording.data * 1e6))
    assert not (tmp_path / "b.npy").exists()
    assert not (tmp_path / "b.npy.json").exists()


def test_where_the_rate_comes_from(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 30)))
    path, sidecar = tmp_path / "a.npy", tmp_path / "a.npy.json"
    assert is_volume(path)
    assert is_recording(path, 250)
    assert not is_recording(path)
    with pytest.raises(FileError, match=r"holds no sampling rate; give it as fs \(--fs\), or as"):
        read(path)
    with pytest.raises(ValueError, match="fs must be a finite number above 0; got -1"):
        read(path, fs=-1)
    sidecar.write_text('{"fs": 250, "units": "V"}')
    assert is_recording(path)
    assert not is_volume(path)
    assert (read(path).fs, read(path).units) == (250, ("V", "V"))
    assert read(path, fs=250).fs == 250
    with pytest.raises(FileError, match=r"its a\.npy\.json says 250 Hz; got fs 500"):
        read(path, fs=500)
    write(tmp_path / "a.edf", read(path))
    with pytest.raises(FileError, match=r"a\.edf: EDF says its own rate; got fs 250"):
        read(tmp_path / "a.edf", fs=250)
    with pytest.raises(FileError, match=r"a\.npy\.json makes it a recording"):
        write_volume(path, Volume(np.zeros((3, 4))), overwrite=True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1]", "must hold one JSON object"),
        ("{", "is no JSON"),
        ('{"fs": "250"}', "has a strange 'fs': '250'"),
        ('{"fs": 250, "channels": 4}', "has a strange 'channels': 4"),
        ('{"fs": 250, "channels": ["a"]}', "one for each of 2 channels"),
        ('{"fs": 0}', "fs must be a finite number above 0"),
        ('{"fs": 1, "start": "today"}', "today"),
        ('{"fs": 1, "annotations": [{"onset": 1}]}', "duration"),
    ],
)
def test_strange_sidecars(tmp_path: Path, text: str, sentence: str) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 30)))
    (tmp_path / "a.npy.json").write_text(text)
    with pytest.raises(FileError, match=rf"a\.npy: .*{sentence}"):
        read(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((2, 3, 4)), r"must hold channels by samples .* got the shape \(2, 3, 4\)"),
        (np.zeros(3, complex), "must hold real numbers; got an array of complex128"),
        (np.zeros(3, [("a", "f8")]), "must hold real numbers"),
        (np.array(["a", None]), "must hold real numbers; got an array of object"),
        (np.zeros((2, 0)), "holds no samples"),
    ],
)
def test_arrays_that_are_no_recordings(tmp_path: Path, array: np.ndarray, sentence: str) -> None:
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(FileError, match=rf"a\.npy: {sentence}"):
        read(tmp_path / "a.npy", fs=100)


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.npy", full())
    with open_recording(tmp_path / "a.npy") as reader:
        raw = (tmp_path / "a.npy").read_bytes()
        (tmp_path / "a.npy").write_bytes(raw[:-2000])
        with pytest.raises(FileError, match=r"a\.npy: became shorter while it was read"):
            reader.read()
    with pytest.raises(FileError, match=r"a\.npy: is truncated: of 2100 samples 1850 are there"):
        read(tmp_path / "a.npy")


def test_the_sidecar_is_plain(tmp_path: Path) -> None:
    write(tmp_path / "a.npy", full())
    facts = json.loads((tmp_path / "a.npy.json").read_text())
    assert (facts["fs"], facts["kinds"]) == (256.5, ["eeg", "misc", "stim"])
    assert facts["annotations"][0]["text"] == "<b>go</b>"
