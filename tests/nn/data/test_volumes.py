"""Volumes and masks: spacing, orientation, patches, blending, and a mask on the input's grid."""

from dataclasses import replace

import nibabel
import numpy as np
import pytest
import torch

import sigconv
from sigconv import Volume
from sigconv.nn import (
    Checkpoint,
    TrainingConfig,
    build_model,
    cross_validate,
    load_checkpoint,
    save_checkpoint,
)
from sigconv.nn.data import VolumeDataset
from sigconv.nn.data.grids import oriented, put_back, resampled
from sigconv.nn.data.patches import Patches
from sigconv.nn.data.splits import Fold
from sigconv.nn.patches import over_volume
from sigconv.nn.results import headline
from sigconv.nn.training.tasks.volumes import confusion_of


def body(seed, grid=(24, 20, 16), spacing=(2.0, 2.0, 3.0)):
    """A bright ball of value 7 in its mask, in noise."""
    rng = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(*map(np.arange, grid), indexing="ij"), -1) * spacing
    centre = np.array(grid) * spacing / 2 + rng.uniform(-4, 4, 3)
    mask = (((places - centre) ** 2).sum(-1) < 12**2).astype(np.uint8) * 7
    return (100 * (mask > 0) + 10 * rng.normal(size=grid)).astype(np.float32), mask


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ct")
    (folder / "masks").mkdir()
    for i in range(3):
        spacing = (2.0, 2.0, 3.0) if i < 2 else (3.0, 2.0, 2.0)
        x, mask = body(i, spacing=spacing)
        affine = np.diag([*spacing, 1.0]) @ np.diag([-1 if i else 1, 1, 1, 1])
        for data, place in ((x, folder), (mask, folder / "masks")):
            nibabel.save(nibabel.Nifti1Image(data, affine), place / f"body{i}.nii.gz")
    return folder


def paths(folder):
    return sorted(folder.glob("body*.nii.gz"))


def test_all_have_the_spacing_and_the_orientation_of_the_first(folder):
    data = VolumeDataset.from_files(paths(folder), labels=folder / "masks", classes={"7": "ball"})
    assert data.classes == ("background", "ball")
    assert data.spacing == (2.0, 2.0, 3.0)
    assert [each.shape for each in data.masks] == [(24, 20, 16), (24, 20, 16), (36, 20, 11)]
    volume = 4 / 3 * np.pi * 12**3
    for x, mask in zip(data.volumes, data.masks, strict=True):
        assert x.shape == (1, *mask.shape)
        assert abs(x.mean()) < 1e-5
        assert mask.sum() * 12.0 == pytest.approx(volume, rel=0.1)
        assert x[0][mask == 1].mean() > x[0][mask == 0].mean() + 1


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, -1)])
def test_orientation_is_nibabels_canonical_one_and_is_undone(axes, signs):
    x = np.random.default_rng(0).normal(size=(4, 5, 6))
    affine = np.eye(4)
    affine[:3, :3] = 0
    spacing = (2.0, 3.0, 4.0)
    for world, (axis, sign) in enumerate(zip(axes, signs, strict=True)):
        affine[world, axis] = sign * spacing[axis]
    data, own, how = oriented(Volume(x, spacing=spacing, affine=affine))
    theirs = nibabel.as_closest_canonical(nibabel.Nifti1Image(x, affine))
    np.testing.assert_array_equal(data, theirs.get_fdata())
    assert own == tuple(float(step) for step in theirs.header.get_zooms())
    np.testing.assert_array_equal(put_back(data, how), x)


def test_resampling_keeps_the_extent():
    ramp = np.broadcast_to((np.arange(12) + 0.5)[:, None, None], (12, 3, 3))
    fine = resampled(ramp, (1, 1, 1), (0.5, 1, 1), order=1)
    np.testing.assert_allclose(fine[1:-1, 0, 0], (np.arange(24) + 0.5)[1:-1] / 2)
    for n in range(2, 30):  # whatever the ratio, the sizes come out
        assert resampled(ramp, (1, 1, 1), (12 / n, 1, 1), order=0).shape == (n, 3, 3)


