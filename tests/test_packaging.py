"""A wheel of the tree runs outside the tree, with the extras and without them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=900, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build from a copy: building in place would leave files that the next wheel takes in."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    shutil.copytree(REPOSITORY / "sigconv", tree / "sigconv")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, tree)
    built = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder, tree, cwd=folder)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("sigconv-*.whl"))


def installed(wheel: Path, folder: Path, extras: str) -> Path:
    """Install the wheel into a new environment; return the folder of its commands."""
    assert run(sys.executable, "-m", "venv", folder / "venv", cwd=folder).returncode == 0
    commands = folder / "venv" / "bin"
    constraints = REPOSITORY / "constraints.txt"
    done = run(
        commands / "python",
        "-m",
        "pip",
        "install",
        "-c",
        constraints,
        f"{wheel}{extras}",
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return commands


def test_without_extras(wheel, tmp_path):
    commands = installed(wheel, tmp_path, "")
    code = (
        "import sigconv; print(sigconv.__file__); "
        "print(sigconv.convolve([1, 2, -5, 4, 2, -1], [-1, 2, -1], mode='valid')); "
        "print(sigconv.lowpass(10, fs=100).filtfilt([0.0] * 50 + [1.0] * 50).round(3)[:2]); "
        "from sigconv.report import page; page.document('its style and script came along')"
    )
    arrays = run(commands / "python", "-c", code, cwd=tmp_path)
    assert arrays.returncode == 0, arrays.stderr
    assert str(tmp_path) in arrays.stdout
    assert "[  8 -16  11   1]" in arrays.stdout
    assert run(commands / "sigconv", "--version", cwd=tmp_path).stdout.startswith("sigconv ")
    trained = run(commands / "sigconv", "train", "x.edf", "-o", "run", cwd=tmp_path)
    assert trained.returncode == 1
    assert "the extra 'nn' brings: pip install 'sigconv[nn]'" in trained.stderr
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    filtered = run(
        commands / "sigconv", "filter", "x.wav", "-o", "out", "--lowpass", "5", cwd=tmp_path
    )
    assert filtered.returncode == 1
    assert "the extra 'audio' brings: pip install 'sigconv[audio]'" in filtered.stderr


def test_with_extras(wheel, tmp_path):
    commands = installed(wheel, tmp_path, "[eeg,audio,image,nn,plot,dask]")
    code = (
        "import sigconv\n"
        "for i in (1, 2): sigconv.write(f'sub-0{i}.edf', sigconv.simulate_eeg(seed=i, n_trials=6))"
    )
    assert run(commands / "python", "-c", code, cwd=tmp_path).returncode == 0
    steps = ["filter", "*.edf", "-o", "out", "--bandpass", "1", "40"]
    filtered = run(commands / "python", "-m", "sigconv", *steps, cwd=tmp_path)
    assert "2 done, 0 failed" in filtered.stdout
    trained = run(commands / "sigconv", "train", "out", "-o", "run", "--epochs", "1", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    assert "chance: 0.500" in trained.stdout
