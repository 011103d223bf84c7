"""Smoothing from files into files: the bits of the answer in memory, and that of the whole."""

import numpy as np
import pytest

import sigconv
from sigconv.filters import pieces, segments, signals

METHODS = {
    "moving_average": 20,
    "triangular": 21,
    "hann": 21,
    "gaussian": 6.5,
    "savitzky_golay": 21,
    "median": 21,
    "exponential": 12.0,
}
RNG = np.random.default_rng(0)


def cut(monkeypatch):
    monkeypatch.setattr(signals, "LARGE", 0)
    monkeypatch.setattr(segments, "LENGTH", 32)
    monkeypatch.setattr(pieces, "SIZE", 1000)
    monkeypatch.setattr(pieces, "KERNEL_ROWS", 2)


@pytest.mark.parametrize("nan_policy", ["propagate", "interpolate"])
@pytest.mark.parametrize("boundary", ["reflect", "edge", "wrap", "constant"])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("method", METHODS)
def test_files(monkeypatch, tmp_path, method, axis, boundary, nan_policy):
    x = RNG.standard_normal((5, 1600))
    x[1, 300:900] = np.nan
    x = x.T.copy() if axis == 0 else x
    form = {"method": method, "axis": axis, "boundary": boundary, "nan_policy": nan_policy}
    whole = sigconv.smooth(x, METHODS[method], **form)
    cut(monkeypatch)
    file = np.memmap(tmp_path / "x", x.dtype, "w+", shape=x.shape)
    file[...] = x
    out = np.memmap(tmp_path / "y", x.dtype, "w+", shape=x.shape)
    assert sigconv.smooth(file, METHODS[method], out=out, **form) is out
    np.testing.assert_allclose(out, whole, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(out, sigconv.smooth(x, METHODS[method], **form))
    own = sigconv.smooth(file, METHODS[method], out=file, **form)
    assert own is file
    np.testing.assert_allclose(own, whole, rtol=0, atol=1e-12)


def test_gaps_are_looked_for_before_anything_is_written(monkeypatch, tmp_path):
    cut(monkeypatch)
    x = np.memmap(tmp_path / "x", np.float32, "w+", shape=(3, 900))
    out = np.memmap(tmp_path / "y", np.float32, "w+", shape=(3, 900))
    x[...] = 1
    x[2, 800] = np.nan
    with pytest.raises(ValueError, match="x must be finite with nan_policy 'raise'; got 1 values"):
        sigconv.smooth(x, 5, nan_policy="raise", out=out)
    assert not out.any()
