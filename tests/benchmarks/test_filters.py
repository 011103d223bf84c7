"""The filters' benchmark at small sizes: right answers over the whole length, goals, sentences."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import ndimage, signal

import sigconv
from benchmarks import requirements
from tests import filter_oracles

if requirements.missing(requirements.FILTER_PEERS):
    pytest.skip("the peers are not installed", allow_module_level=True)

from benchmarks.filters import cases, exactly, measure, table

SMALL = cases.Sizes(channels=3, n=1500, long=2500, few=2, windows=(11, 101))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sections", [1, 4])
def test_the_right_answer_reaches_the_last_sample(dtype, sections):
    case = cases.causal(dtype, (3, 150), sections)
    exact = case.exact()
    assert exact.dtype == np.longdouble
    assert exact.shape == (2, 150)
    sos = sigconv.bandpass((1, 40), fs=250, order=sections).sos
    for got, row in zip(exact, case.x[[0, 2]], strict=True):
        expected = filter_oracles.sections_exactly(sos, row)
        np.testing.assert_allclose(got.astype(float), expected, rtol=1e-9, atol=1e-15)


def test_the_right_answers_are_scipys():
    x = np.random.default_rng(0).normal(size=(2, 700))
    sos = signal.butter(2, (0.1, 0.5), "bandpass", output="sos")
    np.testing.assert_allclose(
        exactly.both_ways(sos, x, 27).astype(float),
        signal.sosfiltfilt(sos, x, padlen=27),
        atol=1e-13,
    )
    np.testing.assert_allclose(
        exactly.weighted(exactly.cubic_weights(51), x).astype(float),
        signal.savgol_filter(x, 51, 3, mode="mirror"),
        atol=1e-12,
    )
    np.testing.assert_allclose(
        exactly.weighted(exactly.gaussian_weights(20, 80), x).astype(float),
        ndimage.gaussian_filter1d(x, 20, mode="mirror"),
        atol=1e-14,
    )
    np.testing.assert_array_equal(
        exactly.medians(x, 101), ndimage.median_filter(x, (1, 101), mode="mirror")
    )


@pytest.fixture(scope="module")
def rows():
    return [measure.run(case, seconds=0.0) for case in cases.of(SMALL)]


def test_every_case_is_right_and_has_its_goal(rows):
    names = [row.case.name for row in rows]
    assert len(set(names)) == len(names) == 18
    for row in rows:
        eps = np.finfo(row.case.x.dtype).eps
        assert row.error < 1e3 * eps, row.case.name
        assert not row.apart > row.case.most_apart, row.case.name
    asked = {row.case.name: row.case.least for row in rows}
    assert asked["causal, 4 sections, 3 × 1,500 float64"] == 5
    assert asked["causal, 1 section, 1 × 2,500 float32"] == 4
    assert asked["MNE's FIR 1-40 Hz, own call, 3 × 1,500 float64"] == 4
    assert asked["MNE's FIR 1-40 Hz, accelerate(), 3 × 1,500 float64"] == 3
    assert asked["MNE's IIR order 4, accelerate(), 3 × 1,500 float64"] == 2
    assert asked["median of 101, 2 × 1,500 float64"] == 2.5
    of_two = [row for row in rows if not math.isnan(row.case.least_of_two)]
    assert {row.case.least_of_two for row in of_two} == {8}
    assert len(of_two) == 4


def test_the_text_says_which_goals_are_missed(rows):
    copy = measure.against_copy(cases.copy_case(SMALL), seconds=0.0)
    text = table.of(rows)
    assert len(text.splitlines()) == len(rows) + 2
    slow = measure.Row(rows[1].case, 2.0, 1.0, 1.0, "peer", 4.0, 1e-3, 1e-4, math.nan)
    said = table.verdicts([slow], copy)
    assert "- Goals on one thread: met at 0 of 1; MISSED at causal, 4 sections" in said
    assert ": 2.00 of 5." in said
    assert "- Goals on two threads: met at 0 of 1" in said
    assert "1.0e-03 against 1.0e-04" in said
    assert "of numpy.copyto (goal ≤ 2:" in said


@pytest.mark.parametrize("who", ["ours", "peer"])
def test_a_wrong_answer_ends_the_run(who):
    case = cases.causal(np.float64, (3, 500), 1)
    wrong = {"peers": {"peer": lambda: case.x}}
    if who == "ours":
        wrong = {"ours": lambda workers, out: case.x}
    with pytest.raises(AssertionError, match="is off by"):
        measure.run(dataclasses.replace(case, **wrong), seconds=0.0)


def test_a_missing_peer_fails(monkeypatch):
    from benchmarks import filters

    found = requirements.find_spec
    monkeypatch.setattr(
        requirements, "find_spec", lambda module: None if module == "mne" else found(module)
    )
    with pytest.raises(requirements.MissingPeerError, match="got none of mne"):
        filters.run()
