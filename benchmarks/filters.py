"""TransferFunction.filter and .filtfilt against SciPy's."""

import numpy as np
from scipy import signal

import sigconv

from .results import circumstances
from .timing import Case, table

#: Channels whose error is taken, over their whole length.
SAMPLED = [0, -1]

#: What the float32 rows do not show by themselves.
FLOAT32 = (
    "The float32 rows are not like for like: sosfilt answers them in float64 and writes twice as "
    "many bytes, sigconv in float32 (its rule); both compute in float64."
)

#: Where the error comes from.
EXACT = (
    "The extended precision is sosfilt's own on long double, over the whole first and last channel."
)


def run() -> str:
    cases = [
        causal(dtype, channels, n, sections)
        for dtype in (np.float64, np.float32)
        for channels, n in ((64, 100_000), (1, 2_600_000))
        for sections in (1, 4)
    ]
    return f"{circumstances('numpy', 'scipy', 'numba')}\n\n{table(cases)} {EXACT} {FLOAT32}"


def causal(dtype: type, channels: int, n: int, sections: int) -> Case:
    x = np.random.default_rng(0).normal(size=(channels, n)).astype(dtype)
    tf = sigconv.bandpass((1, 40), fs=250, order=sections)
    sos = tf.sos
    return Case(
        f"causal {np.dtype(dtype)}, {channels} × {n:,}, {len(sos)} section(s)",
        ours=lambda: tf.filter(x, workers=1),
        peers={"scipy.signal.sosfilt": lambda: signal.sosfilt(sos, x)},
        exact=lambda: signal.sosfilt(sos.astype(np.longdouble), x[SAMPLED].astype(np.longdouble)),
        sample=SAMPLED,
    )
