"""Definitions of filters and smoothers, slow and exact, that the tests compare with."""

import decimal

import numpy as np
import pytest

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
    padded = np.pad(x, width // 2, mode=boundary)
    return np.array([np.median(padded[i : i + width]) for i in range(len(x))])


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
