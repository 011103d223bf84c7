"""What every test of smoothing runs over."""

import numpy as np
from scipy import signal

BOUNDARIES = ["reflect", "symmetric", "edge", "wrap", "constant"]

#: method -> a width in samples and its weights, the latest neighbour first
WEIGHTS = {
    "moving_average": (10, np.full(10, 0.1)),
    "triangular": (9, signal.windows.triang(9) / 5),
    "hann": (9, np.hanning(9) / 4),
    "gaussian": (2.5, np.exp(-0.5 * (np.arange(-10, 11) / 2.5) ** 2)),
    "savitzky_golay": (11, signal.savgol_coeffs(11, 2)),
}
WEIGHTS["gaussian"][1][:] /= WEIGHTS["gaussian"][1].sum()

EVERY = {name: width for name, (width, _) in WEIGHTS.items()} | {
    "median": 9,
    "quantile": 9,
    "exponential": 6.5,
    "whittaker": 12.0,
    "lowess": 11,
    "total_variation": 5.0,
}

#: Methods that fit the samples there are, in which every output hangs on all of them.
GLOBAL = ("whittaker", "lowess", "total_variation")
