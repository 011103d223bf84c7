"""Formats that are only read, and audio beyond WAV, FLAC and OGG."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sigconv import Recording, read, write
from sigconv.batch import plan
from sigconv.cli import main
from sigconv.io import FileNotice, audio, companions, format_of, is_recording, open_recording

RNG = np.random.default_rng(2)


def persyst(folder: Path) -> np.ndarray:
    """Write a Persyst recording by hand; return its samples in volts."""
    codes = RNG.integers(-3000, 3000, (500, 2)).astype("<i2")
    (folder / "a.dat").write_bytes(codes.tobytes())
    (folder / "a.lay").write_text(
        "[FileInfo]\nFile=a.dat\nFileType=Interleaved\nSamplingRate=250\nHeaderLength=0\n"
        "Calibration=0.5\nWaveformCount=2\nDataType=0\n[ChannelMap]\nC3-REF=1\nC4-REF=2\n"
        "[Patient]\nFirst=A\nLast=B\nSex=\nHand=\nBirthDate=02/03/70\nID=\nTestDate=2020.02.03\n"
        "TestTime=10:11:12\nComments1=\nComments2=\n[Comments]\n0.5,0.0,0,100,go\n"
    )
    return codes.T * 0.5e-6


def nicolet(folder: Path) -> np.ndarray:
    """Write a Nicolet recording by hand; return its samples in volts."""
    codes = RNG.integers(-3000, 3000, (512, 3)).astype("<i2")
    (folder / "a.data").write_bytes(codes.tobytes())
    (folder / "a.head").write_text(
        "start_ts=2020-02-03 10:11:12.500\nnum_samples=512\nsample_freq=256\n"
        "conversion_factor=0.25\n"
        "num_channels=3\nelec_names=[FP1,FP2,C3]\npat_id=1\nadm_id=1\nrec_id=1\nduration_in_sec=2\n"
        "sample_bytes=2"
    )
    return codes.T * 0.25e-6


@pytest.mark.parametrize(("make", "name"), [(persyst, "a.lay"), (nicolet, "a.data")])
def test_made_by_hand(tmp_path: Path, make: object, name: str) -> None:
    source = tmp_path / "in"
    source.mkdir()
    x = make(source)  # type: ignore[operator]
    recording = read(source / name)
    np.testing.assert_allclose(recording.data[: len(x)], x, rtol=0, atol=1e-12)
    with open_recording(source / name) as reader:
        np.testing.assert_array_equal(reader.read(100, 333), recording.data[:, 100:333])
    assert len(companions(source / name)) == 2
    (job,) = plan([source], tmp_path / "out")
    assert (job.source.name, job.target.name, job.converted) == (name, "a_raw.fif", True)
    assert main(["filter", str(source), "-o", str(tmp_path / "out"), "--lowpass", "40"]) == 0
    assert read(tmp_path / "out" / "a_raw.fif").channels == recording.channels


def test_an_eeg_file_is_nihon_kohden_s_if_its_mates_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.eeg"
    path.write_bytes(b"EEG-1100A V01.00" + bytes(1000))
    assert not is_recording(path)
    with pytest.raises(ValueError, match=r"is a part of a recording; name the file a\.vhdr"):
        format_of(path)
    path.with_suffix(".PNT").write_bytes(bytes(100))
    assert is_recording(path)
    with pytest.raises(ValueError, match=r"a\.eeg: cannot be read as Nihon Kohden"):
        read(path)


def test_recordings_that_are_folders(tmp_path: Path) -> None:
    (tmp_path / "in" / "day" / "a.mff").mkdir(parents=True)
    (tmp_path / "in" / "day" / "a.mff" / "signal1.bin").write_bytes(b"x")
    (job,) = plan([tmp_path / "in"], tmp_path / "out")
    assert job.target == tmp_path / "out" / "day" / "a_raw.fif"
    (job,) = plan([tmp_path / "in" / "day" / "a.mff"], tmp_path / "out")
    assert job.target == tmp_path / "out" / "a_raw.fif"
    with pytest.raises(ValueError, match=r"a\.mff: cannot be read as EGI"):
        read(job.source)


def tone(n: int = 30_000) -> Recording:
    x = 0.5 * np.sin(np.arange(n) / 9) * np.array([[1.0], [0.5]])
    return Recording(x, 22050, kinds="audio", units="")


@pytest.mark.parametrize(
    ("name", "kind"), [("a.rf64", "RF64"), ("a.aiff", "AIFF"), ("a.aif", "AIFF"), ("a.wav", "WAV")]
)
def test_whole_numbers_come_back(tmp_path: Path, name: str, kind: str) -> None:
    write(tmp_path / name, tone())
    assert soundfile.info(tmp_path / name).format == kind
    once = read(tmp_path / name)
    write(tmp_path / f"b{name}", once)
    np.testing.assert_array_equal(read(tmp_path / f"b{name}").data, once.data)
    assert np.abs(once.data - tone().data).max() <= 2**-16


def test_a_wav_that_is_rf64_inside_stays_so(tmp_path: Path) -> None:
    write(tmp_path / "a.rf64", tone())
    (tmp_path / "a.rf64").rename(tmp_path / "a.wav")
    write(tmp_path / "b.wav", read(tmp_path / "a.wav"))
    assert (tmp_path / "b.wav").read_bytes()[:4] == b"RF64"


def test_more_than_a_wav_header_can_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "_WAV_BYTES", 100_000)
    with pytest.warns(FileNotice, match="more than 4 GB: written as RF64"):
        write(tmp_path / "a.wav", tone())
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    assert read(tmp_path / "a.wav").n_times == 30_000


@pytest.mark.parametrize("name", ["a.rf64", "a.aiff"])
def test_truncated(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, tone())
    raw = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ValueError, match="is truncated"):
        read(tmp_path / name)


def test_mp3_and_ogg_are_read_in_any_order(tmp_path: Path) -> None:
    for name in ("a.mp3", "a.ogg"):
        write(tmp_path / name, tone())
        with open_recording(tmp_path / name) as reader:
            whole = reader.load().data
            for start, stop in [(20_000, 25_000), (0, 7), (123, 9000), (9000, 9001)]:
                np.testing.assert_array_equal(reader.read(start, stop), whole[:, start:stop])
        assert np.abs(whole - tone().data).mean() < 0.02


def test_an_odd_chunk_before_the_samples(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", tone())
    raw = (tmp_path / "a.wav").read_bytes()
    odd = b"note" + struct.pack("<I", 3) + b"abc\0"
    size = struct.pack("<I", len(raw) - 8 + len(odd))
    (tmp_path / "b.wav").write_bytes(raw[:4] + size + raw[8:12] + odd + raw[12:])
    np.testing.assert_array_equal(read(tmp_path / "b.wav").data, read(tmp_path / "a.wav").data)
