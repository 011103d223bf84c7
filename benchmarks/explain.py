"""What explanations cost: runs of the network, and time beside that of its plain answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.explain import explain

from . import threads as limits
from .results import circumstances
from .timing import best_times

THREADS = 1
#: Trials of a batch, for the network's own answers and for explanations.
BATCH = 64
#: Forward passes that a class activation map may take: the issue's bound.
MOST_PASSES = 3.0
#: Rounds go on for about this long a row.
SECONDS = 1.0

#: Name -> (network, shape of a trial, options).
NETWORKS: dict[str, tuple[str, tuple[int, ...], dict[str, Any]]] = {
    "EEG, eegnet": ("eegnet", (8, 512), {}),
    "EEG, plain_cnn": ("plain_cnn", (8, 512), {}),
    "image, resnet18": ("resnet18", (3, 64, 64), {"width": 0.25}),
    "volume, plain_cnn": ("plain_cnn", (1, 16, 16, 16), {}),
}


def run(*, quick: bool = False) -> str:
    """Return the table."""
    torch.manual_seed(0)
    lines = [
        "| network, trial | method | passes a trial | trials a pass | time, ms | forward passes "
        "in that time | ratio | a pass by itself, ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with limits.limited(THREADS):
        for name, (kind, shape, options) in NETWORKS.items():
            model, x = network(kind, shape, options)
            for method, trials, told in methods(shape):
                lines.append(
                    row(
                        f"{name}, {' × '.join(map(str, shape))}",
                        model,
                        x[:trials],
                        method,
                        told,
                        0.0 if quick else SECONDS,
                    )
                )
    lines.append(
        f"\nA pass: the network's answer to one trial. Grad-CAM: {BATCH} trials at once, at most "
        f"{MOST_PASSES:g} passes each, and a gradient from the score to the last maps; the others "
        f"two trials, in batches of {BATCH}. Forward passes in that time: how many passes without "
        f"gradients the network makes meanwhile, {BATCH} trials at once. Ratio: of these to the "
        "passes that it took."
    )
    about = circumstances("torch", "captum")
    return f"{about} One thread, float32.\n\n" + "\n".join(lines)


def methods(shape: tuple[int, ...]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield method, number of trials and options."""
    yield "grad_cam", BATCH, {}
    window = shape[-1] // (4 if len(shape) == 4 else 8)
    yield "occlusion", 2, {"over": "window", "window": [window] * (len(shape) - 1)}
    if shape[0] == 8:
        yield "shapley", 2, {"over": "channel"}
        yield "shapley_sampling", 2, {"over": "window", "window": window, "n_samples": 8}


def network(kind: str, shape: tuple[int, ...], options: dict[str, Any]) -> tuple[nn.Module, Any]:
    """Return a network whose norms have seen a batch, and a batch."""
    times = {"n_times": shape[-1]} if len(shape) == 2 else {}
    model = build_model(
        kind, in_channels=shape[0], num_classes=4, ndim=len(shape) - 1, **times, **options
    )
    x = torch.randn(BATCH, *shape)
    model(x)
    return model.eval(), x.numpy()


@contextmanager
def counted(model: nn.Module) -> Iterator[list[int]]:
    """Hold the number of trials of each call of a network."""
    calls: list[int] = []
    handle = model.register_forward_pre_hook(lambda _, given: calls.append(len(given[0])))
    try:
        yield calls
    finally:
        handle.remove()


def row(
    name: str, model: nn.Module, x: Any, method: str, told: dict[str, Any], seconds: float
) -> str:
    def explanation() -> Any:
        return explain(model, x, method=method, batch_size=BATCH, **told)

    with counted(model) as calls:
        explanation()
    passes, at_once = sum(calls) / len(x), sum(calls) / len(calls)
    times = best_times(
        {"explanation": explanation, "forward": forward(model, x)},
        seconds=seconds,
        fewest=1 if seconds == 0 else 3,
    )
    each = times["forward"] / BATCH
    taken = times["explanation"] / len(x) / each
    bound = MOST_PASSES if method == "grad_cam" else float("inf")
    late = " MISSED" if taken > bound and seconds else ""
    over = f" over {told['over'].replace('_', ' ')}s" if "over" in told else ""
    cells = [
        name,
        f"{method}{over}",
        f"{passes:.3g}{' MISSED' if passes > bound else ''}",
        f"{at_once:.3g}",
        f"{times['explanation'] * 1e3:.3g}",
        f"{taken:.3g}{late}",
        f"{taken / passes:.2f}",
        f"{each * 1e3:.3g}",
    ]
    return f"| {' | '.join(cells)} |"


def forward(model: nn.Module, x: Any) -> Callable[[], Any]:
    """Return the network's answer to a full batch."""
    batch = torch.as_tensor(x).repeat(BATCH // len(x), *[1] * (x.ndim - 1))

    def answer() -> Any:
        with torch.no_grad():
            return model(batch)

    return answer
