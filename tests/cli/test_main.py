"""The command line as a whole: help, version, info, and how little it loads."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sigconv
from sigconv import Recording, write
from sigconv.cli import main
from sigconv.cli.options import name_and_parameters

HEAVY = {"torch", "mne", "librosa", "matplotlib", "pandas", "scipy", "numba", "numpy"}


def loaded_by(code: str) -> set[str]:
    """Return the packages that a fresh process has loaded after `code`."""
    script = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import sigconv") & HEAVY


@pytest.mark.parametrize("argv", [["--help"], ["filter", "--help"], ["--version"], ["filter"]])
def test_answers_about_itself_load_nothing_heavy(argv: list[str]) -> None:
    assert not loaded_by(f"from sigconv.cli import main\nmain({argv!r})") & HEAVY


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sigconv {sigconv.__version__}\n"
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for command in ("filter", "smooth", "info", "train"):
        assert command in told
        assert main([command, "--help"]) == 0
    assert main([]) == 2


def test_info(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.edf"
    write(path, Recording(np.ones((2, 500)) * 1e-6, 250, channels=["C3", "C4"]))
    assert main(["info", str(path)]) == 0
    told = capsys.readouterr().out
    for part in (str(path), "EDF", "250", "2: C3, C4", "2 eeg", "500"):
        assert part in told
    assert main(["info", "--json", str(path), str(tmp_path / "gone.edf")]) == 1
    out, err = capsys.readouterr()
    facts = json.loads(out)
    assert (facts["rate"], facts["channels"], facts["samples"]) == (250.0, ["C3", "C4"], 500)
    assert err == f"{tmp_path / 'gone.edf'}: no such file\n"


def test_info_about_real_files(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    formats = data / "eeg" / "formats"
    files = [str(path) for path in formats.iterdir() if path.suffix in (".set", ".vhdr", ".cnt")]
    assert main(["info", "--json", *files]) == 0
    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {each["format"] for each in facts} == {"EEGLAB", "BrainVision", "CNT"}
    (eeglab,) = (each for each in facts if each["format"] == "EEGLAB")
    assert eeglab["annotations"] == {"square": 80, "rt": 74}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gaussian", ("gaussian", {})),
        ("gaussian:0.1", ("gaussian", {"width": 0.1})),
        ("x:width=1,name=word,flag=true", ("x", {"width": 1, "name": "word", "flag": True})),
    ],
)
def test_step_syntax(text: str, expected: tuple) -> None:
    assert name_and_parameters(text) == expected


def test_our_sentences_end_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv.cli import info

    def fails(args: object) -> int:
        raise ImportError("reading EEG needs mne")

    monkeypatch.setattr(info, "run", fails)
    assert main(["info", "x.edf"]) == 2
    assert capsys.readouterr().err == "sigconv: reading EEG needs mne\n"