def test_patches_lie_inside_and_half_hold_the_class(folder):
    data = VolumeDataset.from_files(paths(folder), labels=folder / "masks")
    patches = Patches(replace(data, patch=(8, 8, 8), patches=20), [0, 2], seed=0)
    assert patches.shape == (40, 1, 8, 8, 8)
    assert (patches.targets > 0).any(axis=(1, 2, 3))[1::2].all()
    for number in (0, 7, 25):
        row = patches.rows[number]
        windows = np.lib.stride_tricks.sliding_window_view(data.volumes[row][0], (8, 8, 8))
        assert (windows == patches[[number]][0, 0]).all(axis=(3, 4, 5)).sum() == 1
    wide = Patches(
        replace(data, patch=(8, 8, 16), patches=4), [2], seed=0
    )  # its 11 samples are continued
    assert (wide.targets[..., 11:] == -1).all()


@pytest.mark.parametrize("grid", [(24, 20, 16), (9, 20, 11)])
def test_blending_is_monais(grid):
    inferers = pytest.importorskip("monai.inferers", reason="MONAI is not installed")
    x = np.random.default_rng(0).normal(size=(1, *grid)).astype(np.float32)
    model = torch.nn.Conv3d(1, 3, 3, padding=1)
    ours = over_volume(model, x, (10, 8, 8), overlap=0.5)
    with torch.no_grad():
        theirs = inferers.sliding_window_inference(
            torch.from_numpy(x)[None], (10, 8, 8), 1, lambda y: model(y).softmax(1), 0.5, "gaussian"
        )
    if grid[0] < 10:  # smaller than a patch: they put it in the middle, we at the beginning
        assert ours.shape == theirs.shape[1:]
    else:
        np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(ours.sum(0), 1, atol=1e-5)


def test_a_held_out_volume_is_segmented_and_its_mask_has_its_affine(folder, tmp_path):
    data = VolumeDataset.from_files(
        paths(folder),
        labels=folder / "masks",
        classes={"7": "ball"},
        patch=(16, 16, 8),
        patches=8,
    )
    config = TrainingConfig(epochs=8, batch_size=4, learning_rate=0.01)
    part = Fold("last", np.array([0, 1]), np.array([2]))
    options = {"padding": "same", "batch_norm": True, "levels": 1, "width": 0.1}
    result, network = next(cross_validate(data, options=options, split=[part], config=config))
    assert headline(data, result, "unet") > 0.8
    path = tmp_path / "net.safetensors"
    save_checkpoint(path, Checkpoint.of(network, data, config))
    source = paths(folder)[2]
    mask = load_checkpoint(path).segment(sigconv.read_volume(source))
    sigconv.write_volume(tmp_path / "mask.nii.gz", mask)
    written, given = nibabel.load(tmp_path / "mask.nii.gz"), nibabel.load(source)
    np.testing.assert_array_equal(written.affine, given.affine)
    truth = np.asarray(nibabel.load(folder / "masks" / source.name).dataobj) > 0
    called = np.asarray(written.dataobj) == 1
    assert called.shape == truth.shape
    assert 2 * (called & truth).sum() / (called.sum() + truth.sum()) > 0.8


def test_confusion_and_dice_by_hand():
    mask = np.array([[0, 1], [1, 2]])
    called = np.array([[0, 1], [2, 2]])
    found = confusion_of(mask, called, 3)
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 1, 1], [0, 0, 1]])


def test_what_does_not_fit(folder, tmp_path):
    with pytest.raises(ValueError, match=r"body0.nii.gz: has no mask"):
        VolumeDataset.from_files(paths(folder), labels=tmp_path)
    nibabel.save(nibabel.Nifti1Image(np.ones((3, 3, 3)), np.eye(4)), tmp_path / "body0.nii.gz")
    with pytest.raises(ValueError, match=r"its mask must have its grid \(24, 20, 16\); got"):
        VolumeDataset.from_files(paths(folder)[:1], labels=tmp_path)
    data = VolumeDataset.from_files(paths(folder), labels=folder / "masks")
    with pytest.raises(ValueError, match="split must be one that task 'segment' has"):
        next(cross_validate(data, split="by-time:2"))
    leaky = Fold("a", np.array([0, 1]), np.array([1]))
    with pytest.raises(ValueError, match="must keep groups whole"):
        next(cross_validate(data, split=[leaky]))
    with pytest.raises(ValueError, match="spacing must have a number for each of 3 axes; got 2"):
        VolumeDataset.from_files(paths(folder), labels=folder / "masks", spacing=(1, 1))
    model = build_model("plain_cnn", in_channels=1, num_classes=2)
    checkpoint = Checkpoint(model, ["a", "b"], ["C3"], 100.0, (0, 1))
    with pytest.raises(ValueError, match="task must be 'segment' to label voxels"):
        checkpoint.segment(Volume(np.zeros((4, 4, 4))))
