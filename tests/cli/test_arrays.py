"""Arrays (.npy) on the command line: recordings where their rate is known, else volumes."""

import json
from pathlib import Path

import numpy as np
import pytest

import sigconv
from sigconv import Recording, Volume, batch, read, read_volume, write, write_volume
from sigconv.cli import main

RNG = np.random.default_rng(9)
STEPS = ["--bandpass", "1", "40", "--notch", "50"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    np.save(folder / "plain.npy", RNG.normal(size=(3, 3000)).astype(np.float32))
    write(folder / "known.npy", Recording(RNG.normal(size=(2, 2000)) * 1e-5, 250))
    return folder


def run(*words: object) -> int:
    return main([str(word) for word in words])


def test_a_rate_makes_recordings(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert run("filter", folder, "-o", tmp_path / "a", *STEPS) == 0  # plain.npy is passed over
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        *("known.npy", "known.npy.json", "known.npy.sigconv.json")
    ]
    clean = sigconv.notch(50, fs=250).zero_phase(
        sigconv.bandpass((1, 40), fs=250).zero_phase(np.load(folder / "known.npy"))
    )
    np.testing.assert_array_equal(read(tmp_path / "a" / "known.npy").data, clean)
    capsys.readouterr()
    assert run("filter", folder / "plain.npy", "-o", tmp_path / "b", *STEPS) == 1
    assert "plain.npy: holds no sampling rate; give it as fs (--fs)" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
    argv = ["filter", folder, "-o", tmp_path / "b", *STEPS, "--fs", 250, "--report"]
    assert run(*argv, tmp_path / "report.html") == 0
    found = np.load(tmp_path / "b" / "plain.npy")
    assert (found.dtype, read(tmp_path / "b" / "plain.npy").fs) == (np.float32, 250)
    assert "plain.npy" in (tmp_path / "report.html").read_text()
    capsys.readouterr()
    assert run(*argv[:-1], "--skip-done", "--json") == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["status"] for each in told] == ["skipped", "skipped"]
    assert run("filter", folder, "-o", tmp_path / "c", *STEPS, "--fs", 500) == 1
    assert "its known.npy.json says 250 Hz; got fs 500" in capsys.readouterr().err


def test_a_rate_for_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    run("convert", folder, "-o", tmp_path / "edf", "--to", "edf")
    argv = ["filter", tmp_path / "edf", "-o", tmp_path / "b", *STEPS, "--fs", 250]
    assert run(*argv) == 2
    assert "fs is for arrays (.npy), which hold no rate; none is among" in capsys.readouterr().err


def test_smooth_info_and_dry_run(folder: Path, tmp_path: Path, capsys) -> None:
    argv = ["smooth", folder / "plain.npy", "-o", tmp_path / "a", "--width", "0.02", "--fs", "250"]
    assert run(*argv, "--dry-run", "--json") == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["fs"], seen["n_channels"], seen["seconds"]) == (250, 3, 12)
    assert run(*argv) == 0
    x = np.load(folder / "plain.npy").astype(float)
    smoothed = sigconv.smooth(x, width=0.02, fs=250).astype(np.float32)
    np.testing.assert_array_equal(np.load(tmp_path / "a" / "plain.npy"), smoothed)
    capsys.readouterr()
    for words, rate in ((["known.npy"], 250), (["plain.npy", "--fs", "100"], 100)):
        assert run("info", folder / words[0], *words[1:], "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["format"], facts["rate"]) == ("NumPy", rate)
    assert run("info", folder / "plain.npy", "--json") == 0
    assert json.loads(capsys.readouterr().out)["size"] == {"y": 3, "x": 3000}


def test_convert_to_and_from(folder: Path, tmp_path: Path, capsys) -> None:
    eeg = Recording(RNG.normal(size=(2, 500)) * 1e-5, 250, channels=["C3", "C4"])
    write(folder / "a.edf", eeg)
    write_volume(folder / "v.nii", Volume(RNG.integers(0, 9, (4, 5, 6)).astype(np.int16)))
    assert run("convert", folder, "-o", tmp_path / "npy", "--to", "npy") == 0
    found = read(tmp_path / "npy" / "a.npy")
    np.testing.assert_array_equal(found.data, read(folder / "a.edf").data)
    assert (found.fs, found.channels, found.units) == (250, ("C3", "C4"), ("V", "V"))
    cube = read_volume(tmp_path / "npy" / "v.npy").data
    np.testing.assert_array_equal(cube, read_volume(folder / "v.nii").data)
    assert not (tmp_path / "npy" / "v.npy.json").exists()
    assert run("convert", tmp_path / "npy" / "a.npy", "-o", tmp_path / "edf", "--to", "edf") == 0
    back = read(tmp_path / "edf" / "a.edf")
    step = 2 * np.abs(eeg.data).max() / 2**16
    np.testing.assert_allclose(back.data, found.data, rtol=0, atol=step)
    capsys.readouterr()
    assert run("convert", folder / "plain.npy", "-o", tmp_path / "e", "--to", "edf") == 1
    assert "plain.npy: holds no sampling rate" in capsys.readouterr().err


def test_convolve_goes_along_time_or_space(folder: Path, tmp_path: Path) -> None:
    argv = ["-o", tmp_path / "out", "--kernel", "gaussian:sigma=2"]
    assert run("convolve", folder, *argv) == 0
    gauss = sigconv.kernels.gaussian(2)
    x = np.load(folder / "known.npy")
    along = sigconv.convolve(x, gauss, axes=-1, mode="same", boundary="edge")
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "known.npy"), along)
    plane = np.load(folder / "plain.npy")
    both = sigconv.convolve(
        plane, sigconv.kernels.gaussian(2, ndim=2), mode="same", boundary="edge"
    )
    np.testing.assert_allclose(np.load(tmp_path / "out" / "plain.npy"), both, atol=1e-6)


