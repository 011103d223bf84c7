"""Frames of a video as channels of a network of images."""

import numpy as np
import pytest
import torch

from sigconv.nn import (
    Checkpoint,
    TrainingConfig,
    build_model,
    evaluate,
    fit,
    load_checkpoint,
    save_checkpoint,
    summary,
)
from sigconv.nn.export import export
from sigconv.nn.pretrained import load_pretrained

FORM = {"ndim": 2, "in_channels": 3, "num_classes": 2, "width": 0.125}


def test_frames_stand_side_by_side():
    torch.manual_seed(0)
    model = build_model("resnet18", frames=4, **FORM).eval()
    x = torch.randn(2, 3, 4, 20, 24)
    images = torch.cat([x[:, k] for k in range(3)], dim=1)  # every colour's frames in turn
    torch.testing.assert_close(model(x), model.net(images))
    assert summary(model, (3, 4, 20, 24)).smallest_input == (4, 1, 1)
    fixed = build_model("lenet5", frames=4, input_shape=(16, 18), **FORM)
    assert fixed.input_shape == (4, 16, 18)
    assert fixed(torch.zeros(1, 3, 4, 16, 18)).shape == (1, 2)


def test_photographs_weights_serve_all_frames():
    """A clip that stands still gets what the network of images says of its one frame."""
    torch.manual_seed(0)
    photos = build_model("resnet18", **FORM).eval()
    model = build_model("resnet18", frames=5, **FORM).eval()
    load_pretrained(model, photos.state_dict())
    grey = torch.randn(2, 1, 24, 24).expand(-1, 3, -1, -1)
    clip = grey.unsqueeze(2).expand(-1, -1, 5, -1, -1)
    torch.testing.assert_close(model(clip), photos(grey), rtol=1e-4, atol=1e-4)


def test_the_way_of_time_can_be_learnt():
    """Which a network of single images cannot: both ways have the same frames."""
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 8, 80)
    X = np.zeros((80, 1, 4, 16, 16), np.float32)
    for clip, start in zip(X, starts, strict=True):
        for k in range(4):
            clip[0, k, 4:12, start + 2 * k] = 1
    y = np.arange(80) % 2
    X[y == 1] = X[y == 1, :, ::-1]
    torch.manual_seed(0)
    model = build_model("plain_cnn", frames=4, ndim=2, in_channels=1, num_classes=2)
    fit(model, X[:60], y[:60], TrainingConfig(epochs=15, learning_rate=0.01))
    assert evaluate(model, X[60:], y[60:]).accuracy > 0.9


def test_it_is_kept_and_written(tmp_path):
    model = build_model("resnet18", frames=2, **FORM).eval()
    x = torch.randn(3, 3, 2, 16, 16)
    save_checkpoint(
        tmp_path / "m.safetensors", Checkpoint(model, ["a", "b"], ["r", "g", "b"], 25.0, (0, 1))
    )
    again = load_checkpoint(tmp_path / "m.safetensors").model
    torch.testing.assert_close(again(x), model(x), rtol=0, atol=0)
    said = export(model, tmp_path / "m.pt2", input_shape=(3, 2, 16, 16))
    assert said["input"] == [None, 3, 2, 16, 16]


def test_impossible_clips():
    model = build_model("resnet18", frames=4, **FORM)
    with pytest.raises(ValueError, match=r"x must have 4 frames; got shape \(1, 3, 5, 20, 20\)"):
        model(torch.zeros(1, 3, 5, 20, 20))
    with pytest.raises(ValueError, match=r"x must have shape \(batch, 3, depth, height, width\)"):
        model(torch.zeros(1, 1, 4, 20, 20))
    with pytest.raises(ValueError, match="frames must be given in 2D only; got 4 with ndim=1"):
        build_model("resnet18", frames=4, **FORM | {"ndim": 1})
    with pytest.raises(ValueError, match="frames must be a whole number of at least 1; got 0"):
        build_model("resnet18", frames=0, **FORM)
