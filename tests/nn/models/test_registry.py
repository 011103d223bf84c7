"""Every network of the registry, in every dimension that it exists in, does what all have to do."""

import copy
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from sigconv.nn import (
    Checkpoint,
    build_model,
    list_models,
    load_checkpoint,
    save_checkpoint,
    summary,
)
from sigconv.nn.models._registry import DOMAINS, REGISTRY, register

from .oracles import lively, n_parameters


@dataclass(frozen=True)
class Case:
    """A small case of a network: as narrow and as small as it can be."""

    #: Samples along each axis of an input.
    shape: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    in_channels: int = 2
    #: Whether overfitting takes more than about a second.
    slow: bool = False
    #: Whether it is a deeper kin of another network: all its tests are slow ones.
    kin: bool = False


def fixed(n: int, width: float, *, slow_from: int = 9, kin: bool = False) -> dict[int, Case]:
    """Return cases of a network that has to know its input's size, by dimension."""
    return {
        ndim: Case((n,) * ndim, {"input_shape": n, "width": width}, slow=ndim >= slow_from, kin=kin)
        for ndim in (1, 2, 3)
    }


def free(
    n: int, width: float, *, slow_from: int = 9, kin_from: int = 9, **options: Any
) -> dict[int, Case]:
    """Return cases of a network that takes any size, by dimension."""
    return {
        ndim: Case(
            (n,) * ndim,
            {"width": width, **options},
            slow=ndim >= slow_from,
            kin=ndim >= kin_from,
        )
        for ndim in (1, 2, 3)
    }


IMAGE_NETWORKS = {
    "mlp": fixed(6, 0.25),
    "lenet1989": fixed(16, 0.5),
    "lenet5": fixed(16, 0.5),
    "alexnet": fixed(67, 1 / 8, slow_from=2),
    "zfnet": fixed(47, 1 / 8, slow_from=3),
    "vgg11": fixed(32, 1 / 8, slow_from=3),
    "vgg13": fixed(32, 1 / 8, kin=True),
    "vgg16": fixed(32, 1 / 8, kin=True),
    "vgg19": fixed(32, 1 / 8, kin=True),
    "googlenet": free(31, 1 / 4, slow_from=2, aux=True),
    "resnet18": free(16, 1 / 8, slow_from=2),
    "resnet34": free(16, 1 / 8, kin_from=1),
    "resnet50": free(16, 1 / 8, slow_from=1, kin_from=2),
    "resnet101": free(16, 1 / 8, kin_from=1),
    "resnet152": free(16, 1 / 8, kin_from=1),
    "plain34": free(16, 1 / 8, kin_from=1),
    "densenet121": free(29, 1 / 8, slow_from=1, kin_from=2),
    "densenet169": free(29, 1 / 8, kin_from=1),
    "densenet201": free(29, 1 / 8, kin_from=1),
    "densenet161": free(29, 1 / 8, kin_from=1),
    "xception": free(16, 1 / 16, slow_from=2),
    "unet": {
        1: Case((188,), {"width": 1 / 8}),
        2: Case((188, 188), {"width": 1 / 16}, slow=True),
        3: Case((17, 16, 19), {"width": 1 / 8, "padding": "same"}, slow=True),
    },
    "fcn32s": free(8, 1 / 16, slow_from=2, padding="same"),
    "fcn16s": free(8, 1 / 16, slow_from=2, kin_from=3, padding="same"),
    "fcn8s": free(8, 1 / 16, slow_from=2, kin_from=3, padding="same"),
}

