"""Pipelines over chunks: what `apply` gives for the whole, for causal steps only."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv import Pipeline, Step

CAUSAL = [
    Step("bandpass", cutoff=(1, 40), causal=True),
    Step("fir", cutoff=30, kind="lowpass", causal=True),
    Step("convolve", kernel=(0.5, 0.3, 0.2), causal=True),
    Step("convolve", kernel="hann", width=9, causal=True),
    Step("smooth", width=0.02, method="exponential"),
    Step("smooth", width=0.02, method="exponential", boundary="constant"),
    Step("exponential_moving_standardise", factor=0.01),
    Step("rereference", to="average"),
    Step("pre_emphasis", previous=0.0),
]


def signals(n: int = 700) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, n))


def pushed(pipeline: Pipeline, x: np.ndarray, cuts: list[int]) -> np.ndarray:
    stream = pipeline.stream(250, len(x))
    edges = [0, *sorted(cuts), x.shape[1]]
    pieces = [stream.push(x[:, a:b]) for a, b in itertools.pairwise(edges)]
    return np.concatenate(pieces, axis=1)


@pytest.mark.parametrize("step", CAUSAL, ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_one_step(step: Step, dtype: type) -> None:
    x = signals().astype(dtype)
    pipeline = Pipeline([step])
    expected = pipeline.apply(x, fs=250)
    got = pushed(pipeline, x, [1, 1, 7, 300])
    assert got.dtype == expected.dtype
    tolerance = 1e-12 if dtype == np.float64 else 2e-5
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@given(st.lists(st.integers(0, 700), max_size=6))
def test_all_steps_however_the_signal_is_cut(cuts: list[int]) -> None:
    x = signals()
    pipeline = Pipeline(CAUSAL)
    expected = pipeline.apply(x, fs=250)
    np.testing.assert_allclose(pushed(pipeline, x, cuts), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "step",
    [
        Step("lowpass", cutoff=40),
        Step("smooth", width=0.1),
        Step("smooth", width=0.1, method="exponential", zero_phase=True),
        Step("convolve", kernel="hann", width=9),
        Step("resample", new_fs=100),
        Step("detrend"),
        Step("remove_line_noise"),
        Step("pre_emphasis"),
        Step("envelope"),
        Step("exponential_moving_standardise", init_block_size=100),
        Step("interpolate_bads"),
    ],
    ids=str,
)
def test_steps_that_need_the_future_are_named(step: Step) -> None:
    message = f"steps must all be causal for a stream; step 2, {step.name}.*, is not"
    with pytest.raises(ValueError, match=message):
        Pipeline([CAUSAL[0], step]).stream(250, 2)


def test_bad_chunks_leave_the_stream_as_it_was() -> None:
    x = signals()
    stream = Pipeline(CAUSAL).stream(250, 3)
    first = stream.push(x[:, :100])
    with pytest.raises(ValueError, match=r"chunk must have shape \(3, n\); got \(2, 5\)"):
        stream.push(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="n_channels must be a whole number"):
        Pipeline().stream(250, 0)
    joined = np.concatenate([first, stream.push(x[:, 100:])], axis=1)
    np.testing.assert_allclose(joined, Pipeline(CAUSAL).apply(x, fs=250), rtol=1e-9, atol=1e-9)


def test_no_steps_and_integers() -> None:
    got = Pipeline().stream(250, 2).push(np.ones((2, 5), np.int16))
    assert got.dtype == np.float64
    with pytest.raises(ValueError, match="cutoff must lie between 0 and 125"):
        Pipeline([Step("lowpass", cutoff=200, causal=True)]).stream(250, 2)
