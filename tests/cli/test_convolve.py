"""`sigconv convolve`, called as a user would; SciPy is the judge of the samples."""

import json
from pathlib import Path

import mne
import numpy as np
import pytest
from scipy import ndimage

from sigconv import Recording, Volume, kernels, read, read_volume, write, write_volume
from sigconv.cli import main

nibabel = pytest.importorskip("nibabel")
pytest.importorskip("PIL")

RNG = np.random.default_rng(0)
COLOURS = ("red", "green", "blue", "alpha")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    codes = np.repeat([0, 3, 0, 1], 500)
    data = np.vstack([RNG.normal(size=(2, 2000)) * 2e-5, codes])
    write(
        source / "a_raw.fif",
        Recording(data, 250, kinds=["eeg", "eeg", "stim"], units=["V", "V", ""]),
    )
    picture = RNG.integers(0, 256, (30, 40, 4)).astype(np.uint8)
    write_volume(source / "deep" / "b.png", Volume(picture, channels=COLOURS))
    write_volume(source / "c.npy", Volume(RNG.integers(0, 9, (8, 9, 10))))
    (source / "notes.txt").touch()
    return source


def run(capsys: pytest.CaptureFixture[str], *argv: object, code: int = 0) -> tuple[str, str]:
    assert main(["convolve", *[str(each) for each in argv]]) == code
    return capsys.readouterr()


def test_all_kinds_in_one_run(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    told, notices = run(capsys, folder, "-o", out, "--kernel", "sobel-x")
    assert told.endswith("3 done, 0 failed\n")
    assert "samples beyond 0 to 255 were cut off there" in notices
    before, after = read(folder / "a_raw.fif"), read(out / "a_raw.fif")
    np.testing.assert_array_equal(after.data[2], before.data[2])
    expected = ndimage.convolve1d(before.data[:2], [1, 0, -1], mode="nearest")
    np.testing.assert_allclose(after.data[:2], expected, atol=1e-11)
    one, other = read_volume(folder / "deep" / "b.png"), read_volume(out / "deep" / "b.png")
    np.testing.assert_array_equal(other.data[..., 3], one.data[..., 3])
    for colour in range(3):
        expected = ndimage.sobel(one.data[..., colour].astype(int), axis=1, mode="nearest")
        np.testing.assert_array_equal(other.data[..., colour], expected.clip(0, 255))
    cube = np.load(folder / "c.npy")
    np.testing.assert_array_equal(np.load(out / "c.npy"), ndimage.sobel(cube, 2, mode="nearest"))


def test_a_real_scan_in_millimetres(data: Path, tmp_path: Path, capsys) -> None:
    source = data / "ct" / "example_ct_sm.nii.gz"
    _, said = run(capsys, source, "-o", tmp_path, "--kernel", "gaussian:sigma=4.5mm")
    assert "the result has fractions: int16 samples became float32" in said
    one, other = nibabel.load(source), nibabel.load(tmp_path / source.name)
    x = one.get_fdata()
    sigma = 4.5 / np.array(one.header.get_zooms())
    expected = ndimage.gaussian_filter(x, sigma, mode="nearest")
    np.testing.assert_allclose(other.get_fdata(), expected, atol=1e-3)
    np.testing.assert_array_equal(other.affine, one.affine)


def test_real_eeg_and_audio(data: Path, tmp_path: Path, capsys) -> None:
    voice = data / "audio" / "fsdd" / "recordings" / "3_jackson_1.wav"
    eeg = data / "eeg" / "eegmat"
    told, _ = run(capsys, eeg, voice, "-o", tmp_path, "--kernel", "hann:9", "--jobs", 2)
    assert told.endswith("5 done, 0 failed\n")
    path = sorted(eeg.glob("*.edf"))[0]
    before = mne.io.read_raw_edf(path, preload=True, verbose="error")
    after = mne.io.read_raw_edf(tmp_path / path.name, preload=True, verbose="error")
    h = kernels.window("hann", 9)
    expected = ndimage.convolve1d(before.get_data(), h, mode="nearest")
    steps = np.ptp(before.get_data(), axis=1, keepdims=True) / 65535
    assert np.all(np.abs(after.get_data() - expected) <= 2 * steps)
    assert list(after.annotations.description) == list(before.annotations.description)
    expected = ndimage.convolve1d(read(voice).data, h, mode="nearest")
    np.testing.assert_allclose(read(tmp_path / voice.name).data, expected, atol=1 / 32767)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_pictures_are_rounded(tmp_path: Path, capsys, dtype: str) -> None:
    x = RNG.integers(0, np.iinfo(dtype).max, (20, 30), dtype)
    write_volume(tmp_path / "a.png", Volume(x))
    _, said = run(
        capsys, tmp_path / "a.png", "-o", tmp_path / "o", "--kernel", "gaussian:sigma=2/1"
    )
    assert f"samples were rounded to {dtype}" in said
    expected = ndimage.gaussian_filter(x.astype(float), (1, 2), mode="nearest")  # y, x
    result = read_volume(tmp_path / "o" / "a.png").data
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, np.rint(expected))


