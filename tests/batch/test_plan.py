"""What a batch reads and writes, and what it refuses before any work."""

import os
from pathlib import Path

import pytest

from sigconv.batch import PlanError, check_output, find, plan


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a folder with recordings, their companions, and other things."""
    folder = tmp_path / "archive"
    for name in (
        "a.edf",
        "B.BDF",
        "notes.txt",
        ".hidden.edf",
        "s1/x_raw.fif",
        "s1/x-eve.fif",
        "s1/deep/er/y.vhdr",
        "s1/deep/er/y.eeg",
        "s1/deep/er/y.vmrk",
        "s2/z.set",
        "s2/z.fdt",
        "s2/voice.wav",
        "s2/old.cnt",
        ".cache/c.edf",
        ".a.edf.1234.partial/a.edf",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def targets(jobs: list, out: Path) -> list[str]:
    return [job.target.relative_to(out).as_posix() for job in jobs]


def test_folders_are_mirrored_without_companions(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    jobs = plan([archive], out)
    assert targets(jobs, out) == [
        "B.BDF",
        "a.edf",
        "s1/x_raw.fif",
        "s1/deep/er/y.vhdr",
        "s2/old_raw.fif",
        "s2/voice.wav",
        "s2/z.set",
    ]
    assert [job.source.name for job in jobs if job.converted] == ["old.cnt"]
    assert not out.exists()


def test_event_files_go_with_their_recordings(archive: Path, tmp_path: Path) -> None:
    (job,) = plan([archive / "s1" / "x_raw.fif"], tmp_path / "out")
    assert job.events == ((archive / "s1" / "x-eve.fif", tmp_path / "out" / "x-eve.fif"),)


def test_globs_mirror_what_comes_after_their_fixed_part(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert targets(plan([f"{archive}/s*/*"], out), out) == [
        "s1/deep/er/y.vhdr",
        "s1/x_raw.fif",
        "s2/old_raw.fif",
        "s2/voice.wav",
        "s2/z.set",
    ]
    assert targets(plan([f"{archive}/**/*.set"], out), out) == ["s2/z.set"]
    assert targets(plan([f"{archive}/*.[eE]*"], out), out) == ["a.edf"]


def test_names_that_look_like_globs_are_names_first(tmp_path: Path) -> None:
    odd = tmp_path / "a[1].edf"
    odd.touch()
    (job,) = plan([odd], tmp_path / "out")
    assert job.source == odd


def test_a_source_counts_once(archive: Path, tmp_path: Path) -> None:
    jobs = plan([archive, archive / "a.edf", f"{archive}/*.edf"], tmp_path / "out")
    assert [job.source.name for job in jobs].count("a.edf") == 1
    assert len(find([archive, archive / "a.edf"])) == len(jobs)


def test_the_output_folder_is_no_input(archive: Path) -> None:
    out = archive / "filtered"
    before = len(plan([archive], out))
    (out / "s1").mkdir(parents=True)
    (out / "a.edf").touch()
    (out / "s1" / "b.edf").touch()
    assert len(plan([archive], out)) == before
    assert len(plan([f"{archive}/**/*"], out)) == before


def test_files_named_outright_become_problems(archive: Path, tmp_path: Path) -> None:
    names = ["notes.txt", "gone.edf", "s1/deep/er/y.eeg", "s1/x-eve.fif", "a.edf"]
    jobs = plan([archive / name for name in names], tmp_path / "out")
    problems = [job.problem for job in jobs]
    assert "the extension '.txt' cannot be read" in problems[0]
    assert problems[1].endswith("gone.edf: no such file")
    assert "name the file y.vhdr instead" in problems[2]
    assert "is an event file, not a recording" in problems[3]
    assert not problems[4]


@pytest.mark.parametrize("given", ["nowhere/*.edf", "empty"])
def test_inputs_without_recordings(tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PlanError, match=r"input '.*' must hold recordings; found none"):
        plan([tmp_path / given], tmp_path / "out")
    with pytest.raises(PlanError, match="inputs must name at least one file, folder or glob"):
        plan([], tmp_path / "out")


def test_nothing_is_written_onto_inputs(archive: Path) -> None:
    with pytest.raises(PlanError, match=r"out must not be where the input lies: .*a\.edf would be"):
        plan([archive / "a.edf"], archive)
    with pytest.raises(PlanError, match="out must not be where the input lies"):
        plan([archive], archive)
    link = archive.parent / "link"
    link.symlink_to(archive, target_is_directory=True)
    with pytest.raises(PlanError, match="out must not be where the input lies"):
        plan([archive / "a.edf"], link)


def test_two_sources_of_one_target(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.edf").touch()
    with pytest.raises(
        PlanError, match=r"inputs must not share an output: .* both become .*a\.edf"
    ):
        plan([archive, other], tmp_path / "out")
    (other / "y.eeg").touch()
    (other / "y.vhdr").touch()
    with pytest.raises(PlanError, match=r"both become .*y\.vhdr"):
        plan([other / "y.vhdr", archive / "s1" / "deep" / "er" / "y.vhdr"], tmp_path / "out")


def test_links_in_circles_end(archive: Path, tmp_path: Path) -> None:
    before = len(plan([archive], tmp_path / "out"))
    (archive / "s1" / "up").symlink_to(archive, target_is_directory=True)
    assert len(plan([archive], tmp_path / "out")) == before


def test_output_folders_that_cannot_be(tmp_path: Path) -> None:
    check_output(tmp_path / "new" / "folder")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(PlanError, match="out must be a folder; got the file"):
        check_output(tmp_path / "file")
    with pytest.raises(PlanError, match="out must be a folder that can be written to"):
        check_output(tmp_path / "file" / "below")
    if os.path.isdir("/proc/self"):  # even root cannot write here  # noqa: PTH112
        with pytest.raises(PlanError, match=r"out must be .* written to; got '/proc/self/out'"):
            check_output("/proc/self/out")
