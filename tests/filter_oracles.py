"""Definitions of filters and smoothers, slow and exact, that the tests compare with."""

import decimal

import numpy as np
import pytest
import scipy.optimize

_exact = decimal.Context(prec=60)


def sections_exactly(sos, x):
    """Run the difference equation of every section in 60 decimal digits."""
    values = [decimal.Decimal(float(value)) for value in x]
    with decimal.localcontext(_exact):
        for section in np.asarray(sos, float):
            b0, b1, b2, _, a1, a2 = (decimal.Decimal(float(c)) for c in section)
            x1 = x2 = y1 = y2 = decimal.Decimal(0)
            answer = []
            for value in values:
                y = b0 * value + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
                x1, x2, y1, y2 = value, x1, y, y1
                answer.append(y)
            values = answer
    return np.array([float(value) for value in values])


def difference_equation(b, a, x):
    """Sum a[0] y[n] = sum b[k] x[n-k] - sum a[k] y[n-k] term by term."""
    y = np.zeros(len(x), np.result_type(x, np.float64))
    for n in range(len(x)):
        terms = [b[k] * x[n - k] for k in range(len(b)) if n >= k]
        terms += [-a[k] * y[n - k] for k in range(1, len(a)) if n >= k]
        y[n] = sum(terms) / a[0]
    return y


def weighted(x, weights, boundary, weigh_present=False):
    """Weigh each sample's neighbourhood, the signal extended as numpy.pad does; 1D.

    `weights[0]` belongs to the latest neighbour. With `weigh_present`, samples that are not
    finite are left out and the other weights scaled up to the same sum.
    """
    n, k = len(x), len(weights)
    before, after = k // 2, k - 1 - k // 2
    padded = np.pad(x, (before, after), mode=boundary)
    out = np.empty(n, np.result_type(x, np.float64))
    for i in range(n):
        window, w = padded[i : i + k], weights[::-1]
        if weigh_present:
            keep = np.isfinite(window) & (w != 0)
            total = w[keep].sum()
            out[i] = (w[keep] * window[keep]).sum() / total * w.sum() if keep.any() else np.nan
        else:
            out[i] = (w * window).sum()
    return out


def running_median(x, width, boundary):
    """Sort every window."""
    return running_quantile(x, width, 0.5, boundary)


