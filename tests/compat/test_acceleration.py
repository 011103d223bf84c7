"""SciPy, MNE and others served by our engine inside a block, and untouched outside of it."""

import asyncio
import threading

import mne
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from scipy.signal import sosfiltfilt as held_elsewhere

import sigconv
from sigconv.compat import acceleration, scipy_signal

SOS = scipy.signal.butter(4, [0.05, 0.3], "bandpass", output="sos")
X = np.random.default_rng(0).normal(size=(4, 2000))


@pytest.fixture
def served(monkeypatch):
    """Count the calls that reach our functions."""
    counts = {}
    acceleration._stand_ins.clear()
    for name in ("sosfiltfilt", "fftconvolve", "lfilter"):
        ours = getattr(scipy_signal, name)

        def count(*args, ours=ours, name=name, **kwargs):
            counts[name] = counts.get(name, 0) + 1
            return ours(*args, **kwargs)

        monkeypatch.setattr(scipy_signal, name, count)
    yield counts
    acceleration._stand_ins.clear()


def test_a_block_is_served_and_nothing_after_it(served):
    theirs = scipy.signal.sosfiltfilt
    expected = theirs(SOS, X)
    with sigconv.accelerate():
        assert scipy.signal.sosfiltfilt is not theirs
        np.testing.assert_allclose(scipy.signal.sosfiltfilt(SOS, X), expected, atol=1e-12)
    assert served == {"sosfiltfilt": 1}
    assert scipy.signal.sosfiltfilt is theirs
    scipy.signal.sosfiltfilt(SOS, X)
    assert served == {"sosfiltfilt": 1}


def test_names_that_other_modules_imported_are_found(served):
    with sigconv.accelerate():
        held_elsewhere(SOS, X)
    assert served == {"sosfiltfilt": 1}
    held_elsewhere(SOS, X)
    assert served == {"sosfiltfilt": 1}


def test_an_exception_ends_it(served):
    theirs = scipy.signal.sosfiltfilt
    with pytest.raises(KeyError), sigconv.accelerate():
        raise KeyError
    assert scipy.signal.sosfiltfilt is theirs
    scipy.signal.sosfiltfilt(SOS, X)
    assert not served


def test_an_error_of_ours_inside_leaves_the_block_served(served):
    with sigconv.accelerate():
        with pytest.raises(ValueError, match="padlen"):
            scipy.signal.sosfiltfilt(SOS, X[:, :5])
        scipy.signal.sosfiltfilt(SOS, X)
    assert served == {"sosfiltfilt": 2}


def test_blocks_nest(served):
    theirs = scipy.signal.sosfiltfilt
    with sigconv.accelerate():
        with sigconv.accelerate():
            scipy.signal.sosfiltfilt(SOS, X)
        scipy.signal.sosfiltfilt(SOS, X)
    assert served == {"sosfiltfilt": 2}
    assert scipy.signal.sosfiltfilt is theirs


def test_other_threads_see_scipy(served):
    answers = []

    def elsewhere():
        answers.append(scipy.signal.sosfiltfilt(SOS, X))

    with sigconv.accelerate():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert not served
        scipy.signal.sosfiltfilt(SOS, X)
    assert served == {"sosfiltfilt": 1}
    np.testing.assert_array_equal(answers[0], scipy.signal.sosfiltfilt(SOS, X))


def test_blocks_in_two_threads_end_one_by_one(served):
    theirs = scipy.signal.sosfiltfilt
    entered, leave = threading.Event(), threading.Event()

    def elsewhere():
        with sigconv.accelerate():
            entered.set()
            leave.wait()
            scipy.signal.sosfiltfilt(SOS, X)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    entered.wait()
    with sigconv.accelerate():
        pass
    scipy.signal.sosfiltfilt(SOS, X)  # their block is still open, ours is not
    assert not served
    leave.set()
    thread.join()
    assert served == {"sosfiltfilt": 1}
    assert scipy.signal.sosfiltfilt is theirs


def test_other_tasks_see_scipy(served):
    async def inside(opened, closed):
        with sigconv.accelerate():
            opened.set()
            await closed.wait()
            scipy.signal.sosfiltfilt(SOS, X)

    async def both():
        opened, closed = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(inside(opened, closed))
        await opened.wait()
        scipy.signal.sosfiltfilt(SOS, X)
        assert not served
        closed.set()
        await task

    asyncio.run(both())
    assert served == {"sosfiltfilt": 1}


def test_what_is_not_a_plain_array_goes_to_scipy(served):
    with sigconv.accelerate():
        scipy.signal.fftconvolve(np.ma.masked_array([1.0, 2, 3]), [1.0, 1])
        assert not served
        scipy.signal.fftconvolve([1.0, 2, 3], [1.0, 1])
    assert served == {"fftconvolve": 1}


def test_functions_behind_the_public_names_are_served_too(served):
    with sigconv.accelerate():
        scipy.signal._signaltools.lfilter([1.0], [1, -0.5], X)
    assert served == {"lfilter": 1}


def test_images_are_served():
    image = np.random.default_rng(1).normal(size=(40, 50))
    theirs = scipy.ndimage.gaussian_filter
    expected = theirs(image, 2)
    with sigconv.accelerate():
        assert scipy.ndimage.gaussian_filter is not theirs
        np.testing.assert_allclose(scipy.ndimage.gaussian_filter(image, 2), expected, atol=1e-12)
    assert scipy.ndimage.gaussian_filter is theirs


@pytest.mark.parametrize("phase", ["zero", "zero-double", "minimum", "minimum-half"])
@pytest.mark.parametrize("pad", ["reflect_limited", "reflect", "edge"])
def test_mnes_fir_filter(monkeypatch, phase, pad):
    theirs = mne.filter._overlap_add_filter
    x = np.random.default_rng(2).normal(size=(5, 3000))
    given = {"sfreq": 250, "l_freq": 1, "h_freq": 40, "phase": phase, "pad": pad}
    given |= {"picks": [0, 2, 3], "verbose": "error"}
    expected = mne.filter.filter_data(x, **given)
    calls = []
    overlap_add = acceleration.mne_filter.overlap_add
    monkeypatch.setattr(
        acceleration.mne_filter,
        "overlap_add",
        lambda *a, **k: calls.append(1) or overlap_add(*a, **k),
    )
    acceleration._stand_ins.clear()
    with sigconv.accelerate():
        y = mne.filter.filter_data(x, **given)
    acceleration._stand_ins.clear()
    assert calls
    np.testing.assert_allclose(y, expected, atol=1e-7 * abs(expected).max())
    assert mne.filter._overlap_add_filter is theirs


@pytest.mark.parametrize("n", [40, 300])
def test_mnes_fir_filter_longer_than_the_signal(n):
    x = np.random.default_rng(3).normal(size=(2, n))
    h = scipy.signal.firwin(301, 0.2)
    expected = mne.filter._overlap_add_filter(x, h)
    with sigconv.accelerate():
        y = mne.filter._overlap_add_filter(x, h)
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_a_raw_is_filtered_alike():
    rng = np.random.default_rng(4)
    info = mne.create_info(["a", "b", "trigger"], 250, ["eeg", "eeg", "stim"])
    raw = mne.io.RawArray(rng.normal(size=(3, 5000)) * 1e-5, info, verbose="error")
    for settings in ({}, {"method": "iir"}):
        expected = raw.copy().filter(1, 40, verbose="error", **settings).get_data()
        with sigconv.accelerate():
            y = raw.copy().filter(1, 40, verbose="error", **settings).get_data()
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-7 * abs(expected[:2]).max())
