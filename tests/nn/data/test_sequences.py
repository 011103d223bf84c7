"""Labels of the places of windows, from annotations and tables."""

import numpy as np
import pytest

import sigconv
from sigconv import Annotation
from sigconv.nn import EEGDataset
from sigconv.nn.data import folds
from sigconv.nn.data.sequences import labels_of_places, starts_of_windows


def night(marks, seconds=40, fs=8.0, seed=0):
    x = np.random.default_rng(seed).normal(size=(1, int(seconds * fs)))
    return sigconv.Recording(1e-5 * x, fs, annotations=[Annotation(*mark) for mark in marks])


@pytest.fixture
def nights(tmp_path):
    marks = [(4.0, 8.0, "W"), (12.0, 10.0, "N"), (22.0, 6.0, "W"), (13.0, 1.0, "BAD move")]
    for i in range(3):
        sigconv.write(tmp_path / f"sub-{i}.edf", night(marks, seed=i))
    return tmp_path


def cut(folder, **options):
    given = {"labels": "annotations", "window": (0, 8), "place": 2.0, "task": "sequence", **options}
    return EEGDataset.from_recordings(sorted(folder.glob("*.edf")), **given)


def test_windows_go_from_the_first_label_to_the_last(nights):
    data = cut(nights)
    assert data.classes == ("N", "W")
    first = data.files == data.files[0]
    # 24 s of labels: three windows of four places; half of the place from 12 s on is bad
    np.testing.assert_array_equal(data.y[first], [[1, 1, 1, 1], [0, 0, 0, 0], [0, 1, 1, 1]])
    np.testing.assert_allclose(data.starts[first], [4, 12, 20])
    whole = sigconv.read(data.files[0]).data
    np.testing.assert_allclose(data.X[1], whole[:, 96:160], rtol=1e-6)
    assert set(data.trials[first]) == {f"{data.files[0]}#"}


def test_the_last_window_ends_with_the_last_place_and_bad_stretches_have_no_label(nights):
    data = cut(nights, window=(0, 10), place=1.0, overlap=0.5)
    first = data.files == data.files[0]
    np.testing.assert_allclose(data.starts[first], [4, 9, 14, 18])
    assert data.y[first][1].tolist() == [1] * 3 + [0, -1] + [0] * 5


def test_each_sample_and_what_lies_elsewhere(nights):
    data = cut(nights, place=None, elsewhere="none")
    assert data.classes == ("N", "W", "none")
    assert data.y.shape == (15, 64)
    assert data.place == 1 / 8
    expected = np.full(320, 2)
    expected[32:96], expected[96:176], expected[176:224] = 1, 0, 1
    expected[13 * 8 : 14 * 8] = -1
    np.testing.assert_array_equal(data.y[:5].ravel(), expected)


def test_a_cache_gives_the_same_sequences(nights, tmp_path):
    plain, once, again = cut(nights), *(cut(nights, cache=tmp_path / "kept") for _ in "ab")
    for data in (once, again):
        np.testing.assert_array_equal(data.y, plain.y)
        np.testing.assert_array_equal(data.X[:], plain.X)


def test_tables_label_stretches(nights):
    lines = ["file,label,onset,duration"]
    lines += [f"sub-{i}.edf,{word},8" for i in range(3) for word in ("a,0", "b,8")]
    (nights / "stages.csv").write_text("\n".join(lines) + "\n")
    data = cut(nights, labels=str(nights / "stages.csv"))
    np.testing.assert_array_equal(data.y, [[0] * 4, [1] * 4] * 3)
    (nights / "stages.csv").write_text("file,label,onset\nsub-0.edf,a,0\n")
    with pytest.raises(ValueError, match="must have the columns 'onset' and 'duration'"):
        cut(nights, labels=str(nights / "stages.csv"))


def test_no_split_parts_a_night(nights):
    data = cut(nights, window=(0, 4))
    for fold in folds("leave-one-subject-out", data):
        assert not set(data.files[fold.train]) & set(data.files[fold.test])
    one = cut(nights, window=(0, 4), group=r"filename:(sub)")
    with pytest.raises(ValueError, match="needs at least 5 trials in 'sub'; the data has 3"):
        list(folds("within-subject:5", one))
    for fold in folds("within-subject:3", one):
        assert not set(one.files[fold.train]) & set(one.files[fold.test])


def test_labels_of_places_by_hand():
    samples = np.array([0, 0, 1, 1, 1, -1, -1, -1, 1, 2, 0, -1])
    assert labels_of_places(samples, 4).tolist() == [1, -1, -1]
    assert labels_of_places(samples, 1).tolist() == samples.tolist()


@pytest.mark.parametrize("overlap", [0.0, 0.3, 0.9])
def test_every_place_stands_in_a_window(overlap):
    for n in range(4, 30):
        starts = starts_of_windows(n, 4, overlap)
        seen = {place for start in starts for place in range(start, start + 4)}
        assert seen == set(range(n))
    assert starts_of_windows(3, 4, overlap) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": (0, 9)}, "window must be a whole number of places of 2 s long; got 9"),
        ({"labels": "folder"}, "labels must be 'annotations', 'events' or TABLE.csv with task"),
        ({"task": "classify"}, "place and elsewhere must not be given without task 'sequence'"),
        ({"task": "sequences"}, "task must be one of 'classify', 'regress', 'sequence'"),
        ({"sliding": 2}, "sliding must not be given with task 'sequence'"),
        ({"window": (0, 60)}, "at least two classes; found none .left out: 3 too short"),
    ],
)
def test_what_cannot_be(nights, options, message):
    with pytest.raises(ValueError, match=message):
        cut(nights, **options)
