"""Rows beside what extends them: edges of vectors, ends of rows, and the cache."""

import os
import subprocess
import sys

import numpy as np
import pytest

from sigconv import convolve
from sigconv._simd import BUNDLE, VECTOR
from sigconv.convolution.lines_jit import GROUP, LEAST_WIDE, MOST_WIDE, WIDE_BUNDLES
from tests import oracles

from .cases import BUDGET, random


def edges(*lengths):
    return sorted({max(1, n + d) for n in lengths for d in (-1, 0, 1)})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "k", [1, 2, 3, GROUP - 1, GROUP, GROUP + 1, 3 * GROUP + 5, LEAST_WIDE, MOST_WIDE, MOST_WIDE + 1]
)
@pytest.mark.parametrize("boundary", ["zero", "edge", "reflect", "symmetric", "wrap"])
def test_rows_as_long_as_vectors(boundary, k, dtype):
    rng = np.random.default_rng(k)
    bundle, vector = (size // np.dtype(dtype).itemsize for size in (BUNDLE, VECTOR))
    for n in edges(1, 4, vector, bundle, 2 * bundle, bundle + k, bundle - k):
        x, h = random(rng, (2, n), dtype), random(rng, k, dtype)
        for mode in ("full", "same", "valid")[: 3 if n >= k else 2]:
            form = {"mode": mode, "boundary": boundary}
            expected = oracles.along_axes(oracles.convolve, x, h, (1,), **form)
            scale = oracles.along_axes(oracles.absolute_scale, x, h, (1,), **form)
            y = convolve(x, h, axes=1, method="direct", **form)
            assert (np.abs(y - expected) <= BUDGET * np.finfo(dtype).eps * scale).all()


@pytest.mark.parametrize("k", [LEAST_WIDE, 16, 19, 23, 24, MOST_WIDE])
def test_floats_are_summed_in_double_where_numpy_does(k):
    rng = np.random.default_rng(k)
    tile = WIDE_BUNDLES * BUNDLE // 4
    for n in edges(k, BUNDLE // 4, tile, 2 * tile + 77):
        x, h = random(rng, (3, n), "float32"), random(rng, k, "float32")
        y = convolve(x, h, axes=1, mode="same", boundary="reflect", workers=1)
        expected = oracles.along_axes(
            oracles.convolve, x.astype(np.longdouble), h, (1,), mode="same", boundary="reflect"
        )
        np.testing.assert_array_max_ulp(y, expected.astype("float32"), 1)
        assert (np.abs(y - expected) <= 0.51 * np.spacing(np.abs(y))).mean() > 0.99
        two = convolve(x, h, axes=1, mode="same", boundary="reflect", workers=2)
        alone = [convolve(row, h, mode="same", boundary="reflect") for row in x]
        np.testing.assert_array_equal(y, two)
        np.testing.assert_array_equal(y, alone)


def test_sums_beyond_floats_are_infinite():
    x, h = np.full(300, 3e38, "float32"), np.ones(20, "float32")
    y = convolve(x, h, mode="valid")
    assert np.isposinf(y).all()


def test_nothing_is_written_beside_the_rows():
    memory = np.full((3, 500), 7.0)
    x, h = np.ones((3, 300)), np.ones(4)
    convolve(x, h, axes=1, mode="same", out=memory[:, 100:400])
    assert (memory[:, :100] == 7).all()
    assert (memory[:, 400:] == 7).all()
    assert (memory[:, 102:398] == 4).all()


SECOND_PROCESS = """
import numpy as np
import sigconv
from sigconv.convolution import lines_jit

for dtype in ("float32", "float64"):
    sigconv.convolve(np.ones(1000, dtype), np.ones(3), workers=1)
for function in (lines_jit.correlate_lines, lines_jit.copy_stretch):
    print(sum(function.stats.cache_misses.values()))
"""


def test_another_process_compiles_nothing(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for expected in (["2", "3"], ["0", "0"]):  # from floats to doubles, too
        command = [sys.executable, "-c", SECOND_PROCESS]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        assert done.stdout.split() == expected
