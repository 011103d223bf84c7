"""The aorta in CT volumes, with a 3D U-Net: python 24_aorta_in_ct.py.

$SIGCONV_DATA/ct holds volumes of two people, one with contrast medium in the blood and one without.
Each is held out in turn: patches of the other are trained on, the network slides over what it has
never seen, and its mask is written as NIfTI on that volume's own grid.
"""

import os
import tempfile
from pathlib import Path

import nibabel
import numpy as np

import sigconv
from sigconv.nn import Augmentation, Checkpoint, TrainingConfig, cross_validate
from sigconv.nn.data import VolumeDataset
from sigconv.nn.results import draw_masks, summarise, table
from sigconv.nn.training.tasks import Segment

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "ct"
#: Volume, its mask, and the value there that means aorta.
PEOPLE = {"ct_cropped": ("aorta", 1), "example_ct_sm": ("example_seg", 52)}
SPLIT = "leave-one-subject-out"
OPTIONS = {"padding": "same", "batch_norm": True, "levels": 3, "width": 0.125}


def main(epochs: int = 25, picture: str | None = None) -> dict[str, float]:
    """Return Dice of the network on each person when the other one was learned from."""
    with tempfile.TemporaryDirectory() as folder:
        for volume, (mask, value) in PEOPLE.items():
            labels = sigconv.read_volume(DATA / f"{mask}.nii.gz")
            aorta = labels.replace(data=(labels.data == value).astype(np.uint8))
            sigconv.write_volume(Path(folder) / f"{volume}.nii.gz", aorta)
        data = VolumeDataset.from_files(
            [DATA / f"{volume}.nii.gz" for volume in PEOPLE],
            labels=folder,
            classes={"1": "aorta"},
            spacing=(3, 3, 3),
            patch=(32, 32, 16),
            patches=64,
        )
        changes = [Augmentation("turn"), Augmentation("gain", limit=0.3), Augmentation("noise")]
        config = TrainingConfig(epochs=epochs, batch_size=8, augment=changes)
        results = []
        for result, network in cross_validate(data, options=OPTIONS, split=SPLIT, config=config):
            results.append(result)
            row = int(result.test[0])
            held_out = sigconv.read_volume(str(data.files[row]))
            mask = Checkpoint.of(network, data, config).segment(held_out)
            path = Path(folder) / f"called{row}.nii.gz"
            sigconv.write_volume(path, mask)
            assert nibabel.load(path).shape == nibabel.load(data.files[row]).shape
            if picture is not None:
                called = Segment(data).called_by(network, row)
                draw_masks(data, row, called).savefig(f"{picture}{row}.png")
        found = summarise(data, results, model="unet", split=SPLIT, config=config)
        print(table(found))
    return {Path(who).name: each["unet"]["dice"] for who, each in found["per_subject"].items()}


if __name__ == "__main__":
    print(main())
