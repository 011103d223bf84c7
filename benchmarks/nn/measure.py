"""One training step and one answer, timed in turns."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from .. import threads as limits
from ..timing import best_times, geometric_mean
from .cases import Case

#: Rounds go on for about this long, for a step and for an answer each.
SECONDS = 2.0


def table(cases: Sequence[Case], *, device: str, threads: int, quick: bool) -> str:
    """Return a Markdown table of the cases, and a closing line."""
    memory = device == "cuda"
    head = "| network, batch | peer | step, ms | peer, ms | ratio | answer, ms | peer, ms | ratio |"
    lines = [f"{head} goals |" + (" memory, MiB | peer, MiB |" if memory else "")]
    lines.append("|---" * (9 + 2 * memory) + "|")
    ratios = []
    with limits.limited(threads):
        for case in cases:
            ours, theirs = networks(case, device)
            x = batch(case, device, quick)
            row = [f"{case.name}, {' × '.join(map(str, x.shape))}", case.peer]
            for work, goal in ((step, case.goal), (answer, case.answer_goal)):
                times = best_times(
                    {"ours": work(ours, x), "theirs": work(theirs, x)},
                    seconds=0.0 if quick else SECONDS,
                    fewest=1 if quick else 3,
                )
                ratio = times["theirs"] / times["ours"]
                ratios.append(ratio)
                row += [f"{times[who] * 1e3:.3g}" for who in ("ours", "theirs")]
                missed = " MISSED" if ratio < goal and not quick else ""
                row.append(f"{ratio:.2f}{missed}")
            row.append(f"≥ {case.goal:g}, {case.answer_goal:g}")
            if memory:
                row += [f"{peak(step(net, x)) / 2**20:.0f}" for net in (ours, theirs)]
            lines.append(f"| {' | '.join(row)} |")
    lines.append(
        f"\nA step: forward, cross-entropy, backward, SGD; an answer: forward without gradients. "
        f"Ratio: how many times as fast as the peer; geometric mean {geometric_mean(ratios):.2f}, "
        f"smallest {min(ratios):.2f}."
    )
    return "\n".join(lines)


def networks(case: Case, device: str) -> tuple[nn.Module, nn.Module]:
    """Return ours and the peer's, after a look that they are the same."""
    torch.manual_seed(0)
    ours, theirs = case.ours().to(device), case.theirs().to(device)
    if case.same and n_parameters(ours) != n_parameters(theirs):
        raise AssertionError(
            f"{case.name}: {n_parameters(ours)} parameters, the peer {n_parameters(theirs)}"
        )
    return ours, theirs


def batch(case: Case, device: str, quick: bool) -> torch.Tensor:
    """Return what both are given; two items if it is to be quick."""
    shape = (min(case.shape[0], 2), *case.shape[1:]) if quick else case.shape
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(device)


def n_parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def step(model: nn.Module, x: torch.Tensor) -> Callable[[], object]:
    """Return a training step."""
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-4)
    y = torch.arange(len(x), device=x.device) % 2

    def once() -> None:
        model.train()
        logits = model(x)
        nn.functional.cross_entropy(
            logits.flatten(2).mean(-1) if logits.ndim > 2 else logits, y
        ).backward()
        optimiser.step()
        optimiser.zero_grad()
        _wait(x)

    return once


def answer(model: nn.Module, x: torch.Tensor) -> Callable[[], object]:
    """Return a forward pass."""

    def once() -> None:
        model.eval()
        with torch.inference_mode():
            model(x)
        _wait(x)

    return once


def peak(work: Callable[[], object]) -> int:
    """Return the most memory of the GPU that was taken at once, in bytes."""
    torch.cuda.reset_peak_memory_stats()
    work()
    return torch.cuda.max_memory_allocated()


def _wait(x: torch.Tensor) -> None:
    if x.is_cuda:
        torch.cuda.synchronize()
