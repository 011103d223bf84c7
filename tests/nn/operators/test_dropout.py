"""Dropout: torch's masks, drawn otherwise."""

import copy
import threading

import pytest
import torch
from torch import nn

from sigconv.nn.operators import Dropout, dropout


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """Count the masks that are drawn here, as on a processor whose torch draws one by one."""
    if not dropout._is_known():
        pytest.skip("torch draws other numbers on this processor")
    seen, draw = [], dropout._draw
    monkeypatch.setattr(dropout, "_draw", lambda *args: (seen.append(1), draw(*args))[1])
    return seen


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("p", [0.25, 0.5, 0.9, 1e-9])
@pytest.mark.parametrize(("n", "before"), [(4096, 0), (5001, 1), (4097, 623), (20_000, 2)])
def test_masks_gradients_and_what_is_drawn_next(n, before, p, dtype, drawn):
    x, found = torch.randn(n, dtype=dtype, requires_grad=True), []
    for layer in (Dropout(p), nn.Dropout(p)):
        torch.manual_seed(n)
        torch.empty(before, dtype=torch.int32).random_()
        out = layer(x)
        second = layer(x.view(1, -1))
        (gradient,) = torch.autograd.grad((out * x.detach()).sum(), x)
        found.append([out, second, gradient, torch.get_rng_state(), torch.randn(5)])
    for ours, theirs in zip(*found, strict=True):
        assert torch.equal(ours, theirs)
    assert len(drawn) == 2


@pytest.mark.parametrize(
    "case", ["evaluation", "all", "none", "few", "in place", "order", "type", "autocast", "device"]
)
def test_what_is_left_to_torch(case, drawn):
    layer = Dropout({"all": 1.0, "none": 0.0}.get(case, 0.5), inplace=case == "in place")
    layer.train(case != "evaluation")
    x = torch.ones(2, 10 if case == "few" else 5000)
    x = x.T if case == "order" else x.bfloat16() if case == "type" else x
    x = x.to("meta") if case == "device" else x
    with torch.autocast("cpu", enabled=case == "autocast"):
        assert layer(x).shape == x.shape
    assert not drawn


def test_a_torch_that_draws_otherwise_is_left_to_itself(monkeypatch, drawn):
    monkeypatch.setattr(dropout, "_is_known", lambda: False)
    assert Dropout(0.5)(torch.ones(9000)).unique().tolist() == [0, 2]
    assert not drawn


def test_it_notices_other_numbers(monkeypatch):
    monkeypatch.setattr(dropout, "_draw", lambda mask, keep, value: mask.fill_(1))
    assert not dropout._is_known.__wrapped__()


def test_threads_draw_masks_of_their_own(drawn):
    """Two threads at a time, and one beside which torch draws."""
    layer, x = Dropout(0.5), torch.ones(300_000)
    for _ in range(20):
        start, found = threading.Barrier(3), []

        def draw(how, start=start, found=found):
            start.wait()
            found.extend(how())

        ways = [lambda: [layer(x)], lambda: [layer(x)], lambda: [torch.randn(50) for _ in range(9)]]
        threads = [threading.Thread(target=draw, args=(how,)) for how in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found += [torch.randn(50) for _ in range(9)]
        assert len({each.numpy().tobytes() for each in found}) == 20
    assert len(drawn) == 40


def test_copies_and_names_are_torchs():
    layer = copy.deepcopy(Dropout(0.3))
    assert repr(layer) == repr(nn.Dropout(0.3))
    assert isinstance(layer, nn.Dropout)
