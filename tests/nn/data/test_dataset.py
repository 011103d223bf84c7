"""Windows cut from real recordings, and what cannot be cut."""

import mne
import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv import Annotation, Pipeline, Recording, Step
from sigconv.nn import EEGDataset
from sigconv.nn.data import discover, standardise

SSVEP_CLASSES = {"1": "rest", "2": "13Hz", "3": "21Hz", "4": "17Hz"}
SUBJECT = r"filename:(subject\d+)"


def written(folder, name, *, channels=("C3", "C4"), fs=100.0, annotations=(), data=None, **fields):
    """Write a recording of six seconds of noise; return its path."""
    rng = np.random.default_rng(len(name))
    data = 1e-5 * rng.normal(size=(len(channels), round(6 * fs))) if data is None else data
    path = folder / name
    recording = Recording(data, fs, channels=channels, annotations=annotations, **fields)
    sigconv.write(path, recording)
    return path


MARKS = [Annotation(1.0, 2.0, "left"), Annotation(3.0, 2.0, "right")]


def test_windows_are_those_that_mne_cuts(data):
    """The real SSVEP files: every event, at its sample, in the order of the events."""
    path = data / "eeg/ssvep_exo/subject01_record-2012.07.06-19.02.16_raw.fif"
    raw = mne.io.read_raw_fif(path, preload=True, verbose="error")
    events = mne.read_events(str(path).replace("_raw.fif", "-eve.fif"), verbose="error")
    ours = EEGDataset.from_recordings([path], labels="events", window=(2, 5), classes=SSVEP_CLASSES)
    assert ours.X.shape == (32, 8, 768)
    assert ours.channels == tuple(raw.ch_names)
    codes = [int(code) for _, _, code in events]
    assert [ours.classes[i] for i in ours.y] == [SSVEP_CLASSES[str(code)] for code in codes]
    for window, (sample, _, _) in zip(ours.X, events, strict=True):
        start = sample - raw.first_samp + 512
        np.testing.assert_array_equal(window, raw.get_data()[:, start : start + 768].astype("f4"))


def test_the_whole_recording_is_filtered_before_it_is_cut(data):
    path = data / "eeg/eegmmidb/S001R04.edf"
    raw = mne.io.read_raw_edf(path, preload=True, verbose="error")
    sos = signal.butter(4, (8, 30), "bandpass", fs=160, output="sos")
    expected = signal.sosfiltfilt(sos, raw.get_data())
    pipeline = Pipeline([Step("bandpass", cutoff=(8, 30))])
    ours = EEGDataset.from_recordings(
        [path], labels="annotations", window=(0, 2), pipeline=pipeline
    )
    assert ours.classes == ("T0", "T1", "T2")
    start = round(raw.annotations.onset[3] * 160)
    window = expected[:, start : start + 320]
    np.testing.assert_allclose(ours.X[3], window, atol=1e-6 * np.abs(window).max())


def test_one_label_a_file(data):
    folder = data / "eeg/eegmat"
    ours = EEGDataset.from_recordings(
        sorted(folder.glob("*.edf")),
        labels=r"filename:_(\d)\.edf",
        classes={"1": "rest", "2": "arithmetic"},
        window=(0, 10),
        group=r"filename:(Subject\d+)",
    )
    assert ours.X.shape == (2 * (18 + 6), 21, 5000)
    assert ours.classes == ("arithmetic", "rest")
    assert set(ours.groups) == {"Subject00", "Subject01"}
    assert np.bincount(ours.y).tolist() == [12, 36]


def test_channels_are_matched_by_name(tmp_path):
    data = 1e-5 * np.random.default_rng(0).normal(size=(2, 600))
    a = written(tmp_path, "a_raw.fif", data=data, annotations=MARKS)
    b = written(tmp_path, "b_raw.fif", data=data[::-1], channels=("C4", "C3"), annotations=MARKS)
    ours = EEGDataset.from_recordings([a, b], labels="annotations", window=(0, 2))
    np.testing.assert_array_equal(ours.X[:2], ours.X[2:])


def test_trials_at_the_ends_and_in_bad_stretches_are_left_out(tmp_path):
    marks = [
        *MARKS,
        Annotation(5.0, 1.0, "left"),  # runs over the end
        Annotation(0.2, 1.0, "right"),  # meets the bad stretch
        Annotation(0.5, 0.3, "BAD_movement"),
    ]
    path = written(tmp_path, "a_raw.fif", annotations=marks)
    ours = EEGDataset.from_recordings([path], labels="annotations", window=(0, 2))
    assert len(ours) == 2
    assert ours.n_left_out == 2


def test_triggers_are_no_signal(tmp_path):
    path = written(
        tmp_path, "a_raw.fif", channels=("C3", "STI"), kinds=("eeg", "stim"), annotations=MARKS
    )
    ours = EEGDataset.from_recordings([path], labels="annotations", window=(0, 2))
    assert ours.channels == ("C3",)


def test_arrays():
    X = np.random.default_rng(0).normal(size=(4, 3, 50))
    ours = EEGDataset.from_arrays(X, [2, 1, 2, 1], fs=50)
    assert ours.classes == ("1", "2")
    assert ours.y.tolist() == [1, 0, 1, 0]
    assert len(set(ours.groups)) == 4
    assert ours.window == (0.0, 1.0)


