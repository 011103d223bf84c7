"""The aorta in a CT volume, with a 3D U-Net: python 24_aorta_in_ct.py.

$SIGCONV_DATA/ct holds volumes of two people. Patches of the lower two thirds of one are trained on;
the overlap (Dice) is told there (0.95), on the upper third with its arch (0.1) and on the other
volume (0), whose blood holds no contrast medium: what was shown is known, and nothing beyond it.
"""

import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

import sigconv
from sigconv.nn import build_model
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "ct"
SIDE, AORTA = 32, 52  # samples of a patch; the other volume's label


def volume(name: str, step: int = 1) -> torch.Tensor:
    """Return a volume (or mask), its axes to the right, front and head, averaged over `step`."""
    read = sigconv.read_volume(DATA / f"{name}.nii.gz")
    flips = [axis for axis in range(3) if read.affine[axis, axis] < 0]
    x = torch.tensor(np.flip(read.data, flips).astype(np.float32))
    return nn.functional.avg_pool3d(x[None], step)[0]


def dice(model: nn.Module, x: torch.Tensor, mask: torch.Tensor) -> float:
    """Return twice the overlap of what is called aorta and what is, over the sum of both."""
    with torch.no_grad():
        called = model.eval()(x[None, None])[0].argmax(0)
    return float(2 * (called * mask).sum() / (called.sum() + mask.sum()))


def main(steps: int = 400) -> tuple[float, float]:
    x, mask = volume("ct_cropped", 2) / 300, (volume("aorta", 2) > 0.5).long()
    other, labels = volume("example_ct_sm") / 300, (volume("example_seg") == AORTA).long()
    seen = 2 * x.shape[2] // 3
    options = {"padding": "same", "batch_norm": True, "levels": 3, "width": 0.125}
    model = seeded(0, lambda: build_model("unet", ndim=3, in_channels=1, num_classes=2, **options))
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        corners = rng.integers(0, np.array([*x.shape[:2], seen]) - SIDE + 1, (2, 3))
        places = [tuple(slice(i, i + SIDE) for i in corner) for corner in corners]
        patches, targets = (torch.stack([v[place] for place in places]) for v in (x, mask))
        nn.functional.cross_entropy(model.train()(patches[:, None]), targets).backward()
        optimiser.step()
        optimiser.zero_grad()
    lower, upper = (dice(model, x[..., z], mask[..., z]) for z in (slice(seen), slice(seen, None)))
    print(f"lower part {lower:.3f}, upper {upper:.3f}, other {dice(model, other, labels):.3f}")
    return lower, upper


if __name__ == "__main__":
    main()
