"""Recordings and MNE's objects go in, and new ones of their kind come out."""

import sys

import numpy as np
import pytest

import sigconv
from sigconv import Annotation, Recording, TransferFunction, _carriers

rng = np.random.default_rng(4)
FILTER = sigconv.bandpass((1, 40), fs=250)


@pytest.fixture(scope="module")
def mne():
    return pytest.importorskip("mne")


@pytest.fixture
def raw(mne):
    """Two EEG channels around a trigger, with a bad channel and annotations."""
    info = mne.create_info(
        ["C3", "STI", "C4", "EOG", "room"], 250.0, ["eeg", "stim", "eeg", "eog", "misc"]
    )
    data = rng.standard_normal((5, 2000)) * 1e-5
    data[1] = 0
    data[1, [400, 1400]] = 3
    made = mne.io.RawArray(data, info, verbose="error")
    made.set_annotations(mne.Annotations([1.0, 4.0], [0.5, 0], ["BAD_jump", "go"]))
    made.info["bads"] = ["C4"]
    return made


def recording(**changes):
    fields = {
        "data": rng.standard_normal((4, 1000)),
        "fs": 250,
        "channels": ["C3", "TRIG", "C4", "note"],
        "kinds": ["eeg", "stim", "eeg", "misc"],
        "units": ["V", "", "V", ""],
        "annotations": [Annotation(1, 0, "T1")],
        "origin": {"device": "cap"},
    }
    return Recording(**{**fields, **changes})


@pytest.mark.parametrize("run", [FILTER.filter, FILTER.filtfilt, FILTER.zero_phase])
def test_recordings(run):
    x = recording()
    before = x.data.copy()
    y = run(x)
    assert isinstance(y, Recording)
    np.testing.assert_array_equal(y.data[[0, 2]], run(before[[0, 2]]))
    np.testing.assert_array_equal(y.data[[1, 3]], before[[1, 3]])
    np.testing.assert_array_equal(x.data, before)
    for name in ("fs", "channels", "kinds", "units", "annotations", "start", "origin"):
        assert getattr(y, name) == getattr(x, name)


def test_precision_of_recordings():
    x = recording(data=rng.standard_normal((4, 1000)).astype(np.float32))
    assert FILTER.filter(x).data.dtype == np.float32
    counts = recording(data=np.arange(4000, dtype=np.int16).reshape(4, 1000))
    y = FILTER.filter(counts)
    assert y.data.dtype == np.float64
    np.testing.assert_array_equal(y.data[1], counts.data[1])
    only_signals = recording(kinds="eeg", data=counts.data)
    np.testing.assert_array_equal(FILTER.filter(only_signals).data, FILTER.filter(counts.data))


def test_raw(raw):
    before = raw.get_data()
    y = FILTER.filter(raw)
    assert type(y) is type(raw)
    assert y is not raw
    got = y.get_data()
    np.testing.assert_array_equal(got[[0, 2, 3]], FILTER.filter(before[[0, 2, 3]]))
    np.testing.assert_array_equal(got[[1, 4]], before[[1, 4]])
    np.testing.assert_array_equal(raw.get_data(), before)
    assert y.annotations == raw.annotations
    assert y.info["bads"] == ["C4"]
    assert y.ch_names == raw.ch_names


def test_epochs_and_evoked(mne, raw):
    events = mne.find_events(raw, verbose="error")
    epochs = mne.Epochs(
        raw,
        events,
        3,
        -0.2,
        1,
        baseline=None,
        picks="all",
        reject_by_annotation=False,
        verbose="error",
    )
    y = FILTER.zero_phase(epochs)
    assert isinstance(y, mne.BaseEpochs)
    before, got = epochs.get_data(), y.get_data()
    np.testing.assert_array_equal(got[:, [0, 2, 3]], FILTER.zero_phase(before[:, [0, 2, 3]]))
    np.testing.assert_array_equal(got[:, [1, 4]], before[:, [1, 4]])
    np.testing.assert_array_equal(y.events, epochs.events)
    assert y.event_id == epochs.event_id
    assert not epochs.preload

    evoked = epochs.average(picks="all")
    z = FILTER.zero_phase(evoked)
    assert isinstance(z, mne.Evoked)
    np.testing.assert_array_equal(z.data[[0, 2, 3]], FILTER.zero_phase(evoked.data[[0, 2, 3]]))
    np.testing.assert_array_equal(z.data[[1, 4]], evoked.data[[1, 4]])