#: A network without a case here fails below.
CASES = {
    ("atcnet", 1): Case((96,), {"n_times": 96}, in_channels=3),
    ("c3d", 2): Case((8, 9), {"input_shape": (8, 9), "width": 0.1}),
    ("c3d", 3): Case((4, 8, 9), {"input_shape": (4, 8, 9), "width": 0.1}),
    ("deep4", 1): Case((441,), {"n_times": 441, "width": 0.5}, in_channels=3),
    ("eeg_tcnet", 1): Case((128,), in_channels=3),
    ("eegnet", 1): Case((96,), {"n_times": 96}, in_channels=3),
    ("epoch_cnn", 1): Case((1024,), {"epoch": 512, "width": 0.5}),
    ("log_power", 1): Case((96,), in_channels=3),
    ("m11", 1): Case((1024,), {"width": 0.1}),
    ("m11", 2): Case((256, 257), {"width": 0.05, "kernel": 4, "stride": 1}, slow=True),
    ("m18", 1): Case((1024,), {"width": 0.1}),
    ("m18", 2): Case((256, 257), {"width": 0.05, "kernel": 4, "stride": 1}, slow=True),
    ("m3", 1): Case((100,), {"width": 0.1}),
    ("m3", 2): Case((20, 30), {"width": 0.1, "kernel": 4, "stride": 1}),
    ("m34res", 1): Case((1024,), {"width": 0.1}),
    ("m34res", 2): Case((256, 257), {"width": 0.05, "kernel": 4, "stride": 1}, slow=True),
    ("m5", 1): Case((1024,), {"width": 0.1}),
    ("m5", 2): Case((256, 257), {"width": 0.05, "kernel": 4, "stride": 1}, slow=True),
    ("mc3", 3): Case((4, 8, 9), {"width": 0.1, "stem": "small"}),
    ("neocognitron", 2): Case((16, 18)),
    ("notation", 1): Case((24,), {"input_shape": 24}),
    ("notation", 2): Case((16, 17), {"notation": "(C8BR)2P[CBR]+{C8k1|A3s1p1C8k1}GF"}),
    ("notation", 3): Case((8, 9, 8), {"input_shape": (8, 9, 8), "width": 0.25}),
    ("plain_cnn", 1): Case((96,)),
    ("plain_cnn", 2): Case((16, 12)),
    ("plain_cnn", 3): Case((8, 9, 10)),
    ("r2plus1d", 3): Case((4, 16, 12), {"width": 0.1, "stem": "small"}),
    ("r3d18", 3): Case((4, 8, 9), {"width": 0.1, "stem": "small"}),
    ("shallow_convnet", 1): Case((120,), {"n_times": 120}, in_channels=3),
} | {(name, ndim): case for name, cases in IMAGE_NETWORKS.items() for ndim, case in cases.items()}

#: In which no unit has a place, or places are cut apart before the first layer.
WITHOUT_MAPS = ("mlp", "epoch_cnn")
#: In which every unit sees the whole input (whitened, as a whole).
SEES_ALL = (*WITHOUT_MAPS, "log_power")

EVERY = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] if about.kin else [])
        for case, about in CASES.items()
    ],
    ids=lambda case: f"{case[0]}-{case[1]}d",
)
SOME_SLOW = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] if about.slow or about.kin else [])
        for case, about in CASES.items()
    ],
    ids=lambda case: f"{case[0]}-{case[1]}d",
)


def build(case: tuple[str, int], **options: Any) -> tuple[nn.Module, torch.Tensor]:
    name, ndim = case
    about = CASES[case]
    torch.manual_seed(0)
    arguments = {"in_channels": about.in_channels, "num_classes": 2, "ndim": ndim}
    model = build_model(name, **arguments, **(about.options | options))
    return model, torch.randn(8, about.in_channels, *about.shape)


def without_dropout(model: nn.Module) -> nn.Module:
    for module in model.modules():
        if isinstance(module, _DropoutNd):
            module.p = 0.0
    return model


