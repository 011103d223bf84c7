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
