"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from sigconv import _files
from sigconv._files import sweep, whole


def test_all_files_appear_when_the_block_ends(tmp_path: Path) -> None:
    with whole(tmp_path / "a.txt") as path:
        path.write_text("main")
        path.with_suffix(".part").write_text("part")
        assert not (tmp_path / "a.txt").exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.part", "a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    (tmp_path / "a.txt").write_text("old")

    def write_half() -> None:
        with whole(tmp_path / "a.txt") as path:
            path.write_text("new, but only ha")
            raise error

    with pytest.raises(error):
        write_half()
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"a\.txt: nothing was written"),
        whole(tmp_path / "a.txt"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_the_longest_names(tmp_path: Path) -> None:
    target = tmp_path / ("ü" * 120 + ".txt")
    with whole(target) as path:
        path.write_text("x")
    assert target.read_text() == "x"


def test_the_target_itself_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = []
    replace = Path.replace

    def recorded(path: Path, target: Path) -> Path:
        order.append(target.name)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", recorded)
    with whole(tmp_path / "h.vhdr") as path:
        for name in ("a.eeg", "h.vhdr", "z.vmrk"):
            path.with_name(name).touch()
    assert sorted(order[:-1]) == ["a.eeg", "z.vmrk"]
    assert order[-1] == "h.vhdr"


def test_one_maker_at_a_time(tmp_path: Path) -> None:
    with whole(tmp_path / "a.txt") as path:
        with (
            pytest.raises(ValueError, match=r"a\.txt: is being written by another run"),
            whole(tmp_path / "a.txt"),
        ):
            pass
        with whole(tmp_path / "b.txt") as other:  # another target is another matter
            other.write_text("b")
        assert sweep(tmp_path) == 0  # what is in use stays
        path.write_text("a")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_what_a_killed_maker_left_is_no_hindrance(tmp_path: Path) -> None:
    left = _files._partial(tmp_path / "a.txt")
    left.mkdir()
    (left / "a.part").write_text("old")
    left.with_name(left.name + ".lock").touch()
    with whole(tmp_path / "a.txt") as path:
        assert list(path.parent.iterdir()) == []
        path.write_text("new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_sweep_takes_what_is_left_behind_and_nothing_else(tmp_path: Path) -> None:
    for name in (".a.txt.0123.partial", ".partial.d", "x.partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / ".b.txt.4567.partial.lock").touch()
    assert sweep(tmp_path) == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == [".partial.d", "x.partial"]
    assert sweep(tmp_path / "nowhere") == 0


def test_files_that_stand_are_kept_unless_they_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_text("mine")

    def write_two() -> None:
        with whole(tmp_path / "a.txt", replace=False) as path:
            path.write_text("x")
            path.with_suffix(".part").write_text("theirs")

    with pytest.raises(FileExistsError, match=r"a\.part: exists already"):
        write_two()
    assert [file.name for file in tmp_path.iterdir()] == ["a.part"]
    assert (tmp_path / "a.part").read_text() == "mine"


def test_what_settles_meanwhile_tells_of_what_the_disk_refuses(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x")
    with _files.settling([path]):
        assert path.read_bytes() == b"x"
    with pytest.raises(FileNotFoundError), _files.settling([tmp_path / "gone"]):
        pass
