"""Networks as files: the same answers from onnxruntime and torch.export, at any batch and size."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import build_model, layers
from sigconv.nn.export import export

from .models.oracles import lively
from .models.test_registry import CASES

export_module = sys.modules["sigconv.nn.export"]

#: Networks whose smallest case is made and asked within seconds.
QUICK = [("eegnet", 1), ("plain_cnn", 1), ("m3", 1), ("lenet5", 2)]


def made(name: str, ndim: int) -> tuple[nn.Module, tuple[int, ...]]:
    case = CASES[name, ndim]
    torch.manual_seed(0)
    model = build_model(
        name, in_channels=case.in_channels, num_classes=3, ndim=ndim, **case.options
    )
    return lively(model), (case.in_channels, *case.shape)


def answers_of(path, x: torch.Tensor) -> np.ndarray:
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]


def same_from_onnx(name: str, ndim: int, tmp_path) -> None:
    model, shape = made(name, ndim)
    path = tmp_path / "net.onnx"
    said = export(model, path, input_shape=shape)
    assert [p.name for p in tmp_path.iterdir()] == ["net.onnx"]  # weights inside
    free = said["input"][2] is None
    more = 7 * getattr(model, "multiple_of", 1)
    x = torch.randn(4, shape[0], *(2 * n + more if free else n for n in shape[1:]))
    with torch.no_grad():
        expected = model(x)
    scale = float(expected.abs().max())
    np.testing.assert_allclose(answers_of(path, x), expected.numpy(), rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize(("name", "ndim"), QUICK[:2])
def test_onnx(name, ndim, tmp_path):
    pytest.importorskip("onnxscript")
    same_from_onnx(name, ndim, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "ndim"), CASES)
def test_onnx_of_every_network(name, ndim, tmp_path):
    pytest.importorskip("onnxscript")
    same_from_onnx(name, ndim, tmp_path)


@pytest.mark.parametrize(("name", "ndim"), QUICK)
def test_torch_export(name, ndim, tmp_path):
    model, shape = made(name, ndim)
    said = export(model, tmp_path / "net.pt2", input_shape=shape)
    program = torch.export.load(tmp_path / "net.pt2").module()
    free = said["input"][2] is None
    assert free == (name in ("plain_cnn", "m3"))
    x = torch.randn(5, shape[0], *(2 * n + 7 if free else n for n in shape[1:]))
    torch.testing.assert_close(program(x), model(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_sizes_that_go_in_steps(epochs, tmp_path):
    """A network of whole epochs is asked for whole epochs, whatever number it was made with."""
    model = lively(build_model("epoch_cnn", in_channels=2, num_classes=3, epoch=256, width=0.25))
    export(model, tmp_path / "net.pt2", input_shape=(2, 256 * epochs))
    program = torch.export.load(tmp_path / "net.pt2").module()
    x = torch.randn(2, 2, 256 * 7)
    torch.testing.assert_close(program(x), model(x), rtol=1e-5, atol=1e-5)


def test_odd_sizes_that_lose_a_sample_on_their_way_down(tmp_path):
    """At 32 x 32 a U-Net has nothing to make up for; at other sizes it has, on any level."""
    model = lively(
        build_model("unet", ndim=2, in_channels=1, num_classes=2, width=0.05, padding="same")
    )
    export(model, tmp_path / "net.pt2", input_shape=(1, 32, 32))
    program = torch.export.load(tmp_path / "net.pt2").module()
    x = torch.randn(2, 1, 35, 61)
    torch.testing.assert_close(program(x), model(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("suffix", [".onnx", ".pt2"])
def test_maps_of_a_single_sample_may_be_longer_at_other_sizes(suffix, tmp_path):
    """At the shape given, and at twice that, the last map is a single sample long."""
    pytest.importorskip("onnxscript")
    pools = [layers.max_pool(2, 3, 2, padding=1, ceil_mode=True) for _ in range(2)]
    conv = layers.convolution(2, 2, 3, 3, stride=4, padding=1)
    model = nn.Sequential(conv, *pools, layers.GlobalAveragePool()).eval()
    path = tmp_path / f"net{suffix}"
    export(model, path, input_shape=(2, 5, 6), free_size=True)
    x = torch.randn(3, 2, 41, 73)
    with torch.no_grad():
        expected = model(x)
        found = (
            torch.from_numpy(answers_of(path, x))
            if suffix == ".onnx"
            else torch.export.load(path).module()(x)
        )
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("ndim", "window", "stride", "padding"),
    [(1, 3, 2, 0), (1, 4, 3, 1), (2, 3, 2, 1), (3, 2, 2, 0), (1, 2, 3, 0), (2, (2, 5), 2, (0, 2))],
)
def test_pooling_that_rounds_up_is_written_as_one_that_rounds_down(ndim, window, stride, padding):
    pool = layers.max_pool(ndim, window, stride, padding=padding, ceil_mode=True)
    plain = export_module._rounded_down(pool)
    if plain is None:  # a window may lie beyond the input, and is left out
        assert (window, stride) == (2, 3)
        return
    for n in range(6, 14):
        x = torch.randn(2, 3, *range(n, n + ndim))
        torch.testing.assert_close(plain(x), pool(x), rtol=0, atol=0)


def test_the_network_itself_stays_as_it_is(tmp_path):
    model, shape = made("m3", 1)
    before = repr(model.train())
    export(model, tmp_path / "net.pt2", input_shape=shape)
    assert repr(model) == before
    assert model.training


def test_the_shape_is_known_where_a_network_was_built_for_one(tmp_path):
    model = build_model("eegnet", in_channels=3, num_classes=2, n_times=96)
    assert export(model, tmp_path / "net.pt2")["input"] == [None, 3, 96]
    with pytest.raises(ValueError, match="input_shape must be given for a network"):
        export(build_model("plain_cnn", in_channels=3, num_classes=2), tmp_path / "b.pt2")


def test_what_cannot_be_written(tmp_path):
    model = build_model("eegnet", in_channels=3, num_classes=2, n_times=96)
    with pytest.raises(ValueError, match=r"suffix of path must be one of .*; got '.pb'"):
        export(model, tmp_path / "net.pb")

    class Restless(nn.Module):
        def forward(self, x):
            return x + torch.rand_like(x)

    with pytest.raises(ValueError, match=r"model must answer the same from a .pt2 file"):
        export(Restless(), tmp_path / "net.pt2", input_shape=(1, 8))
    assert not list(tmp_path.iterdir())