def test_standardise_by_its_definition():
    X = np.random.default_rng(0).normal(3, 7, size=(4, 3, 50))
    X[1, 2] = 5e-6  # a flat channel
    Z = standardise(X)
    assert Z.dtype == np.float32
    np.testing.assert_allclose(Z.mean(axis=-1), 0, atol=1e-6)
    expected = np.ones((4, 3))
    expected[1, 2] = 0
    np.testing.assert_allclose(Z.std(axis=-1), expected, rtol=1e-5, atol=1e-6)


def test_standardise_forgets_the_unit():
    X = np.random.default_rng(0).normal(size=(2, 3, 50))
    np.testing.assert_allclose(standardise(1e-6 * X), standardise(X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros((4, 50))}, r"X must have shape \(n_trials, n_channels, n_times\)"),
        ({"y": [1, 2]}, r"y must hold one label for each of 4 trials; got \(2,\)"),
        ({"groups": [1]}, r"groups must hold one for each of 4 trials; got \(1,\)"),
        ({"X": np.full((4, 3, 50), np.inf)}, "X must hold finite numbers"),
        ({"fs": 0}, "fs must be a finite number above 0; got 0"),
    ],
)
def test_bad_arrays(change, message):
    arguments = {"X": np.ones((4, 3, 50)), "y": [0, 1, 0, 1], "fs": 50, **change}
    with pytest.raises(ValueError, match=message):
        EEGDataset.from_arrays(**arguments)


def test_recordings_that_do_not_fit_each_other(tmp_path):
    a = written(tmp_path, "a_raw.fif", annotations=MARKS)
    slow = written(tmp_path, "slow_raw.fif", fs=50.0, annotations=MARKS)
    other = written(tmp_path, "other_raw.fif", channels=("C3", "Cz"), annotations=MARKS)
    with pytest.raises(ValueError, match=r"slow_raw\.fif: has 50 Hz, the first recording 100 Hz"):
        EEGDataset.from_recordings([a, slow], labels="annotations", window=(0, 2))
    with pytest.raises(
        ValueError, match=r"other_raw\.fif: lacks the channels C4 of the first file"
    ):
        EEGDataset.from_recordings([a, other], labels="annotations", window=(0, 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window": (2, 2)}, r"window must be \(start, end\) with start < end; got \(2, 2\)"),
        ({"classes": {"left": "L"}}, "at least two classes; found only 'L'"),
        ({"classes": {"up": "U"}}, "at least two classes; found none"),
        ({"labels": "labels"}, "labels must be one of"),
        ({"group": "subject"}, "group must be one of"),
        ({"labels": "events"}, r"a-eve\.fif"),
        (
            {"pipeline": Pipeline([Step("lowpass", cutoff=80)])},
            r"a_raw\.fif: cutoff must lie between 0 and 50 Hz",
        ),
    ],
)
def test_bad_arguments(tmp_path, change, message):
    path = written(tmp_path, "a_raw.fif", annotations=MARKS)
    arguments = {"labels": "annotations", "window": (0, 2), **change}
    with pytest.raises((ValueError, OSError), match=message):
        EEGDataset.from_recordings([path], **arguments)


def test_discovery_on_real_recordings(data):
    ssvep = sorted((data / "eeg/ssvep_exo").glob("*_raw.fif"))
    found = discover(ssvep)
    assert found.labels == "events"
    assert found.window == (0.0, 4.0)
    ours = EEGDataset.from_recordings(
        ssvep[:3], labels="events", window=(2, 5), group=found.group, classes=SSVEP_CLASSES
    )
    assert set(ours.groups) == {"subject01", "subject02"}
    # the first two runs are rest alone: what the classes are only the later ones tell
    motor = sorted((data / "eeg/eegmmidb").glob("*.edf"))
    found = discover(motor)
    assert (found.labels, found.group) == ("annotations", "file")  # one subject: no subjects
    assert found.window == (0.0, 4.0)


def test_nothing_to_discover(data, tmp_path):
    with pytest.raises(ValueError, match="labels cannot be told from the recordings"):
        discover(sorted((data / "eeg/eegmat").glob("*.edf")))
    with pytest.raises(ValueError, match="window must be given with labels 'folder'"):
        discover([tmp_path / "x.edf"], labels="folder")
    with pytest.raises(ValueError, match="paths must name at least one recording"):
        discover([])


def test_recordings_of_several_rates_meet_at_a_new_one(tmp_path):
    paths = [
        written(tmp_path, "a.edf", fs=100.0, annotations=MARKS),
        written(tmp_path, "b.edf", fs=250.0, annotations=MARKS),
    ]
    with pytest.raises(ValueError, match="has 250 Hz, the first recording 100 Hz"):
        EEGDataset.from_recordings(paths, labels="annotations", window=(0, 2))
    pipeline = Pipeline([Step("resample", new_fs=50)])
    ours = EEGDataset.from_recordings(paths, labels="annotations", window=(0, 2), pipeline=pipeline)
    assert (ours.X.shape, ours.fs) == ((4, 2, 100), 50)
    for i, path in enumerate(paths):
        recording = sigconv.read(path)
        whole = sigconv.resample(recording.data, 50, fs=recording.fs)
        np.testing.assert_array_equal(ours.X[2 * i], whole[:, 50:150].astype(np.float32))
