"""Find the edges of an image with Sobel's, the Laplacian and the Laplacian of a gaussian.

Writes edges.png into the current folder, or to the path given.
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from sigconv import convolve, kernels


def picture(size: int = 240) -> np.ndarray:
    """Return a grey picture: a disc, a tilted square, a ramp and a little noise."""
    y, x = np.mgrid[-1 : 1 : 1j * size, -1 : 1 : 1j * size]
    image = 0.25 * (x + 1) / 2
    image[(x + 0.4) ** 2 + (y + 0.3) ** 2 < 0.12] = 0.9
    image[np.abs(x - 0.35) + np.abs(y - 0.35) < 0.4] = 0.6
    return image + np.random.default_rng(0).normal(scale=0.02, size=image.shape)


def main(path: str = "edges.png") -> None:
    image = picture()
    form = {"mode": "same", "boundary": "reflect"}
    calm = convolve(image, kernels.gaussian(1.5, ndim=2), **form)
    across = convolve(calm, kernels.sobel(axis=1), **form)
    down = convolve(calm, kernels.sobel(axis=0), **form)
    panels = {
        "picture": image,
        "Sobel along x": across,
        "Sobel along y": down,
        "strength of the edges": np.hypot(across, down),
        "Laplacian": convolve(calm, kernels.laplacian(), **form),
        "Laplacian of gaussian, σ = 3": convolve(image, kernels.laplacian_of_gaussian(3.0), **form),
    }
    figure, axes = plt.subplots(2, 3, figsize=(10, 7), layout="constrained")
    for place, (title, panel) in zip(axes.flat, panels.items(), strict=True):
        signed = panel.min() < -0.1 * panel.max()
        limit = np.abs(panel).max()
        place.imshow(panel, cmap="RdBu_r" if signed else "gray", vmin=-limit * signed, vmax=limit)
        place.set_title(title)
        place.axis("off")
    figure.savefig(path, dpi=110)
    print(f"wrote {path}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