def running_quantile(x, width, share, boundary):
    """Ask NumPy for the quantile of what is finite in every window."""
    padded = np.pad(np.asarray(x, float), width // 2, mode=boundary)
    windows = [padded[i : i + width] for i in range(len(x))]
    finite = [window[np.isfinite(window)] for window in windows]
    return np.array([np.quantile(part, share) if len(part) else np.nan for part in finite])


def whittaker(x, width, order):
    """Solve the least squares of samples that are finite and of differences, all at once."""
    n, keep = len(x), np.isfinite(x)
    gain = (2 * np.sin(np.pi / width)) ** order  # of the differences, where a sine is halved
    equations = np.concatenate([np.eye(n)[keep], np.diff(np.eye(n), order, axis=0) / gain])
    return np.linalg.lstsq(equations, np.concatenate([x[keep], np.zeros(n - order)]))[0]


def lowess(x, width, iterations):
    """Fit a line to the nearest neighbours of each sample, in Cleveland's weights."""
    n = len(x)
    width = min(width, n)
    trust = np.isfinite(x).astype(float)
    for iteration in range(iterations + 1):
        fit = np.empty(n)
        for i in range(n):
            nearest = np.sort(np.argsort(np.abs(np.arange(n) - i), kind="stable")[:width])
            if len(nearest) % 2 == 0 or nearest[0] == 0 or nearest[-1] == n - 1:
                first = min(max(i - width // 2, 0), n - width)  # ties at even numbers of samples
                nearest = np.arange(first, first + width)
            distance = np.abs(nearest - i)
            weights = trust[nearest] * (1 - (distance / max(distance.max(), 1)) ** 3) ** 3
            keep = weights > 0
            if not keep.any():
                fit[i] = x[i] if iteration else np.nan
                continue
            line = np.stack([np.ones(keep.sum()), nearest[keep] - i], axis=1)
            line = line[:, : keep.sum()]  # one sample alone has no slope
            root = np.sqrt(weights[keep])
            answer = np.linalg.lstsq(line * root[:, None], x[nearest][keep] * root)[0]
            fit[i] = answer[0]
        rest = np.abs(x - fit)
        limit = 6 * np.nanmedian(rest)
        share = np.minimum(rest / limit, 1) if limit > 0 else (rest > 0).astype(float)
        trust = np.where(np.isfinite(x), (1 - share**2) ** 2, 0)
    return fit


def total_variation(x, limit):
    """Solve the dual problem: a bounded least-squares problem in the running sums."""
    differences = np.diff(np.eye(len(x)), axis=0)
    sums = scipy.optimize.lsq_linear(differences.T, x, (-limit, limit), method="bvls").x
    return x - differences.T @ sums


def relative_error(got, expected):
    """Return the largest difference, relative to the largest expected value."""
    return np.abs(got - expected).max() / np.abs(expected).max()


def response_exactly(tf, frequencies):
    """Return H at frequencies in Hz from the coefficients, in 60 digits."""
    mpmath = pytest.importorskip("mpmath")
    parts = [(tf.b.tolist(), [1.0])] if tf.is_fir else [(s[:3], s[3:]) for s in tf.sos.tolist()]
    answer = []
    with mpmath.workdps(60):
        for frequency in frequencies:
            # the angle as the filter rounds it, or the comparison is about that
            z = mpmath.expj(-mpmath.mpf(float(2 * np.pi * frequency / tf.fs)))
            value = mpmath.mpc(1)
            for b, a in parts:
                value *= mpmath.polyval(b[::-1], z) / mpmath.polyval(a[::-1], z)
            answer.append(complex(value))
    return np.array(answer)


def rotations(sos, x):
    """Run one section that changes every sample as two rotations in 60 digits; real x.

    The all-pass [u, memory] -> [memory, A u] is written as plain 2 by 2 rotations, and the output
    as the combination of input, all-pass and memory that has the section's numerator.
    """
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(60):
        inner = outer = mpmath.mpf(0)
        answer = []
        for (b0, b1, b2, _, a1, a2), u in zip(sos.tolist(), x.tolist(), strict=True):
            b0, b1, b2, a1, k2, u = (mpmath.mpf(v) for v in (b0, b1, b2, a1, a2, u))
            k1 = a1 / (1 + k2)
            c1, c2 = mpmath.sqrt(1 - k1**2), mpmath.sqrt(1 - k2**2)
            # d + v k2 = b0 and d k2 + v = b2
            d, v = mpmath.lu_solve(mpmath.matrix([[1, k2], [k2, 1]]), mpmath.matrix([b0, b2]))
            r = b1 - a1 * (d + v)
            passed = mpmath.matrix([[c2, -k2], [k2, c2]]) * mpmath.matrix([u, outer])
            turned = mpmath.matrix([[c1, -k1], [k1, c1]]) * mpmath.matrix([passed[0], inner])
            answer.append(float(d * u + v * passed[1] + r / (c1 * c2) * inner))
            inner, outer = turned[0], turned[1]
        return np.array(answer)


def changing_difference_equation(sos, x):
    """Sum y[n] = b0 x[n] + ... - a2 y[n-2] with the coefficients of each n."""
    y = np.zeros(len(x) + 2)
    padded = np.concatenate([[0, 0], x])
    for n, (b0, b1, b2, _, a1, a2) in enumerate(sos.tolist(), start=2):
        y[n] = b0 * padded[n] + b1 * padded[n - 1] + b2 * padded[n - 2]
        y[n] -= a1 * y[n - 1] + a2 * y[n - 2]
    return y[2:]


def changing_transposed_form(sos, x):
    """Run the transposed direct form II, whose memory belongs to the coefficients of before."""
    w1 = w2 = 0.0
    y = np.zeros(len(x))
    for n, (b0, b1, b2, _, a1, a2) in enumerate(sos.tolist()):
        y[n] = b0 * x[n] + w1
        w1, w2 = b1 * x[n] - a1 * y[n] + w2, b2 * x[n] - a2 * y[n]
    return y