def outputs(model: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """Return what is trained: the logits, and those of auxiliary heads where there are some."""
    return list(model.heads(x)) if hasattr(model, "heads") else [model(x)]


def loss_of(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy; where every place has logits, all of an item have its class."""
    y = y.view(-1, *[1] * (logits.ndim - 2)).expand(len(y), *logits.shape[2:])
    return nn.functional.cross_entropy(logits, y)


def called_right(logits: torch.Tensor, y: torch.Tensor) -> bool:
    """Say whether each item's class is right, by all of its places together.

    A few of 35,000 places of noise may stay wrong at a loss of 0.06: which, is the rounding's.
    """
    together = logits.reshape(*logits.shape[:2], -1).sum(2)
    return bool((together.argmax(1) == y).all())


def test_every_network_of_every_dimension_has_a_case():
    registered = {(name, ndim) for ndim in (1, 2, 3) for name in list_models(ndim=ndim)}
    assert registered == CASES.keys()


@EVERY
def test_gradients_reach_every_parameter(case):
    """In training, or, for what a later norm takes away again, with norms that stand still."""
    model, x = build(case)
    without_dropout(model)  # it may leave out all that a narrow layer has
    dead = set(dict(model.named_parameters()))
    for training in (True, False):
        model.train(training).zero_grad()
        total = 0.0
        for logits in outputs(model, x):
            assert logits.shape[:2] == (8, 2)
            # class 0 alone: the sum of both would have no gradient along softmax's invariance
            total = total + (logits[:, 0] - 1).square().mean()
        total.backward()
        assert [n for n, p in model.named_parameters() if p.grad is None] == []
        dead -= {n for n, p in model.named_parameters() if p.grad.abs().sum() > 0}
        if not dead:
            break
    assert dead == set()


@SOME_SLOW
def test_eight_samples_are_overfitted(case):
    model, x = build(case)
    without_dropout(model).train()
    y = torch.arange(8) % 2
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(400):
        logits = outputs(model, x)
        loss = sum(loss_of(each, y) for each in logits)
        if called_right(logits[0].detach(), y) and loss < 0.3 * len(logits):
            break
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    # with the statistics of these eight: those that norms keep are 8/7 of what they used where
    # one place is left, which a hundred norms in a row do not forgive
    with torch.no_grad():
        assert called_right(model(x), y)


@EVERY
def test_config_and_weights_survive_a_file(case, tmp_path):
    model, x = build(case, width=CASES[case].options.get("width", 0.5))
    channels = [f"c{i}" for i in range(x.shape[1])]
    path = tmp_path / "net.safetensors"
    save_checkpoint(path, Checkpoint(lively(model), ["a", "b"], channels, 100.0, (0, 1)))
    again = load_checkpoint(path).model
    # what JSON makes of it is the same network
    assert json.loads(json.dumps(model.config)) == json.loads(json.dumps(again.config))
    with torch.no_grad():
        torch.testing.assert_close(again(x), model(x), rtol=0, atol=0)


#: Compiled at once: torch's compiler takes seconds for most.
COMPILED_FIRST = [("deep4", 1), ("eegnet", 1), ("m3", 1), ("plain_cnn", 2)]


@pytest.mark.filterwarnings("ignore")  # of the compiler itself
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[] if case in COMPILED_FIRST else [pytest.mark.slow])
        for case, about in CASES.items()
        if not about.kin
    ],
    ids=lambda case: f"{case[0]}-{case[1]}d",
)
def test_torch_compile_keeps_working(case, training):
    """As one graph, without a break."""
    torch.compiler.reset()
    model, x = build(case)
    # norms of a few values blow rounding up: 1e-2 was seen in float32
    model, x = model.double().train(training), x.double()
    twin = copy.deepcopy(model)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    torch.manual_seed(0)
    found = compiled(x)
    torch.manual_seed(0)
    expected = twin(x)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-9)


STEMS = [
    pytest.param(*case, marks=[pytest.mark.slow] if about.kin else [])
    for case, about in CASES.items()
    if "stem" in REGISTRY[case[0]].options
]


@pytest.mark.parametrize(("name", "ndim"), STEMS)
def test_a_stem_for_small_inputs(name, ndim):
    """The first convolution keeps the resolution; inputs may be smaller than the paper's."""

    def made(stem: str, n: int) -> nn.Module:
        sizes = {"input_shape": n} if "input_shape" in REGISTRY[name].options else {}
        with torch.device("meta"):
            model = build_model(
                name, in_channels=1, num_classes=3, ndim=ndim, width=0.1, stem=stem, **sizes
            )
        return model.eval()

    def behind(stem: str, n: int) -> int:
        sizes: list[int] = []
        model = made(stem, n)
        layer = next(m for m in model.modules() if isinstance(m, nn.modules.conv._ConvNd))
        layer.register_forward_hook(lambda *call: sizes.append(call[2].shape[-1]))
        assert model(torch.zeros(2, 1, *(n,) * ndim, device="meta")).shape == (2, 3)
        return sizes[0]

    assert behind("small", 32) == 32
    assert behind("paper", 80) < 80 or name.startswith("vgg")
    with pytest.raises(ValueError, match="stem must be one of 'paper', 'small'; got 'tiny'"):
        made("tiny", 80)


def test_parameters_of_our_own_networks():
    """Those that no paper counts, by their layers."""
    maps, kernels = (16, 32, 48, 64), (33, 15, 9, 7)
    encoder = sum(k * a * b + 2 * b for k, a, b in zip(kernels, (2, *maps), maps, strict=False))
    context = 2 * (3 * 64 * 64 + 2 * 64)
    model = build_model("epoch_cnn", in_channels=2, num_classes=5)
    assert n_parameters(model) == encoder + context + 64 * 5 + 5
    model = build_model("log_power", in_channels=8, num_classes=4)
    assert n_parameters(model) == 8 * 32 + 32 * 65 + 2 * 32 + 32 * 4 + 4


@EVERY
def test_narrower_is_smaller(case):
    def count(**options: Any) -> int:
        with torch.device("meta"):
            return sum(p.numel() for p in build(case, **options)[0].parameters())

    assert count(width=0.25) < count(width=1.0)


@EVERY
def test_the_smallest_input_is_as_declared(case):
    """One that small is taken; one sample less is refused in one sentence."""
    name, ndim = case
    least = REGISTRY[name].smallest[ndim]
    options = {key: value for key, value in CASES[case].options.items() if key == "width"}

    def answer(n: int) -> torch.Tensor:
        given = options
        if "input_shape" in REGISTRY[name].options:
            given = options | {"input_shape": n}
        elif "n_times" in CASES[case].options:
            given = options | {"n_times": n}
        model = build_model(name, in_channels=2, num_classes=3, ndim=ndim, **given)
        return model.eval()(torch.zeros(1, 2, *(n,) * ndim, device="meta"))

    with torch.device("meta"):
        assert min(answer(least).shape) > 0
        message = "must (be|have) at least|must be a whole number of at least 1"
        with pytest.raises(ValueError, match=message):
            answer(least - 1)


@EVERY
def test_another_number_of_channels(case):
    model, x = build(case)
    with pytest.raises(ValueError, match=r"x must have shape \(batch, \d+, .*\); got \(8, \d+, "):
        model(torch.cat([x, x[:, :1]], dim=1))


@EVERY
def test_a_translated_input_translates_the_maps(case):
    """Deep inside, by as many samples as the strides before say, and to the last digits."""
    name, _ = case
    about = CASES[case]
    model, _ = build(case)
    found = summary(model.eval(), (about.in_channels, *about.shape)).layers
    others = ("LayerNorm", "Linear")  # (batch, times, maps) within attention
    layers = [y for y in found if None not in y.stride and y.kind not in others]
    if not layers:
        assert name in SEES_ALL
        return
    # the deepest layer whose inside is not too far from the edges for a test; windows that a
    # network cuts by itself may leave too little of it
    near = [i for i, layer in enumerate(layers) if i == 0 or layer.receptive_field[0] < 120]
    strides = [max(layer.stride[0] for layer in layers[: i + 1]) for i in near]
    pairs = reversed([*zip([layers[i] for i in near], map(int, strides), strict=True)])
    assert any(moves_with_its_input(case, layer, shift) for layer, shift in pairs)


def moves_with_its_input(case: tuple[str, int], layer: Any, shift: int) -> bool:
    """Compare the maps of a layer for two inputs; return whether there was anything inside."""
    name, ndim = case
    about = CASES[case]
    steps = int(shift / layer.stride[0])
    margin = int(layer.receptive_field[0] / layer.stride[0]) + 1
    n = int((2 * margin + 4) * layer.stride[0]) + layer.receptive_field[0] + shift
    n = -(-max(n, about.shape[0]) // shift) * shift
    shape = (n, *about.shape[1:])
    sizes = {"input_shape": shape} if "input_shape" in REGISTRY[name].options else {}
    sizes |= {"n_times": n} if "n_times" in about.options else {}
    model, _ = build(case, **sizes)
    maps: list[torch.Tensor] = []
    module = dict(model.eval().named_modules())[layer.name]
    module.register_forward_hook(lambda *given: maps.append(given[-1]))
    x = torch.randn(1, about.in_channels, n + shift, *shape[1:])
    with torch.no_grad():
        model(x[:, :, :n])
        before = maps.pop()
        model(x[:, :, shift:])
        after = maps.pop()
    axis = before.ndim - ndim  # some see a signal as a picture of one row
    before, after = before.movedim(axis, -1), after.movedim(axis, -1)
    moved = before[..., margin + steps : before.shape[-1] - margin]
    if not moved.numel():
        return False
    inside = after[..., margin : before.shape[-1] - margin - steps]
    torch.testing.assert_close(inside, moved, rtol=1e-3, atol=1e-4)
    return True


def test_networks_are_found_by_dimension_and_domain():
    assert {"eegnet", "plain_cnn"} <= set(list_models(ndim=1, domain="eeg"))
    assert "eegnet" not in list_models(ndim=2)
    assert "eegnet" not in list_models(domain="image")
    assert list_models() == sorted({name for name, _ in CASES})
    with pytest.raises(ValueError, match="ndim must be one of 1, 2, 3; got 4"):
        list_models(ndim=4)
    with pytest.raises(ValueError, match=r"domain must be one of .*got 'egg' \(did you mean 'eeg'"):
        list_models(domain="egg")


def test_what_a_network_has_to_declare():
    about = {"ndims": (1,), "domains": DOMAINS, "smallest": 1}

    class Narrow(nn.Module):
        def __init__(self, *, in_channels, num_classes, ndim=1): ...

    with pytest.raises(TypeError, match="network 'narrow' must take width"):
        register("narrow", **about)(Narrow)
    with pytest.raises(ValueError, match="domains must be some of eeg, audio"):
        register("narrow", **(about | {"domains": ("smell",)}))
    with pytest.raises(ValueError, match="name must be new; the network 'plain_cnn'"):
        register("plain_cnn", **about)(type(build(("plain_cnn", 1))[0]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "eegnett"}, "name must be one of .*got 'eegnett' \\(did you mean 'eegnet'\\?\\)"),
        ({"name": "eegnet", "ndim": 2}, "ndim must be one of 1 for the network 'eegnet'; got 2"),
        ({"name": "eegnet"}, "n_times must be given for the network 'eegnet'"),
        ({"name": "eegnet", "n_times": 26}, "n_times must be at least 27 .* got 26"),
        ({"name": "resnet18", "ndim": 2, "n_times": 63}, "n_times must be given in 1D only; got"),
        ({"name": "plain_cnn", "n_times": 63}, "n_times must be at least 64; got 63"),
        ({"name": "plain_cnn", "in_channels": 0}, "in_channels must be .* at least 1; got 0"),
        ({"name": "plain_cnn", "kernels": (4, 3, 3)}, r"kernels must be odd.* got \(4, 3, 3\)"),
        ({"name": "plain_cnn", "kernels": (3, 3)}, "kernels must be one for each of 3 blocks"),
        ({"name": "plain_cnn", "width": 0}, "width must be a finite number above 0; got 0"),
    ],
)
def test_impossible_networks(arguments, message):
    with pytest.raises(ValueError, match=message):
        build_model(**{"in_channels": 2, "num_classes": 2, **arguments})


def test_unknown_option():
    with pytest.raises(TypeError, match=r"network 'plain_cnn' takes .*got 'dropuot' .*'dropout'"):
        build_model("plain_cnn", in_channels=2, num_classes=2, dropuot=0.5)


def test_inputs_of_the_wrong_shape():
    model = build_model("eegnet", in_channels=4, num_classes=2, n_times=128)
    with pytest.raises(ValueError, match=r"x must have shape \(batch, 4, 128\); got \(1, 5, 128\)"):
        model(torch.zeros(1, 5, 128))
    model = build_model("plain_cnn", in_channels=1, num_classes=2, ndim=2)
    with pytest.raises(ValueError, match=r"x must have at least 8 samples along each axis"):
        model(torch.zeros(1, 1, 7, 20))
