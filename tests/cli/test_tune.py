"""`sigconv tune`, with little time to measure."""

import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sigconv import warm_up
from sigconv.cli import main
from sigconv.convolution import choose, machine, tuning

FEW = [
    tuning.Trial(method, dtype, shape, 5)
    for method in ("direct", "overlap_save")
    for dtype in ("float32", "int64")
    for shape in ((100,), (2000,))
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGCONV_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(tuning, "trials", lambda: FEW)
    monkeypatch.setattr(warm_up, "steps", lambda: [])
    return tmp_path / "kept"


def test_speeds_are_measured_told_and_kept(folder, capsys):
    assert main(["tune", "--seconds", "0.01"]) == 0
    told = capsys.readouterr()
    for part in ("direct", "overlap_save", "float32", "int64", "compiled in", "kept in"):
        assert part in told.out
    assert str(folder) in told.out
    assert told.err == ""
    kept = machine.load()
    assert kept.table.keys() == {(t.method, t.dtype, 1) for t in FEW}


def test_json(folder, capsys):
    assert main(["tune", "--seconds", "0.01", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["processor"] == machine.identity()["processor"]
    assert machine.Speeds.from_dict(facts["speeds"]) == machine.load()


def test_a_dry_run_keeps_nothing(folder, capsys):
    assert main(["tune", "--seconds", "0.01", "--dry-run"]) == 0
    assert "kept in" not in capsys.readouterr().out
    assert not folder.exists()


def test_quiet(folder, capsys):
    assert main(["tune", "--seconds", "0.01", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert machine.load() is not None


def test_a_folder_that_cannot_be_written_is_told_of_and_no_error(folder, capsys):
    folder.write_text("a file where the folder should be")
    assert main(["tune", "--seconds", "0.01"]) == 0
    assert "the speeds could not be kept" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--seconds", "x"], ["input.edf"]])
def test_wrong_usage(folder, words, capsys):
    assert main(["tune", *words]) == 2
    assert "usage: sigconv" in capsys.readouterr().err


def test_every_way_to_convolve_is_compiled():
    steps = [step for step in warm_up.steps() if isinstance(step, functools.partial)]
    named = [step.args[0] for step in steps if step.func is warm_up._convolve]
    assert sorted(named) == sorted(choose.METHODS)


POOL = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from sigconv import warm_up

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=warm_up._prepare) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def test_compiling_processes_end_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 20
    while Path(f"/proc/{child}/exe").exists():  # a zombie has none
        assert time.monotonic() < until
        time.sleep(0.05)


COMPILED = """
import importlib, pkgutil
import sigconv
from sigconv import warm_up

for step in warm_up.steps():
    step()
for module in pkgutil.walk_packages(sigconv.__path__, "sigconv."):
    # those of networks wait for the first network: few who convolve have torch
    if module.name.endswith("_jit") and not module.name.startswith("sigconv.nn."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if hasattr(value, "py_func") and value.py_func.__module__ == module.name:
                if not value.signatures:
                    print(module.name, name)
"""


@pytest.mark.slow
def test_every_compiled_function_is_compiled(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", COMPILED],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},  # callees in a cache are not seen
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
