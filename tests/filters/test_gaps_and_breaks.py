"""NaN and infinities, breaks, and the annotations that make them: against pieces filtered alone."""

import numpy as np
import pytest

import sigconv
from sigconv import Annotation, FilterBank, Recording, TransferFunction
from sigconv.filters.signals import stretches

RNG = np.random.default_rng(0)
FILTERS = {
    "iir": sigconv.bandpass((5, 40), fs=250, order=2),
    "symmetric": sigconv.fir((8, 40), fs=250, taps=31),
    "fir": TransferFunction(RNG.standard_normal(9), fs=250),
}
METHODS = ("filter", "filtfilt", "zero_phase")
EVERY = [(name, method) for name in FILTERS for method in METHODS]


def gappy():
    x = RNG.standard_normal((3, 600))
    x[0, :20] = np.nan
    x[1, 200:260] = np.nan
    x[1, 400] = -np.inf
    x[1, 590:] = np.inf
    return x


@pytest.mark.parametrize(("name", "method"), EVERY)
def test_interpolated_gaps(name, method):
    x = gappy()
    good = np.isfinite(x)
    times = np.arange(600)
    full = np.stack([np.interp(times, times[g], row[g]) for row, g in zip(x, good, strict=True)])
    run = getattr(FILTERS[name], method)
    expected = np.where(good, run(full), np.nan)
    np.testing.assert_array_equal(run(x, nan_policy="interpolate"), expected)
    single = run(x.T.astype(np.float32), axis=0, nan_policy="interpolate")
    np.testing.assert_allclose(single.T, expected, atol=1e-4)


@pytest.mark.parametrize(("name", "method"), EVERY)
def test_propagated_gaps(name, method):
    x = gappy()
    y = getattr(FILTERS[name], method)(x, nan_policy="propagate")
    np.testing.assert_array_equal(y[2], getattr(FILTERS[name], method)(x[2]))
    spoiled = ~np.isfinite(y[1])
    if name == "iir":
        assert spoiled[200:].all()
        assert spoiled[:200].all() == (method != "filter")
    else:
        assert not spoiled[:160].any()
        assert spoiled[200:260].all()
        assert not spoiled[300:360].any()


@pytest.mark.parametrize(("name", "method"), EVERY)
def test_gaps_between_breaks_stay_there(name, method):
    x = RNG.standard_normal((2, 600))
    x[0, 300] = np.nan
    y = getattr(FILTERS[name], method)(x, breaks=[200, 400])
    assert np.isfinite(y[:, :200]).all()
    assert np.isfinite(y[:, 400:]).all()
    assert not np.isfinite(y[0, 300])


@pytest.mark.parametrize("method", METHODS)
def test_omitted_gaps_count_0(method):
    x = gappy()
    for name in ("symmetric", "fir"):
        run = getattr(FILTERS[name], method)
        expected = run(np.where(np.isfinite(x), x, 0))
        np.testing.assert_array_equal(run(x, nan_policy="omit"), expected)
    sentence = "nan_policy must be one of 'propagate', 'interpolate', 'raise' for a recursive"
    with pytest.raises(ValueError, match=sentence):
        getattr(FILTERS["iir"], method)(x, nan_policy="omit")


@pytest.mark.parametrize(("name", "method"), EVERY)
def test_refused_gaps_leave_the_output_alone(name, method):
    x, out = gappy(), np.zeros((3, 600))
    n = (~np.isfinite(x)).sum()
    with pytest.raises(ValueError, match=f"x must be finite with nan_policy 'raise'; got {n} val"):
        getattr(FILTERS[name], method)(x, nan_policy="raise", out=out)
    assert not out.any()
    good = RNG.standard_normal(600)
    run = getattr(FILTERS[name], method)
    np.testing.assert_array_equal(run(good, nan_policy="raise"), run(good))


def test_a_row_of_nothing_but_gaps():
    x = np.stack([np.full(300, np.nan), RNG.standard_normal(300)])
    y = FILTERS["iir"].filtfilt(x, nan_policy="interpolate")
    assert np.isnan(y[0]).all()
    np.testing.assert_array_equal(y[1], FILTERS["iir"].filtfilt(x[1]))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, np.int16])