@pytest.mark.parametrize("pieces", [False, True])
def test_recordings_in_pieces(
    folder: Path, tmp_path: Path, pieces: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigconv.io.reader.BLOCK", 1000)
    memory = ["--max-memory", "30k"] if pieces else []
    argv = ["filter", folder, "-o", tmp_path / "a", "--fs", "250", *STEPS, *memory]
    assert run(*argv) == 0
    for name in ("plain", "known"):
        x = np.load(folder / f"{name}.npy")
        clean = sigconv.notch(50, fs=250).zero_phase(
            sigconv.bandpass((1, 40), fs=250).zero_phase(x.astype(float))
        )
        found = np.load(tmp_path / "a" / f"{name}.npy")
        np.testing.assert_array_equal(found, clean.astype(x.dtype))


def volumes() -> dict[str, np.ndarray]:
    cube = RNG.integers(-900, 900, (40, 30, 20))
    return {
        "a.npy": cube.astype(np.int16),
        "b.npy": np.asfortranarray(cube.astype(np.float32)),
        "c.npy": cube.astype(">f8"),
        "d.nii": cube.astype(np.int16),
        "e.nii.gz": cube.astype(np.float32),
        "f.nii": np.stack([cube, cube[::-1]], -1).astype(np.uint16),
    }


@pytest.mark.parametrize("kernel", ["gaussian:sigma=2", "sobel-x", "boxcar:width=3"])
@pytest.mark.parametrize("mode", ["same", "valid"])
def test_volumes_in_pieces_are_those_at_once(
    tmp_path: Path, kernel: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigconv.io.volume_reader.SLAB", 5000)
    monkeypatch.setattr("sigconv.io.volume.SLAB", 3000)
    monkeypatch.setattr("sigconv.convolution.slabs.SLAB", 100_000)
    (tmp_path / "in").mkdir()
    for name, data in volumes().items():
        if name.endswith(".npy"):
            np.save(tmp_path / "in" / name, data)
        else:
            volume = Volume(data, spacing=(1, 2, 3), axes=("x", "y", "z"), unit="mm")
            write_volume(tmp_path / "in" / name, volume)
    argv = ["convolve", tmp_path / "in", "--kernel", kernel, "--mode", mode, "--quiet"]
    asked = []
    real = batch.one.io.VolumeReader.copy_into
    monkeypatch.setattr(
        batch.one.io.VolumeReader, "copy_into", lambda *a: (asked.append(a), real(*a))[1]
    )
    assert run(*argv, "-o", tmp_path / "whole") == 0
    assert not asked
    assert run(*argv, "-o", tmp_path / "cut", "--max-memory", "100k") == 0
    assert len(asked) == len(volumes())
    for name in volumes():
        one, other = (read_volume(tmp_path / where / name) for where in ("whole", "cut"))
        assert one.data.dtype.newbyteorder("=") == other.data.dtype.newbyteorder("="), name
        np.testing.assert_array_equal(one.data, other.data, err_msg=name)
        assert one.spacing == other.spacing
        if name[-3:] != "npy":
            np.testing.assert_array_equal(one.affine, other.affine)


@pytest.mark.parametrize("name", ["a.npy", "d.nii", "e.nii.gz"])
def test_damaged_volumes_in_pieces(tmp_path: Path, name: str, capsys) -> None:
    (tmp_path / "in").mkdir()
    data = volumes()[name]
    write_volume(tmp_path / "in" / name, Volume(data))
    raw = (tmp_path / "in" / name).read_bytes()
    (tmp_path / "in" / name).write_bytes(raw[: len(raw) * 2 // 3])
    argv = ["convolve", tmp_path / "in", "-o", tmp_path / "out", "--kernel", "sobel-x"]
    assert run(*argv, "--max-memory", "50k") == 1
    assert f"{name}: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_volumes_are_converted_in_pieces(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("d.nii", "e.nii.gz"):
        write_volume(tmp_path / "in" / name, Volume(volumes()[name], axes=("x", "y", "z")))
    argv = ["convert", tmp_path / "in", "-o", tmp_path / "out", "--to", "npy"]
    assert run(*argv, "--max-memory", "50k") == 0
    for name in ("d.nii", "e.nii.gz"):
        found = np.load(tmp_path / "out" / f"{name[0]}.npy")
        np.testing.assert_array_equal(found, read_volume(tmp_path / "in" / name).data)
