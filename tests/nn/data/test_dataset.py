"""Windows cut from real recordings, and what cannot be cut."""

import mne
import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv import Annotation, Pipeline, Recording, Step
from sigconv.nn import EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.data import discover, standardise
from sigconv.nn.data.lazy import Int16Windows

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
    assert ours.left_out == {"over the end": 1, "marked as bad": 1}


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
        ({"X": np.zeros((4, 50))}, r"X must have shape \(n_windows, n_channels, n_times\)"),
        ({"y": [1, 2]}, r"y must hold one label for each of 4 windows; got \(2,\)"),
        ({"groups": [1]}, r"groups must hold one for each of 4 windows; got \(1,\)"),
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
    with pytest.raises(ValueError, match=r"slow_raw\.fif: has 50 Hz where 100 Hz are needed"):
        EEGDataset.from_recordings([a, slow], labels="annotations", window=(0, 2))
    with pytest.raises(
        ValueError, match=r"other_raw\.fif: lacks the channels C4; of those needed it has C3"
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
    with pytest.raises(ValueError, match="has 250 Hz where 100 Hz are needed"):
        EEGDataset.from_recordings(paths, labels="annotations", window=(0, 2))
    pipeline = Pipeline([Step("resample", new_fs=50)])
    ours = EEGDataset.from_recordings(paths, labels="annotations", window=(0, 2), pipeline=pipeline)
    assert (ours.X.shape, ours.fs) == ((4, 2, 100), 50)
    for i, path in enumerate(paths):
        recording = sigconv.read(path)
        whole = sigconv.resample(recording.data, 50, fs=recording.fs)
        np.testing.assert_array_equal(ours.X[2 * i], whole[:, 50:150].astype(np.float32))


def test_labels_in_a_table_of_recordings(tmp_path):
    paths = [written(tmp_path, f"{name}.edf") for name in ("one", "two", "three")]
    table = tmp_path / "labels.csv"
    table.write_text("file,label,who\none.edf,rest,ann\ntwo,move,bob\nthree.edf,rest,bob\n")
    ours = EEGDataset.from_recordings(
        paths, labels=str(table), window=(0, 2), overlap=0.5, group="column:who"
    )
    assert ours.X.shape == (15, 2, 200)
    assert [ours.classes[i] for i in ours.y] == ["rest"] * 5 + ["move"] * 5 + ["rest"] * 5
    assert ours.groups.tolist() == ["ann"] * 5 + ["bob"] * 10
    assert ours.starts[:5].tolist() == [0, 1, 2, 3, 4]
    assert len(set(ours.trials)) == 3  # a recording with one label is one trial


def test_labels_in_a_table_of_events(tmp_path):
    path = written(tmp_path, "one.edf")
    table = tmp_path / "labels.csv"
    table.write_text("file,onset,label\none.edf,1.5,left\none.edf,3,right\none.edf,4.5,other\n")
    ours = EEGDataset.from_recordings(
        [path], labels=str(table), window=(-0.5, 0.5), classes={"left": "L", "right": "R"}
    )
    whole = sigconv.read(path).data
    np.testing.assert_array_equal(ours.X[0], whole[:, 100:200].astype("f4"))
    np.testing.assert_array_equal(ours.X[1], whole[:, 250:350].astype("f4"))
    assert ours.classes == ("L", "R")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name,label\n",
            r"must have the columns 'file' and 'label'; got 'name', 'label'",
        ),
        ("file,label,onset\none.edf,a,x\n", "line 2: onset must be a number of seconds; got 'x'"),
        ("file,label\nother.edf,a\n", r"one\.edf: .*labels\.csv has no line for it"),
        ("file,label\none.edf,a\n", "group must name a column of .*file, label; got 'who'"),
    ],
)
def test_tables_that_do_not_fit(tmp_path, text, message):
    path = written(tmp_path, "one.edf")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        EEGDataset.from_recordings(
            [path], labels=str(tmp_path / "labels.csv"), window=(0, 1), group="column:who"
        )
    with pytest.raises(FileNotFoundError, match=r"none\.csv: no such file"):
        EEGDataset.from_recordings([path], labels="none.csv", window=(0, 1))


def test_windows_slide_over_trials_and_stay_one_trial(tmp_path):
    path = written(tmp_path, "a_raw.fif", annotations=MARKS)
    ours = EEGDataset.from_recordings(
        [path], labels="annotations", window=(0, 2), sliding=1, overlap=0.5
    )
    assert ours.X.shape == (6, 2, 100)
    assert ours.starts.tolist() == [1, 1.5, 2, 3, 3.5, 4]
    assert [trial.rpartition("#")[2] for trial in ours.trials] == ["0"] * 3 + ["1"] * 3
    assert ours.window == (0, 1)
    with pytest.raises(ValueError, match="sliding must be no longer than the window of 2 s"):
        EEGDataset.from_recordings([path], labels="annotations", window=(0, 2), sliding=3)


