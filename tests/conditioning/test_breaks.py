"""Breaks in everything that looks at more than one moment: against stretches taken alone."""

import functools

import numpy as np
import pytest

import sigconv
from sigconv import Annotation, Pipeline, Recording, Step
from sigconv.conditioning.kernel import convolve_in_time

RNG = np.random.default_rng(3)
FS = 250.0
#: Breaks of the signals, and the stretches and the span that they make.
BREAKS, STRETCHES, SPAN = [(300, 340), 150], [(0, 150), (150, 300), (340, 900)], (300, 340)
NOTES = [Annotation(0.6, 0.0, "EDGE boundary"), Annotation(1.2, 0.16, "BAD_ACQ_SKIP")]

smooth, noise = sigconv.smooth, sigconv.remove_line_noise
FUNCTIONS = {
    **{
        method: functools.partial(smooth, width=0.036, method=method)
        for method in ("moving_average", "triangular", "hann", "gaussian", "savitzky_golay")
    },
    "wrap": functools.partial(smooth, width=0.036, method="gaussian", boundary="wrap"),
    "median": functools.partial(smooth, width=0.036, method="median"),
    "exponential": functools.partial(smooth, width=0.05, method="exponential"),
    "whittaker": functools.partial(smooth, width=0.1, method="whittaker"),
    "lowess": functools.partial(smooth, width=0.1, method="lowess", iterations=1),
    "total_variation": functools.partial(smooth, width=0.1, method="total_variation", height=1.0),
    "notch": functools.partial(noise, mains=50, width=20),
    "spectrum_fit": functools.partial(noise, mains=50, method="spectrum_fit", window=0.2),
    "hilbert": sigconv.envelope,
    "rms": functools.partial(sigconv.envelope, method="rms"),
    "lowpass": functools.partial(sigconv.envelope, method="lowpass", cutoff=20),
    "pre_emphasis": sigconv.pre_emphasis,
    "de_emphasis": sigconv.de_emphasis,
    "previous": functools.partial(sigconv.pre_emphasis, previous=0.5),
    "standardise": functools.partial(sigconv.exponential_moving_standardise, init_block_size=9),
    "kernel": functools.partial(convolve_in_time, kernel=[0.5, 0.3, 0.2]),
    "causal kernel": functools.partial(convolve_in_time, kernel=[0.5, 0.3, 0.2], causal=True),
}


def with_rate(function):
    """Return the function for arrays, which have to be told the rate where it matters."""
    core = getattr(function, "func", function)
    return (
        functools.partial(function, fs=FS)
        if core in (smooth, noise, sigconv.envelope)
        else function
    )


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_stretches_are_taken_alone(name, dtype, axis):
    x = (100 * RNG.standard_normal((3, 900))).astype(dtype)
    run = with_rate(FUNCTIONS[name])
    parts = [run(x[:, start:stop]) for start, stop in STRETCHES]
    span = x[:, slice(*SPAN)].astype(parts[0].dtype)
    expected = np.concatenate([*parts[:2], span, parts[2]], axis=1)
    y = run(x.T.copy() if axis == 0 else x, axis=axis, breaks=BREAKS)
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y.T if axis == 0 else y, expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_annotations_of_recordings_are_breaks(name):
    x = RNG.standard_normal((3, 900))
    function = FUNCTIONS[name]
    recording = Recording(x, FS, kinds=["eeg", "stim", "eeg"], annotations=NOTES)
    expected = with_rate(function)(x[[0, 2]], breaks=BREAKS)
    y = function(recording)
    np.testing.assert_array_equal(y.data[[0, 2]], expected)
    np.testing.assert_array_equal(y.data[1], x[1])
    plain = function(recording, skip_by_annotation=())
    np.testing.assert_array_equal(plain.data[[0, 2]], with_rate(function)(x[[0, 2]]))
    other = function(recording, skip_by_annotation="bad")
    expected = with_rate(function)(x[[0, 2]], breaks=[SPAN])
    np.testing.assert_array_equal(other.data[[0, 2]], expected)


@pytest.mark.parametrize("name", ["moving_average", "notch", "rms"])
def test_annotations_of_mne_are_breaks(name):
    mne = pytest.importorskip("mne")
    x = RNG.standard_normal((2, 900))
    raw = mne.io.RawArray(x, mne.create_info(2, FS, "eeg"), 500, verbose="error")
    raw.set_annotations(
        mne.Annotations(*zip(*[(a.onset, a.duration, a.text) for a in NOTES], strict=True)),
        verbose="error",
    )
    y = FUNCTIONS[name](raw).get_data()
    np.testing.assert_array_equal(y, with_rate(FUNCTIONS[name])(x, breaks=BREAKS))


