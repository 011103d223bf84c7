"""What a unit sees: the samples whose change changes it, and no others."""

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.explain import draw_receptive_field, receptive_field


class Ones(nn.Module):
    """A residual block whose branches see differently far; nothing cancels in it."""

    def __init__(self) -> None:
        super().__init__()
        self.long = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=2, dilation=2)
        )
        self.short = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        return self.long(x) + self.short(x)


def positive(model: nn.Module) -> nn.Module:
    """Weights of 1: no sample that is seen is without effect."""
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1.0)
    return model.eval()


CASES = [
    (nn.Sequential(nn.Conv1d(2, 3, 7, stride=2), nn.AvgPool1d(3, 2)), (2, 64), "1", (5,)),
    (nn.Sequential(Ones(), nn.AvgPool2d(2)), (3, 20, 24), "0", (0, 11)),  # a block; at the edge
    (nn.Sequential(Ones(), nn.AvgPool2d(2)), (3, 20, 24), "1", (4, 11)),
    (
        nn.Sequential(nn.Conv3d(1, 2, (3, 1, 5), padding=1), nn.Conv3d(2, 2, 2)),
        (1, 9, 8, 12),
        "1",
        (3, 4, 5),
    ),
    (nn.Sequential(nn.Conv1d(1, 2, 3), nn.ConvTranspose1d(2, 2, 4, 2)), (1, 16), "1", (9,)),
]


@pytest.mark.parametrize(("model", "shape", "layer", "place"), CASES)
def test_the_window_is_what_moves_the_unit(model, shape, layer, place) -> None:
    """By changing one place of the input after the other, and looking at the unit."""
    model = positive(model)
    x = np.zeros((1, *shape))
    found = receptive_field(model, x, layer, place)
    parts = model[: int(layer) + 1]
    moved = np.zeros(shape[1:], dtype=bool)
    with torch.no_grad():
        base = parts(torch.zeros(1, *shape))[0, 0][place]
        for index in np.ndindex(*shape[1:]):
            one = torch.zeros(1, *shape)
            one[(0, 0, *index)] = 1
            moved[index] = parts(one)[0, 0][place] != base
    expected = tuple(slice(int(i.min()), int(i.max()) + 1) for i in np.nonzero(moved))
    assert found.window == expected
    assert ((found.effective != 0) == moved).all()


def test_the_effective_field_is_the_mean_gradient() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv1d(2, 3, 5), nn.ReLU(), nn.Conv1d(3, 2, 3)).eval()
    x = np.random.default_rng(0).normal(size=(5, 2, 30))
    inputs = torch.tensor(x, dtype=torch.float32, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(inputs)[:, 1, 7].sum(), inputs)
    found = receptive_field(model, x, "2", [7], index=1, batch_size=2)
    np.testing.assert_allclose(found.effective, gradient.abs().mean((0, 1)), rtol=1e-5)
    both = [receptive_field(model, x, "2", [7], index=i).effective for i in (0, 1)]
    np.testing.assert_allclose(
        receptive_field(model, x, "2", [7]).effective, np.mean(both, axis=0), rtol=1e-6
    )
    kept = np.sort(found.effective)[::-1]
    n = next(n for n in range(1, 31) if kept[:n].sum() >= 0.95 * kept.sum())
    assert found.share == n / 7


def test_networks_of_eeg_hold_channels_too() -> None:
    """Their maps are (maps, channels, times): time is the axis that the field runs along."""
    model = build_model("eegnet", in_channels=4, num_classes=2, n_times=256).eval()
    x = np.random.default_rng(0).normal(size=(2, 4, 256))
    found = receptive_field(model, x, "temporal.0", [2, 128])
    (seen,) = found.window
    assert seen.stop - seen.start == model.temporal[0].kernel_size[-1]
    assert not found.effective[: seen.start].any()
    assert not found.effective[seen.stop :].any()


@pytest.mark.parametrize("effective", [True, False])
@pytest.mark.parametrize("case", CASES[:4])
def test_pictures_frame_the_window(case, effective: bool) -> None:
    model, shape, layer, place = case
    x = np.random.default_rng(0).normal(size=(1, *shape))
    found = receptive_field(positive(model), x, layer, place)
    figure = draw_receptive_field(x, found, effective=effective, fs=4.0, start=1.0)
    figure.canvas.draw()
    panels = len(shape) - 1 if len(shape) == 4 else 1
    assert len(figure.axes) == panels + effective
    patch = figure.axes[0].patches[0]
    if len(shape) == 2:
        (seen,) = found.window
        assert patch.get_x() == 1.0 + (seen.start - 0.5) / 4
        assert patch.get_width() == (seen.stop - seen.start) / 4
    else:
        rows, columns = found.window[-2:]
        assert (patch.get_x(), patch.get_y()) == (columns.start - 0.5, rows.start - 0.5)
        assert (patch.get_width(), patch.get_height()) == (
            columns.stop - columns.start,
            rows.stop - rows.start,
        )
    assert f"{layer} at ({', '.join(map(str, place))}) sees" in figure.get_suptitle()


def test_what_cannot_be() -> None:
    model = nn.Sequential(nn.Conv1d(1, 2, 5), nn.Flatten(), nn.Linear(56, 2))
    x = np.zeros((1, 1, 32))
    with pytest.raises(ValueError, match="layer must have maps"):
        receptive_field(model, x, "2")
    with pytest.raises(ValueError, match="place must be one of 28 places of '0'; got"):
        receptive_field(model, x, "0", [28])
    with pytest.raises(ValueError, match="index must be a map of '0', from 0 to 1; got 2"):
        receptive_field(model, x, "0", index=2)
    with pytest.raises(ValueError, match=r"x must have \(32,\) behind"):
        draw_receptive_field(np.zeros((1, 1, 31)), receptive_field(model, x, "0"))
