"""Speeds of a machine: where they are kept, and what happens where they cannot be."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from sigconv.convolution import machine
from sigconv.convolution.machine import Speed, Speeds

from .cases import forget_choices

SPEEDS = Speeds({("direct", "float32", 1): Speed(1234.0, 0.5), ("fft", "int64", 3): Speed(0.0, 2)})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGCONV_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_was_kept_comes_back(folder):
    assert machine.load() is None
    path = machine.save(SPEEDS)
    assert path.parent == folder
    assert machine.load() == SPEEDS
    machine.save(Speeds())  # anew
    assert machine.load() == Speeds()
    assert [file.name for file in folder.iterdir()] == [path.name]


def test_times():
    assert SPEEDS.time("direct", "float32", 1, 1000.0) == 1234 + 500
    assert SPEEDS.time("fft", "int64", 5, 10.0) == 20  # more axes as three
    assert SPEEDS.time("fft", "float64", 1, 10.0) == 10  # never measured: its own estimate


def test_speeds_cannot_be_changed():
    with pytest.raises(TypeError):
        SPEEDS.table["fft", "int64", 3] = Speed()


@pytest.mark.parametrize("key", ["processor", "cores", "sigconv", "numba"])
def test_another_machine_or_version_is_passed_over_in_silence(folder, key):
    path = machine.save(SPEEDS)
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, key: "another"}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert machine.load() is None


def test_two_machines_share_a_home(folder, monkeypatch):
    first = machine.save(SPEEDS)
    other = {**machine.identity(), "processor": "another"}
    monkeypatch.setattr(machine, "identity", lambda: other)
    assert machine.load() is None
    second = machine.save(Speeds())
    assert first != second
    assert first.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '"text"',
        '{"speeds": 3}',
        '{"speeds": {"direct": [1, 1]}}',
        '{"speeds": {"direct float32 1": [1]}}',
        '{"speeds": {"direct float32 1": [-1, 1]}}',
        '{"speeds": {"direct float32 1": [1, 0]}}',
        '{"speeds": {"direct float32 1": [1, NaN]}}',
        '{"speeds": {"direct float32 1": [1, "fast"]}}',
        '{"speeds": {"direct float32 one": [1, 1]}}',
    ],
)
def test_a_damaged_file_is_told_of_once_and_no_error(folder, text):
    path = machine.save(SPEEDS)
    if text.startswith('{"speeds"'):
        text = json.dumps({**machine.identity(), **json.loads(text)})
    path.write_text(text)
    with pytest.warns(UserWarning, match="holds no speeds; the built-in ones are used") as told:
        assert machine.load() is None
    assert len(told) == 1
    assert str(path) in str(told[0].message)


def test_bytes_that_are_no_text(folder):
    machine.save(SPEEDS).write_bytes(b"\xff\xfe\x00")
    with pytest.warns(UserWarning, match="holds no speeds"):
        assert machine.load() is None


def test_what_cannot_be_read_is_no_error(folder):
    path = machine.save(SPEEDS)
    path.unlink()
    path.mkdir()
    assert machine.load() is None
    folder.rename(folder.with_name("other"))
    folder.write_text("a file where the folder should be")
    assert machine.load() is None


def test_without_a_home(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    for name in ("SIGCONV_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert machine.load() is None


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "home/.cache/sigconv"),
        ("linux", {"XDG_CACHE_HOME": "/kept"}, "/kept/sigconv"),
        ("linux", {"XDG_CACHE_HOME": "kept"}, "home/.cache/sigconv"),  # relative: to be ignored
        ("linux", {"XDG_CACHE_HOME": ""}, "home/.cache/sigconv"),
        ("darwin", {"XDG_CACHE_HOME": "/kept"}, "home/Library/Caches/sigconv"),
        ("win32", {}, "home/AppData/Local/sigconv"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/sigconv"),
        ("linux", {"SIGCONV_CACHE": "/mine", "XDG_CACHE_HOME": "/kept"}, "/mine"),
        ("darwin", {"SIGCONV_CACHE": "/mine"}, "/mine"),
    ],
)
def test_the_platforms_folders(monkeypatch, platform, environment, expected):
    for name in ("SIGCONV_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    assert machine.cache_folder() == Path(expected)


def test_the_defaults_can_be_read():
    facts = json.loads(machine.DEFAULTS.read_text())
    assert isinstance(Speeds.from_dict(facts["speeds"]), Speeds)


def test_the_speeds_decide(folder, monkeypatch):
    from sigconv import plan_convolution
    from sigconv.convolution import plan

    slow = Speeds({("direct", "float32", 1): Speed(1e12, 1.0)})
    monkeypatch.setattr(machine, "speeds", lambda: slow)
    forget_choices()
    plan._plan.cache_clear()
    try:
        told = plan_convolution(1000, np.arange(40.0), x_dtype="float32")
        assert told.method != "direct"
        assert told.options[-1].time > 100 or told.options[-1].unmet
    finally:
        forget_choices()
        plan._plan.cache_clear()