@pytest.mark.parametrize(("name", "method"), EVERY)
def test_stretches_are_filtered_alone(name, method, dtype, axis):
    x = (100 * RNG.standard_normal((3, 600))).astype(dtype)
    run = getattr(FILTERS[name], method)
    parts = [run(x[:, a:b]) for a, b in ((0, 150), (150, 300), (340, 600))]
    expected = np.concatenate([*parts[:2], x[:, 300:340].astype(parts[0].dtype), parts[2]], axis=1)
    given = x.T.copy() if axis == 0 else x
    y = run(given, axis=axis, breaks=[(300, 340), 150])
    np.testing.assert_array_equal(y.T if axis == 0 else y, expected)
    if given.dtype.kind != "i":
        assert run(given, axis=axis, breaks=[(300, 340), 150], out=given) is given
        np.testing.assert_array_equal(given, y)


def test_short_stretches_give_the_padding_that_they_have():
    x = RNG.standard_normal(300)
    tf = FILTERS["iir"]
    with pytest.warns(UserWarning, match="longer than the shortest stretch between breaks of"):
        y = tf.filtfilt(x, breaks=[5, 6])
    for part, pad_length in ((slice(0, 5), 4), (slice(5, 6), 0)):
        with pytest.warns(UserWarning, match="longer than the signal"):
            alone = tf.filtfilt(x[part], pad_length=pad_length)
        np.testing.assert_array_equal(y[part], alone)
    np.testing.assert_array_equal(y[6:], tf.filtfilt(x[6:]))


def test_stretches_and_spans():
    assert stretches([], 9) == ([(0, 9)], [])
    assert stretches(3, 9) == ([(0, 3), (3, 9)], [])
    assert stretches([(2, 5), (4, 6), 5, (8, 9)], 9)[0] == [(0, 2), (6, 8)]
    assert stretches([0, 9], 9) == ([(0, 9)], [])
    assert stretches([(0, 9)], 9) == ([], [(0, 9)])
    x = RNG.standard_normal(9)
    np.testing.assert_array_equal(FILTERS["fir"].filter(x, breaks=[(0, 9)]), x)


def test_banks_too():
    x = gappy()
    bank = FilterBank([FILTERS["iir"], FILTERS["symmetric"], sigconv.notch(50, fs=250, q=5)])
    for method in ("filter", "filtfilt"):
        form = {"nan_policy": "interpolate", "breaks": [(300, 340), 150]}
        y = getattr(bank, method)(x, **form)
        alone = [getattr(tf, method)(row, **form) for tf, row in zip(bank.filters, x, strict=True)]
        np.testing.assert_array_equal(y, alone)
        out = np.empty((600, 3), np.float32)
        assert getattr(bank, method)(x.T, axis=0, dtype="float32", out=out, **form) is out
        np.testing.assert_array_equal(out.T, y.astype(np.float32))
        own = x.copy()
        getattr(bank, method)(own, out=own, **form)
        np.testing.assert_array_equal(own, y)
    y = bank.filtfilt(x[:, 20:200], padding="even", pad_length=7)
    expected = FILTERS["iir"].filtfilt(x[0, 20:200], padding="even", pad_length=7)
    np.testing.assert_array_equal(y[0], expected)


NOTES = [
    Annotation(0.8, 0.0, "EDGE boundary"),
    Annotation(0.8, 0.0, "BAD boundary"),
    Annotation(1.2, 0.16, "BAD_ACQ_SKIP"),
    Annotation(1.6, 0.1, "bad blink"),
]


def raw_of(x, notes, first_samp=0):
    mne = pytest.importorskip("mne")
    kinds = ["eeg"] * (len(x) - 1) + ["stim"]
    raw = mne.io.RawArray(x, mne.create_info(len(x), 250.0, kinds), first_samp, verbose="error")
    marks = mne.Annotations(*zip(*[(a.onset, a.duration, a.text) for a in notes], strict=True))
    return raw.set_annotations(marks, verbose="error")


