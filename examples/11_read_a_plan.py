"""Ask what a convolution is going to do: which method, why, how long, in how much memory."""

import time

import numpy as np

from sigconv import convolve, kernels, plan_convolution, separate

SIZE = 512


def disk(radius: float) -> np.ndarray:
    """Return the blur of a lens out of focus."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    inside = (np.hypot(x, y) <= radius + 0.5).astype(float)
    return inside / inside.sum()


def main() -> None:
    image = np.random.default_rng(0).normal(size=(SIZE, SIZE))
    log = kernels.laplacian_of_gaussian(4)
    shapes = {
        "sharpen": kernels.sharpen(),
        "gaussian": kernels.gaussian(4, ndim=2),
        "Laplacian of gaussian": log,
        "disk": disk(20),
    }
    for name, h in shapes.items():
        plan = plan_convolution(image.shape, h, mode="same", boundary="reflect", workers=1)
        plan(image)  # the first call may compile
        started = time.perf_counter()
        plan(image)
        taken = time.perf_counter() - started
        print(
            f"{name:<22}{h.shape[0]:>3} x {h.shape[1]:<3}{plan.method:<13}"
            f"told {plan.time * 1e3:6.2f} ms, took {taken * 1e3:6.2f} ms"
        )

    plan = plan_convolution(image.shape, log, mode="same", boundary="reflect")
    print(f"\nAll of one plan:\n{plan}\n")
    same = convolve(image, log, mode="same", boundary="reflect")
    assert np.array_equal(plan(image), same)  # convolve follows the same plan

    for rtol in (0.1, 0.01, None):
        terms, error = separate(shapes["disk"], rtol)
        print(f"the disk as {len(terms):>2} outer products: {error:.1e} of it is missing")


if __name__ == "__main__":
    main()
