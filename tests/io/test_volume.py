"""NIfTI and .npy: samples, places, types."""

from pathlib import Path

import numpy as np
import pytest

from sigconv import Volume, read_volume, write_volume
from sigconv.io import FileNotice, volume_frame

nibabel = pytest.importorskip("nibabel")

AFFINE = np.array([[0, -2.0, 0, 5], [1.5, 0, 0, -7], [0, 0, 3, 11], [0, 0, 0, 1]])


def nifti(path: Path, data: np.ndarray) -> Path:
    image = nibabel.Nifti1Image(data, AFFINE)
    image.set_qform(AFFINE, 1)
    image.header.set_xyzt_units("mm", "sec")
    image.header["descrip"] = b"a scan"
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("name", ["ct_cropped", "example_ct_sm", "aorta", "example_seg"])
def test_real_volumes_come_back_as_they_were(data: Path, tmp_path: Path, name: str) -> None:
    source, copy = data / "ct" / f"{name}.nii.gz", tmp_path / "copy.nii.gz"
    volume = read_volume(source)
    write_volume(copy, volume)
    one, other = nibabel.load(source), nibabel.load(copy)
    np.testing.assert_array_equal(np.asanyarray(other.dataobj), np.asanyarray(one.dataobj))
    np.testing.assert_array_equal(volume.data, np.asanyarray(one.dataobj))
    assert other.get_data_dtype() == one.get_data_dtype()
    np.testing.assert_array_equal(other.affine, one.affine)
    for key in ("qform_code", "sform_code", "pixdim", "descrip", "xyzt_units"):
        np.testing.assert_array_equal(other.header[key], one.header[key], err_msg=key)
    assert volume.spacing == pytest.approx(one.header.get_zooms())


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64", "complex64"])
def test_nifti_types(tmp_path: Path, ending: str, dtype: str) -> None:
    x = (np.random.default_rng(0).normal(size=(4, 5, 6)) * 50).astype(dtype)
    path = nifti(tmp_path / f"a{ending}", x)
    volume = read_volume(path)
    assert (volume.axes, volume.spacing, volume.unit) == (("x", "y", "z"), (1.5, 2, 3), "mm")
    np.testing.assert_array_equal(volume.affine, AFFINE)
    write_volume(tmp_path / f"b{ending}", volume)
    image = nibabel.load(tmp_path / f"b{ending}")
    assert image.get_data_dtype() == dtype
    np.testing.assert_array_equal(np.asanyarray(image.dataobj), x)


def test_scaled_samples_are_scaled_and_stay_floats(tmp_path: Path) -> None:
    stored = np.arange(-30, 30, dtype=np.int16).reshape(3, 4, 5)
    path = tmp_path / "a.nii"
    image = nibabel.Nifti1Image(stored, AFFINE)
    raw = bytearray(image.to_bytes())
    raw[112:120] = np.array([0.5, 0.25], "<f4").tobytes()  # scl_slope, scl_inter
    path.write_bytes(raw)
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.data, 0.5 * stored + 0.25)
    write_volume(tmp_path / "b.nii", volume)
    image = nibabel.load(tmp_path / "b.nii")
    assert (image.dataobj.slope, image.dataobj.inter) == (1, 0)
    np.testing.assert_array_equal(np.asanyarray(image.dataobj), volume.data)


