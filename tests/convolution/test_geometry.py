"""Lengths against those of the sequences they count."""

import itertools

import numpy as np
import pytest

from sigconv.convolution.geometry import EXTENSIONS, Geometry, spans


@pytest.mark.parametrize("n", [7, 8])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 5])
@pytest.mark.parametrize("dilation", [1, 3])
def test_lengths(n, k, stride, dilation):
    geometry = Geometry(4, (n,), (k,), (stride,), (dilation,))
    starts = [s for s in range(n) if s + (k - 1) * dilation < n]
    covered = range(0, k * dilation, dilation)[-1] + 1
    assert geometry.span == spans((k,), (dilation,)) == (covered,)
    assert geometry.dense_output == (len(starts),)
    assert geometry.output == (len(starts[::stride]),)


@pytest.mark.parametrize("span", [1, 2, 3, 8])
def test_extensions_give_the_sizes_of_the_modes(span):
    n = 10
    x, h = np.ones(n), np.ones(span)
    for mode, widths in EXTENSIONS.items():
        assert n + sum(widths(span)) - span + 1 == len(np.convolve(x, h, mode))


def test_passes_end_at_the_output():
    geometry = Geometry(2, (9, 8, 7), (2, 3, 4), (1, 2, 1), (2, 1, 1))
    passes = geometry.passes()
    assert passes[0].extended == geometry.extended
    assert passes[-1].output == geometry.output
    for before, after in itertools.pairwise(passes):
        assert before.output == after.extended
