"""Find a shape in a picture, however bright or faint its copies are.

Writes template.png into the current folder, or to the path given.
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from sigconv import correlate, match_template

PLACES = [(20, 30), (90, 160), (150, 50), (140, 190), (60, 100)]


def picture(shape: np.ndarray, size: int = 220) -> np.ndarray:
    """Return copies of a shape, ever fainter, under a light that falls from the left."""
    rng = np.random.default_rng(0)
    image = 8 * np.exp(-np.arange(size) / 60) + rng.normal(scale=0.03, size=(size, size))
    for contrast, (row, column) in zip((1, 0.7, 0.5, 0.35, 0.25), PLACES, strict=True):
        image[row : row + 25, column : column + 25] += contrast * shape
    return image


def main(path: str = "template.png") -> None:
    y, x = np.mgrid[-1:1:25j, -1:1:25j]
    shape = np.where(np.abs(np.hypot(x, y) - 0.7) < 0.2, 1.0, 0.0)  # a ring
    image = picture(shape)
    plain = correlate(image, shape, mode="valid")
    likeness = match_template(image, shape)
    found = []
    left = likeness.copy()
    while left.max() > 0.5:  # the best one, then the best that does not overlap it
        row, column = np.unravel_index(left.argmax(), left.shape)
        left[max(0, row - 12) : row + 13, max(0, column - 12) : column + 13] = -1
        found.append((int(row), int(column)))

    panels = {"picture": image, "correlation": plain, "match_template": likeness}
    figure, axes = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
    for ax, (title, panel) in zip(axes, panels.items(), strict=True):
        figure.colorbar(ax.imshow(panel, cmap="gray"), ax=ax, shrink=0.8)
        ax.set_title(title)
        ax.axis("off")
    for row, column in found:
        axes[0].add_patch(Rectangle((column, row), 25, 25, fill=False, color="C1", linewidth=2))
    figure.savefig(path, dpi=110)
    print(f"wrote {path}: found {sorted(found)}, put at {sorted(PLACES)}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
