"""What lies before a layer, and stays as it is."""

import pytest
import torch
from torch import nn

from sigconv.nn import TrainingConfig, build_model, fit
from sigconv.nn.pretrained import freeze, freeze_up_to


class Jumbled(nn.Module):
    """Parts are registered in another order than they are called in; one is never called."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)
        self.second = nn.Sequential(nn.Conv1d(4, 4, 3), nn.BatchNorm1d(4))
        self.scale = nn.Parameter(torch.ones(1))
        self.mix = nn.MultiheadAttention(4, 2, batch_first=True)
        self.first = nn.Conv1d(2, 4, 3)
        self.unused = nn.Conv1d(2, 4, 3)

    def forward(self, x):
        x = self.second(self.first(x * self.scale))
        x = self.mix(x.mT, x.mT, x.mT, need_weights=False)[0].mT
        return self.head(x.mean(-1))


def test_the_order_of_calls_counts():
    model, x = Jumbled(), torch.randn(3, 2, 16)
    free = freeze_up_to(model, "second", x)
    assert {name.partition(".")[0] for name in free} == {"head", "mix", "unused"}
    assert model.training
    free = freeze_up_to(model, "mix", x)  # whose output layer is used, but not called
    assert {name.partition(".")[0] for name in free} == {"head", "unused"}
    with pytest.raises(ValueError, match="layer must be one that the network calls; got 'unused'"):
        freeze_up_to(model, "unused", x)
    with pytest.raises(ValueError, match=r"layer must be one of .*did you mean 'second'"):
        freeze_up_to(model, "secnd", x)


@pytest.mark.parametrize(
    ("name", "layer", "before"),
    [("eegnet", "spatial", ("temporal", "spatial")), ("atcnet", "temporal", ("temporal",))],
)
def test_what_is_frozen_stays_through_a_training(name, layer, before):
    """EEGNet's compiled front knows of frozen norms, and settling leaves them alone."""
    torch.manual_seed(0)
    model = build_model(name, in_channels=3, num_classes=2, n_times=256)
    X, y = torch.randn(20, 3, 256).numpy(), [0, 1] * 10
    fit(model, X, y, TrainingConfig(epochs=1))
    held = {key: value.clone() for key, value in model.state_dict().items()}
    freeze_up_to(model, layer, torch.zeros(2, 3, 256))
    fit(model, X, y, TrainingConfig(epochs=2))
    moved = {key for key, value in model.state_dict().items() if not torch.equal(value, held[key])}
    assert not {key for key in moved if key.startswith(before)}
    assert {key for key in moved if not key.startswith(before)}


def test_a_norm_without_weights_stays_too():
    model = nn.Sequential(
        nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4, affine=False), nn.Flatten(), nn.Linear(4 * 14, 2)
    )
    model(3 * torch.randn(12, 2, 16) + 2)  # statistics that are not those of a new norm
    freeze(model, "0", "1")
    before = {key: value.clone() for key, value in model[1].state_dict().items()}
    fit(model, torch.randn(12, 2, 16).numpy(), [0, 1] * 6, TrainingConfig(epochs=1))
    assert all(torch.equal(value, before[key]) for key, value in model[1].state_dict().items())
