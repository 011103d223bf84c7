"""Streams: whatever the cut, the answer to the whole."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import StreamingConvolver, convolve
from sigconv.convolution import streaming
from tests import oracles

from .cases import BUDGET, random

DTYPES = ["int16", "float16", "float32", "float64", "complex64", "complex128"]
relaxed = settings(deadline=None, max_examples=40)


def in_pieces(stream, x, cuts, axis=-1):
    """Push x cut at `cuts`, flush, and join the answers."""
    n = x.shape[axis]
    edges = [0, *sorted(min(cut, n) for cut in cuts), n]
    pieces = [stream.push(np.take(x, range(a, b), axis=axis)) for a, b in itertools.pairwise(edges)]
    for piece, (a, b) in zip(pieces, itertools.pairwise(edges), strict=True):
        assert piece.shape[axis] == b - a  # no latency
    return np.concatenate([*pieces, stream.flush()], axis=axis)


cuts = st.lists(st.integers(0, 400), max_size=8)


@pytest.mark.parametrize("dtype", DTYPES)
@relaxed
@given(cuts, st.integers(1, 40), st.booleans())
def test_the_direct_method_gives_the_whole_to_the_last_bit(dtype, cuts, n_taps, own):
    rng = np.random.default_rng(n_taps)
    x = random(rng, (3, 400), dtype)
    h = random(rng, (3, n_taps) if own else n_taps, dtype)
    stream = StreamingConvolver(h, 3, dtype=dtype, method="direct")
    y = in_pieces(stream, x, cuts)
    expected = convolve(x, h, axes=-1, method="direct")
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", DTYPES[2:])
@relaxed
@given(cuts, st.integers(2, 300), st.booleans())
def test_partitioned_kernels_stay_within_the_documented_error(dtype, cuts, n_taps, own):
    rng = np.random.default_rng(n_taps)
    x = random(rng, (2, 400), dtype)
    h = random(rng, (2, n_taps) if own else n_taps, dtype)
    y = in_pieces(StreamingConvolver(h, 2, dtype=dtype, method="partitioned"), x, cuts)
    whole = in_pieces(StreamingConvolver(h, 2, dtype=dtype, method="partitioned"), x, [])
    np.testing.assert_array_equal(y, whole)  # the cut leaves no trace at all
    expected = oracles.along_axes(oracles.convolve, x, h, (-1,))
    assert y.dtype == dtype
    scale = np.abs(x).max() * np.abs(h).sum(axis=-1).max()
    allowed = np.finfo(dtype).eps * np.abs(expected) + BUDGET * np.finfo(float).eps * scale
    assert (np.abs(y - expected) <= allowed).all()


@pytest.mark.parametrize(("real_x", "real_h"), [(True, False), (False, True)])
@pytest.mark.parametrize("method", ["direct", "partitioned"])
def test_real_signals_and_complex_kernels_and_the_other_way_round(method, real_x, real_h):
    rng = np.random.default_rng(0)
    x = random(rng, 500, "float64" if real_x else "complex128")
    h = random(rng, 200, "float64" if real_h else "complex128")
    y = in_pieces(StreamingConvolver(h, dtype=x.dtype, method=method), x, [7, 300])
    np.testing.assert_allclose(y, oracles.convolve(x, h).astype(complex), atol=1e-11)


def test_the_signals_precision_is_the_kernels():
    rng = np.random.default_rng(0)
    x, h = random(rng, 500, "float32"), rng.normal(size=200)
    y = in_pieces(StreamingConvolver(h, dtype="float32", method="partitioned"), x, [77])
    expected = oracles.convolve(x, h.astype(np.float32)).astype(float)  # as convolve takes it
    scale = np.abs(x).max() * np.abs(h).sum()
    allowed = np.finfo("float32").eps * np.abs(expected) + BUDGET * np.finfo(float).eps * scale
    assert (np.abs(y - expected) <= allowed).all()


@pytest.mark.parametrize("method", ["direct", "partitioned"])
@pytest.mark.parametrize("axis", [0, 1, -1, -3])
def test_any_axis_and_any_shape(method, axis):
    rng = np.random.default_rng(0)
    shape = (2, 3)
    x = np.moveaxis(rng.normal(size=(*shape, 300)), -1, axis)
    own = np.moveaxis(rng.normal(size=(1, 3, 90)), -1, axis)
    for h in (rng.normal(size=90), own):
        stream = StreamingConvolver(h, shape, axis=axis, method=method)
        y = in_pieces(stream, x, [1, 1, 2, 150], axis)
        np.testing.assert_allclose(y, convolve(x, h, axes=axis), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "int16"])
def test_auto_is_direct_for_short_kernels_and_integers(dtype):
    rng = np.random.default_rng(0)
    n_taps = 2000 if dtype == "int16" else 200
    x, h = random(rng, 3000, dtype), random(rng, n_taps, dtype)
    y = in_pieces(StreamingConvolver(h, dtype=dtype), x, [10, 1000])
    np.testing.assert_array_equal(y, convolve(x, h, method="direct"))


def test_auto_partitions_long_kernels():
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=6000), rng.normal(size=streaming.LONG)
    y = in_pieces(StreamingConvolver(h), x, range(0, 6000, 700))
    same = in_pieces(StreamingConvolver(h, method="partitioned"), x, [])
    np.testing.assert_array_equal(y, same)
    np.testing.assert_allclose(y, np.convolve(x, h), atol=1e-11)


@pytest.mark.parametrize("method", ["direct", "partitioned"])
@relaxed
@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from([np.nan, np.inf]))
def test_a_gap_spoils_what_has_it_under_a_tap(method, where, cut, value):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=301), rng.normal(size=130)
    expected = np.convolve(x, h)
    x[where] = value
    y = in_pieces(StreamingConvolver(h, method=method), x, [cut])
    touched = np.zeros(len(y), bool)
    touched[where : where + len(h)] = True
    np.testing.assert_array_equal(np.isnan(y), touched)
    np.testing.assert_allclose(y[~touched], expected[~touched], atol=1e-12)


@pytest.mark.parametrize("method", ["direct", "partitioned"])
@pytest.mark.parametrize("cut", [0, 1, 63, 64, 150, 299])
def test_a_saved_state_goes_on(method, cut, tmp_path):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=(300, 2)), rng.normal(size=150)
    if cut > 20:
        x[cut - 20, 0] = np.nan  # still under a tap when the stream is restored
    form = {"shape": 2, "axis": 0, "method": method}
    whole = StreamingConvolver(h, **form)
    first = StreamingConvolver(h, **form)
    head = first.push(x[:cut])
    np.save(tmp_path / "state.npy", first.state)
    again = StreamingConvolver(h, **form, state=np.load(tmp_path / "state.npy"))
    joined = np.concatenate([head, again.push(x[cut:]), again.flush()])
    np.testing.assert_array_equal(joined, np.concatenate([whole.push(x), whole.flush()]))


@pytest.mark.parametrize("method", ["direct", "partitioned"])
def test_after_flush_the_stream_is_new(method):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=200), rng.normal(size=100)
    stream = StreamingConvolver(h, method=method)
    first = in_pieces(stream, x, [50])
    np.testing.assert_array_equal(in_pieces(stream, x, [51]), first)
    assert len(StreamingConvolver([1.0], method=method).flush()) == 0


@pytest.mark.parametrize("method", ["direct", "partitioned"])
def test_the_stream_shares_no_memory(method):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=200), rng.normal(size=100)
    expected = np.convolve(x, h)
    stream, buffer, parts = StreamingConvolver(h, method=method), np.empty(40), []
    for start in range(0, 200, 40):  # as a sound card does: one buffer for ever
        buffer[:] = x[start : start + 40]
        parts.append(stream.push(buffer))
        buffer[:] = np.nan
        stream.state[...] = np.nan
    np.testing.assert_allclose(np.concatenate(parts), expected[:200], atol=1e-12)


@pytest.mark.parametrize("method", ["direct", "partitioned"])
def test_a_refused_chunk_changes_nothing(method):
    stream = StreamingConvolver(np.ones(5), (2, 3), axis=1, method=method)
    stream.push(np.ones((2, 7, 3)))
    before = stream.state
    with pytest.raises(ValueError, match=r"chunk must have shape \(2, n, 3\); got \(2, 3\)"):
        stream.push(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"chunk must have shape \(2, n, 3\); got \(2, 7, 4\)"):
        stream.push(np.ones((2, 7, 4)))
    with pytest.raises(TypeError, match="chunk must hold numbers that fit float64; got complex"):
        stream.push(np.ones((2, 7, 3)) * 1j)
    np.testing.assert_array_equal(stream.state, before)


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "words"),
    [
        (([],), {}, ValueError, "h must not be empty"),
        (([1.0, np.nan],), {}, ValueError, "h must hold finite numbers"),
        ((np.ones((2, 5)), 3), {}, ValueError, "h must have length 1 or that of x"),
        ((np.ones(5), 0), {}, ValueError, "shape must be a whole number of at least 1; got 0"),
        ((np.ones(5), 2), {"axis": 2}, ValueError, "axis must be an axis of an array with 2"),
        ((np.ones(5),), {"method": "fft"}, ValueError, "method must be one of 'auto', 'direct'"),
        (([1, 2],), {"dtype": int, "method": "partitioned"}, ValueError, "not for integers"),
        (([1, 2],), {"dtype": "U3"}, TypeError, "x must hold numbers"),
        ((np.ones(5),), {"state": np.ones(3)}, ValueError, "state must hold 4 to 4 samples"),
        ((np.ones(5),), {"state": np.ones((1, 4))}, ValueError, r"state must have shape \(n\)"),
        ((np.ones(5),), {"workers": 0}, ValueError, "workers must be a whole number"),
    ],
)
def test_bad_arguments(arguments, settings, error, words):
    with pytest.raises(error, match=words):
        StreamingConvolver(*arguments, **settings)
