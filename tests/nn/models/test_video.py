"""Networks for video: published counts, and torchvision's answers with its weights."""

from itertools import pairwise

import pytest
import torch

from sigconv.nn import build_model, summary

from .oracles import n_parameters, torchvision_models

#: Classes, parameters and billions of products for 16 frames of 112 x 112 in three colours.
COUNTS = {
    "r3d18": (400, 33_371_472, 40.697),
    "mc3": (400, 11_695_440, 43.343),
    "r2plus1d": (400, 31_505_325, 40.519),
    "c3d": (487, 79_991_015, 38.55),
}
CLIP = (3, 16, 112, 112)


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name):
    classes, count, billions = COUNTS[name]
    with torch.device("meta"):
        model = build_model(name, ndim=3, in_channels=3, num_classes=classes)
    assert n_parameters(model) == count
    digits = 2 if name == "c3d" else 3
    assert round(summary(model, CLIP).macs / 1e9, digits) == billions


def test_c3d_for_other_classes():
    with torch.device("meta"):
        model = build_model("c3d", ndim=3, in_channels=3, num_classes=101)
    assert n_parameters(model) == 78_409_573
    assert n_parameters(model) - n_parameters(model.classifier[-1]) == 77_995_776


def test_c3d_in_2d():
    """Squares instead of cubes; five poolings of 112 leave as many samples to the dense layers."""
    maps = (3, 64, 128, 256, 256, 512, 512, 512, 512)
    convolutions = sum(9 * a * b + b for a, b in pairwise(maps))
    dense = 512 * 16 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 487 + 487
    with torch.device("meta"):
        model = build_model("c3d", ndim=2, in_channels=3, num_classes=487)
    assert n_parameters(model) == convolutions + dense


def test_c3d_pools_as_caffe_does():
    """7 samples leave 4, where rounding down would leave 3; time is left alone at first."""
    with torch.device("meta"):
        model = build_model("c3d", ndim=3, in_channels=3, num_classes=2)
        x, shapes = torch.empty(1, *CLIP), []
        for layer in model.features:
            x = layer(x)
            if "Pool" in type(layer).__name__:
                shapes.append(tuple(x.shape[2:]))
    assert shapes == [(16, 56, 56), (8, 28, 28), (4, 14, 14), (2, 7, 7), (1, 4, 4)]


def test_torchvisions_state_dicts_load_as_they_are():
    """What it answers with them is in test_peers."""
    theirs = torchvision_models().video.mc3_18(num_classes=5)
    ours = build_model("mc3", ndim=3, in_channels=3, num_classes=5)
    ours.load_state_dict(theirs.state_dict())


@pytest.mark.parametrize("name", ["r3d18", "mc3", "r2plus1d"])
def test_a_stem_for_small_clips(name):
    """Half the size is not given away at once."""
    paper, small = (
        build_model(name, ndim=3, in_channels=1, num_classes=2, stem=stem, width=0.1).eval()
        for stem in ("paper", "small")
    )
    x = torch.zeros(1, 1, 4, 16, 16)
    assert paper.stem(x).shape[2:] == (4, 8, 8)
    assert small.stem(x).shape[2:] == (4, 16, 16)
    assert small(x).shape == (1, 2)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("r3d18", {"stem": "tiny"}, "stem must be one of 'paper', 'small'; got 'tiny'"),
        ("c3d", {"input_shape": (16, 112)}, r"input_shape must be one number or one per axis \(3"),
    ],
)
def test_impossible_networks(name, options, message):
    with pytest.raises(ValueError, match=message):
        build_model(name, ndim=3, in_channels=3, num_classes=2, **options)


def test_clips_of_the_wrong_size():
    model = build_model("c3d", ndim=3, in_channels=1, num_classes=2, input_shape=8, width=0.05)
    with pytest.raises(ValueError, match=r"x must have shape \(batch, 1, 8, 8, 8\); got \(2, 1, 8"):
        model(torch.zeros(2, 1, 8, 8, 9))