def test_nothing_crosses_the_boundary_of_two_runs():
    """A step of a volt between runs, as amplifiers have it, rings in none of them."""
    x = np.concatenate([np.zeros((1, 1000)), np.ones((1, 1000))], axis=1)
    recording = Recording(x, FS, annotations=[Annotation(4.0, 0.0, "EDGE boundary")])
    for function in (
        functools.partial(smooth, width=0.1, method="gaussian"),
        functools.partial(smooth, width=0.1, method="whittaker"),
        functools.partial(noise, mains=50),
        functools.partial(noise, mains=50, method="spectrum_fit"),
    ):
        assert np.abs(function(recording).data - x).max() < 1e-9
        assert np.abs(function(recording, skip_by_annotation=()).data - x).max() > 1e-4


def test_gaps_are_bridged_within_their_stretch():
    x = RNG.standard_normal(900)
    x[140:160] = np.nan
    y = smooth(x, 5, nan_policy="interpolate", breaks=[150])
    parts = [smooth(each, 5, nan_policy="interpolate") for each in (x[:150], x[150:])]
    np.testing.assert_array_equal(y, np.concatenate(parts))
    x[310] = np.nan
    with pytest.raises(ValueError, match="got 20 values that are not"):  # the span's do not count
        smooth(x, 5, nan_policy="raise", breaks=BREAKS)


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (
            functools.partial(noise, mains=50, method="spectrum_fit", window=0.2),
            "1 of 2 stretches .* the first at sample 0: x and window must last three periods",
        ),
        (sigconv.pre_emphasis, "1 of 2 stretches .* sample 0: x must have two samples"),
    ],
)
def test_stretches_that_are_too_short_stay(run, sentence):
    x = RNG.standard_normal(900)
    with pytest.warns(UserWarning, match=sentence):
        y = with_rate(run)(x, breaks=1)
    assert y[0] == x[0]
    np.testing.assert_array_equal(y[1:], with_rate(run)(x[1:]))


@pytest.mark.parametrize(
    "step",
    [
        Step("smooth", width=0.05, skip_by_annotation="bad"),
        Step("remove_line_noise", mains=50, width=20, skip_by_annotation="bad"),
        Step("envelope", skip_by_annotation="bad"),
        Step("convolve", kernel="gaussian", sigma=3, skip_by_annotation="bad"),
        Step("exponential_moving_standardise", skip_by_annotation="bad"),
        Step("pre_emphasis", previous=0.0, skip_by_annotation="bad"),
        Step("lowpass", cutoff=40, skip_by_annotation="bad"),
    ],
)
def test_steps(step):
    x = RNG.standard_normal((2, 900))
    recording = Recording(x, FS, annotations=NOTES)
    y = Pipeline([step]).apply(recording)
    np.testing.assert_array_equal(y.data, step.at(FS, [SPAN])(x, 1))
    # arrays have no annotations
    bare = {key: value for key, value in step.parameters.items() if key != "skip_by_annotation"}
    expected = Pipeline([Step(step.name, **bare)]).apply(x, fs=FS)
    np.testing.assert_array_equal(Pipeline([step]).apply(x, fs=FS), expected)
    assert Pipeline.from_toml(Pipeline([step]).to_toml()) == Pipeline([step])


def test_streams_have_no_annotations():
    step = Step("smooth", width=0.05, method="exponential", skip_by_annotation="bad")
    x = RNG.standard_normal((2, 100))
    y = Pipeline([step]).stream(FS, 2).push(x)
    np.testing.assert_allclose(y, smooth(x, 0.05, method="exponential", fs=FS), atol=1e-12)


@pytest.mark.parametrize("function", [smooth, noise, sigconv.envelope, sigconv.pre_emphasis])
def test_sentences(function):
    given = {"width": 5} if function is smooth else {}
    given |= {"fs": FS} if function is noise else {}
    with pytest.raises(ValueError, match=r"breaks must be sample indices or pairs .*; got 901"):
        function(np.ones(900), breaks=[901], **given)
    with pytest.raises(ValueError, match="skip_by_annotation must not be given with an array"):
        function(np.ones(900), skip_by_annotation="bad", **given)
    recording = Recording(np.ones((1, 900)), FS)
    with pytest.raises(ValueError, match="breaks must not be given with a Recording"):
        function(recording, breaks=[5], **({"width": 0.02} if function is smooth else {}))
    with pytest.raises(TypeError, match=r"takes .*; got 'breaks'"):
        Step(
            {smooth: "smooth", noise: "remove_line_noise"}.get(function, "envelope"),
            breaks=5,
            **given,
        )
