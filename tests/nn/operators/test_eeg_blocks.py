"""Blocks of EEG networks: the compiled way round against torch's modules, on shared weights."""

import copy
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from sigconv.nn import TrainingConfig, build_model, fit
from sigconv.nn.operators import eeg_blocks, front, plain_modules, rows, separable
from sigconv.nn.operators.guard import is_plain_tensor

#: Networks and inputs: pads on one side more, odd kernels, a window shorter than the kernel.
NETWORKS = [
    ("eegnet", {"n_times": 97, "kernel": 25}, (3, 97)),
    ("eegnet", {"n_times": 40}, (2, 40)),
    ("eegnet", {"n_times": 130, "temporal_filters": 3, "spatial_filters": 3}, (1, 130)),
    ("eeg_tcnet", {}, (4, 150)),
    ("atcnet", {"n_times": 160}, (3, 160)),
]


def pair(name: str, options: dict, shape: tuple[int, int], dtype: torch.dtype):
    """Return a network, its twin, and trials far from mean 0, loud in low frequencies."""
    torch.manual_seed(0)
    model = build_model(name, in_channels=shape[0], num_classes=3, **options).to(dtype)
    x = torch.randn(12, *shape, dtype=dtype).cumsum(-1) / 4 + 2
    return model, copy.deepcopy(model), x


