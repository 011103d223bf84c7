"""Dask arrays: lazy, chunk by chunk, equal to what NumPy's give."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import convolve, correlate
from tests import oracles

from .cases import random
from .test_slabs import problems

da = pytest.importorskip("dask.array")


@settings(deadline=None, max_examples=30)
@given(
    problem=problems(),
    function=st.sampled_from([convolve, correlate]),
    data=st.data(),
)
def test_chunks_give_what_the_whole_gives(problem, function, data):
    x, h, form = problem
    chunks = tuple(
        data.draw(st.integers(max(1, -(-n // 6)), n), label=f"chunk of {n}") for n in x.shape
    )
    y = function(da.from_array(x, chunks=chunks), h, **form)
    expected = function(x, h, **form)
    assert isinstance(y, da.Array)
    assert (y.dtype, y.shape) == (expected.dtype, expected.shape)
    answer = y.compute(scheduler="synchronous")
    assert answer.dtype == expected.dtype
    if x.dtype.kind == "i":
        np.testing.assert_array_equal(answer, expected)
    else:
        close = {"e": 4e-3, "f": 1e-5}.get(x.dtype.char, 1e-11)
        scale = oracles.absolute_scale(x, h, correlation=function is correlate, **form)
        assert np.all(np.abs(answer - expected) <= close * scale)


@pytest.mark.parametrize("chunks", [500, 37, (1, 1500, 499)])
def test_the_direct_method_gives_the_same_bits(chunks):
    """In chunks that fill a vector; smaller ones are summed in another order."""
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=2000), rng.normal(size=(21))
    form = {"mode": "same", "boundary": "reflect", "method": "direct"}
    y = convolve(da.from_array(x, chunks=(chunks,)), h, **form)
    np.testing.assert_array_equal(y.compute(), convolve(x, h, **form))


@pytest.mark.parametrize(("mode", "lengths"), [
    ("same", (4, 4, 2)), ("full", (5, 4, 3)), ("valid", (3, 4, 1)),
])  # fmt: skip
def test_chunks_of_the_answer_are_those_of_the_signal_centred(mode, lengths):
    y = convolve(da.ones(10, chunks=4), np.ones(3), mode=mode)
    assert y.chunks == (lengths,)
    for number, length in enumerate(lengths):
        assert y.blocks[number].compute().shape == (length,)


def test_axes_and_a_kernel_per_channel():
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=(60, 7, 5)), rng.normal(size=(4, 7, 1))
    lazy = da.from_array(x, chunks=(13, 2, 5))
    y = convolve(lazy, h, axes=(0,), boundary="edge", stride=3)
    expected = oracles.along_axes(oracles.convolve, x, h, [0], boundary="edge", stride=3)
    np.testing.assert_allclose(y.compute(), expected.astype(float), rtol=1e-12, atol=1e-12)
    two = rng.normal(size=(3, 4))
    y = correlate(lazy, two, axes=(2, 0), mode="same", boundary=["wrap", "reflect"])
    np.testing.assert_allclose(
        y.compute(), correlate(x, two, axes=(2, 0), mode="same", boundary=["wrap", "reflect"])
    )


@pytest.mark.parametrize("policy", ["propagate", "omit", "interpolate"])
def test_not_finite_samples(policy):
    x = np.random.default_rng(0).normal(size=(4, 90))
    x[1, 30:45], x[2, [0, 50]], x[3] = np.nan, np.inf, np.nan
    form = {"axes": 1, "mode": "same", "boundary": "wrap", "nan_policy": policy}
    y = convolve(da.from_array(x, chunks=(2, 20)), np.ones(7), **form)
    np.testing.assert_allclose(y.compute(), convolve(x, np.ones(7), **form), rtol=1e-12, atol=1e-12)


def test_refused_samples_are_found_when_it_is_computed():
    y = convolve(da.from_array(np.r_[np.ones(9), np.nan], chunks=5), [1.0], nan_policy="raise")
    np.testing.assert_array_equal(y[:5].compute(), np.ones(5))
    with pytest.raises(ValueError, match="x must be finite with nan_policy 'raise'; got 1 values"):
        y.compute()


def fail(block):
    raise AssertionError("was computed")


def test_nothing_is_computed():
    x = da.ones((100, 100), chunks=(30, 100)).map_blocks(fail, meta=np.empty((0, 0)))
    for policy in ("propagate", "raise", "interpolate"):
        y = convolve(x, np.ones(5), axes=0, nan_policy=policy, mode="same")
        assert y.shape == (100, 100)
    with pytest.raises(AssertionError, match="was computed"):
        y.compute()


def test_one_chunk_of_the_answer_needs_only_its_neighbours():
    seen = []

    def look(block, block_info=None):
        seen.append(block_info[0]["chunk-location"])
        return block

    x = da.ones(100, chunks=10).map_blocks(look, meta=np.empty(0))
    convolve(x, np.ones(3), mode="same").blocks[5].compute(scheduler="synchronous")
    assert sorted(seen) == [(4,), (5,), (6,)]


def test_equal_calls_have_equal_names_and_others_have_not():
    x = da.ones(100, chunks=10)
    one, same, other = (convolve(x, h, mode="same") for h in ([1.0], [1.0], [2.0]))
    assert one.name == same.name != other.name
    assert correlate(x, [1.0], mode="same").name != one.name


@pytest.mark.parametrize(("arguments", "error", "sentence"), [
    ({"mode": "sam"}, ValueError, "mode must be one of"),
    ({"h": np.ones((2, 2))}, ValueError, "h must have at most as many dimensions"),
    ({"h": np.ones(200), "mode": "valid"}, ValueError, "h must not be longer than x"),
    ({"h": da.ones(3)}, TypeError, "h must be an array in memory; got a Dask array"),
    ({"out": np.ones(100)}, TypeError, "out must not be given with a Dask array"),
    ({"x": np.ones(9), "h": da.ones(3)}, TypeError, "h must be an array in memory where x is one"),
    ({"x": da.ones(9).astype(object)}, TypeError, "x must hold numbers"),
    ({"x": da.ones(9)[da.ones(9) > 0]}, ValueError, "x must have chunks of known sizes"),
])  # fmt: skip
def test_bad_input_is_refused_before_anything_is_computed(arguments, error, sentence):
    form = {"x": da.ones(100, chunks=10), "h": np.ones(3), **arguments}
    with pytest.raises(error, match=sentence):
        convolve(form.pop("x"), form.pop("h"), **form)


def test_processes_of_a_cluster():
    """Workers of their own get the pieces, the kernel and the words, and nothing else."""
    distributed = pytest.importorskip("distributed")
    rng = np.random.default_rng(0)
    x, h = random(rng, (120, 90), "float64"), rng.normal(size=(5, 4))
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        y = convolve(da.from_array(x, chunks=(40, 25)), h, mode="same", boundary="symmetric")
        answer = client.compute(y).result(timeout=60)
    expected = convolve(x, h, mode="same", boundary="symmetric")
    np.testing.assert_allclose(answer, expected, rtol=1e-12, atol=1e-12)


def test_dask_is_not_loaded_for_arrays():
    code = "import sigconv, sys; sigconv.convolve([1.0], [1.0]); print('dask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
