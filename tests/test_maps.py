"""Mapped files written by their descriptors: the map shows it, and nothing else is touched."""

import os

import numpy as np
import pytest

import sigconv
from sigconv import _maps

RNG = np.random.default_rng(0)
SHAPE = (6, 5000)


@pytest.fixture
def file(tmp_path):
    array = np.memmap(tmp_path / "y", np.float64, "w+", offset=64, shape=SHAPE)
    array[...] = -1
    return array


@pytest.mark.parametrize(
    "part",
    [
        np.s_[:],
        np.s_[1:3],
        np.s_[:, 100:4000],
        np.s_[::2, 1000:],
        np.s_[::-1, :4500],
        np.s_[2:3, 5:2600],
    ],
)
def test_what_is_written_is_in_the_map_and_in_the_file(file, part):
    descriptor = _maps.open_below(file)
    assert descriptor is not None
    expected = np.array(file)
    values = RNG.normal(size=expected[part].shape)
    expected[part] = values
    assert _maps.write_below(file[part], values, descriptor)
    os.close(descriptor)
    np.testing.assert_array_equal(file, expected)
    again = np.memmap(file.filename, np.float64, "r", offset=64, shape=SHAPE)
    np.testing.assert_array_equal(again, expected)


def test_short_runs_go_through_the_map(file):
    descriptor = _maps.open_below(file)
    for part in (np.s_[:, :100], np.s_[:, ::2]):
        assert not _maps.write_below(file[part], np.zeros(file[part].shape), descriptor)
    os.close(descriptor)
    assert (np.array(file) == -1).all()


def test_no_descriptor_where_it_is_not_certain(file, tmp_path):
    assert _maps.open_below(np.zeros(3)) is None
    for mode in ("r", "c"):
        array = np.memmap(file.filename, np.float64, mode, offset=64, shape=SHAPE)
        assert _maps.open_below(array) is None
    (tmp_path / "y").rename(tmp_path / "z")
    assert _maps.open_below(file) is None
    np.zeros(9).tofile(file.filename)  # another one of the name
    assert _maps.open_below(file) is None


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("moved", [False, True])
def test_filters_write_the_right_file(tmp_path, monkeypatch, axis, moved):
    from sigconv.filters import signals

    monkeypatch.setattr(signals, "LARGE", 0)
    x = RNG.normal(size=(4, 9000) if axis else (9000, 4)).astype(np.float32)
    tf = sigconv.bandpass((1, 40), fs=250)
    y = np.memmap(tmp_path / "y", np.float32, "w+", shape=x.shape)
    if moved:
        (tmp_path / "y").rename(tmp_path / "z")
        (tmp_path / "y").write_bytes(b"another")
    tf.filtfilt(x, axis=axis, out=y)
    np.testing.assert_array_equal(y, tf.filtfilt(x, axis=axis))
    where = tmp_path / ("z" if moved else "y")
    np.testing.assert_array_equal(np.fromfile(where, np.float32).reshape(x.shape), y)
    if moved:
        assert (tmp_path / "y").read_bytes() == b"another"


def test_a_full_disk_is_an_error(file, monkeypatch):
    def full(descriptor, data, at):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    descriptor = _maps.open_below(file)
    with pytest.raises(OSError, match="No space left on device"):
        _maps.write_below(file[:], np.zeros(SHAPE), descriptor)
    os.close(descriptor)
