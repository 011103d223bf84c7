"""Parts of the time of nights: nothing is shared, and windows keep their distance."""

import itertools

import numpy as np
import pytest

import sigconv
from sigconv import Annotation
from sigconv.nn import EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.data import Fold, check, folds


def nights(folder, n_seconds=(400, 300), fs=8.0):
    """Two nights of one person and one of another; each second has a value of its own."""
    paths = []
    for number, (who, n) in enumerate(zip("aab", (*n_seconds, 350), strict=True)):
        times = np.arange(int(n * fs)) / fs
        marks = [Annotation(float(i), 10.0, "NW"[i // 20 % 2]) for i in range(0, n - n % 10, 10)]
        path = folder / f"{who}{number}.edf"
        wave = np.sin(2 * np.pi * times / 7) + np.random.default_rng(number).normal(size=len(times))
        sigconv.write(path, sigconv.Recording(1e-5 * wave[None], fs, annotations=marks))
        paths.append(path)
    return paths


@pytest.fixture(scope="module", params=[0.0, 0.5])
def data(tmp_path_factory, request):
    return EEGDataset.from_recordings(
        nights(tmp_path_factory.mktemp("nights")),
        labels="annotations",
        group=r"filename:^(\w)",
        window=(0, 20),
        place=5.0,
        task="sequence",
        overlap=request.param,
    )


def samples(data, rows):
    """Return {(file, sample)} of some windows."""
    n = data.X.shape[2]
    return {
        (data.files[row], round(data.starts[row] * data.fs) + i)
        for row, i in itertools.product(rows, range(n))
    }


def test_no_sample_is_shared_and_all_are_tested_once(data):
    parts = list(folds("blocks:4", data))
    assert [part.name for part in parts] == [f"{who}/block{k}" for who in "ab" for k in range(1, 5)]
    for group in "ab":
        tested = [samples(data, part.test) for part in parts if part.name[0] == group]
        for one, other in itertools.combinations(tested, 2):
            assert not one & other
        everything = samples(data, np.flatnonzero(data.groups == group))
        assert set().union(*tested) == everything
    for part in parts:
        assert not samples(data, part.train) & samples(data, part.test)
        assert set(data.groups[part.train]) == set(data.groups[part.test]) == {part.name[0]}


def test_what_is_trained_on_keeps_the_length_of_a_window_away(data):
    for part in folds("blocks:4", data):
        for name in np.unique(data.files[part.test]):
            test = data.starts[part.test[data.files[part.test] == name]]
            train = data.starts[part.train[data.files[part.train] == name]]
            first, last = test.min(), test.max() + 20
            assert ((train + 20 <= first - 20 + 1e-6) | (train >= last + 20 - 1e-6)).all()
            assert len(train)


def test_early_stopping_parts_them_where_no_sample_is_shared(data):
    part = next(folds("blocks:4", data))
    for one, other in itertools.combinations(np.unique(part.stretches), 2):
        rows = [part.train[part.stretches == each] for each in (one, other)]
        assert not samples(data, rows[0]) & samples(data, rows[1])
    options = {"padding": "same", "levels": 1, "width": 0.1}
    config = TrainingConfig(epochs=1, patience=1, batch_size=4)
    result, _ = next(
        cross_validate(data, model="unet", options=options, split=[part], config=config)
    )
    assert len(result.history.validation_losses) == 1


def test_folds_of_your_own_are_checked(data):
    part = next(folds("blocks:4", data))
    near = np.append(part.train, part.test[-1])
    with pytest.raises(ValueError, match=r"must keep times whole; '.*a\d.edf' stands on both"):
        check(Fold("near", near, part.test, ("times",)), data)
    with pytest.raises(ValueError, match="must keep trials whole"):
        check(Fold("trials", part.train, part.test, ()), data)


def test_what_has_no_times_is_refused(data):
    arrays = EEGDataset.from_arrays(np.zeros((4, 1, 8)), [0, 1] * 2, fs=8)
    with pytest.raises(ValueError, match="split must be one that task 'classify' has; got 'blocks"):
        list(folds("blocks:2", arrays))
    with pytest.raises(ValueError, match=r"split 'blocks:900' needs at least 900 windows of .*a0"):
        list(folds("blocks:900", data))
