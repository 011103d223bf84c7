"""What was trained on is known again, whatever it is called now."""

import numpy as np
import pytest

import sigconv
from sigconv.nn import EEGDataset
from sigconv.nn.data import Fold, Seen, folds


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    for subject in (1, 2):
        eeg = sigconv.simulate_eeg(seed=subject, n_trials=6, fs=128)
        sigconv.write(folder / f"sub-{subject:02d}.edf", eeg)
    return folder


def windows(folder, window=(0, 3), pattern="*.edf"):
    return EEGDataset.from_recordings(
        sorted(folder.glob(pattern)),
        labels="annotations",
        window=window,
        group=r"filename:(.+)\.edf",
    )


def test_files_are_known_by_their_contents(recordings, tmp_path):
    data = windows(recordings)
    seen = Seen.of(data, np.flatnonzero(data.groups == "sub-01"))
    (tmp_path / "another_name.edf").write_bytes((recordings / "sub-01.edf").read_bytes())
    (tmp_path / "sub-01.edf").write_bytes((recordings / "sub-02.edf").read_bytes())
    renamed = windows(tmp_path)
    known = dict(zip(renamed.groups, seen.windows(renamed), strict=True))
    assert known == {"another_name": True, "sub-01": False}


def test_windows_that_share_a_sample_were_seen(recordings):
    data = windows(recordings)
    rows = np.flatnonzero(data.groups == "sub-01")[:2]
    seen = Seen.from_dict(Seen.of(data, rows).to_dict())  # through JSON and back
    for window in [(-0.5, 0.5), (2.5, 3.0), (3.0, 3.5)]:
        other = windows(recordings, window)
        first, length = data.starts[rows], window[1] - window[0]
        # by the definition: sample by sample of each file
        expected = [
            bool(
                group == "sub-01"
                and any(
                    set(range(round(start * 128), round((start + length) * 128)))
                    & set(range(round(f * 128), round((f + 3) * 128)))
                    for f in first
                )
            )
            for group, start in zip(other.groups, other.starts, strict=True)
        ]
        assert seen.windows(other).tolist() == expected
    assert seen.files(data).sum() == 6


def test_a_fold_must_be_new():
    """Of arrays each window is known by its samples."""
    rng = np.random.default_rng(0)
    groups = np.repeat(["a", "b", "c"], 8)
    data = EEGDataset.from_arrays(rng.normal(size=(24, 2, 32)), [0, 1] * 12, groups, fs=32)
    seen = Seen.of(data, np.flatnonzero(groups != "b"))
    refused = {fold.name: seen.refusal(fold, data) for fold in folds("few-shot:2", data)}
    assert refused == {
        "a": "groups 'a' of the test windows",
        "b": "",
        "c": "groups 'c' of the test windows",
    }
    # one window of b is enough for a fold that says it tests a new person, not for trials
    a_shot = Seen.of(data, [8])
    rest = Fold("b", np.arange(8, 10), np.arange(10, 16), keeps=("trials",))
    assert a_shot.refusal(rest, data) == ""
    person = Fold("b", rest.train, rest.test, keeps=("trials",), new=("groups",))
    assert a_shot.refusal(person, data) == "groups 'b' of the test windows"
    assert (seen | a_shot).windows(data).sum() == 17
