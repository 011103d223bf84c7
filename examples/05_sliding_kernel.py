"""Draw a convolution as it happens: the flipped kernel slides along the signal, sample by sample.

Writes sliding_kernel.gif into the current folder, or to the path given.
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter

from sigconv import convolve, kernels


def main(path: str = "sliding_kernel.gif") -> None:
    t = np.arange(48)
    noise = np.random.default_rng(0).normal(scale=0.15, size=t.size)
    x = np.where((t > 8) & (t < 20), 1.0, 0) + np.where(t > 30, (t - 30) / 18, 0) + noise
    h = kernels.exponential(3.0, truncate=3)
    y = convolve(x, h)  # 48 + 9 - 1 outputs
    n = np.arange(len(y))

    figure, (above, middle, below) = plt.subplots(
        3, 1, figsize=(7, 5.5), sharex=True, layout="constrained"
    )
    above.stem(t, x, linefmt="0.6", markerfmt="o", basefmt="0.8")
    above.set_title("x[k], and h[n - k] over it", loc="left")
    middle.set_title("their products", loc="left")
    below.set_title("y[n], the sum of the products", loc="left")
    for ax in (above, middle, below):
        ax.set(xlim=(-len(h), len(y)), ylim=(-0.5, 1.6))
        ax.axhline(0, color="0.8", linewidth=0.8)
    middle.set_ylim(-0.125, 0.4)
    below.set_xlabel("sample")
    scale = above.twinx()  # the kernel's own, with the same zero
    scale.set_ylim(-0.125, 0.4)
    scale.tick_params(axis="y", colors="C1")
    taps = scale.bar(np.arange(len(h)), h, width=0.8, color="C1", alpha=0.7)
    products = middle.bar(np.arange(len(h)), h, width=0.8, color="C2")
    (answer,) = below.plot([], [], "o-", color="C0", markersize=3)

    def draw(now: int) -> None:
        for tap, (bar, product) in enumerate(zip(taps, products, strict=True)):
            k = now - tap  # where the tap lies on the signal
            bar.set_x(k - 0.4)
            product.set_x(k - 0.4)
            product.set_height(h[tap] * x[k] if 0 <= k < len(x) else 0)
        answer.set_data(n[: now + 1], y[: now + 1])

    animation = FuncAnimation(figure, draw, frames=len(y))
    animation.save(path, writer=PillowWriter(fps=8), dpi=70)
    print(f"wrote {path}: {len(y)} frames")


if __name__ == "__main__":
    main(*sys.argv[1:2])
