"""Published numbers: parameters to the digit, multiply-adds to the digits given.

Everything is built and run on the meta device, so nothing is computed. That `summary` counts
as torch's own counter does is tested in tests/nn/summary.
"""

import inspect

import pytest
import torch
from torch import nn

from sigconv.nn import build_model, summary
from sigconv.nn.models._registry import REGISTRY

#: The last table: dimensions that are required, and the options with their defaults.
REQUIRED = {
    **dict.fromkeys(("mlp", "plain_cnn", "lenet1989", "densenet121"), ((1, 2, 3), {})),
    **dict.fromkeys(("densenet169", "densenet201", "densenet161", "xception"), ((1, 2, 3), {})),
    "neocognitron": ((2,), {"stages": 3, "planes": 24, "selectivity": ...}),
    "lenet5": ((1, 2, 3), {"variant": "modern"}),
    "alexnet": ((1, 2, 3), {"towers": 1}),
    "zfnet": ((1, 2, 3), {}),
    **dict.fromkeys(("vgg11", "vgg13", "vgg16", "vgg19"), ((1, 2, 3), {"batch_norm": False})),
    "googlenet": ((1, 2, 3), {"aux": False}),
    **dict.fromkeys(("resnet18", "resnet34", "resnet50"), ((1, 2, 3), {"stride_in": "3x3"})),
    **dict.fromkeys(("resnet101", "resnet152", "plain34"), ((1, 2, 3), {"stride_in": "3x3"})),
    **dict.fromkeys(("unet", "fcn32s", "fcn16s", "fcn8s"), ((1, 2, 3), {"padding": "valid"})),
    **dict.fromkeys(("m3", "m5", "m11", "m18"), ((1, 2), {})),
    "m34res": ((1, 2), {"shortcut": "identity"}),
    "c3d": ((2, 3), {}),
    **dict.fromkeys(("r3d18", "mc3", "r2plus1d"), ((3,), {})),
    **dict.fromkeys(("eegnet", "shallow_convnet", "deep4", "atcnet", "eeg_tcnet"), ((1,), {})),
}


@pytest.mark.parametrize("name", REQUIRED)
def test_names_dimensions_and_defaults(name):
    ndims, options = REQUIRED[name]
    entry = REGISTRY[name]
    assert set(ndims) <= set(entry.ndims)
    assert {*options, "width"} <= set(entry.options)
    defaults = inspect.signature(entry.build).parameters
    assert defaults["width"].default == 1.0
    for option, value in options.items():
        assert value is ... or defaults[option].default == value


def test_cells_of_the_neocognitron():
    """24 planes; S and C maps of 16 and 10, 8 and 6, 2 and 1 cells a side."""
    model = build_model("neocognitron", in_channels=1, num_classes=5, ndim=2)
    shapes = [tuple(maps.shape[1:]) for maps in model.cells(torch.zeros(1, 1, 16, 16))]
    assert shapes == [(24, n, n) for n in (16, 10, 8, 6, 2, 1)]


def on_meta(name: str, channels: int, classes: int, ndim: int = 2, **options) -> nn.Module:
    with torch.device("meta"):
        model = build_model(name, in_channels=channels, num_classes=classes, ndim=ndim, **options)
    return model.eval()


def n_parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def digits(number: str) -> int:
    return len(number.partition(".")[2])


#: network, options, input, classes, parameters, GMACs with the digits that are known
IMAGES = [
    ("lenet1989", {}, (1, 16, 16), 10, 9_760, None),
    ("lenet5", {"variant": "1998"}, (1, 32, 32), 10, 60_000, None),
    ("lenet5", {}, (1, 32, 32), 10, 61_706, "0.00042"),
    ("alexnet", {}, (3, 227, 227), 1000, 62_378_344, "1.135"),
    ("alexnet", {"towers": 2}, (3, 227, 227), 1000, 60_965_224, "0.724"),
    ("zfnet", {}, (3, 224, 224), 1000, 62_357_608, "1.168"),
    ("vgg11", {}, (3, 224, 224), 1000, 132_863_336, "7.609"),
    ("vgg13", {}, (3, 224, 224), 1000, 133_047_848, "11.308"),
    ("vgg16", {}, (3, 224, 224), 1000, 138_357_544, "15.470"),
    ("vgg19", {}, (3, 224, 224), 1000, 143_667_240, "19.632"),
    ("googlenet", {}, (3, 224, 224), 1000, 6_998_552, "1.583"),
    ("googlenet", {"aux": True}, (3, 224, 224), 1000, 13_378_280, None),
    ("resnet18", {}, (3, 224, 224), 1000, 11_689_512, "1.814"),
    ("resnet34", {}, (3, 224, 224), 1000, 21_797_672, "3.664"),
    ("resnet50", {}, (3, 224, 224), 1000, 25_557_032, "4.089"),
    ("resnet50", {"stride_in": "1x1"}, (3, 224, 224), 1000, 25_557_032, "3.858"),
    ("resnet101", {}, (3, 224, 224), 1000, 44_549_160, "7.801"),
    ("resnet101", {"stride_in": "1x1"}, (3, 224, 224), 1000, 44_549_160, "7.570"),
    ("resnet152", {}, (3, 224, 224), 1000, 60_192_808, "11.514"),
    ("resnet152", {"stride_in": "1x1"}, (3, 224, 224), 1000, 60_192_808, "11.282"),
    ("densenet121", {}, (3, 224, 224), 1000, 7_978_856, "2.834"),
    ("densenet169", {}, (3, 224, 224), 1000, 14_149_480, "3.360"),
    ("densenet201", {}, (3, 224, 224), 1000, 20_013_928, "4.291"),
    ("densenet161", {}, (3, 224, 224), 1000, 28_681_000, "7.728"),
    ("xception", {}, (3, 299, 299), 1000, 22_855_952, "8.357"),
    ("unet", {}, (1, 572, 572), 2, 31_030_658, "150.43"),
    ("fcn32s", {}, (3, 224, 224), 21, 134_346_581, None),
]