def test_what_the_type_cannot_hold_becomes_floats_and_is_said(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii", np.ones((3, 4, 5), np.int16))
    volume, out = read_volume(path), tmp_path / "b.nii"
    write_volume(out, volume.replace(data=volume.data.astype(np.int64) * 7))
    assert nibabel.load(out).get_data_dtype() == np.int16
    with pytest.warns(FileNotice, match="beyond its range: int16 samples became float32"):
        write_volume(out, volume.replace(data=volume.data * 40_000.0), overwrite=True)
    assert np.asanyarray(nibabel.load(out).dataobj).max() == 40_000
    with pytest.warns(FileNotice, match="the result has fractions: int16 samples became float32"):
        write_volume(out, volume.replace(data=volume.data / 2), overwrite=True)
    assert np.asanyarray(nibabel.load(out).dataobj).max() == 0.5


def test_time_points_and_volumes_of_our_own(tmp_path: Path) -> None:
    series = np.random.default_rng(0).normal(size=(3, 4, 5, 6))
    volume = read_volume(nifti(tmp_path / "a.nii", series))
    assert volume.grid == (3, 4, 5)
    write_volume(tmp_path / "b.nii", volume)
    np.testing.assert_array_equal(nibabel.load(tmp_path / "b.nii").get_fdata(), series)
    own = Volume(series[..., 0], spacing=(3, 2, 1), unit="mm")  # z, y, x
    write_volume(tmp_path / "c.nii", own)
    image = nibabel.load(tmp_path / "c.nii")
    assert image.header.get_zooms() == (1, 2, 3)
    np.testing.assert_array_equal(image.get_fdata(), series[..., 0].T)
    with pytest.warns(FileNotice, match="NIfTI has no float16: samples became float32"):
        write_volume(tmp_path / "d.nii", Volume(np.zeros((2, 2, 2), np.float16)))


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64", "bool", "complex128"])
def test_npy(tmp_path: Path, dtype: str) -> None:
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    np.save(tmp_path / "a.npy", x)
    volume = read_volume(tmp_path / "a.npy")
    assert volume.axes == ("z", "y", "x")
    write_volume(tmp_path / "b.npy", volume)
    copy = np.load(tmp_path / "b.npy")
    assert copy.dtype == dtype
    np.testing.assert_array_equal(copy, x)


def test_damage_is_refused(tmp_path: Path) -> None:
    whole = nifti(tmp_path / "whole.nii.gz", np.random.default_rng(0).normal(size=(9, 9, 9)))
    (tmp_path / "cut.nii.gz").write_bytes(whole.read_bytes()[:3000])
    plain = nifti(tmp_path / "plain.nii", np.zeros((9, 9, 9)))
    (tmp_path / "cut.nii").write_bytes(plain.read_bytes()[:3000])
    np.save(tmp_path / "whole.npy", np.zeros(1000))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "whole.npy").read_bytes()[:3000])
    np.save(tmp_path / "deep.npy", np.zeros((2, 2, 2, 2)))
    np.save(tmp_path / "text.npy", np.array(["a", "b"]))
    np.save(tmp_path / "any.npy", np.array([None, 1]), allow_pickle=True)
    sentences = {
        "cut.nii.gz": "cannot be read as NIfTI",
        "cut.nii": "cannot be read as NIfTI",
        "cut.npy": "cannot be read as NumPy",
        "any.npy": "cannot be read as NumPy",
        "deep.npy": "must hold an array of 1 to 3 axes; got 4",
        "text.npy": "must hold numbers; got an array of <U1",
    }
    for name, sentence in sentences.items():
        with pytest.raises(ValueError, match=f"{name}: {sentence}"):
            read_volume(tmp_path / name)


@pytest.mark.parametrize("name", ["a.npy", "a.nii", "a.nii.gz"])
def test_all_but_the_samples(tmp_path: Path, name: str) -> None:
    spacing, axes = (1.5, 2.0, 3.0), ("x", "y", "z")
    if name == "a.npy":
        volume = Volume(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    else:
        volume = Volume(np.arange(60, dtype=np.int16).reshape(3, 4, 5), spacing, axes=axes)
    write_volume(tmp_path / name, volume)
    frame, whole = volume_frame(tmp_path / name), read_volume(tmp_path / name)
    for fact in ("grid", "axes", "spacing", "unit", "channels"):
        assert getattr(frame, fact) == getattr(whole, fact), fact
    assert (frame.data.dtype, frame.data.shape) == (whole.data.dtype, whole.data.shape)
