"""convolve against NumPy's and SciPy's convolutions."""

import numpy as np
import torch
from scipy import ndimage, signal
from torch.nn import functional

import sigconv

from .results import circumstances
from .timing import Case, table

#: How many outputs the extended-precision oracle computes.
N_SAMPLED = 64

#: Beyond so many products, peers without a transform take seconds and are left out.
MOST_PRODUCTS = 2e8


def run() -> str:
    torch.set_num_threads(1)
    cases = [
        one_dimension(dtype, n, k)
        for dtype in (np.float32, np.float64)
        for n in (10_000, 100_000, 1_000_000)
        for k in (3, 10, 31, 101, 501, 3301, 20_001)
        if k < n
    ]
    cases += [two_dimensions(np.float32, 512, k) for k in (3, 7, 15, 31)]
    return f"{circumstances('numpy', 'scipy', 'numba', 'torch')}\n\n{table(cases)}"


def one_dimension(dtype: type, n: int, k: int) -> Case:
    rng = np.random.default_rng(k)
    x, h = rng.normal(size=n).astype(dtype), rng.normal(size=k).astype(dtype)
    at = np.sort(rng.choice(np.arange(k // 2, n - k // 2), N_SAMPLED, replace=False))

    def exact() -> np.ndarray:
        wide_x, wide_h = x.astype(np.longdouble), h.astype(np.longdouble)[::-1]
        first = at - k + 1 + (k - 1) // 2  # mode same
        return np.array([(wide_x[i : i + k] * wide_h).sum() for i in first])

    tensors = [torch.from_numpy(part.copy())[None, None] for part in (x, h[::-1])]

    transforms = {
        "scipy.signal.fftconvolve": lambda: signal.fftconvolve(x, h, "same"),
        "scipy.signal.oaconvolve": lambda: signal.oaconvolve(x, h, "same"),
    }
    sums = {
        "numpy.convolve": lambda: np.convolve(x, h, "same"),
        "scipy.ndimage.convolve1d": lambda: ndimage.convolve1d(x, h, mode="constant"),
        "torch conv1d": lambda: functional.conv1d(*tensors, padding=k // 2).numpy()[0, 0, :n],
    }
    return Case(
        f"1D {np.dtype(dtype)}, {n:,} × {k}",
        ours=lambda: sigconv.convolve(x, h, mode="same", workers=1),
        peers=transforms if n * k > MOST_PRODUCTS else transforms | sums,
        exact=exact,
        sample=at,
    )


def two_dimensions(dtype: type, n: int, k: int) -> Case:
    rng = np.random.default_rng(k)
    x, h = rng.normal(size=(n, n)).astype(dtype), rng.normal(size=(k, k)).astype(dtype)
    at = rng.integers(k, n - k, size=(2, N_SAMPLED))

    def exact() -> np.ndarray:
        wide_x, wide_h = x.astype(np.longdouble), h.astype(np.longdouble)[::-1, ::-1]
        corners = at.T - k // 2
        return np.array([(wide_x[i : i + k, j : j + k] * wide_h).sum() for i, j in corners])

    return Case(
        f"2D {np.dtype(dtype)}, {n}² × {k}²",
        ours=lambda: sigconv.convolve(x, h, mode="same", workers=1),
        peers={
            "scipy.signal.fftconvolve": lambda: signal.fftconvolve(x, h, "same"),
            "scipy.signal.oaconvolve": lambda: signal.oaconvolve(x, h, "same"),
            "scipy.ndimage.convolve": lambda: ndimage.convolve(x, h, mode="constant"),
        },
        exact=exact,
        sample=tuple(at),
    )
