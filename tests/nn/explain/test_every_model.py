"""Every network of the registry can be explained, in every dimension, by every method."""

import warnings

import numpy as np
import pytest
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from sigconv.nn.explain import METHODS, explain
from tests.nn.models.test_registry import CASES, build

#: Options with which each method is quick.
QUICK = {
    "integrated_gradients": {"n_steps": 2},
    "smoothgrad": {"n_samples": 2},
    "gradient_shap": {"n_samples": 2},
    "shapley": {"over": "channel"},
    "shapley_sampling": {"over": "channel", "n_samples": 1},
}
#: One of each kind; the others are the slow evidence.
FIRST = {
    ("eegnet", 1),
    ("googlenet", 1),
    ("lenet1989", 2),
    ("mlp", 2),
    ("plain_cnn", 3),
    ("resnet18", 1),
    ("shallow_convnet", 1),
    ("unet", 1),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[] if case in FIRST else [pytest.mark.slow])
        for case in CASES
        if case[0] != "neocognitron"  # it learns without classes, and has no gradients
    ],
    ids=lambda case: f"{case[0]}-{case[1]}d",
)
def test_every_method_explains_it(case) -> None:
    model, x = build(case)
    model.train()
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.momentum = 1.0  # one batch is all that it sees
    with torch.no_grad():
        model(x)
    trials = x[:2].numpy()
    for method in METHODS:
        options = dict(QUICK.get(method, {}))
        if method == "occlusion":
            options["window"] = [max(1, n // 2) for n in trials.shape[2:]]
            options["stride"] = options["window"]
        if ("cam" in method or method == "activation") and case[0] == "mlp":
            with pytest.raises(ValueError, match="layer must be given: the network has no"):
                explain(model, trials, method=method)
            continue
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* differs from the plain gradient only")
            found = explain(model, trials, method=method, target=1, **options)
        assert np.isfinite(found.values).all(), method
        assert found.on_input(trials.shape).shape == trials.shape
