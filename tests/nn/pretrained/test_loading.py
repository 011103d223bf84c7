"""Weights from elsewhere: forward equality, other channels and axes, files, a hub, partial fits."""

import hashlib
import http.server
import threading
from functools import partial

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.pretrained import hub, load_pretrained

from ..models.oracles import lively, torchvision_models

SMALL = {"in_channels": 3, "num_classes": 5, "width": 0.125}


def small(name: str = "resnet18", ndim: int = 2, **options) -> nn.Module:
    torch.manual_seed(0)
    return lively(build_model(name, ndim=ndim, **{**SMALL, **options}))


@pytest.mark.parametrize(
    ("theirs", "ours", "options", "size"),
    [
        ("resnet18", "resnet18", {}, 40),
        ("resnet50", "resnet50", {}, 40),
        ("densenet121", "densenet121", {}, 40),
        ("googlenet", "googlenet", {"variant": "batch_norm"}, 40),
    ],
)
def test_torchvisions_networks_answer_the_same(theirs, ours, options, size):
    models = torchvision_models()
    more = {"aux_logits": False, "init_weights": False} if theirs == "googlenet" else {}
    torch.manual_seed(0)
    other = lively(getattr(models, theirs)(num_classes=5, **more))
    model = build_model(ours, ndim=2, in_channels=3, num_classes=5, **options).eval()
    carried = load_pretrained(model, other.state_dict())
    assert carried.missing == carried.unused == ()
    x = torch.randn(2, 3, size, size)
    with torch.no_grad():
        expected = other(x)
        scale = float(expected.abs().max())
        torch.testing.assert_close(model(x), expected, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_old_files_lack_the_norms_counters(name):
    options = {"variant": "batch_norm"} if name == "googlenet" else {}
    source, model = small(name, **options), small(name, **options)
    state = {f"net.{k}": v for k, v in source.state_dict().items() if "num_batches" not in k}
    assert load_pretrained(model, state).missing == ()


def test_another_head_stays_as_it_was():
    source, model = small(), small(num_classes=7)
    before = model.classifier.fc.weight.clone()
    carried = load_pretrained(model, source.state_dict())
    assert carried.missing == ("classifier.fc.weight", "classifier.fc.bias")
    assert carried.unused == ("classifier.fc.weight", "classifier.fc.bias")
    assert "not found: classifier.fc.weight" in str(carried)
    torch.testing.assert_close(model.classifier.fc.weight, before, rtol=0, atol=0)
    x = torch.randn(1, 3, 32, 32)
    torch.testing.assert_close(model.features(x), source.features(x))


@pytest.mark.parametrize("channels", [1, 2, 22])
def test_equal_channels_give_the_same_answer(channels):
    source, model = small(), small(in_channels=channels)
    carried = load_pretrained(model, source.state_dict())
    assert carried.adapted == {"features.stem.conv.weight": f"3 to {channels} channels"}
    x = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        ours = model(x.expand(-1, channels, -1, -1))
        torch.testing.assert_close(ours, source(x.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)


def unpadded(ndim: int) -> nn.Sequential:
    """Return layers without zeros beyond the ends, so that constants stay constant."""
    kinds = {
        1: (nn.Conv1d, nn.BatchNorm1d),
        2: (nn.Conv2d, nn.BatchNorm2d),
        3: (nn.Conv3d, nn.BatchNorm3d),
    }
    convolution, norm = kinds[ndim]
    torch.manual_seed(ndim)
    return lively(
        nn.Sequential(convolution(3, 4, 5), norm(4), nn.ReLU(), convolution(4, 6, 3, stride=2))
    )


@pytest.mark.parametrize("lift", ["inflate", "centre"])
@pytest.mark.parametrize(("before", "after"), [(2, 3), (1, 2), (1, 3), (2, 1), (3, 2), (3, 1)])
def test_signals_constant_along_the_new_axis_keep_their_answer(before, after, lift):
    source, model = unpadded(before), unpadded(after)
    assert load_pretrained(model, source.state_dict(), lift=lift).missing == ()
    fewer = min(before, after)
    x = torch.randn(2, 3, *[15] * fewer)
    wide = x.reshape(2, 3, *[1] * (3 - fewer), *[15] * fewer).expand(2, 3, 15, 15, 15)
    by_ndim = {1: wide[:, :, 0, 0], 2: wide[:, :, 0], 3: wide}
    with torch.no_grad():
        one, two = source(by_ndim[before]), model(by_ndim[after])
    more, less = (two, one) if after > before else (one, two)
    less = less.reshape(*less.shape[:2], *[1] * (more.ndim - less.ndim), *less.shape[2:])
    torch.testing.assert_close(more, less.expand_as(more), rtol=1e-4, atol=1e-5)


def test_centre_holds_beyond_the_ends_too():
    source, model = small(), small(ndim=3)
    load_pretrained(model, source.state_dict(), lift="centre")
    convolution, flat = model.features.stem.conv, source.features.stem.conv
    x = torch.randn(1, 3, 20, 20)
    maps = convolution(x[:, :, None].expand(-1, -1, 8, -1, -1))
    torch.testing.assert_close(maps, flat(x)[:, :, None].expand_as(maps), rtol=1e-4, atol=1e-5)


def test_nothing_that_fits_is_an_error():
    with pytest.raises(ValueError, match=r"source must hold weights .*none of its 1 tensors fits"):
        load_pretrained(small(), {"weight": torch.zeros(3, 9)})
    with pytest.raises(ValueError, match="none of its 0 tensors"):
        load_pretrained(small(), {})


def test_files(tmp_path):
    source = small()
    save_file(source.state_dict(), tmp_path / "a.safetensors")
    torch.save({"state_dict": source.state_dict(), "epoch": 3}, tmp_path / "b.pth")
    for name in ("a.safetensors", "b.pth"):
        model = small(width=0.125)
        nn.init.zeros_(model.classifier.fc.weight)
        assert load_pretrained(model, tmp_path / name).missing == ()
        torch.testing.assert_close(model.classifier.fc.weight, source.classifier.fc.weight)
    torch.save([1, 2], tmp_path / "c.pth")
    with pytest.raises(ValueError, match=r"c.pth: must hold a state dict"):
        load_pretrained(small(), tmp_path / "c.pth")
    with pytest.raises(FileNotFoundError, match=r"d.pth: no such file"):
        load_pretrained(small(), tmp_path / "d.pth")
    with pytest.raises(ValueError, match=r"source must be one of .*did you mean 'resnet18'"):
        load_pretrained(small(), "resnet81")


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "hub"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as it:
        thread = threading.Thread(target=it.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{it.server_port}/"
        it.shutdown()
        thread.join()


def test_a_hub(server, tmp_path, monkeypatch):
    folder, address = server
    source = small()
    torch.save(source.state_dict(), folder / "made.pth")
    digest = hashlib.sha256((folder / "made.pth").read_bytes()).hexdigest()[:8]
    (folder / "made.pth").rename(folder / f"resnet18-{digest}.pth")
    monkeypatch.setitem(hub.FILES, "resnet18", f"resnet18-{digest}.pth")
    cache = str(tmp_path / "cache")
    model = small(num_classes=5)
    nn.init.zeros_(model.classifier.fc.weight)
    for place in ("resnet18", f"{address}resnet18-{digest}.pth"):
        assert load_pretrained(model, place, hub=address, folder=cache).missing == ()
        torch.testing.assert_close(model.classifier.fc.weight, source.classifier.fc.weight)
    (folder / f"resnet18-{digest}.pth").rename(folder / "vgg11-00000000.pth")
    assert load_pretrained(model, "resnet18", hub=address, folder=cache)  # kept
    monkeypatch.setitem(hub.FILES, "vgg11", "vgg11-00000000.pth")
    with pytest.raises(OSError, match=r"vgg11-00000000.pth: weights cannot be had, invalid hash"):
        load_pretrained(model, "vgg11", hub=address, folder=cache)
    with pytest.raises(OSError, match="weights cannot be had, HTTP Error 404"):
        load_pretrained(model, f"{address}nothing-12345678.pth", folder=cache)
