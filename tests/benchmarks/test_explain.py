"""What explanations cost is counted, not only timed."""

import pytest

pytest.importorskip("cv2")  # the suite gives everybody, peers too, as many threads

from benchmarks import explain as suite
from sigconv.nn.explain import explain


@pytest.mark.parametrize("name", suite.NETWORKS)
def test_a_class_activation_map_takes_at_most_three_passes(name):
    kind, shape, options = suite.NETWORKS[name]
    model, x = suite.network(kind, shape, options)
    with suite.counted(model) as calls:
        explain(model, x, method="grad_cam")
    assert sum(calls) <= suite.MOST_PASSES * len(x)


@pytest.mark.parametrize("method", ["occlusion", "shapley", "shapley_sampling"])
def test_parts_are_taken_away_in_batches_under_a_bar(method, capsys):
    kind, shape, options = suite.NETWORKS["EEG, plain_cnn"]
    model, x = suite.network(kind, shape, options)
    with suite.counted(model) as calls:
        explain(model, x[:2], method=method, over="channel", batch_size=32, progress=True)
    assert max(calls) <= 32
    if method == "shapley":  # 2 looks at the trials; of each the 2^8 subsets
        assert calls[1:] == [32] * 16
    assert "%|" in capsys.readouterr().err
    explain(model, x[:2], method=method, over="channel", batch_size=32)
    assert not capsys.readouterr().err


def test_the_table_has_a_row_for_each():
    text = suite.run(quick=True)
    rows = [line for line in text.splitlines() if line.startswith(("| EEG", "| image", "| volume"))]
    assert len(rows) == 4 * 2 + 2 * 2
    assert "MISSED" not in text
