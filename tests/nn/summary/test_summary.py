"""Numbers without running, against torch's own counter and against what gradients reach."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sigconv.nn import build_model, layers, summary

#: Networks of all kinds of layers, as narrow as they can be.
NETWORKS = [
    ("plain_cnn", (3, 130), {}),
    ("eegnet", (4, 200), {"n_times": 200}),
    ("lenet1989", (1, 16, 16), {}),
    ("lenet5", (1, 32, 32), {"variant": "1998"}),
    ("alexnet", (3, 67, 70), {"towers": 2, "input_shape": (67, 70), "width": 0.1}),
    ("googlenet", (3, 100), {"width": 0.1}),
    ("resnet18", (2, 20, 21, 22), {"width": 0.1}),
    ("resnet50", (2, 65, 64), {"width": 0.1, "stride_in": "1x1"}),
    ("densenet121", (2, 40, 60), {"width": 0.1}),
    ("xception", (2, 71, 40), {"width": 0.1}),
    ("unet", (1, 200), {"width": 0.1}),
    ("unet", (1, 33, 50), {"width": 0.1, "padding": "same"}),
    ("fcn8s", (1, 50), {"width": 0.1}),
]


def network(name: str, shape: tuple[int, ...], options: dict) -> nn.Module:
    torch.manual_seed(0)
    form = {"in_channels": shape[0], "num_classes": 3, "ndim": len(shape) - 1}
    return build_model(name, **form, **options).eval()


def counted(model: nn.Module, shape: tuple[int, ...]) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, *shape))
    return counter.get_total_flops() / 2


@pytest.mark.parametrize(("name", "shape", "options"), NETWORKS, ids=str)
def test_as_torch_counts(name, shape, options):
    model = network(name, shape, options)
    about = summary(model, shape)
    assert about.macs == counted(model, shape) == sum(layer.macs for layer in about.layers)
    assert about.parameters == sum(p.numel() for p in model.parameters())
    assert about.parameters == sum(layer.parameters for layer in about.layers)
    with torch.no_grad():
        assert (1, *about.output_shape) == model(torch.zeros(1, *shape)).shape


def reached(model: nn.Module, n: int, index: int) -> tuple[int, int]:
    """Return the first and the last input sample that output `index` depends on."""
    x = torch.randn(1, 1, n, dtype=torch.double, requires_grad=True)
    model.double()(x)[0, :, index].sum().backward()
    places = x.grad[0, 0].nonzero().flatten()
    return int(places[0]), int(places[-1])


C = layers.convolution
T = layers.transposed_convolution
STACKS = {
    "strided": [C(1, 1, 2, 5, stride=2), C(1, 2, 2, 3, stride=3), layers.average_pool(1, 4, 2)],
    "dilated": [C(1, 1, 2, 3, dilation=4), C(1, 2, 2, 2, dilation=7, stride=2)],
    "grouped": [C(1, 1, 4, 3), C(1, 4, 4, 9, groups=2), C(1, 4, 4, 3, groups=4, stride=2)],
    "transposed": [C(1, 1, 2, 4, stride=4), T(1, 2, 2, 4, stride=2), C(1, 2, 2, 3)],
    "transposed wide": [C(1, 1, 2, 3, stride=3), T(1, 2, 2, 7, stride=3), T(1, 2, 1, 3, stride=2)],
    "transposed dilated": [C(1, 1, 2, 3, stride=2), T(1, 2, 2, 3, stride=2, dilation=3, padding=2)],
    "residual": [C(1, 1, 2, 3), layers.Residual(C(1, 2, 2, 5, padding="same")), nn.Conv1d(2, 2, 2)],
    "branches": [layers.Branches(C(1, 1, 2, 3, padding=1), C(1, 1, 2, 9, padding=4))],
    "separable": [layers.depthwise_separable(1, 1, 2, 7), layers.LocalResponseNorm(3)],
    "local": [layers.LocallyConnected(1, 1, 2, 4, input_shape=600, stride=3)],
    "padded": [C(1, 1, 2, 4, padding="same"), layers.Pad(1, 3), C(1, 2, 2, 3)],
    "upsampled": [C(1, 1, 2, 2, stride=4), layers.LinearUpsample(1, 2, 4, padding=2)],
}


@pytest.mark.parametrize("name", STACKS)
def test_the_receptive_field_is_what_gradients_reach(name):
    """The widest of a dozen neighbours in the middle, and how far they move on."""
    torch.manual_seed(0)
    model = nn.Sequential(*STACKS[name])
    about = summary(model, (1, 600))
    middle = about.output_shape[-1] // 2
    found = [reached(model, 600, middle + i) for i in range(13)]
    assert about.receptive_field == (max(b - a for a, b in found) + 1,)
    assert about.stride[0] == pytest.approx((found[12][0] - found[0][0]) / 12)


def test_the_receptive_field_of_a_u_net_is_what_gradients_reach():
    model = build_model("unet", in_channels=1, num_classes=2, width=0.1, levels=2, ndim=1)
    for module in model.modules():  # every path is open, no pooling chooses one
        if isinstance(module, nn.ReLU):
            module.forward = lambda x: x
    model.pool = layers.average_pool(1, 2)
    model.eval()
    about = summary(model, (1, 200))
    found = [reached(model, 200, 60 + i) for i in range(4)]
    assert about.receptive_field == (max(b - a for a, b in found) + 1,)
    assert about.stride == (1,)


@pytest.mark.parametrize(
    ("name", "size", "field"),
    [("alexnet", 227, 195), ("vgg16", 224, 212), ("resnet18", 224, 435), ("resnet50", 224, 427)],
)
def test_published_receptive_fields(name, size, field):
    """Araujo et al. 2019, Computing receptive fields of convolutional neural networks."""
    with torch.device("meta"):
        model = build_model(name, in_channels=3, num_classes=2, ndim=2)
    about = summary(model, (3, size, size))
    assert about.receptive_field == (field, field)
    assert about.stride == (32, 32)


def test_axes_are_told_apart():
    model = nn.Sequential(nn.Conv2d(1, 4, (3, 11), stride=(1, 5)), nn.Flatten(1, 2), nn.ReLU())
    about = summary(model, (1, 20, 101), fs=250, spacing=(2.0, 0.5))
    assert about.layers[0].receptive_field == (3, 11)
    assert about.layers[0].stride == (1, 5)
    assert about.layers[0].output_shape == (4, 18, 19)
    assert about.receptive_field_mm == (6.0, 5.5)
    assert about.stride_mm == (2.0, 2.5)
    assert about.receptive_field_ms == 44.0
    assert (about.stride_ms, about.output_rate) == (20.0, 50.0)


class Excited(nn.Module):
    """Maps times a factor that all of the input decides: squeeze and excitation."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Conv1d(1, 4, 3)
        self.after = nn.Conv1d(4, 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.before(x)
        return self.after(x * x.mean(-1, keepdim=True))


def test_what_meets_a_sum_over_all_places_has_seen_all():
    about = summary(Excited(), (1, 50))
    assert [layer.receptive_field for layer in about.layers] == [(3,), (None,)]
    assert about.receptive_field == (3,)


def test_smallest_inputs_are_found_where_they_are_not_declared():
    free = nn.Sequential(nn.Conv1d(1, 2, 7, stride=3), nn.MaxPool1d(4), nn.Conv1d(2, 2, 3))
    least = summary(free, (1, 200)).smallest_input[0]
    assert least == 7 + 3 * (4 * 3 - 1)
    assert free(torch.zeros(1, 1, least)).shape[-1] == 1
    with pytest.raises(RuntimeError):
        free(torch.zeros(1, 1, least - 1))
    fixed = nn.Sequential(nn.Conv1d(1, 2, 7), nn.Flatten(), nn.Linear(2 * 94, 3))
    assert summary(fixed, (1, 100)).smallest_input == (100,)
    assert summary(nn.Conv2d(1, 1, (3, 5)), (1, 9, 9)).smallest_input == (3, 5)


def test_the_network_stays_as_it_was():
    model = network("resnet18", (2, 20), {"width": 0.1}).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    model.classifier.fc.weight.requires_grad_(False)
    about = summary(model, (2, 20))
    assert model.training
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    frozen = model.classifier.fc.weight.numel()
    assert about.parameters == sum(p.numel() for p in model.parameters()) - frozen
    assert not any(module._forward_hooks for module in model.modules())


def test_table():
    text = str(summary(network("plain_cnn", (3, 250), {}), (3, 250), fs=250))
    assert text.splitlines()[0].split() == [
        *("layer", "kind", "output", "parameters", "MACs", "field", "stride")
    ]
    first = text.splitlines()[2].split()
    assert first == ["features.0", "Conv1d", *["16", "x", "250", "1,584", "396,000", "33", "1"]]
    assert "3 x 250 -> 3" in text
    assert "receptive field 248 samples (992 ms), stride 64 (256 ms, 3.90625 Hz)" in text
    assert "smallest input 64" in text
    assert max(len(line) for line in text.splitlines()) < 100


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((3,), {}, r"input_shape must be \(channels, ...\); got \(3,\)"),
        ((3, 0), {}, "input_shape must be a whole number of at least 1; got 0"),
        ((2, 100), {}, r"x must have shape \(batch, 3, times\); got \(1, 2, 100\)"),
        ((3, 63), {}, "x must have at least 64 samples along each axis"),
        ((3, 100), {"fs": 0}, "fs must be a finite number above 0; got 0"),
        ((3, 100), {"spacing": (1, 2)}, r"spacing must be one number or one per axis \(1\)"),
    ],
)
def test_impossible_inputs(shape, options, message):
    with pytest.raises(ValueError, match=message):
        summary(network("plain_cnn", (3, 130), {}), shape, **options)


def test_a_model_from_elsewhere_that_leaves_nothing():
    with pytest.raises(ValueError, match="input_shape must be one that the network takes; got"):
        summary(nn.Conv1d(1, 1, 9), (1, 5))