def test_large_and_flat_windows_are_left_out(tmp_path):
    data = 1e-5 * np.sin(np.arange(1200) / 5).reshape(2, 600)
    data[0, 150] = 1e-3
    data[1, 300:500] = 2e-6
    marks = [Annotation(t, 0.0, text) for t, text in zip(range(6), "ababab", strict=True)]
    path = written(tmp_path, "a_raw.fif", data=data, annotations=marks)
    ours = EEGDataset.from_recordings(
        [path], labels="annotations", window=(0, 1), reject=1e-4, flat=1e-7
    )
    assert ours.starts.tolist() == [0, 2, 5]
    assert ours.left_out == {"too large": 1, "flat": 2}


def test_units_are_brought_to_those_of_the_first(tmp_path):
    data = np.random.default_rng(0).normal(size=(1, 600))
    volts = Recording(1e-6 * data, 100.0, channels=["C3"], units="V")
    micro = Recording(data, 100.0, channels=["c3."], units="uV")
    from sigconv.nn.data import matching

    matched = matching.like(tmp_path / "x", micro, channels=volts.channels, units=volts.units)
    np.testing.assert_allclose(matched.data, volts.data)
    assert (matched.channels, matched.units) == (("C3",), ("V",))
    odd = Recording(data, 100.0, channels=["C3"], units="")
    with pytest.raises(ValueError, match="x: channel C3 must be in 'V'; it is in 'no unit'"):
        matching.like(tmp_path / "x", odd, channels=["C3"], units=["V"])


def test_chosen_channels(tmp_path):
    path = written(tmp_path, "a_raw.fif", channels=("C3", "Cz", "C4"), annotations=MARKS)
    arguments = {"labels": "annotations", "window": (0, 2)}
    whole = EEGDataset.from_recordings([path], **arguments)
    ours = EEGDataset.from_recordings([path], **arguments, channels=["C4", "C3"])
    assert ours.channels == ("C4", "C3")
    np.testing.assert_array_equal(ours.X, whole.X[:, [2, 0]])
    with pytest.raises(ValueError, match="lacks the channels Oz; of those needed it has C3"):
        EEGDataset.from_recordings([path], **arguments, channels=["C3", "Oz"])
    with pytest.raises(ValueError, match="channels must differ from each other; got C3, C3"):
        EEGDataset.from_recordings([path], **arguments, channels=["C3", "C3"])


@pytest.mark.parametrize(("dtype", "error"), [("float32", 0.0), ("int16", 2**-17)])
def test_a_cache_holds_the_same_windows(tmp_path, dtype, error, monkeypatch):
    paths = [written(tmp_path, f"{name}_raw.fif", annotations=MARKS) for name in ("a", "bb")]
    arguments = {"labels": "annotations", "window": (0, 2)}
    arguments["pipeline"] = Pipeline([Step("bandpass", cutoff=(5, 30))])
    expected = EEGDataset.from_recordings(paths, **arguments)
    arguments |= {"cache": tmp_path / "cache", "cache_dtype": dtype}
    for again in (False, True):
        if again:
            monkeypatch.setattr("sigconv.io.read", None)  # nothing is read again
        ours = EEGDataset.from_recordings(paths, **arguments)
        X = ours.X[np.arange(4)]
        assert X.dtype == np.float32
        spans = np.ptp(expected.X, axis=-1, keepdims=True)
        assert (np.abs(X - expected.X) <= error * spans * 1.01).all()
        for name in ("y", "groups", "sessions", "trials", "files", "starts"):
            assert getattr(ours, name).tolist() == getattr(expected, name).tolist()
        for name in ("classes", "channels", "units", "fs", "window", "pipeline"):
            assert getattr(ours, name) == getattr(expected, name)
    assert len(list((tmp_path / "cache").glob("*.json"))) == 1


def test_whole_numbers_lose_nothing_to_an_offset():
    """Electrodes have offsets of tenths of a volt beside microvolts of EEG."""
    signals = 1e-5 * np.random.default_rng(0).normal(size=(3, 2, 500))
    X = (signals + np.array([0.2, 0.0])[:, None]).astype(np.float32)
    X[1, 0] = 0.3  # flat
    found = Int16Windows(*Int16Windows.packed(X))
    for index in (slice(None), 1, [2, 0]):
        errors = np.abs(found[index] - X[index]).max(axis=-1)
        # what float32 itself keeps of 0.2 V, and half a step of 16 bits
        assert (errors <= np.float32(2**-25) + 2.0**-17 * np.ptp(X[index], axis=-1) * 1.01).all()


