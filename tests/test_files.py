"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from sigconv._files import whole


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
