"""Whether the checks tell true explanations from false ones."""

import dataclasses

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from sigconv.nn import TrainingConfig, fit
from sigconv.nn.explain import METHODS, check, explain, rank_correlation

from .conftest import FS, Planted, network, planted


def test_true_explanations_pass_and_false_ones_do_not(found: Planted) -> None:
    true = explain(found.model, found.x, method="integrated_gradients", target=1, n_steps=32)
    passed = check(found.model, found.x, true)
    assert passed.curves is not None
    assert passed.curves.deletion_area < passed.curves.random_deletion
    assert passed.curves.insertion_area > passed.curves.random_insertion
    assert abs(passed.shuffled) < 0.5
    assert "it depends on what the network has learned" in passed.verdict[2]
    false = dataclasses.replace(true, values=-true.values)
    failed = check(found.model, found.x, false)
    assert failed.curves is not None
    assert failed.curves.deletion_area > failed.curves.random_deletion
    assert "do NOT count more" in failed.verdict[0]


@pytest.mark.parametrize("found", [1], indirect=True, ids=["burst"])
@pytest.mark.parametrize("method", METHODS)
def test_each_method_gets_a_verdict(found: Planted, method: str) -> None:
    options = {"shapley": {"over": "band", "fs": FS}, "integrated_gradients": {"n_steps": 16}}
    attribution = explain(
        found.model, found.x[:2], method=method, target=1, **options.get(method, {})
    )
    found_ = check(found.model, found.x[:2], attribution, n_steps=4)
    assert (found_.curves is None) == (method == "shapley")
    assert found_.verdict[-1].startswith("Shuffled weights: rank correlation")


def test_an_explanation_of_the_input_alone_is_found_out() -> None:
    # the edges of a picture, whatever the weights: a network that answers with its input's size
    class Echo(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.rand(7))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            size = self.weight.sum() * (x**2).flatten(1).sum(1)
            return torch.stack([size, -size], 1)

    x = np.random.default_rng(0).normal(size=(2, 1, 64))
    found = check(Echo(), x, explain(Echo(), x, method="input_x_gradient", target=0))
    assert found.shuffled == 1
    assert "it tells of the input and NOT of what the network has learned" in str(found.verdict)


def test_networks_of_other_seeds_agree_on_what_is_there() -> None:
    x, y, _ = planted(1, 100, 0, noise=0.4)
    models = []
    for seed in range(2):
        torch.manual_seed(seed)
        model = network(1)
        nn.init.kaiming_normal_(model[0].weight)
        fit(model, x, y, TrainingConfig(epochs=10, learning_rate=1e-2, weight_decay=1))
        models.append(model)
    x = planted(1, 8, 1)[0][1::2]
    attribution = explain(models[0], x, method="shapley", over="channel", target=1)
    found = check(models[0], x, attribution, others=models[1:])
    assert found.agreement is not None
    assert found.agreement > 0.5 > found.shuffled
    assert found.curves is not None
    assert "networks trained from other seeds" in found.verdict[-1]


def test_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 1, 40))
    assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a[0], b[0]).statistic)
    assert rank_correlation(a, np.ones_like(a)) == 0
