"""The README's blocks run as written, in their order, in one empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.test_training_examples import QUICK

README = REPOSITORY / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_newcomers_two_lines_come_first() -> None:
    first = BLOCK.search(README.read_text())
    assert first is not None
    assert first[2].splitlines() == ["make demo", "make test"]
    assert README.read_text()[: first.start()].strip() == "# sigconv"


def test_the_tour_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    names: dict[str, object] = {}
    blocks = BLOCK.findall(README.read_text())[1:]
    assert {language for language, _ in blocks} == {"python", "sh"}
    for language, code in blocks:
        if language == "python":
            exec(compile(code, str(README), "exec"), names)
        else:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", code],
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(
    "document",
    sorted(REPOSITORY.glob("*.md")) + sorted(REPOSITORY.glob("docs/*.md")),
    ids=lambda p: p.name,
)
def test_files_that_documents_name_exist(document: Path) -> None:
    named = re.findall(
        r"`((?:docs|examples|benchmarks|tests)/[\w./-]+\.(?:md|py))`", document.read_text()
    )
    missing = [name for name in named if not (REPOSITORY / name).exists()]
    assert missing == []


@pytest.mark.parametrize(
    "example", sorted((REPOSITORY / "examples").glob("[0-9]*.py")), ids=lambda p: p.name
)
def test_examples_are_short(example: Path) -> None:
    assert len(example.read_text().splitlines()) < 60


SLOW_EXAMPLES = ["05_sliding_kernel.py"]  # every frame of an animation is drawn, 12 s


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(path, marks=[pytest.mark.slow] * (path.name in SLOW_EXAMPLES), id=path.name)
        for path in sorted((REPOSITORY / "examples").glob("[0-9]*.py"))
        if path.name not in QUICK
    ],
)
def test_examples_run_from_any_folder(example: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, example],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "Agg"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout
