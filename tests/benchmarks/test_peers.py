"""Every peer gives the same answer as we do on the data the benchmark gives it (no timings)."""

import pytest

from benchmarks import requirements

if missing := requirements.missing():
    pytest.skip(
        f"peers of the benchmark are not installed: {', '.join(missing)}", allow_module_level=True
    )

import numpy as np

from benchmarks.convolution import average, cases, goals, measure, peers, table
from benchmarks.threads import limited
from tests.benchmarks.test_cases import SMALL

BY_NAME = {peer.name: peer for peer in peers.PEERS}


def fit(cell):
    return [peer for peer in peers.PEERS if not peer.unmet(cell)]


@pytest.mark.parametrize("cell", SMALL, ids=lambda cell: cell.name)
def test_all_that_fit_a_cell_agree(cell):
    problem = cases.make(cell)
    exact = problem.exact()
    with limited(1):
        for peer in fit(cell):
            measure._checked(peer.name, peer.prepare(problem), problem, exact)


def test_every_peer_has_a_cell():
    assert {peer.name for cell in SMALL for peer in fit(cell)} == set(BY_NAME)


def test_the_issue_s_peers_are_there():
    named = """numpy.convolve numpy.correlate scipy.signal.convolve scipy.signal.fftconvolve
    scipy.signal.oaconvolve scipy.ndimage.convolve scipy.ndimage.correlate1d
    scipy.ndimage.uniform_filter scipy.ndimage.gaussian_filter cv2.filter2D cv2.sepFilter2D
    cv2.GaussianBlur cv2.boxFilter"""
    assert set(named.split()) | {"torch conv"} <= set(BY_NAME)


def test_a_peer_with_another_answer_ends_the_run():
    problem = cases.make(SMALL[0])
    exact = problem.exact()
    with pytest.raises(AssertionError, match=r"shifted is off by .* at 1D float32, 50 with 3"):
        measure._checked("shifted", lambda: np.roll(problem.x, 1), problem, exact)
    with pytest.raises(AssertionError, match=r"longer gave float64 \(52,\) at 1D float32"):
        measure._checked("longer", lambda: np.zeros(52), problem, exact)


@pytest.mark.parametrize("k", [2, 10, 101])
@pytest.mark.parametrize("form", average.FORMS, ids=lambda form: form.name)
def test_moving_averages_agree(form, k):
    problem = cases.make(cases.Cell((3, 300), (k,), "float64", "box"))
    out = np.empty((3, 300 - k + 1) if form.pad is None else (3, 300))
    own, answers = form.ours(problem, out, 1), average._alike(form, problem, np.empty((3, 300)))
    trailing = average.trailing(problem.x, k)
    ours, direct = average._errors(form, problem, average._answers(form, own, answers, trailing, k))
    assert ours <= 12 * np.finfo(np.float64).eps
    assert direct <= 12 * np.finfo(np.float64).eps
    assert len(answers) == (0 if form.pad is None else 2)


def test_a_cell_is_measured_and_told():
    """The figures are whatever the machine gives; what is said about them is looked at."""
    bench = measure.Bench(1, 0.0)
    row = bench.measure(SMALL[0])
    assert row.peer in {peer.name for peer in fit(SMALL[0])}
    assert set(row.unfit) == set(BY_NAME) - {peer.name for peer in fit(SMALL[0])}
    text = table.of([row], 1)
    assert text.splitlines()[0].count("|") == text.splitlines()[2].count("|")
    assert "scipy.ndimage.gaussian_filter takes Gaussians (1 cell)" in table.left_out([row])


def row(cell, ours, theirs, **others):
    errors = {"error": 1e-7, "peer_error": 1e-7, "direct_error": 1e-7}
    return measure.Row(cell, ours, "peer", theirs, **{**errors, **others})


def test_goals_say_what_is_missed():
    fast, slow = row(SMALL[0], 1.0, 5.0), row(SMALL[1], 2.0, 1.0, direct_error=4e-8)
    lines = goals.of_grid("1d", [fast, slow])
    assert lines == [
        "- Geometric mean over the listed sizes: 1.58 (goal ≥ 4: MISSED); smallest 0.50.",
        "- Goal of the listed cells: met at 1 of 2; MISSED at 1D float32, 50 with 10: 0.50 of 1.",
        "- Error no worse than twice that of SciPy's direct method: met at 1 of 2; MISSED at "
        "1D float32, 50 with 10: 1.0e-07 against 4.0e-08.",
    ]
    assert goals.of_grid("1d", [fast])[0].endswith("(goal ≥ 4: met); smallest 5.00.")
    assert "≥ 1 met" in table.of([fast], 1)
    assert "≥ 1 MISSED" in table.of([slow], 1)


def test_two_threads_count_only_where_one_takes_long():
    long, short = (row(SMALL[0], t / 1.5, 1.0, one_thread=t) for t in (0.06, 0.04))
    assert goals.of_two_threads([long, short]) == (
        "- Two threads ≥ 1.7 × one in cells over 50 ms: met at 0 of 1; MISSED at "
        "1D float32, 50 with 3: 1.50."
    )


def test_a_peer_that_would_take_long_is_left_out_with_its_numbers():
    bench = measure.Bench(1, 0.0)
    bench.speeds["torch conv", "float32"] = 1.0  # a second for each product
    measured = bench.measure(SMALL[0])
    expected, fastest = measured.hopeless["torch conv"]
    assert expected == SMALL[0].n_products
    assert fastest < 0.25
    told = table.left_out([measured])
    assert "torch conv would take more than 0.25 s and 2 × the fastest peer (1 cell;" in told


def test_threads_are_given_back():
    import cv2
    import torch

    before = cv2.getNumThreads(), torch.get_num_threads()
    with limited(1):
        assert (cv2.getNumThreads(), torch.get_num_threads()) == (1, 1)
    assert (cv2.getNumThreads(), torch.get_num_threads()) == before
    with (
        pytest.raises(ValueError, match=r"threads must be at most .* cores; got 100000"),
        limited(100_000),
    ):
        pass
