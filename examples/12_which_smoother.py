"""Show which smoother to use when: python 12_which_smoother.py [PICTURE].

A made-up signal, known without its noise: a slow wave, a short peak, a step and two outliers.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

import sigconv

FS = 200
METHODS = {
    "gaussian": ("plain noise; nothing overshoots", {"width": 0.03}),
    "savitzky_golay": ("peaks keep their height", {"width": 0.15, "order": 3}),
    "median": ("outliers go, steps stay", {"width": 0.11}),
    "lowess": ("outliers go, slopes stay", {"width": 0.2}),
    "whittaker": ("gaps too (nan_policy='omit'), even ends", {"width": 0.25}),
    "total_variation": ("plateaus and steps; outliers stay", {"width": 0.05}),
}


def made_up() -> tuple[np.ndarray, np.ndarray]:
    """Return 4 s of the signal without noise, and of what would be measured."""
    t = np.arange(4 * FS) / FS
    clean = np.sin(2 * np.pi * 0.4 * t) + 1.5 * np.exp(-0.5 * ((t - 1) / 0.03) ** 2)
    clean += 2 * (t > 2)
    measured = clean + 0.2 * np.random.default_rng(0).standard_normal(t.size)
    measured[[FS // 2, 3 * FS]] += 4
    return clean, measured


def main() -> None:
    clean, measured = made_up()
    t = np.arange(clean.size) / FS
    parts = {"wave": t < 0.4, "outlier": abs(t - 3) < 0.05, "peak": abs(t - 1) < 0.05}
    parts["step"] = abs(t - 2) < 0.05
    figure, axes = plt.subplots(
        len(METHODS), 1, figsize=(10, 13), sharex=True, sharey=True, layout="constrained"
    )
    print(f"{'greatest error':16}" + "".join(f"{part:>9}" for part in parts))
    for ax, (method, (use, options)) in zip(axes, METHODS.items(), strict=True):
        smoothed = sigconv.smooth(measured, method=method, fs=FS, **options)
        errors = [np.abs(smoothed - clean)[part].max() for part in parts.values()]
        print(f"{method:16}" + "".join(f"{error:9.2f}" for error in errors))
        ax.plot(t, measured, color="0.75", linewidth=0.8, label="measured")
        ax.plot(t, clean, color="k", linewidth=0.8, label="without noise")
        ax.plot(t, smoothed, color="C3", linewidth=1.4, label="smoothed")
        ax.set_title(f"{method}: {use}", loc="left", fontsize=10)
    axes[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)
    axes[-1].set_xlabel("time (s)")
    figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "which_smoother.png", dpi=100)


if __name__ == "__main__":
    main()
