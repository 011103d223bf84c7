"""The lectures' notation: read, built, written back, and told where it is wrong."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sigconv.nn import NotationError, build_model, describe, layers, list_models, parse, summary

from ..models.oracles import lively
from ..models.test_registry import CASES, build


def built(text: str, ndim: int = 1, channels: int = 2, classes: int = 3, **options) -> nn.Module:
    torch.manual_seed(0)
    return parse(text, ndim=ndim, in_channels=channels, num_classes=classes, **options)


def kinds(model: nn.Module) -> list[str]:
    modules = [*model.features, model.classifier]
    return [type(m).__name__.lstrip("_") for m in modules]


def same(a: nn.Module, b: nn.Module) -> bool:
    first, second = ([v.shape for v in m.state_dict().values()] for m in (a, b))
    return first == second


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_the_lectures_network(ndim):
    """32, 64, 128 maps: twice as many after every pooling; F learns the size from its input."""
    model = built("(CR)2P(CR)2P(CR)2PF", ndim)
    x = torch.randn(2, 2, *(16,) * ndim)
    assert model(x).shape == (2, 3)
    widths = [32, 32, 64, 64, 128, 128]
    convolutions = [m for m in model.features if hasattr(m, "kernel_size") and hasattr(m, "weight")]
    assert [m.out_channels for m in convolutions] == widths
    assert all(m.kernel_size == (3,) * ndim and m.bias is not None for m in convolutions)
    assert model.classifier.in_features == 128 * 2**ndim
    names = {1: "d", 2: "d", 3: "d"}[ndim]
    conv, pool = f"Conv{ndim}{names}", f"MaxPool{ndim}{names}"
    stage = [conv, "ReLU", conv, "ReLU", pool]
    assert kinds(model) == [*stage * 3, "Flatten", "Linear"]


def test_by_hand():
    """A network of every letter and that of torch's own layers give the same."""
    text = "C4k5s2RC6d2g2p1BEP3s2p1L3D0.25A3cO2T4k3s2p1o1HC4k1b0GF5RF"
    model = built(text)
    by_hand = nn.Sequential(
        nn.Conv1d(2, 4, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv1d(4, 6, 3, dilation=2, groups=2, padding=1, bias=False),
        nn.BatchNorm1d(6),
        nn.ELU(),
        nn.MaxPool1d(3, 2, 1),
        layers.LocalResponseNorm(3),
        nn.Dropout(0.25),
        nn.AvgPool1d(3, ceil_mode=True),
        layers.Maxout(2),
        nn.ConvTranspose1d(3, 4, 3, stride=2, padding=1, output_padding=1),
        nn.Tanh(),
        nn.Conv1d(4, 4, 1, bias=False),
        layers.GlobalAveragePool(),
        nn.Linear(4, 5),
        nn.ReLU(),
        nn.Linear(5, 3),
    )
    values = model.state_dict().values()
    by_hand.load_state_dict(dict(zip(by_hand.state_dict(), values, strict=True)))
    x = torch.randn(2, 2, 61)
    assert torch.equal(model.eval()(x), by_hand.eval()(x))
    assert describe(by_hand) == describe(model)


def test_sizes_by_axis():
    model = built("C4k3x5s1x2P1x3GF", 2)
    assert model.features[0].kernel_size == (3, 5)
    assert model.features[0].stride == (1, 2)
    assert model.features[1].kernel_size == (1, 3)
    assert describe(model) == "C4k3x5s1x2P1x3GF3"


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_residual_blocks_are_those_of_resnet(ndim):
    text = "C8k7s2BRP3s2p1([C8BRC8B]+R)2[C16s2BRCB]+R[CBRCB]+RGF"
    model = built(text, ndim)
    blocks = [m for m in model.features if isinstance(m, layers.Residual)]
    kinds = [nn.Identity, nn.Identity, nn.Sequential, nn.Identity]
    assert len(blocks) == len(kinds)
    assert all(isinstance(b.shortcut, kind) for b, kind in zip(blocks, kinds, strict=True))
    stages = [
        *(layers.basic_block(ndim, 8, 8) for _ in range(2)),
        layers.basic_block(ndim, 8, 16, stride=2),
        layers.basic_block(ndim, 16, 16),
    ]
    assert [sum(p.numel() for p in b.parameters()) for b in blocks] == [
        sum(p.numel() for p in s.parameters()) for s in stages
    ]
    assert model.eval()(torch.randn(1, 2, *(17,) * ndim)).shape == (1, 3)


def test_resnet18_is_a_line():
    model = build_model("resnet18", in_channels=3, num_classes=10, ndim=2)
    text = describe(model)
    assert text == (
        "C64k7s2BRP3s2p1([C64BRC64B]+R)2"
        + "[C128s2BRC128B]+R[C128BRC128B]+R"
        + "[C256s2BRC256B]+R[C256BRC256B]+R"
        + "[C512s2BRC512B]+R[C512BRC512B]+RGF10"
    )
    again = built(text, 2, 3, 10)
    assert same(model, again)
    values = model.state_dict().values()
    again.load_state_dict(dict(zip(again.state_dict(), values, strict=True)))
    x = torch.randn(1, 3, 40, 41)
    assert torch.equal(again.eval()(x), model.eval()(x))


def test_branches():
    model = built("{C4k1|C3k1RC6|P3s1p1C2k1|}GF")
    assert model.classifier.in_features == 4 + 6 + 2 + 2
    assert describe(model) == "{C4k1|C3k1RC6|P3s1p1C2k1|}GF3"


#: Networks that join maps across all of their layers, or that see several things at once.
NOT_SEQUENTIAL = {
    *("unet", "fcn32s", "fcn16s", "fcn8s"),
    *("eegnet", "eeg_tcnet", "atcnet", "epoch_cnn", "neocognitron"),
}
#: Networks with a layer that no letter stands for, and that layer.
WITHOUT_LETTER = {
    "lenet1989": "Pad",
    "log_power": "Whitening",
    "deep4": "SpatioTemporal",
    "shallow_convnet": "SpatioTemporal",
}
#: Every other network of the registry; the deeper kin of another one, in more dimensions, later.
WRITTEN = [
    pytest.param(*case, marks=[pytest.mark.slow] if about.kin and case[1] > 1 else [])
    for case, about in CASES.items()
    if case[0] not in NOT_SEQUENTIAL | WITHOUT_LETTER.keys()
]


@pytest.mark.parametrize(("name", "ndim"), WRITTEN)
def test_sequential_networks_are_written_back(name, ndim):
    """And what is written back gives the same answers with the same weights."""
    model, x = build((name, ndim), **({"aux": False} if name == "googlenet" else {}))
    text = describe(model)
    again = built(text, ndim, x.shape[1], 2, input_shape=model.input_shape)
    assert same(model, again)
    assert describe(again) == text
    values = lively(model).state_dict().values()
    again.load_state_dict(dict(zip(again.state_dict(), values, strict=True)))
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(x[:1]), model(x[:1]), rtol=1e-5, atol=1e-5)


