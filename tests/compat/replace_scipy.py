"""A pytest plugin: SciPy's own tests run on sigconv's functions under SciPy's names.

Loaded with ``-p tests.compat.replace_scipy`` before SciPy's test modules. Everywhere in SciPy
the names below mean ours; SciPy's own functions answer only for long double and object arrays
(which ours hand on to them) and raise for anything else.
"""

import functools
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from scipy._lib import _array_api

from sigconv.compat import names  # a list, which loads none of our functions

NAMES = {"signal": names.SIGNAL, "ndimage": names.NDIMAGE}

#: Where SciPy defines them.
HOMES = (
    scipy.signal._signaltools,
    scipy.signal._savitzky_golay,
    scipy.signal._upfirdn,
    scipy.ndimage._filters,
)

#: Part of a test's name -> why it need not pass. None is needed at present.
EXCUSED: dict[str, str] = {}

calls = dict.fromkeys((f"{room}.{name}" for room in NAMES for name in NAMES[room]), 0)
outcomes = {"passed": [], "failed": [], "skipped": [], "xfailed": [], "excused": []}


def is_exotic(value):
    return isinstance(value, np.ndarray) and value.dtype.char in "gGO"


def guarded(function, label):
    """Return SciPy's function for long double and object arrays alone."""

    @functools.wraps(function)
    def guard(*args, **kwargs):
        if not any(map(is_exotic, (*args, *kwargs.values()))):
            raise AssertionError(f"SciPy's own {label} was called with {args} {kwargs}")
        return function(*args, **kwargs)

    return guard


def counted(function, label):
    @functools.wraps(function)
    def count(*args, **kwargs):
        calls[label] += 1
        return function(*args, **kwargs)

    return count


def put(replacements):
    """Set the names in all modules of SciPy that hold one of the functions replaced."""
    for module in [m for name, m in sys.modules.items() if name.split(".")[0] == "scipy"]:
        for name, value in list(vars(module).items()):
            if callable(value) and id(value) in replacements:
                setattr(module, name, replacements[id(value)])


def replace():
    theirs = {
        f"{room}.{name}": getattr(getattr(scipy, room), name)
        for room, names in NAMES.items()
        for name in names
    }
    # The functions behind those in the public namespace, where SciPy wraps them for other
    # array libraries, are other objects of the same names.
    inner = {
        label: getattr(home, label.split(".")[1])
        for label in theirs
        for home in HOMES
        if label.startswith(home.__name__.split(".")[1]) and hasattr(home, label.split(".")[1])
    }
    guards = {label: guarded(function, label) for label, function in inner.items()}
    put({id(f): guards[label] for known in (theirs, inner) for label, f in known.items()})

    from sigconv.compat import scipy_ndimage, scipy_signal  # they keep the guards

    ours = {
        label: counted(
            getattr({"signal": scipy_signal, "ndimage": scipy_ndimage}[room], name), label
        )
        for label in theirs
        for room, name in [label.split(".")]
    }
    put({id(guards[label]): ours[label] for label in theirs})
    table = _array_api.xp_capabilities_table  # which array libraries a function is tested with
    for known in (theirs, inner):
        for label, function in known.items():
            if function in table:
                table[ours[label]] = table[function]


def pytest_configure():
    replace()  # here, so that merely importing this module does nothing to SciPy


def pytest_collection_modifyitems(items):
    for item in items:
        for part, reason in EXCUSED.items():
            if part in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=f"excused: {reason}"))


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        if outcome == "skipped" and "excused: " in str(report.longrepr):
            outcome = "excused"
        if report.when != "teardown" or outcome == "failed":
            outcomes[outcome].append(report.nodeid)


def pytest_sessionfinish():
    destination = os.environ.get("SIGCONV_COMPAT_REPORT")
    if destination:
        Path(destination).write_text(json.dumps({"outcomes": outcomes, "calls": calls}))
