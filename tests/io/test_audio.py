"""Audio: bit depths, tags, what lies beyond [-1, 1]."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sigconv import Recording
from sigconv._checks import FileError
from sigconv.io import FileNotice, read, write


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_bit_depth_and_every_value_are_kept(tmp_path: Path, subtype: str) -> None:
    bits = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24}.get(subtype, 32)
    codes = np.linspace(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 4096).round()
    shift = {8: 8, 16: 0, 24: 8, 32: 0}[bits]
    stored = (codes * 2**shift).astype(np.int16 if bits <= 16 else np.int32)
    soundfile.write(tmp_path / "a.wav", stored, 44100, subtype=subtype)
    recording = read(tmp_path / "a.wav")
    write(tmp_path / "b.wav", recording)
    assert soundfile.info(tmp_path / "b.wav").subtype == subtype
    np.testing.assert_array_equal(read(tmp_path / "b.wav").data, recording.data)


def test_channels_and_tags(tmp_path: Path) -> None:
    stereo = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 48000, 2, "PCM_24") as file:
        file.title = "the title"
        file.write(stereo)
    recording = read(tmp_path / "a.flac")
    assert (recording.n_channels, recording.fs) == (2, 48000)
    write(tmp_path / "b.flac", recording)
    with soundfile.SoundFile(tmp_path / "b.flac") as file:
        assert (file.title, file.subtype) == ("the title", "PCM_24")


def test_lossy_ogg_keeps_length_and_rate(tmp_path: Path) -> None:
    tone = Recording(0.5 * np.sin(np.arange(22051) / 9), 22050, kinds="audio", units="")
    write(tmp_path / "a.ogg", tone)
    again = read(tmp_path / "a.ogg")
    assert (again.n_times, again.fs) == (22051, 22050)
    assert np.abs(again.data - tone.data).mean() < 0.02


def test_values_beyond_one_are_cut_off_aloud(tmp_path: Path) -> None:
    loud = Recording([0.0, 1.5, -2.0, 1.0, -1.0], 8000, kinds="audio", units="")
    with pytest.warns(FileNotice, match=r"a\.wav: 2 samples beyond \[-1, 1\] were cut off there"):
        write(tmp_path / "a.wav", loud)
    top = 1 - 2**-15
    np.testing.assert_array_equal(read(tmp_path / "a.wav").data[0], [0, top, -1, top, -1])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kinds": "eeg"}, r"a\.wav: WAV holds audio in \[-1, 1\]; got channels of kind eeg"),
        ({"fs": 99.5}, r"a\.wav: WAV needs a whole sampling rate; got 99\.5 Hz"),
        ({"data": [np.nan, 1.0]}, r"a\.wav: WAV \(PCM_16\) cannot hold NaN or infinities; got 1"),
    ],
)
def test_what_audio_cannot_hold(tmp_path: Path, changes: dict, sentence: str) -> None:
    with pytest.raises(FileError, match=sentence):
        write(
            tmp_path / "a.wav",
            Recording([0.0, 0.5], 8000, kinds="audio", units="").replace(**changes),
        )
    assert not list(tmp_path.iterdir())


def test_length_left_open_by_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.linspace(-0.5, 0.5, 1000), 8000)
    raw = bytearray(path.read_bytes())
    where = raw.index(b"data") + 4
    raw[where : where + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    assert read(path).n_times == 1000


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_24", 24)])
@pytest.mark.parametrize("n_channels", [1, 2, 5])
def test_numbers_are_rounded_and_cut_off_one_by_one(
    tmp_path: Path, subtype: str, bits: int, n_channels: int
) -> None:
    rng = np.random.default_rng(bits)
    x = rng.uniform(-1, 1, (n_channels, 2000))
    full = 2.0 ** (bits - 1)
    x[0, :8] = np.array([0.5, 1.5, 2.5, -0.5, -1.5, full - 0.5, full, -full]) / full
    x[-1, 1500:1503] = 1.25, -3.0, 1 + 2**-40
    template = tmp_path / "template.wav"
    soundfile.write(template, np.zeros((10, n_channels)), 8000, subtype=subtype)
    with pytest.warns(FileNotice, match=r"b\.wav: 3 samples beyond \[-1, 1\] were cut off there"):
        write(tmp_path / "b.wav", read(template).replace(data=x))
    numbers = np.rint(x.clip(-1, 1) * full).clip(-full, full - 1)  # halves to the even one
    np.testing.assert_array_equal(read(tmp_path / "b.wav").data, numbers / full)
    found = soundfile.read(tmp_path / "b.wav", dtype="int32", always_2d=True)[0]
    np.testing.assert_array_equal(found.T, numbers * 2.0 ** (32 - bits))


def test_a_header_that_lies_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.flac", Recording(np.zeros(100), 8000, kinds="audio", units=""))
    monkeypatch.setattr(soundfile.SoundFile, "copy_metadata", lambda file: 1 / 0)
    with pytest.raises(FileError, match=r"a\.flac: cannot be read as FLAC \(ZeroDivisionError"):
        read(tmp_path / "a.flac")  # a file left open is a warning, and so an error here
