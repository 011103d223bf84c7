"""The aorta in CT volumes, with a 3D U-Net: python 24_aorta_in_ct.py.

$SIGCONV_DATA/ct holds volumes of two people, on grids of 1.5 and 3 mm. Patches of the first are
trained on; the network slides over both, and its masks are written as NIfTI on the volumes' own
grids. What was shown is known, and nothing beyond it: the overlap with the true mask (Dice) is
0.90 on the first person and 0 on the second, whose blood holds no contrast medium.
"""

import os
import tempfile
from pathlib import Path

import nibabel
import numpy as np

import sigconv
from sigconv.nn import Augmentation, Checkpoint, TrainingConfig, cross_validate
from sigconv.nn.data import Fold, VolumeDataset
from sigconv.nn.results import draw_masks

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "ct"
#: Volume, its mask, and the value there that means aorta.
PEOPLE = {"ct_cropped": ("aorta", 1), "example_ct_sm": ("example_seg", 52)}
FILES = [DATA / f"{name}.nii.gz" for name in PEOPLE]


def main(epochs: int = 30, pictures: str | None = None) -> dict[str, float]:
    """Return Dice on the person that was learned from, and on the other one."""
    dice = {}
    with tempfile.TemporaryDirectory() as folder:
        for file, (mask, value) in zip(FILES, PEOPLE.values(), strict=True):
            labels = sigconv.read_volume(DATA / f"{mask}.nii.gz")
            aorta = labels.replace(data=(labels.data == value).astype(np.uint8))
            sigconv.write_volume(Path(folder) / file.name, aorta)
        grid = {"spacing": (3, 3, 3), "patch": (32, 32, 16), "patches": 64}
        data = VolumeDataset.from_files(FILES, labels=folder, classes={"1": "aorta"}, **grid)
        changes = [Augmentation("turn"), Augmentation("gain", limit=0.3), Augmentation("noise")]
        config = TrainingConfig(epochs=epochs, batch_size=8, augment=changes)
        other = Fold("the other person", np.array([0]), np.array([1]))
        _, network = next(cross_validate(data, split=[other], config=config, baselines=()))
        checkpoint = Checkpoint.of(network, data, config)
        for row, (name, file) in enumerate(zip(PEOPLE, FILES, strict=True)):
            mask = checkpoint.segment(sigconv.read_volume(file))
            sigconv.write_volume(Path(folder) / "said.nii.gz", mask, overwrite=True)
            said = nibabel.load(Path(folder) / "said.nii.gz")
            assert np.array_equal(said.affine, nibabel.load(file).affine)
            called = np.asarray(said.dataobj)
            true = np.asarray(nibabel.load(Path(folder) / file.name).dataobj)
            dice[name] = float(2 * (called * true).sum() / (called.sum() + true.sum()))
            print(f"{name}: Dice {dice[name]:.3f}")
            if pictures is not None:
                turned = nibabel.as_closest_canonical(said)
                figure = draw_masks(data, row, np.asarray(turned.dataobj))
                figure.savefig(f"{pictures}{name}.png")
    return dice


if __name__ == "__main__":
    main()