def losses(model: nn.Module, x: Tensor, epochs: int) -> list[float]:
    """Train by SGD with dropout; the same seed gives the same masks."""
    torch.manual_seed(1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    y, curve = torch.arange(len(x)) % 3, []
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(6):
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            curve.append(loss.item())
    return curve


@pytest.fixture
def compiled(monkeypatch):
    """Count how often the compiled way round is taken."""
    taken = []
    original = rows.elu_pooled
    monkeypatch.setattr(
        eeg_blocks, "elu_pooled", lambda *args: (taken.append(1), original(*args))[1]
    )
    return taken


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
@pytest.mark.parametrize("case", NETWORKS, ids=lambda case: f"{case[0]}{case[2]}")
def test_training_goes_the_same_way(case, dtype, apart, compiled):
    model, twin, x = pair(*case, dtype)
    ours = losses(model, x, 5)
    assert len(compiled) == (10 if case[0] == "atcnet" else 20)
    with plain_modules():
        theirs = losses(twin, x, 5)
    assert len(compiled) == (10 if case[0] == "atcnet" else 20)
    assert ours == pytest.approx(theirs, abs=apart, rel=0)
    for (name, value), other in zip(
        model.state_dict().items(), twin.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(value, other, atol=30 * apart, rtol=0, msg=name)


@pytest.mark.parametrize("case", NETWORKS, ids=lambda case: f"{case[0]}{case[2]}")
def test_every_gradient_and_statistic_of_one_step(case):
    model, twin, x = pair(*case, torch.float64)
    for network, context in ((model, nullcontext()), (twin, plain_modules())):
        torch.manual_seed(2)
        with context:
            network(x).square().sum().backward()
    for (name, value), other in zip(model.named_parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(value.grad, other.grad, atol=1e-11, rtol=1e-10, msg=name)
    for (name, value), other in zip(model.named_buffers(), twin.buffers(), strict=True):
        torch.testing.assert_close(value, other, atol=1e-13, rtol=1e-12, msg=name)
    assert (model.temporal[-1].bias.grad == 0).all()  # the norm behind takes it away again


def test_statistics_of_trials_can_be_kept():
    model, twin, x = pair(*NETWORKS[0], torch.float32)
    known = model.trial_statistics(x)
    assert known.shape == (12, 26)
    torch.manual_seed(0)
    ours = model(x[3:9], known[3:9])
    torch.manual_seed(0)
    torch.testing.assert_close(ours, twin(x[3:9]), rtol=0, atol=0)


def test_the_answer_does_not_depend_on_threads():
    model, twin, x = pair(*NETWORKS[0], torch.float32)
    threads, answers = torch.get_num_threads(), []
    try:
        for network, n in ((model, 1), (twin, 3)):
            torch.set_num_threads(n)
            torch.manual_seed(0)
            out = network(x)
            out.square().sum().backward()
            answers.append([out, *(p.grad for p in network.parameters())])
    finally:
        torch.set_num_threads(threads)
    for one, three in zip(*answers, strict=True):
        torch.testing.assert_close(one, three, rtol=1e-5, atol=1e-6)  # torch's own sums differ


def block() -> tuple[nn.Sequential, nn.Sequential]:
    temporal = nn.Sequential(nn.Conv2d(1, 4, (1, 9), bias=False), nn.BatchNorm2d(4))
    filters = nn.Conv2d(4, 8, (3, 1), groups=4, bias=False)
    rest = nn.BatchNorm2d(8), nn.ELU(), nn.AvgPool2d((1, 4)), nn.Dropout(0.0)
    return temporal, nn.Sequential(filters, *rest)


def replaced(i: int, j: int, layer: nn.Module) -> Callable[[list[nn.Sequential]], None]:
    def change(parts: list[nn.Sequential]) -> None:
        parts[i][j] = layer

    return change


#: What only torch's modules do.
UNUSUAL = {
    "bias in time": replaced(0, 0, nn.Conv2d(1, 4, (1, 9))),
    "stride": replaced(0, 0, nn.Conv2d(1, 4, (1, 9), stride=(1, 2), bias=False)),
    "dilation": replaced(0, 0, nn.Conv2d(1, 4, (1, 9), dilation=(1, 2), bias=False)),
    "circular": replaced(
        0, 0, nn.Conv2d(1, 4, (1, 9), padding=(0, 4), padding_mode="circular", bias=False)
    ),
    "far beyond the ends": replaced(0, 0, nn.Conv2d(1, 4, (1, 9), padding=(0, 9), bias=False)),
    "no running statistics": replaced(0, 1, nn.BatchNorm2d(4, track_running_stats=False)),
    "cumulative average": replaced(0, 1, nn.BatchNorm2d(4, momentum=None)),
    "no weights": replaced(0, 1, nn.BatchNorm2d(4, affine=False)),
    "frozen norm": lambda parts: parts[0][1].eval(),
    "a norm over processes": replaced(0, 1, nn.SyncBatchNorm(4)),
    "another norm": replaced(1, 1, nn.GroupNorm(2, 8)),
    "some channels": replaced(1, 0, nn.Conv2d(4, 8, (2, 1), groups=4, bias=False)),
    "all maps": replaced(1, 0, nn.Conv2d(4, 8, (3, 1), bias=False)),
    "another ELU": replaced(1, 2, nn.ELU(0.5)),
    "another activation": replaced(1, 2, nn.ReLU()),
    "overlap": replaced(1, 3, nn.AvgPool2d((1, 4), (1, 2))),
    "rounded up": replaced(1, 3, nn.AvgPool2d((1, 4), ceil_mode=True)),
    "a hook": lambda parts: parts[1][2].register_forward_hook(lambda *_: None),
    "evaluation": lambda parts: [part.eval() for part in parts],
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_is_left_to_the_modules(name, compiled):
    parts = list(block())
    UNUSUAL[name](parts)
    twins = copy.deepcopy(parts)
    x = torch.randn(5, 3, 60)
    torch.testing.assert_close(front(x, *parts), twins[1](twins[0](x[:, None])), rtol=0, atol=0)
    assert not compiled


@pytest.mark.parametrize(
    "x",
    [
        torch.randn(5, 3, 60).requires_grad_(),
        torch.randn(5, 3, 60, device="meta"),
        torch.randn(5, 3, 60, dtype=torch.float64),
    ],
    ids=["gradient of the input", "device", "type"],
)
def test_inputs_that_are_left_to_the_modules(x, compiled):
    parts = block()
    if x.device.type == "meta":
        parts = tuple(part.to("meta") for part in parts)
    if x.dtype == torch.float64:
        with pytest.raises(RuntimeError, match=r"float|double|type"):
            front(x, *parts)
    else:
        assert front(x, *parts).shape == (5, 8, 1, 13)
    assert not compiled


def test_circumstances_that_are_left_to_the_modules(compiled):
    parts, x = block(), torch.randn(5, 3, 60)
    with torch.autocast("cpu"):
        front(x, *parts)
    with plain_modules():
        front(x, *parts)
    seen = []
    torch.func.grad(lambda value: (seen.append(is_plain_tensor(x)), value.sum())[1])(x)
    assert seen == [False]
    with FlopCounterMode(display=False) as counter:
        front(x, *parts)
    assert counter.get_total_flops() > 0
    with torch.device("cpu"):  # a mode that might want to see functions
        front(x, *parts)
    assert not compiled
    front(x, *parts)
    assert compiled


def test_too_few_samples_for_a_norm_are_refused_as_torch_does():
    temporal, spatial = block()
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        front(torch.randn(1, 3, 9), temporal, spatial)
    with pytest.raises(RuntimeError, match="Output size is too small"):
        front(torch.randn(4, 3, 11), temporal, spatial)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_shows(value):
    x = torch.randn(5, 3, 60)
    x[2, 1, 30] = value
    assert front(x, *block()).isnan().all()


def test_second_gradients():
    torch.manual_seed(0)
    parts = [part.double() for part in block()]
    convolutions = nn.Conv2d(8, 8, (1, 4), groups=8, bias=False), nn.Conv2d(8, 8, 1, bias=False)
    rest = nn.BatchNorm2d(8), nn.ELU(), nn.AvgPool2d((1, 2)), nn.Dropout(0.0)
    parts.append(nn.Sequential(*convolutions, *rest).double())
    x, found = torch.randn(5, 3, 60, dtype=torch.float64), []
    weights = [part[0].weight for part in parts]
    for context in (nullcontext(), plain_modules()):
        with context:
            out = separable(front(x, *parts[:2]), parts[2])
            first = torch.autograd.grad(out.square().sum(), weights, create_graph=True)
            penalty = sum(g.square().sum() for g in first)
            found.append(torch.autograd.grad(penalty, weights))
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-9)


@pytest.mark.filterwarnings("ignore")  # of the compiler itself
def test_torch_compile_keeps_working():
    model, twin, x = pair(*NETWORKS[0], torch.float32)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    torch.manual_seed(0)
    ours = compiled(x)
    torch.manual_seed(0)
    torch.testing.assert_close(ours, twin(x), rtol=1e-4, atol=1e-5)


def test_fit_trains_through_the_compiled_blocks(compiled):
    model, _, x = pair(*NETWORKS[0], torch.float32)
    fit(model, x.numpy(), np.arange(12) % 3, TrainingConfig(epochs=2, batch_size=6))
    assert len(compiled) == 8
