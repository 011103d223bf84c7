"""EEGNet as published, exact to the parameter."""

import pytest
import torch
from torch import nn

from sigconv.nn import build_model


def eegnet_count(c: int, t: int, k: int) -> int:
    """Lawhern et al. 2018, layer by layer (F1 = 8, D = 2, kernel 64)."""
    steps = ((t + 1) // 4 + 1) // 8
    return 512 + 16 + 16 * c + 32 + 256 + 256 + 32 + 16 * steps * k + k


@pytest.mark.parametrize(
    ("channels", "times", "classes", "count"),
    [
        (22, 1000, 4, 3444),
        (22, 512, 4, 2484),
        (64, 640, 4, 3412),
        (8, 512, 3, 2003),
        (19, 1000, 2, 2402),
    ],
)
def test_eegnet_parameters(channels, times, classes, count):
    model = build_model("eegnet", in_channels=channels, num_classes=classes, n_times=times)
    assert (
        sum(p.numel() for p in model.parameters())
        == count
        == eegnet_count(channels, times, classes)
    )


@pytest.mark.parametrize("times", [27, 28, 63, 64, 95, 127, 1125])
def test_eegnet_takes_any_length_from_the_smallest_on(times):
    model = build_model("eegnet", in_channels=4, num_classes=3, n_times=times)
    assert sum(p.numel() for p in model.parameters()) == eegnet_count(4, times, 3)
    assert model.eval()(torch.randn(2, 4, times)).shape == (2, 3)


def test_eegnet_normalises_as_published():
    model = build_model("eegnet", in_channels=4, num_classes=2, n_times=128)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [(m.num_features, m.momentum, m.eps) for m in norms] == [
        (8, 0.01, 1e-3),
        (16, 0.01, 1e-3),
        (16, 0.01, 1e-3),
    ]
    assert [m.p for m in model.modules() if isinstance(m, nn.Dropout)] == [0.25, 0.25]


def test_eegnet_holds_its_spatial_filters_to_norm_one():
    model = build_model("eegnet", in_channels=30, num_classes=2, n_times=128)
    spatial = model.spatial[0]
    with torch.no_grad():
        spatial.parametrizations.weight.original.mul_(100)
    norms = spatial.weight.flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, torch.ones(16), rtol=1e-5, atol=0)
    before = model.eval()(torch.randn(2, 30, 128))
    assert before.isfinite().all()
