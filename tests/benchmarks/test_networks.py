"""The networks that are compared are the same on both sides."""

import pytest

pytest.importorskip("cv2")  # which, with the next, gives everybody as many threads
pytest.importorskip("threadpoolctl")

import torch

from benchmarks.__main__ import NETWORK_PARTS
from benchmarks.nn import cases, epochs, measure
from benchmarks.requirements import NETWORK_PEERS, missing

needs_peers = pytest.mark.skipif(
    bool(missing(NETWORK_PEERS)), reason=f"not installed: {', '.join(missing(NETWORK_PEERS))}"
)
CASES = [case for part in cases.PARTS.values() for case in part]


def test_the_command_knows_the_parts():
    assert (*cases.PARTS, "speed") == NETWORK_PARTS


@needs_peers
@pytest.mark.filterwarnings("ignore")  # of what the peers import
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_many_parameters_on_both_sides(case):
    with torch.device("meta"):
        ours, theirs = case.ours(), case.theirs()
    assert measure.n_parameters(ours) == measure.n_parameters(theirs)


@needs_peers
@pytest.mark.filterwarnings("ignore")
def test_a_table():
    """Small layers, so that it is quick: what the columns are, and that both get one batch."""
    first = cases.PARTS["waveforms"][0]
    small = cases.Case("m3", first.ours, "conv1d", first.theirs, (2, 1, 800))
    table = measure.table([small], device="cpu", threads=1, quick=True).splitlines()
    assert table[0].count("|") == table[1].count("|") == table[2].count("|") == 10
    assert table[2].startswith("| m3, 2 × 1 × 800 | conv1d | ")


@needs_peers
@pytest.mark.filterwarnings("ignore")
def test_all_ways_to_train_have_one_curve_of_losses():
    case = next(case for case in cases.PARTS["eeg"] if case.name == "shallow_convnet")
    found = epochs.curves(case, torch.float32, n_trials=8, epochs=2, also=True)
    assert [len(curve.losses) for curve in found.values()] == [2] * 4
    assert found["fit"].losses[0] != found["fit"].losses[1]
    for name in ("plain", "loop", "skorch"):
        assert found["fit"].distance(found[name]) < 1e-5