def test_a_kernel_of_ones_own(folder: Path, tmp_path: Path, capsys) -> None:
    h, cube = np.arange(6, dtype=np.uint8).reshape(2, 3), np.load(folder / "c.npy")
    np.save(tmp_path / "h.npy", h)
    argv = [folder / "c.npy", "-o", tmp_path / "o", "--kernel", tmp_path / "h.npy"]
    _, said = run(capsys, *argv, code=1)
    assert "c.npy: kernel must have one axis for each of z, y, x (--axes says which); got 2" in said
    run(capsys, *argv, "--axes", "xz", "--correlate", "--boundary", "reflect")
    expected = ndimage.correlate(cube, h.T[:, None, :], mode="mirror", origin=(0, 0, 0))
    np.testing.assert_array_equal(np.load(tmp_path / "o" / "c.npy"), expected)
    np.save(tmp_path / "wide.npy", np.full((9, 9), 200, np.uint8))
    write_volume(tmp_path / "p.tif", Volume(np.full((20, 20), 250, np.uint16)))
    run(capsys, tmp_path / "p.tif", "-o", tmp_path / "o", "--kernel", tmp_path / "wide.npy")
    assert read_volume(tmp_path / "o" / "p.tif").data.max() == 65535  # cut off, not wrapped around


@pytest.mark.parametrize(("mode", "shift"), [("full", -2), ("valid", 2), ("same", 0)])
def test_the_grid_stays_where_it_is_in_the_world(tmp_path, capsys, mode, shift) -> None:
    affine = np.array([[0, -2.0, 0, 5], [1.5, 0, 0, -7], [0, 0, 3, 11], [0, 0, 0, 1]])
    x = np.zeros((12, 13, 14), np.float32)
    x[5, 6, 7] = 1
    nibabel.save(nibabel.Nifti1Image(x, affine), tmp_path / "a.nii")
    run(
        capsys, tmp_path / "a.nii", "-o", tmp_path / "o", "--kernel", "triangular:5", "--mode", mode
    )
    image = nibabel.load(tmp_path / "o" / "a.nii")
    peak = np.unravel_index(image.get_fdata().argmax(), image.shape)
    np.testing.assert_allclose(image.affine @ [*peak, 1], affine @ [5, 6, 7, 1])
    np.testing.assert_allclose(image.affine[:3, 3], (affine @ [shift, shift, shift, 1])[:3])


