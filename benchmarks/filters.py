"""TransferFunction.filter and .filtfilt against SciPy's."""

import numpy as np
from scipy import signal

import sigconv

from .results import circumstances
from .timing import Case, table

#: Samples of the first channel that the extended-precision recursion computes.
N_SAMPLED = 2000

#: What the float32 rows do not show by themselves.
FLOAT32 = (
    "The float32 rows are not like for like: sosfilt answers them in float64 and writes twice as "
    "many bytes, sigconv in float32 (its rule); both compute in float64."
)


def run() -> str:
    cases = [
        causal(dtype, channels, n, sections)
        for dtype in (np.float64, np.float32)
        for channels, n in ((64, 100_000), (1, 2_600_000))
        for sections in (1, 4)
    ]
    return f"{circumstances('numpy', 'scipy', 'numba')}\n\n{table(cases)} {FLOAT32}"


def causal(dtype: type, channels: int, n: int, sections: int) -> Case:
    x = np.random.default_rng(0).normal(size=(channels, n)).astype(dtype)
    tf = sigconv.bandpass((1, 40), fs=250, order=sections)
    sos = tf.sos

    def exact() -> np.ndarray:
        y = x[0, :N_SAMPLED].astype(np.longdouble)
        for b0, b1, b2, _, a1, a2 in sos.astype(np.longdouble):
            x1 = x2 = y1 = y2 = np.longdouble(0)
            for i, now in enumerate(y.copy()):
                y[i] = b0 * now + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
                x1, x2, y1, y2 = now, x1, y[i], y1
        return y

    return Case(
        f"causal {np.dtype(dtype)}, {channels} × {n:,}, {len(sos)} section(s)",
        ours=lambda: tf.filter(x, workers=1),
        peers={"scipy.signal.sosfilt": lambda: signal.sosfilt(sos, x)},
        exact=exact,
        sample=(0, slice(N_SAMPLED)),
    )