def test_densenet_and_m34res_are_lines():
    with torch.device("meta"):
        dense = build_model("densenet121", in_channels=3, num_classes=10, ndim=2)
        waves = build_model("m34res", in_channels=1, num_classes=10)
    layer = "({|BRC128k1BRC32b0})"
    assert describe(dense) == (
        f"C64k7s2BRP3s2p1{layer}6BRC128k1b0A{layer}12BRC256k1b0A{layer}24BRC512k1b0A{layer}16BRGF10"
    )
    first = [f"P4[C{n}b1BRC{n}b1B]+z(R[C{n}b1BRC{n}b1B]+)" for n in (96, 192)]
    last = "P4[C384b1BRC384b1B]+z(R[C384b1BRC384b1B]+)2RGF10"
    assert describe(waves) == (
        f"C48k80s4p38b1BRP4([C48b1BRC48b1B]+R)3{first[0]}3R{first[1]}5R{last}"
    )


@pytest.mark.parametrize("name", sorted(NOT_SEQUENTIAL))
def test_what_is_not_sequential_is_not_written(name):
    (case,) = [case for case in CASES if case[0] == name][:1]
    with pytest.raises(TypeError, match=r"model must be sequential: .*; got [A-Z]\w+$"):
        describe(build(case)[0])


@pytest.mark.parametrize("name", sorted(WITHOUT_LETTER))
def test_layers_that_no_letter_stands_for(name):
    (case,) = [case for case in CASES if case[0] == name][:1]
    said = f"model must consist of layers that have a letter; got {WITHOUT_LETTER[name]}"
    with pytest.raises(TypeError, match=said):
        describe(build(case)[0])