def test_one_bad_file_nothing_replaced_and_what_is_told(
    folder: Path, tmp_path: Path, capsys
) -> None:
    (folder / "broken.png").write_text("no picture")
    argv = [folder, "-o", tmp_path / "out", "--kernel", "laplacian"]
    told, said = run(capsys, *argv, code=1)
    assert told.endswith("3 done, 1 failed\n")
    assert "broken.png: cannot be read as PNG" in said
    told, said = run(capsys, *argv, code=1)
    assert "b.png exists already; --overwrite replaces it" in said
    told, said = run(capsys, *argv, "--overwrite", "--quiet", code=1)
    assert (told, len(said.splitlines())) == ("", 1)
    told, _ = run(capsys, *argv, "--overwrite", "--json", code=1)
    lines = {Path(each["source"]).name: each for each in map(json.loads, told.splitlines())}
    assert lines["b.png"]["status"] == "done"
    assert "cut off" in lines["b.png"]["notices"][0]
    assert lines["broken.png"]["status"] == "failed"
    told, _ = run(capsys, *argv, "--dry-run")
    assert len(told.splitlines()) == 4
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--kernel", "sobl-x"], r"--kernel must be one of 'boxcar'.*did you mean 'sobel-x'?"),
        (["--kernel", "gaussian:sgma=2"], "did you mean 'sigma'?"),
        (
            ["--kernel", "gaussian:sigma=2cm"],
            "sigma must be in samples (2) or in millimetres (2mm)",
        ),
        (["--kernel", "gaussian:sigma=0"], "sigma must be a finite number above 0; got 0"),
        (["--kernel", "laplacian:3"], "diagonal must be true or false; got 3"),
        (["--kernel", "sobel-x:3"], "--kernel sobel-x takes no parameters"),
        (["--kernel", "gaussian:sigma"], "must be written NAME:KEY=VALUE,KEY=VALUE"),
        (["--kernel", "gone.npy"], "--kernel: gone.npy: no such file"),
        (["--kernel", "sobel-x", "--mode", "sam"], "mode must be one of 'full', 'same', 'valid'"),
        (["--kernel", "sobel-x", "--boundary", "edg"], "did you mean 'edge'?"),
        (["--kernel", "sobel-x", "--axes", "xt"], "axes must be of the letters x, y and z"),
        ([], "the following arguments are required: --kernel"),
    ],
)
def test_wrong_usage(folder: Path, tmp_path: Path, capsys, words, sentence) -> None:
    out, err = run(capsys, folder, "-o", tmp_path / "out", *words, code=2)
    assert not out
    assert all(part in err for part in sentence.split(".*"))
    assert not (tmp_path / "out").exists()


def test_never_onto_the_input(folder: Path, capsys) -> None:
    _, err = run(capsys, folder, "-o", folder, "--kernel", "sobel-x", code=2)
    assert "out must not be where the input lies" in err


def test_what_a_file_cannot_have(folder: Path, tmp_path: Path, capsys) -> None:
    start = [folder, "-o", tmp_path / "out", "--kernel"]
    _, err = run(capsys, *start, "hann:5", "--mode", "full", code=1)
    assert "a_raw.fif: mode must be 'same' for a recording with triggers or annotations" in err
    assert "b.png: mode must be 'same' for a picture with transparency; got 'full'" in err
    _, err = run(capsys, *start, "sobel-z", "--overwrite", code=1)
    assert "b.png: this kernel needs the axis z among the axes; got 2 (x, y)" in err
    _, err = run(capsys, *start, "gaussian:sigma=2mm", "--overwrite", code=1)
    assert "sigma must be in samples where there are no millimetres; got '2mm'" in err
    _, err = run(capsys, *start, "hann:5", "--axes", "z", "--overwrite", code=1)
    assert "a_raw.fif: axes must be x, which is time, for a recording; got 'z'" in err
    assert "b.png: axes must be among y, x; got 'z'" in err


def test_info(folder: Path, capsys) -> None:
    assert main(["info", str(folder / "deep" / "b.png"), str(folder / "c.npy")]) == 0
    told = capsys.readouterr().out
    assert "30 y, 40 x" in told
    assert "4: red, green, blue, alpha" in told
    assert "8 x 9 x 10" in told
    assert main(["info", "--json", str(folder / "c.npy")]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["format"], facts["size"], facts["type"]) == (
        "NumPy", {"z": 8, "y": 9, "x": 10}, "int64",
    )  # fmt: skip