def test_a_cache_is_of_its_files_and_arguments(tmp_path):
    path = written(tmp_path, "a_raw.fif", annotations=MARKS)
    arguments = {"labels": "annotations", "cache": tmp_path / "cache"}
    EEGDataset.from_recordings([path], window=(0, 2), **arguments)
    shorter = EEGDataset.from_recordings([path], window=(0, 1), **arguments)
    assert shorter.X.shape == (2, 2, 100)
    path.unlink()
    written(tmp_path, "a_raw.fif", annotations=MARKS, data=np.ones((2, 600)))
    assert (EEGDataset.from_recordings([path], window=(0, 2), **arguments).X[:] == 1).all()
    assert len(list((tmp_path / "cache").glob("*.json"))) == 3
    before = {p.name for p in (tmp_path / "cache").iterdir()}
    broken = tmp_path / "broken.edf"
    broken.write_bytes(path.read_bytes()[:99])
    with pytest.raises(ValueError, match=r"broken\.edf"):
        EEGDataset.from_recordings([path, broken], window=(0, 2), **arguments)
    assert {p.name for p in (tmp_path / "cache").iterdir()} == before  # whole or not at all


def test_a_training_reads_a_cache_window_by_window(tmp_path, monkeypatch):
    paths = [
        written(tmp_path, f"{name}_raw.fif", annotations=4 * MARKS) for name in ("a", "b", "c")
    ]
    arguments = {"labels": "annotations", "window": (0, 2)}
    config = TrainingConfig(epochs=2, batch_size=4)

    def outcome(data):
        return [r.history.losses for r, _ in cross_validate(data, config=config)]

    expected = outcome(EEGDataset.from_recordings(paths, **arguments))
    monkeypatch.setattr("sigconv.nn.training.trials._RESIDENT", 0)
    cached = EEGDataset.from_recordings(paths, **arguments, cache=tmp_path / "cache")
    assert outcome(cached) == expected


def epochs(n=6, fs=100.0):
    rng = np.random.default_rng(0)
    info = mne.create_info(["C3", "C4", "STI"], fs, ["eeg", "eeg", "stim"])
    events = np.stack([np.arange(n) * 200, np.zeros(n, int), np.arange(n) % 2 + 1], axis=1)
    X = rng.normal(size=(n, 3, 100))
    return mne.EpochsArray(X, info, events, event_id={"left": 1, "right": 2}, verbose="error")


def test_epochs_of_mne():
    one = epochs()
    ours = EEGDataset.from_epochs(one)
    np.testing.assert_array_equal(ours.X, one.get_data()[:, :2].astype("f4"))
    assert ours.classes == ("left", "right")
    assert ours.y.tolist() == [0, 1] * 3
    assert (ours.channels, ours.fs) == (("C3", "C4"), 100.0)
    assert ours.window == pytest.approx((0, 1))
    several = EEGDataset.from_epochs([one, epochs(4)], classes={"left": "L", "right": "R"})
    assert several.groups.tolist() == ["0"] * 6 + ["1"] * 4
    assert several.classes == ("L", "R")
    with pytest.raises(TypeError, match=r"epochs must be mne\.Epochs or a list of them"):
        EEGDataset.from_epochs(np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="groups must hold one for each of 6 epochs; got 2"):
        EEGDataset.from_epochs(one, [1, 2])
    with pytest.raises(ValueError, match="number 2 has 50 times"):
        EEGDataset.from_epochs([one, epochs().crop(0, 0.49)])


@pytest.mark.filterwarnings("ignore")  # of mne-bids, about what a made-up folder lacks
def test_a_bids_folder(tmp_path):
    mne_bids = pytest.importorskip("mne_bids")
    for subject in ("01", "02"):
        path = written(tmp_path, f"s{subject}_raw.fif", annotations=MARKS)
        raw = mne.io.read_raw_fif(path, verbose="error")
        raw.info["line_freq"] = 50
        where = mne_bids.BIDSPath(
            subject=subject, session="a", task="fists", datatype="eeg", root=tmp_path / "bids"
        )
        mne_bids.write_raw_bids(
            raw, where, format="BrainVision", allow_preload=True, overwrite=True, verbose="error"
        )
    ours = EEGDataset.from_bids(tmp_path / "bids", window=(0, 2), task="fists")
    assert ours.X.shape == (4, 2, 200)
    assert ours.groups.tolist() == ["01", "01", "02", "02"]
    assert set(ours.sessions) == {"a"}
    assert ours.classes == ("left", "right")
    whole = sigconv.read(tmp_path / "s01_raw.fif").data
    np.testing.assert_allclose(ours.X[0], whole[:, 100:300], atol=1e-9)
    with pytest.raises(ValueError, match="holds no EEG recording of the task 'feet'"):
        EEGDataset.from_bids(tmp_path / "bids", window=(0, 2), task="feet")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        EEGDataset.from_bids(tmp_path / "none", window=(0, 2))
