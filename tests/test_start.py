"""Numba's start."""

import gc
import sys

import numpy as np
import pytest

import sigconv
from sigconv import _start_jit
from sigconv.convolution import ready, running_sum

convolution = sys.modules["sigconv.convolution.convolve"]


@pytest.fixture
def anew():
    _start_jit.start.cache_clear()
    yield
    gc.enable()


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_is_left_as_it_was(anew, collects):
    if not collects:
        gc.disable()
    _start_jit.start()
    assert gc.isenabled() is collects


def test_the_collector_waits_meanwhile(anew, monkeypatch):
    seen = []
    context = _start_jit.cpu_target.target_context
    monkeypatch.setattr(context, "refresh", lambda: seen.append(gc.isenabled()))
    _start_jit.start()
    _start_jit.start()
    assert seen == [False]
    assert gc.isenabled()


@pytest.mark.parametrize(("axes", "call"), [(None, "ready"), ((0,), "posed")])
def test_convolutions_start_it(monkeypatch, axes, call):
    calls = []
    monkeypatch.setattr(ready, "start", lambda: calls.append("ready"))
    monkeypatch.setattr(convolution, "start", lambda: calls.append("posed"))
    ready.ready.cache_clear()
    sigconv.convolve(np.ones(20), np.ones(3), axes=axes)
    assert calls == [call]


def test_smoothers_and_filters_start_it(monkeypatch):
    calls = []
    monkeypatch.setattr(running_sum, "start", lambda: calls.append("sum"))
    monkeypatch.setattr(_start_jit, "start", lambda: calls.append("filter"))
    sigconv.smooth(np.ones(50), 5)
    sigconv.lowpass(10, fs=100, order=2).filter(np.ones(50))
    assert set(calls) == {"sum", "filter"}