def test_networks_from_elsewhere_may_do_more_than_their_parts():
    """What stands between features and classifier is not known: VGG of torchvision pools there."""

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features, self.classifier = nn.Conv1d(1, 2, 3), nn.Linear(2, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.classifier(self.features(x).mean(-1))

    with pytest.raises(TypeError, match=r"model must be sequential: .*; got Pooled"):
        describe(Pooled())
    with_heads = build_model("googlenet", in_channels=1, num_classes=2, width=0.1, aux=True)
    with pytest.raises(TypeError, match=r"model must be sequential: .*; got GoogLeNet"):
        describe(with_heads)


def test_layers_without_a_letter_are_named():
    with pytest.raises(TypeError, match="got GELU"):
        describe(nn.Sequential(nn.Conv1d(1, 2, 3), nn.GELU()))
    with pytest.raises(TypeError, match="got BatchNorm1d"):
        describe(nn.Sequential(nn.BatchNorm1d(3, eps=1e-3)))
    assert "notation" in list_models(ndim=3)


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("", 0, "notation must have a layer at least"),
        ("CXF", 1, "a layer must be one of C, T, P, .*; got 'X'"),
        ("C16kRGF", 4, "k must be followed by a number"),
        ("CRz", 2, "R takes no small letter; got 'z'"),
        ("C4k3k5", 4, "k must be given once"),
        ("(CRP", 0, r"'\(' must be closed by '\)'"),
        ("(CR)0GF", 4, "repeats must be a whole number from 1 to 1000"),
        ("(CR)2.5GF", 4, "repeats must be a whole number from 1 to 1000"),
        ("CR)GF", 2, r"'\)' closes nothing that was opened"),
        ("()GF", 0, "brackets must hold a layer at least"),
        ("[CR]GF", 4, r"'\]' must be followed by '\+'"),
        ("(C|R)GF", 2, r"'\|' must stand within \{ \}"),
        ("((C)999)999GF", 0, "notation must have at most 10,000 layers"),
        ("(" * 9 + "C" + ")" * 9 + "GF", 8, "brackets must be at most 8 deep"),
        ("OGF", 1, "O must be followed by a number"),
        ("C6O4GF", 2, "O must divide the 6 maps before it"),
        ("C6g4GF", 0, "g must divide the maps before and behind, 2 and 6; got 4"),
        ("C4GFC", 4, "C must stand before G and F, behind which there are no maps"),
        ("C4k0GF", 0, "k must be a whole number of at least 1, or one for each of 1 axes"),
        ("C4k3x3GF", 0, "k must be a whole number of at least 1, or one for each of 1 axes"),
        ("C0GF", 0, "C must be a whole number of at least 1"),
        ("C4D1GF", 2, "D must be followed by a probability from 0 to below 1"),
        ("C4P2p2GF", 2, "p must be at most half of the window"),
        ("C4T4o2GF", 2, "o must be less than s or d"),
        ("C4b2GF", 0, "b must be 0 or 1"),
        ("C4[Ck3p0]+GF", 2, r"\[ \]\+ must keep the size of its maps, or divide it by its strides"),
        ("C4[P]+GF", 2, r"\[ \]\+ must keep the size of its maps, or divide it by its strides"),
        ("C8[C4]+zGF", 2, r"\[ \]\+z must have at least as many maps as its input"),
        ("C4[GF]+", 2, r"\[ \]\+ must keep its maps; G and F leave none"),
        ("C4{C|Cs2}GF", 2, r"\{ \} must have maps of one size in all branches"),
        ("C4GF7", 4, "notation must end in 3 units, one for each class; it ends in 7"),
        ("C4R", 2, "notation must end in F, or in maps for each of 3 classes; it ends in 4 maps"),
    ],
)
def test_errors_point_at_the_character(text, at, reason):
    with pytest.raises(NotationError, match=f"^{reason}") as caught:
        built(text)
    assert caught.value.at == at
    assert str(caught.value).splitlines()[-2:] == [f"  {text}", f"  {' ' * at}^"]


