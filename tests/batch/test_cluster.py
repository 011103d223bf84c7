"""The same job on a real Dask cluster: whatever dies, each file is done once, and whole."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, _files, read, write
from sigconv.batch import Outcome, PlanError, plan, run, run_file
from sigconv.batch.cluster import Cluster
from sigconv.batch.job import Job, job_of
from sigconv.batch.one import process
from sigconv.batch.run import _do
from sigconv.cli import main
from tests.batch.clusters import LocalCluster, local_cluster

pytest.importorskip("distributed")
# tornado and distributed leave sockets and loops to the collector when a cluster ends
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

LOW = Pipeline([Step("lowpass", cutoff=40), Step("notch", freq=50)])


@dataclass(frozen=True)
class Slowly:
    """Work that takes its time, and tells in a folder who was at it."""

    seconds: float
    folder: Path

    def __call__(self, path: Path, workers: int | None) -> Recording:
        assert workers == 1
        (self.folder / f"{path.stem}-{os.getpid()}").touch()
        time.sleep(self.seconds)
        if path.stem == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return read(path)

    def to_dict(self) -> dict[str, object]:
        return {"slowly": {}}


def make(folder: Path, n: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n):
        x = np.random.default_rng(number).normal(size=(2, 500)) * 2e-5
        write(folder / f"{number:03}.edf", Recording(x, 250))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.start_workers(2)
        yield made


def test_a_cluster_does_what_this_machine_does(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "in" / "deep", 6)
    (tmp_path / "in" / "bad.edf").write_text("no recording")
    monkeypatch.chdir(tmp_path)  # where no worker is
    there = list(run(plan(["in"], "there"), LOW, scheduler=cluster.address))
    here = list(run(plan(["in"], "here"), LOW))
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert {(each.source, each.status) for each in there} == {
        (each.source, each.status) for each in here
    }
    assert {each.target.parts[0] for each in there} == {"there"}
    (failed,) = [each for each in there if each.status == "failed"]
    assert failed.message.startswith(f"{tmp_path}/in/bad.edf: ")
    again = run(plan(["in/deep"], "there/deep"), LOW, scheduler=cluster.address, skip_done=True)
    assert [each.status for each in again] == ["skipped"] * 6
    refused = list(run(plan(["in/deep"], "there/deep"), LOW, scheduler=cluster.address))
    assert {each.status for each in refused} == {"failed"}
    assert all(each.message.endswith("--overwrite replaces it") for each in refused)


def test_a_killed_worker_costs_no_file_and_makes_none_twice(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    make(tmp_path / "in", 8)
    notes = tmp_path / "notes"
    notes.mkdir()
    cluster.start_workers(1)
    running = run(
        plan([tmp_path / "in"], tmp_path / "out"),
        Slowly(0.5, notes),
        scheduler=cluster.address,
    )
    outcomes = [next(running)]
    victim = cluster.pids()[-1]
    time.sleep(0.2)  # all are in the middle of a file
    os.kill(victim, signal.SIGKILL)
    outcomes += running
    assert [each.status for each in outcomes] == ["done"] * 8, outcomes
    assert len({each.source for each in outcomes}) == 8
    begun = [path.name.split("-")[0] for path in notes.iterdir()]
    assert len(begun) > 8  # the killed one was at work, and another did it again
    names = sorted(contents(tmp_path / "out"))
    assert names == sorted(
        [f"{n:03}.edf" for n in range(8)] + [f"{n:03}.edf.sigconv.json" for n in range(8)]
    )


def test_a_run_on_a_cluster_is_stopped(cluster: LocalCluster, tmp_path: Path) -> None:
    make(tmp_path / "in", 12)
    notes = tmp_path / "notes"
    notes.mkdir()
    stop = threading.Event()
    outcomes = []
    jobs = plan([tmp_path / "in"], tmp_path / "out")
    for outcome in run(jobs, Slowly(0.3, notes), scheduler=cluster.address, stop=stop):
        outcomes.append(outcome)
        stop.set()
    assert {each.status for each in outcomes} == {"done"}
    assert 0 < len(outcomes) < 8
    assert (
        len(list((tmp_path / "out").glob("*.edf"))) == len(outcomes) == len(list(notes.iterdir()))
    )


def _told(job: Job, **how: object) -> tuple[Job, dict[str, object]]:
    how.pop("tell")
    return job, how


def test_what_a_worker_is_told(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "in", 2)
    make(tmp_path / "out", 1)
    monkeypatch.chdir(tmp_path)
    with Cluster(cluster.address, threading.Event()) as workers:
        told = [workers.submit(_told, job).result(60) for job in plan(["in"], "out")]
        # what stands there before the run is none of an earlier attempt's
        assert [how for _, how in told] == [
            {"workers": 1, "at_once": 1, "again": False},
            {"workers": 1, "at_once": 1, "again": True},
        ]
        assert [job.target for job, _ in told] == [tmp_path / f"out/00{n}.edf" for n in (0, 1)]
        workers.halt()
        assert workers.submit(_told, told[0][0]).result(60) is None


@pytest.mark.parametrize(
    "words", [["--scheduler", "tcp://127.0.0.1:9"], ["--scheduler", "nonsense://"]]
)
def test_no_scheduler(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sigconv.batch import cluster

    monkeypatch.setattr(cluster, "_TIMEOUT", 1)
    make(tmp_path / "in", 1)
    argv = ["filter", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main([*argv, *words]) == 2
    assert (
        "sigconv: scheduler must be the address of a Dask scheduler, as in tcp://host:8786; got "
        f"{words[1]!r}"
    ) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main([*argv, "--jobs", "2", *words]) == 2
    assert "not allowed with argument --jobs" in capsys.readouterr().err


def test_workers_with_another_version(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv.batch import cluster as module

    make(tmp_path / "in", 1)
    monkeypatch.setattr(module, "__version__", "99.0")
    running = run(plan([tmp_path / "in"], tmp_path / "out"), LOW, scheduler=cluster.address)
    with pytest.raises(PlanError, match=r"must have workers with sigconv 99.0; those of .* have 0"):
        next(running)


# Second attempts -----------------------------------------------------------------------------


def test_a_second_attempt_takes_what_the_first_has_done(tmp_path: Path) -> None:
    make(tmp_path / "in", 1)
    source, target = tmp_path / "in" / "000.edf", tmp_path / "out" / "000.edf"
    run_file(source, target, LOW)
    written = contents(tmp_path / "out")
    how = {"workers": 1, "at_once": 1, "tell": lambda stage: None}

    def attempt(pipeline: Pipeline, again: bool) -> Outcome:
        return _do(pipeline, False, False, None, "", job_of(source, target), again=again, **how)

    second = attempt(LOW, again=True)
    assert second.status == "done"
    assert contents(tmp_path / "out") == written
    first = attempt(LOW, again=False)
    assert "exists already" in first.message
    other = attempt(Pipeline(LOW.steps[:1]), again=True)
    assert "exists already" in other.message  # of something else: not of this run
    target.unlink()  # killed between the sidecar and the result
    assert attempt(LOW, again=True).status == "done"
    assert contents(tmp_path / "out") == written


def test_a_second_attempt_waits_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv.batch import one

    make(tmp_path / "in", 1)
    job = job_of(tmp_path / "in" / "000.edf", tmp_path / "out" / "000.edf")
    how = {"overwrite": False, "skip_done": False, "workers": 1, "allowed": 1 << 30}
    (tmp_path / "out").mkdir()
    with _files.whole(job.target) as path:
        with pytest.raises(_files.Busy, match="is being written by another run"):
            process(job, LOW, **how)
        monkeypatch.setattr(one, "_PATIENCE", 0.5)
        with pytest.raises(_files.Busy):
            process(job, LOW, again=True, **how)
        monkeypatch.setattr(one, "_PATIENCE", 60)
        answers: list[bool] = []
        waiting = threading.Thread(
            target=lambda: answers.append(process(job, LOW, again=True, **how))
        )
        waiting.start()
        time.sleep(0.3)
        assert answers == []
        path.write_text("what the other made")
    job.target.unlink()
    waiting.join(60)
    assert answers == [True]
    assert read(job.target).n_times == 500


# The real thing --------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_hundred_files_three_workers_one_killed(tmp_path: Path) -> None:
    make(tmp_path / "in", 200)
    argv = ["filter", str(tmp_path / "in"), "--bandpass", "1", "40", "--notch", "50"]
    assert main([*argv, "-o", str(tmp_path / "here"), "--quiet"]) == 0
    (tmp_path / "cluster").mkdir()
    with local_cluster(tmp_path / "cluster") as cluster:
        cluster.start_workers(3, nanny=True)
        victim = cluster.pids()[1]
        command = [sys.executable, "-m", "sigconv", *argv, "-o", str(tmp_path / "there")]
        with subprocess.Popen(
            [*command, "--scheduler", cluster.address, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(60)]
            os.kill(victim, signal.SIGKILL)
            # not `communicate`, which knows nothing of what `readline` has read ahead
            told += process.stdout.readlines()
            _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert victim not in cluster.pids()
    known = [json.loads(line) for line in told]
    assert [each["status"] for each in known] == ["done"] * 200
    assert len({each["source"] for each in known}) == 200
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert len(contents(tmp_path / "there")) == 400


@pytest.mark.slow
def test_a_file_that_kills_every_worker_fails_alone(tmp_path: Path) -> None:
    make(tmp_path / "in", 20)
    (tmp_path / "in" / "010.edf").rename(tmp_path / "in" / "deadly.edf")
    for name in ("notes", "cluster"):
        (tmp_path / name).mkdir()
    with local_cluster(tmp_path / "cluster") as cluster:
        cluster.start_workers(2, nanny=True)
        jobs = plan([tmp_path / "in"], tmp_path / "out")
        work = Slowly(0.05, tmp_path / "notes")
        outcomes = list(run(jobs, work, scheduler=cluster.address))
    by_status: dict[str, list[Outcome]] = {"done": [], "failed": []}
    for each in outcomes:
        by_status[each.status].append(each)
    assert len(by_status["done"]) == 19
    (failed,) = by_status["failed"]
    assert failed.message.startswith(f"{tmp_path}/in/deadly.edf: was lost (")
    assert len(contents(tmp_path / "out")) == 38  # nothing half made either
