"""Spectra of kernels: rounded once from a wider precision, and kept within bounds."""

import numpy as np
import pytest

from sigconv.convolution.fourier import tables


def spectrum_of(w, points, dtype):
    """Return the spectrum that `tables.spectra` holds, in order, and the exact one."""
    shape = (1, 1, points)
    (values,), (exponent,) = tables.spectra(w.reshape(1, 1, 1, -1), shape, dtype)
    order = tables._order(shape, tables.lanes_of(dtype))
    parts = values.reshape(-1, 2, tables.lanes_of(dtype)).astype(np.longdouble)
    found = np.empty(points, np.clongdouble)
    found[order] = (parts[:, 0] - 1j * parts[:, 1]).reshape(-1)
    n, k = np.arange(len(w)), np.arange(points)
    turns = (np.outer(k, n) % points).astype(np.longdouble) / points
    angle = 8 * np.arctan(np.longdouble(1)) * turns
    exact = (np.cos(angle) - 1j * np.sin(angle)) @ w.astype(np.longdouble)
    return found, np.ldexp(exact.real, -exponent) / points + 1j * (
        np.ldexp(exact.imag, -exponent) / points
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_spectra_are_exact_but_for_one_rounding(dtype):
    if dtype == "float64" and np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("nothing is wider here")
    w = np.random.default_rng(0).normal(size=257)
    found, exact = spectrum_of(w, 512, dtype)
    for part in ("real", "imag"):
        one, other = getattr(found, part), getattr(exact, part)
        largest = np.abs(exact).max()
        error = np.abs(one - other)
        assert (error <= np.finfo(dtype).eps * (0.501 * np.abs(other) + 1e-3 * largest)).all()


def test_spectra_are_kept_by_what_the_kernel_holds(monkeypatch):
    monkeypatch.setattr(tables, "_kept", type(tables._kept)())
    w, shape = np.ones((1, 1, 1, 9)), (1, 1, 512)
    one, _ = tables.spectra(w, shape, "float64")
    assert tables.spectra(w.copy(), shape, "float64")[0] is one
    w[0, 0, 0, 3] = 2  # the same array, another kernel
    assert not np.array_equal(tables.spectra(w, shape, "float64")[0], one)
    assert tables.spectra(w, shape, "float32")[0].dtype == np.float32
    assert tables.spectra(w, (1, 1, 1024), "float64")[0].shape[-1] == 1024


def test_what_is_kept_stays_within_its_bytes(monkeypatch):
    monkeypatch.setattr(tables, "_kept", type(tables._kept)())
    monkeypatch.setattr(tables, "_KEPT_BYTES", 40_000)
    for tap in range(20):
        tables.spectra(np.full((1, 1, 1, 9), float(tap)), (1, 1, 256), "float64")
        size = sum(len(key[0]) + found[0].nbytes for key, found in tables._kept.items())
        assert size <= 40_000
    assert len(tables._kept) > 3
    before = len(tables._kept)
    tables.spectra(np.ones((1, 1, 1, 9)), (1, 1, 4096), "float64")  # too large to keep
    assert len(tables._kept) == before