def test_errors_about_the_size():
    with pytest.raises(ValueError, match="input_shape must be at least 8 along each axis"):
        built("(CR)2P(CR)2P(CR)2PF", input_shape=7)
    model = built("C4k5p0P3GF")
    assert model.smallest_input == (7,)
    with pytest.raises(ValueError, match="x must have at least 7 samples along each axis"):
        model(torch.zeros(1, 2, 6))
    assert model(torch.zeros(1, 2, 7)).shape == (1, 3)
    with pytest.raises(TypeError, match="notation must be a string; got 3"):
        built(3)


def test_maps_for_each_class_at_every_place():
    model = built("(C8R)2C3k1", 2)
    assert model(torch.zeros(1, 2, 9, 7)).shape == (1, 3, 9, 7)
    assert describe(model) == "(C8R)2C3k1"


NUMBER = st.integers(1, 4)


@st.composite
def letters(draw) -> str:
    kind = draw(st.sampled_from("CCCTPARREHBLDO"))
    if kind == "C":
        options = {
            "k": draw(st.sampled_from(["", "k1", "k2", "k5"])),
            "s": draw(st.sampled_from(["", "", "s2"])),
            "d": draw(st.sampled_from(["", "", "d3"])),
            "g": draw(st.sampled_from(["", "", "g2"])),
            "p": draw(st.sampled_from(["", "", "p4", "p9"])),
            "b": draw(st.sampled_from(["", "", "b0", "b1"])),
        }
        return f"C{draw(st.sampled_from(['', 4, 8, 12]))}" + "".join(options.values())
    if kind == "T":
        return f"T{2 * draw(NUMBER)}" + draw(st.sampled_from(["", "k3", "k3s3", "d2", "o1"]))
    if kind in "PA":
        return kind + draw(st.sampled_from(["", "3", "3s2", "2s1", "3s2c", "3s1p1"]))
    if kind == "L":
        return draw(st.sampled_from(["L", "L3"]))
    if kind == "D":
        return draw(st.sampled_from(["D", "D0.25", "D0"]))
    return "O2" if kind == "O" else kind


def groups(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inside, min_size=1, max_size=3).map("".join)
    return st.one_of(
        st.builds(lambda body, n: f"({body}){n}", several, NUMBER),
        st.builds(lambda body, n: f"[{body}]+{n}", several, st.sampled_from(["", 2, "z", "z2"])),
        st.lists(several, min_size=1, max_size=3).map("|".join).map("{{{}}}".format),
    )


BODIES = st.lists(st.recursive(letters(), groups, max_leaves=6), min_size=1, max_size=5).map(
    "".join
)


@settings(max_examples=60, deadline=None)
@given(BODIES, st.sampled_from(["GF", "GmF", "GF6RF", "F"]), st.sampled_from([1, 2]))
def test_there_and_back(body, end, ndim):
    """What can be built is written back as a notation of the same network, and stays so."""
    sizes = {"input_shape": 40} if end == "F" else {}
    try:
        with torch.device("meta"):
            model = built("C4" + body + end, ndim, **sizes)
    except NotationError:  # numbers that do not fit together
        return
    except ValueError as error:
        if "input_shape must be at least" not in str(error):
            raise
        return
    text = describe(model)
    with torch.device("meta"):
        again = built(text, ndim, **sizes)
    assert same(model, again)
    assert describe(again) == text
    assert str(again) == str(model) or "Residual" in str(model)
    shape = (2, *(max(40, model.smallest_input[0]),) * ndim)
    if not sizes:
        about, other = summary(model, shape), summary(again, shape)
        assert (about.macs, about.receptive_field) == (other.macs, other.receptive_field)


@settings(max_examples=150, deadline=None)
@given(st.text("CTPARBLDOGF0123456789ksdgpbcmxz().|[]{}+* ", max_size=12))
def test_any_text_is_built_or_refused_with_a_caret(text):
    try:
        with torch.device("meta"):
            built(text)
    except NotationError as error:
        if not (0 <= error.at <= len(text) and str(error).endswith("^")):
            raise AssertionError(f"no caret for {text!r}") from error
