"""Annotations in a file of their own, as the hypnograms of Sleep-EDF: edfio writes them."""

import datetime

import edfio
import mne
import numpy as np
import pytest

import sigconv
from sigconv.io import read_events

pytestmark = pytest.mark.filterwarnings("ignore:.*at a lower rate interpolated")
STAGES = [(0, 60, "Sleep stage W"), (60, 90, "Sleep stage 1"), (150, 30, "Sleep stage ?")]


def edf(path, *, signals=(), marks=(), start=(22, 0, 0), day=None):
    edfio.Edf(
        list(signals),
        annotations=[edfio.EdfAnnotation(*mark) for mark in marks],
        starttime=datetime.time(*start),
        recording=edfio.Recording(startdate=day or datetime.date(1989, 4, 24)),
    ).write(path)


@pytest.fixture
def psg(tmp_path):
    rng = np.random.default_rng(0)
    signals = [
        edfio.EdfSignal(
            rng.normal(size=160 * 100), 100, label="EEG Fpz-Cz", physical_dimension="uV"
        ),
        edfio.EdfSignal(rng.normal(size=160), 1, label="EMG submental", physical_dimension="uV"),
    ]
    path = tmp_path / "SC4001E0-PSG.edf"
    edf(path, signals=signals)
    return sigconv.read(path)


def told(marks):
    return [(mark.onset, mark.duration, mark.text) for mark in marks]


def test_they_are_what_mne_reads(psg, tmp_path):
    path = tmp_path / "SC4001EC-Hypnogram.edf"
    edf(path, marks=STAGES)
    found = told(read_events(path, psg))
    assert found == [(float(onset), float(n), text) for onset, n, text in STAGES]
    theirs = mne.read_annotations(path)
    assert [each[0] for each in found] == list(theirs.onset)
    assert [each[2] for each in found] == list(theirs.description)


def test_onsets_count_from_the_beginning_of_their_own_file(psg, tmp_path):
    path = tmp_path / "h.edf"
    edf(path, marks=STAGES, start=(21, 59, 30))
    assert told(read_events(path, psg)) == [
        (-30.0, 60.0, "Sleep stage W"),
        (30.0, 90.0, "Sleep stage 1"),
        (120.0, 30.0, "Sleep stage ?"),
    ]
    edf(path, marks=STAGES, start=(22, 1, 40))
    assert told(read_events(path, psg)) == [(100.0, 60.0, "Sleep stage W")]


def test_those_of_another_night_are_refused(psg, tmp_path):
    path = tmp_path / "h.edf"
    edf(path, marks=STAGES, day=datetime.date(1989, 4, 25))
    message = "all 3 annotations lie outside the recording, which it is 86400 s behind"
    with pytest.raises(ValueError, match=message):
        read_events(path, psg)
    (tmp_path / "n.edf").write_bytes(b"none")
    with pytest.raises(ValueError, match=r"n.edf: is no EDF or BDF file"):
        read_events(tmp_path / "n.edf", psg)


def test_marks_beside_signals_are_read_too(psg, tmp_path):
    path = tmp_path / "s.edf"
    signal = edfio.EdfSignal(np.zeros(200), 1, label="x")
    edf(path, signals=[signal], marks=STAGES)
    assert len(read_events(path, psg)) == 3
