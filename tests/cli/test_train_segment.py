"""`sigconv train --task segment` and the masks that `sigconv predict` writes."""

import json

import nibabel
import numpy as np
import pytest

from sigconv.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Bright cubes of value 3 in noise, in volumes of two orders of axes."""
    folder = tmp_path_factory.mktemp("ct")
    rng = np.random.default_rng(0)
    for name in ("ct", "masks"):
        (folder / name).mkdir()
    for i in range(3):
        mask = np.zeros((18, 16, 14), np.uint8)
        mask[4:12, 5:12, 3 : 9 + i] = 3
        affine = np.diag([-1.0 if i == 1 else 1.0, 1.0, 1.5, 1.0])
        x = (mask * 20 + 5 * rng.normal(size=mask.shape)).astype(np.float32)
        nibabel.save(nibabel.Nifti1Image(x, affine), folder / f"ct/sub-{i}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(mask, affine), folder / f"masks/sub-{i}.nii.gz")
    return folder


def test_from_masks_to_masks(folder, tmp_path, capsys):
    out = tmp_path / "run"
    words = ["--task", "segment", "--labels", str(folder / "masks"), "--classes", "cube=3"]
    words += ["--patch", "8", "8", "8", "--patches", "8", "--epochs", "4", "--batch-size", "4"]
    words += ["--group", r"subject=filename:(sub-\d)", "--split", "group-k-fold:3"]
    words += ["--learning-rate", "0.01"]
    words += ["--model-option", "levels=1", "--model-option", "width=0.1"]
    assert main(["train", str(folder / "ct"), "-o", str(out), *words]) == 0
    said = capsys.readouterr().out
    assert "3 volumes at 1 x 1 x 1.5: background, cube" in said
    found = json.loads((out / "results.json").read_text())
    assert len(found["volumes"]) == 3
    assert found["dice"]["cube"]["mean"] > 0.7
    assert main(["train", str(folder / "ct"), "-o", str(out), *words]) == 1
    assert "exists already; --overwrite replaces it" in capsys.readouterr().err
    checkpoint = ["--checkpoint", str(out / "fold02-part2.safetensors")]
    source = [str(folder / f"ct/sub-{i}.nii.gz") for i in (0, 1)]
    assert main(["predict", *source, "-o", str(tmp_path / "said"), *checkpoint]) == 0
    for i in (0, 1):
        mask = nibabel.load(tmp_path / f"said/sub-{i}_mask.nii.gz")
        given = nibabel.load(source[i])
        np.testing.assert_array_equal(mask.affine, given.affine)
        truth = np.asarray(nibabel.load(folder / f"masks/sub-{i}.nii.gz").dataobj) == 3
        called = np.asarray(mask.dataobj) == 1
        assert 2 * (truth & called).sum() / (truth.sum() + called.sum()) > 0.7
    assert main(["evaluate", *source, "-o", str(tmp_path / "e"), *checkpoint]) == 1
    assert "labels voxels; `sigconv predict` writes masks" in capsys.readouterr().err


def test_masks_are_needed(folder, tmp_path, capsys):
    assert main(["train", str(folder / "ct"), "-o", str(tmp_path), "--task", "segment"]) == 2
    assert "--task segment needs --labels" in capsys.readouterr().err