@pytest.mark.parametrize("skip", [("edge", "bad_acq_skip"), "bad", ("EDGE", "bad"), ()])
@pytest.mark.parametrize("first_samp", [0, 1000])
def test_annotations_as_mne_takes_them(skip, first_samp):
    x = RNG.standard_normal((3, 600))
    raw = raw_of(x, NOTES, first_samp)
    tf = sigconv.fir((20, 40), fs=250)
    expected = raw.copy().filter(20, 40, skip_by_annotation=skip, verbose="error").get_data()
    with pytest.warns(UserWarning, match="transient") if skip else _nothing():
        y = tf.zero_phase(raw, skip_by_annotation=skip)
        same = tf.zero_phase(
            Recording(x, 250, kinds=["eeg", "eeg", "stim"], annotations=NOTES),
            skip_by_annotation=skip,
        )
    np.testing.assert_allclose(same.data, y.get_data(), rtol=0, atol=1e-15)
    # where a stretch is shorter than half the kernel, MNE pads with zeros: not the same padding
    long = slice(440, 600) if "bad" in str(skip) else slice(0, 200)
    np.testing.assert_allclose(y.get_data()[:, long], expected[:, long], rtol=0, atol=1e-12)
    kept = slice(300, 340)
    if skip:
        np.testing.assert_array_equal(y.get_data()[:, kept], x[:, kept])


def _nothing():
    import contextlib

    return contextlib.nullcontext()


def test_the_default_is_mnes():
    recording = Recording(RNG.standard_normal((2, 600)), 250, annotations=NOTES)
    tf = FILTERS["iir"]
    y = tf.filtfilt(recording)
    expected = tf.filtfilt(recording.data, breaks=[200, (300, 340)])
    np.testing.assert_array_equal(y.data, expected)
    plain = tf.filtfilt(recording, skip_by_annotation=())
    np.testing.assert_array_equal(plain.data, tf.filtfilt(recording.data))
    step = sigconv.Step("bandpass", cutoff=(5, 40), order=2)
    np.testing.assert_array_equal(sigconv.Pipeline([step]).apply(recording).data, expected)
    step = sigconv.Step("bandpass", cutoff=(5, 40), order=2, skip_by_annotation=())
    np.testing.assert_array_equal(sigconv.Pipeline([step]).apply(recording).data, plain.data)
    arrays = sigconv.Pipeline([step]).apply(recording.data, fs=250)
    np.testing.assert_array_equal(arrays, plain.data)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda tf, x: tf.filter(x, breaks=[601]),
            ValueError,
            r"breaks must be sample indices or pairs .* <= 600; got 601",
        ),
        (lambda tf, x: tf.filter(x, breaks=[(5, 3)]), ValueError, r"breaks must be .*got \(5, 3\)"),
        (lambda tf, x: tf.filter(x, breaks=[1.5]), TypeError, "breaks must be a whole number"),
        (lambda tf, x: tf.filter(x, breaks=[(1, 2, 3)]), ValueError, "breaks must be sample ind"),
        (
            lambda tf, x: tf.filter(x, breaks=[9], zi=np.zeros((2, 2, 2))),
            ValueError,
            "zi must not be given with breaks",
        ),
        (
            lambda tf, x: tf.filter(Recording(x, 250), breaks=[9]),
            ValueError,
            "breaks must not be given with a Recording",
        ),
        (
            lambda tf, x: tf.filter(x, skip_by_annotation="bad"),
            ValueError,
            "skip_by_annotation must not be given with an array",
        ),
        (
            lambda tf, x: tf.filter(Recording(x, 250), skip_by_annotation=[7]),
            TypeError,
            r"skip_by_annotation must be words; got \[7\]",
        ),
        (lambda tf, x: tf.filter(x, nan_policy="drop"), ValueError, "nan_policy must be one of"),
    ],
)
def test_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call(FILTERS["iir"], np.ones((2, 600)))
