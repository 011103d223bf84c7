"""`sigconv plot`, `sigconv convert`, and what `sigconv info` says of all formats."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigconv import Annotation, Recording, Volume, read, read_volume, write, write_volume
from sigconv.cli import main


def eeg() -> Recording:
    x = np.random.default_rng(0).normal(size=(3, 2000)) * 2e-5
    x[2] = 0  # the format's own word for a trigger channel
    notes = [Annotation(1.0, 0.5, "go")]
    return Recording(x, 250, ["C3", "C4", "STATUS"], ["eeg", "eeg", "stim"], annotations=notes)


def audio() -> Recording:
    x = np.random.default_rng(0).normal(size=(2, 8000)) * 0.1
    return Recording(x, 8000, kinds="audio", units="")


@pytest.mark.parametrize("made", [eeg, audio])
def test_a_picture(tmp_path: Path, made: object, capsys: pytest.CaptureFixture[str]) -> None:
    recording = made()  # type: ignore[operator]
    name = "a b.wav" if recording.kinds[0] == "audio" else "a b.edf"
    write(tmp_path / name, recording)
    picture = tmp_path / "p.png"
    argv = ["plot", str(tmp_path / name), "-o", str(picture)]
    assert main(argv) == 0
    with Image.open(picture) as image:
        assert image.size[0] == 1200
        colours = np.asarray(image.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) > 200  # a spectrogram is colourful
    before = picture.read_bytes()
    assert main(argv) == 2
    assert "--overwrite replaces it" in capsys.readouterr().err
    channel = recording.channels[1]
    assert main([*argv, "--overwrite", "--channels", channel, "--start", "0.5"]) == 0
    assert picture.read_bytes() != before


def test_what_cannot_be_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.edf", eeg())
    argv = ["plot", str(tmp_path / "a.edf"), "-o", str(tmp_path / "p.png")]
    assert main([*argv, "--channels", "C5"]) == 2
    assert "channels must be one of 'C3', 'C4', 'STATUS'; got 'C5'" in capsys.readouterr().err
    assert main([*argv, "--start", "100"]) == 2
    assert "start must be a finite number" in capsys.readouterr().err
    assert main(["plot", str(tmp_path / "gone.edf"), "-o", str(tmp_path / "p.png")]) == 1
    assert "gone.edf: no such file" in capsys.readouterr().err
    assert main(["plot", str(tmp_path / "a.edf"), "-o", str(tmp_path / "no" / "p.png")]) == 2
    assert not (tmp_path / "p.png").exists()


@pytest.mark.parametrize("to", ["edf", ".bdf", "fif", "VHDR", "set"])
def test_eeg_converts(tmp_path: Path, to: str) -> None:
    write(tmp_path / "a.fif", eeg())
    assert main(["convert", str(tmp_path / "a.fif"), "-o", str(tmp_path / "out"), "--to", to]) == 0
    before = read(tmp_path / "a.fif")
    after = read(tmp_path / "out" / f"a.{to.lower().removeprefix('.')}")
    assert (after.fs, after.channels, after.n_times) == (before.fs, before.channels, before.n_times)
    step = np.ptp(before.data[:2]) / 65535
    assert np.abs(after.data[:2] - before.data[:2]).max() <= step
    assert [note.text for note in after.annotations] == ["go"]


def test_audio_and_pictures_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    write(source / "a.wav", audio())
    picture = np.random.default_rng(0).integers(0, 255, (20, 30), np.uint8)
    write_volume(source / "p.png", Volume(picture, axes=("y", "x")))
    argv = ["convert", str(source), "-o", str(out), "--to"]
    assert main([*argv, "flac"]) == 0
    np.testing.assert_array_equal(read(out / "a.flac").data, read(source / "a.wav").data)
    assert main([*argv, "tif", "--name", "{stem}_2{ext}"]) == 0
    np.testing.assert_array_equal(read_volume(out / "p_2.tif").data, picture)
    capsys.readouterr()
    assert main([*argv, "edf"]) == 0  # audio fits into EDF, in no unit
    assert main([*argv, "flac", "--skip-done"]) == 0
    assert "1 done already" in capsys.readouterr().out
    write(source / "e.edf", eeg())
    assert main([*argv, "ogg"]) == 1
    assert "OGG holds audio in [-1, 1]; got channels of kind eeg" in capsys.readouterr().err
    assert main([*argv, "gdf"]) == 2
    assert "to must be one of .edf, .bdf" in capsys.readouterr().err
    assert main(["convert", str(source / "a.wav"), "-o", str(source), "--to", "wav"]) == 2
    assert "out must not be where the input lies" in capsys.readouterr().err


def test_two_sources_of_one_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.edf", eeg())
    write(tmp_path / "a.fif", eeg())
    inputs = [str(tmp_path / "a.edf"), str(tmp_path / "a.fif")]
    assert main(["convert", *inputs, "-o", str(tmp_path / "out"), "--to", "bdf"]) == 2
    assert "inputs must not share an output" in capsys.readouterr().err


def test_info_reads_headers_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv import io

    names = ["a.edf", "a.bdf", "a.fif", "a.vhdr", "a.set", "a.wav", "a.flac", "a.ogg"]
    for name in names:
        write(tmp_path / name, audio() if name[2:] in ("wav", "flac", "ogg") else eeg())

    whole = {name: read(tmp_path / name) for name in names}

    def refuse(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(io, "read", refuse)
    assert main(["info", *(str(tmp_path / name) for name in names), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for name, facts in zip(names, told, strict=True):
        is_audio = name[2:] in ("wav", "flac", "ogg")
        assert facts["samples"] == (8000 if is_audio else 2000)
        assert facts["kinds"] == dict(Counter(whole[name].kinds))
        assert facts["channels"] == list(whole[name].channels)
        assert facts["annotations"] == ({} if is_audio else {"go": 1})