@pytest.mark.parametrize(
    ("name", "options", "shape", "classes", "parameters", "macs"),
    IMAGES,
    ids=lambda value: str(value) if isinstance(value, str | dict) and value else "",
)
def test_images(name, options, shape, classes, parameters, macs):
    model = on_meta(name, shape[0], classes, **options)
    assert n_parameters(model) == parameters
    if macs is not None:
        assert f"{summary(model, shape).macs / 1e9:.{digits(macs)}f}" == macs


@pytest.mark.parametrize(
    ("name", "by_dimension"),
    [
        ("resnet18", (4_357_800, 11_689_512, 33_716_904)),
        ("resnet50", (18_004_136, 25_557_032, 48_247_976)),
        ("densenet121", (6_545_384, 7_978_856, 12_311_528)),
    ],
)
def test_lifted_to_other_dimensions(name, by_dimension):
    for ndim, parameters in enumerate(by_dimension, start=1):
        assert n_parameters(on_meta(name, 3, 1000, ndim)) == parameters


@pytest.mark.parametrize(("ndim", "parameters"), [(1, 4_907_712), (2, 14_714_688), (3, 44_135_616)])
def test_convolutions_of_vgg16(ndim, parameters):
    model = on_meta("vgg16", 3, 1000, ndim, input_shape=32)
    assert n_parameters(model.features) == parameters


@pytest.mark.parametrize(
    ("ndim", "parameters"), [(1, 10_812_418), (2, 31_030_658), (3, 90_292_738)]
)
def test_unet(ndim, parameters):
    model = on_meta("unet", 1, 2, ndim)
    assert n_parameters(model) == parameters
    x = torch.zeros(1, 1, *(572,) * ndim, device="meta")
    assert model(x).shape == (1, 2, *(388,) * ndim)


def test_the_connections_of_lenet_1989():
    """64,660: each unit's weights and its bias, whether shared or not."""
    model = on_meta("lenet1989", 1, 10)
    first = 12 * 8 * 8 * (5 * 5 + 1)
    second = 12 * 4 * 4 * (8 * 5 * 5 + 1)
    assert len(model.features.conv2.weight) == 12 * 8
    assert model.features.bias1.bias.shape == (12, 8, 8)
    assert model.features.bias2.bias.shape == (12, 4, 4)
    assert first + second + 192 * 30 + 30 + 30 * 10 + 10 == 64_660


def test_the_layers_of_lenet_1998():
    features = on_meta("lenet5", 1, 10, variant="1998").features
    counts = {name: n_parameters(module) for name, module in features.named_children()}
    assert {name: n for name, n in counts.items() if n} == {
        "conv1": 156,
        "pool2": 12,
        "conv3": 1_516,
        "pool4": 32,
        "fc5": 48_120,
        "fc6": 10_164,
    }


def test_plain34_is_resnet34_without_its_projections():
    projections = sum(a * b + 2 * b for a, b in ((64, 128), (128, 256), (256, 512)))
    count = n_parameters(on_meta("plain34", 3, 1000))
    assert count == 21_797_672 - projections


def test_pooling_of_zfnet_rounds_up():
    """110, 55, 26, 13, 6 samples along each axis."""
    x = torch.zeros(1, 3, 224, 224, device="meta")
    sizes = []
    for module in on_meta("zfnet", 3, 10).features:
        x = module(x)
        sizes.append(x.shape[-1])
    assert list(dict.fromkeys(sizes)) == [110, 55, 26, 13, 6]
