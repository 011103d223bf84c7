"""Tables of signals: columns and archives, rates, and what is none."""

from pathlib import Path

import numpy as np
import pytest

from sigconv.io import is_table, read_table, table_file, table_members


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "moves.npz"
    rng = np.random.default_rng(0)
    np.savez(path, **{"train/walk/walk_1": rng.normal(size=(50, 3)), "test/run/run_1": np.ones(7)})
    return path


def test_columns_are_channels_and_times_tell_the_rate(tmp_path):
    path = tmp_path / "walk.csv"
    times = np.arange(40) / 120
    lines = [f"{t:.6f},{i},{-i}" for i, t in enumerate(times)]
    path.write_text("\ufeffTime,knee,hip\n" + "\n".join(lines) + "\n")
    walk = read_table(path)
    assert (walk.fs, walk.channels, walk.kinds) == (120.0, ("knee", "hip"), ("motion",) * 2)
    np.testing.assert_array_equal(walk.data, [np.arange(40), -np.arange(40)])


def test_an_archive_is_a_folder_of_sequences(archive):
    members = table_members(archive)
    assert members == [archive / "train/walk/walk_1", archive / "test/run/run_1"]
    assert all(is_table(each) and table_file(each) == archive for each in members)
    walk = read_table(members[0], fs=120)
    assert walk.data.shape == (3, 50)
    np.testing.assert_array_equal(walk.data.T, np.load(archive)["train/walk/walk_1"])
    assert read_table(members[1], fs=120).data.shape == (1, 7)
    assert not is_table(Path("a.edf"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,a\n0,1\n0.01,2\n0.5,3\n", "times must rise by even steps"),
        ("time,a\n0,1\n0.01,x\n", "line 3: could not convert string to float: 'x'"),
        ("time,a\n0,1\n0.01\n", "line 3: must have 2 fields; got 1"),
        ("a,a\n0,1\n", "must begin with a line of names, each once"),
        ("a,b\n0,1\n", "has no column 'time'"),
        ("time\n0\n0.1\n", "holds no signal"),
    ],
)
def test_what_is_no_table_says_so(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_table(path)


def test_empty_fields_are_nan(tmp_path):
    path = tmp_path / "gap.csv"
    path.write_text("a,b\n1,\n2,3\n")
    assert np.isnan(read_table(path, fs=10).data[1, 0])


def test_missing_members_and_broken_archives(archive, tmp_path):
    with pytest.raises(ValueError, match="holds no 'train/jump'"):
        read_table(archive / "train/jump", fs=120)
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match="is not a NumPy archive"):
        table_members(broken)
    np.savez(tmp_path / "cube.npz", cube=np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=r"must be numbers of shape \(n_times, n_channels\)"):
        read_table(tmp_path / "cube.npz/cube", fs=1)
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_table(tmp_path / "none.npz/a", fs=1)