def test_real_recordings(mne, data):
    edf = mne.io.read_raw_edf(data / "eeg/eegmat/Subject00_1.edf", verbose="error").crop(0, 5)
    y = sigconv.bandpass((1, 40), fs=500).zero_phase(edf)
    expected = sigconv.bandpass((1, 40), fs=500).zero_phase(edf.get_data())
    np.testing.assert_array_equal(y.get_data(), expected)
    assert not edf.preload

    path = sorted(data.glob("eeg/ssvep_exo/*_raw.fif"))[0]
    fif = mne.io.read_raw_fif(path, verbose="error").crop(0, 10)
    kinds = fif.get_channel_types()
    y = sigconv.notch(50, fs=256).zero_phase(fif)
    changed = [bool((a != b).any()) for a, b in zip(y.get_data(), fif.get_data(), strict=True)]
    assert changed == [kind == "eeg" for kind in kinds]


def test_like_mne_on_a_real_recording(mne, data):
    raw = mne.io.read_raw_edf(data / "eeg/eegmat/Subject01_2.edf", verbose="error").crop(0, 20)
    raw.load_data(verbose="error")
    expected = raw.copy().filter(1, 40, picks="all", verbose="error").get_data()
    got = sigconv.fir((1, 40), fs=500).zero_phase(raw).get_data()
    signals = [kind not in sigconv.recording.UNTOUCHED_KINDS for kind in raw.get_channel_types()]
    np.testing.assert_allclose(
        got[signals], expected[signals], rtol=0, atol=1e-12 * np.abs(expected).max()
    )


def test_data_types_of_channels_agree_with_mne(mne):
    """MNE's own list of data channels, and those it filters too, count as signals."""
    for kind in ("eeg", "mag", "grad", "seeg", "ecog", "dbs", "hbo", "ecg", "eog", "emg", "bio"):
        assert kind not in sigconv.recording.UNTOUCHED_KINDS
    for kind in ("stim", "misc", "syst", "chpi", "exci", "ias", "gof", "dipole"):
        assert kind in sigconv.recording.UNTOUCHED_KINDS
        assert kind in mne.io.get_channel_type_constants()


def test_state_of_a_recording():
    x = recording()
    signals = x.data[[0, 2]]
    y = FILTER.filter(x, zi=FILTER.initial_state(signals[:, 0]))
    expected = FILTER.filter(signals, zi=FILTER.initial_state(signals[:, 0]))
    np.testing.assert_array_equal(y.data[[0, 2]], expected)


def test_what_is_a_carrier(mne, raw):
    assert _carriers.is_carrier(raw)
    assert _carriers.is_carrier(recording())
    assert _carriers.rate(raw) == _carriers.rate(recording()) == 250
    for other in (np.ones(3), [1.0], "raw", None, raw.info):
        assert not _carriers.is_carrier(other)


def test_mne_is_recognised_without_loading_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "mne", raising=False)
    assert not _carriers.is_carrier(np.ones(3))
    assert "mne" not in sys.modules


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda x: FILTER.filter(x, axis=0), "axis must not be given with a"),
        (lambda x: FILTER.zero_phase(x, axis=1), "axis must not be given with a"),
        (lambda x: FILTER.filtfilt(x, out=np.ones(4)), "out must not be given with a"),
        (
            lambda x: sigconv.lowpass(40, fs=500).filter(x),
            "x must be sampled at the filter's rate of 500 Hz; got 250 Hz",
        ),
        (lambda x: sigconv.smooth(x, 0.1, fs=250), "fs must not be given with a"),
        (lambda x: sigconv.smooth(x, 0.1, axis=0), "axis must not be given with a"),
        (lambda x: sigconv.smooth(x, 0.1, out=np.ones(4)), "out must not be given with a"),
    ],
)
def test_sentences(raw, call, sentence):
    for x in (recording(), raw):
        with pytest.raises(ValueError, match=sentence):
            call(x)


def test_objects_without_signals(mne):
    tf = TransferFunction([1, 1], fs=250)
    only_triggers = recording(kinds="stim")
    with pytest.raises(
        ValueError, match=r"x must have channels that hold signals; got only \['stim'\]"
    ):
        tf.filter(only_triggers)
    raw = mne.io.RawArray(np.zeros((1, 9)), mne.create_info(1, 250.0, "stim"), verbose="error")
    with pytest.raises(ValueError, match="x must have channels that hold signals"):
        tf.filter(raw)


def test_smoothing_carriers(raw):
    for x in (recording(), raw):
        y = sigconv.smooth(x, 0.02, method="gaussian")
        signals = [
            i
            for i, kind in enumerate(getattr(x, "kinds", ("eeg", "stim", "eeg", "eog", "misc")))
            if kind in ("eeg", "eog")
        ]
        before = x.data if isinstance(x, Recording) else x.get_data()
        got = y.data if isinstance(x, Recording) else y.get_data()
        expected = before.copy()
        expected[signals] = sigconv.smooth(before[signals], 0.02, method="gaussian", fs=250)
        np.testing.assert_array_equal(got, expected)
