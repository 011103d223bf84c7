"""SciPy's own tests, from its wheel, pass on our functions while SciPy's refuse to work."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .. import conftest

SUITES = (
    "scipy.signal.tests.test_signaltools",
    "scipy.signal.tests.test_savitzky_golay",
    "scipy.signal.tests.test_upfirdn",
    "scipy.ndimage.tests.test_filters",
)

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("scipy.signal.tests") is None,
    reason="this SciPy came without its tests",
)

#: At least so many tests must have run, or the selection has gone wrong.
AT_LEAST = {"not slow": 4000, "": 14000}

#: Every one of these must have been called so often, or the replacement has gone wrong.
CALLS = 6


def run_suites(tmp_path: Path, marks: str, *arguments: str) -> tuple[dict, dict, str]:
    report = tmp_path / "report.json"
    command = [
        *(sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(tmp_path)),
        *("-p", "tests.compat.replace_scipy", "-p", "no:cacheprovider", "-q", "--tb=short"),
        *("--disable-warnings", "-m", marks, *arguments, "--pyargs", *SUITES),
    ]
    # SciPy's tests set their own warnings; those of our setup.cfg are not for them.
    surroundings = {
        **{k: v for k, v in os.environ.items() if k not in ("PYTEST_ADDOPTS", "PYTHONWARNINGS")},
        "PYTHONPATH": str(conftest.REPOSITORY),
        "SIGCONV_COMPAT_REPORT": str(report),
    }
    run = subprocess.run(command, env=surroundings, cwd=tmp_path, capture_output=True, text=True)
    assert report.exists(), run.stdout + run.stderr
    written = json.loads(report.read_text())
    return written["outcomes"], written["calls"], run.stdout


def check(tmp_path: Path, marks: str) -> None:
    outcomes, calls, output = run_suites(tmp_path, marks)
    counts = {name: len(tests) for name, tests in outcomes.items()}
    print(counts)
    assert not outcomes["failed"], output[-5000:]
    assert counts["passed"] >= AT_LEAST[marks], counts
    assert not counts["excused"], outcomes["excused"]
    assert min(calls.values()) >= CALLS, calls


def test_scipys_suites(tmp_path):
    check(tmp_path, "not slow")


@pytest.mark.slow
def test_scipys_suites_with_their_slow_tests(tmp_path):
    check(tmp_path, "")


def test_scipys_own_functions_would_raise(tmp_path):
    program = """
import numpy as np, pytest
from tests.compat import replace_scipy
import scipy.signal, scipy.ndimage
replace_scipy.replace()
from sigconv.compat import scipy_ndimage, scipy_signal
x = np.ones((3, 3))
for room, ours in [(scipy.signal, scipy_signal), (scipy.ndimage, scipy_ndimage)]:
    for name in ours.__all__:
        assert getattr(room, name).__wrapped__ is getattr(ours, name), name
        for values in (x, x.astype(int), x * 1j, x.astype("f4")):
            with pytest.raises(AssertionError, match="SciPy's own"):
                ours.originals[name](values, values)
wide = np.ones(3, np.longdouble)
assert scipy.signal.convolve(wide, wide).dtype == np.longdouble
assert scipy.signal._signaltools.fftconvolve is scipy.signal.fftconvolve
assert scipy.ndimage._filters.correlate1d is scipy.ndimage.correlate1d
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(conftest.REPOSITORY)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
