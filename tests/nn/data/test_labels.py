"""Labels and groups from annotations, names and folders."""

from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Recording
from sigconv.nn.data.labels import LABELS, Source, Trial, event_trials, is_bad, sliding_trials

MARKS = [
    Annotation(1.0, 0.0, "T1"),
    Annotation(2.0, 1.0, "BAD_blink"),
    Annotation(4.0, 0.0, "T2"),
    Annotation(5.0, 0.0, "EDGE boundary"),
    Annotation(6.0, 0.0, "T1"),
]
RECORDING = Recording(np.zeros((1, 1000)), fs=100, annotations=MARKS)


def test_every_text_is_a_class_but_those_that_mark_bad_stretches():
    trials = event_trials(RECORDING, (0.5, 2.0), {})
    assert [(t.start, t.end, t.label) for t in trials] == [
        (1.5, 3.0, "T1"),
        (4.5, 6.0, "T2"),
        (6.5, 8.0, "T1"),
    ]
    assert len({t.name for t in trials}) == 3


def test_named_classes_leave_the_others_out():
    trials = event_trials(RECORDING, (0.0, 1.0), {"T1": "left"})
    assert [(t.start, t.label) for t in trials] == [(1.0, "left"), (6.0, "left")]


@pytest.mark.parametrize(("length", "n"), [(10, 1), (3, 3), (2.5, 4), (0.1, 100), (11, 0)])
def test_sliding_windows_fill_the_recording(length, n):
    trials = sliding_trials(Trial(0.0, 10.0, "rest"), length)
    assert [t.start for t in trials] == pytest.approx([i * length for i in range(n)])
    assert [t.end - t.start for t in trials] == pytest.approx([length] * n)
    assert {t.name for t in trials} <= {""}  # all of one trial


def test_windows_overlap_by_a_share():
    trials = sliding_trials(Trial(1.0, 3.0, "rest"), 1.0, 0.75)
    assert [t.start for t in trials] == [1.0, 1.25, 1.5, 1.75, 2.0]


@pytest.mark.parametrize(
    ("text", "file", "label"),
    [
        (r"filename:_(\d)\.edf$", "a/Subject00_2.edf", "2"),
        (r"filename:^\d", "a/7_jackson_3.wav", "7"),
        ("folder", "data/rest/x.edf", "rest"),
    ],
)
def test_what_a_file_is_called(text, file, label):
    assert Source.parse("labels", text, LABELS).of_file(Path(file)) == label


def test_a_name_that_does_not_match():
    with pytest.raises(ValueError, match=r"x\.edf: its name does not match 'S"):
        Source.parse("labels", r"filename:S(\d+)", LABELS).of_file(Path("x.edf"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("anotations", "labels must be one of .*did you mean 'annotations'"),
        ("annotations:x", "labels must be one of"),
        ("filename:(", "labels holds a broken regular expression"),
        ("filename:", "labels needs a regular expression with at most one group"),
        ("filename:(a)(b)", "labels needs a regular expression with at most one group"),
    ],
)
def test_bad_sources(text, message):
    with pytest.raises(ValueError, match=message):
        Source.parse("labels", text, LABELS)


@pytest.mark.parametrize(
    ("text", "bad"), [("bad", True), ("BAD_x", True), ("EDGE", True), ("T0", False)]
)
def test_bad_texts(text, bad):
    assert is_bad(text) == bad
