"""Networks: a training step and an answer, beside the same network of another library."""

from collections.abc import Iterator

import torch

from ..requirements import NETWORK_PEERS, distributions, require
from ..results import circumstances
from . import cases, epochs, measure

THREADS = 1

#: Of whole epochs.
EPOCH_THREADS = 2


def run(only: tuple[str, ...] = (), *, quick: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (heading, text) of each section, of the parts named or of all."""
    require(NETWORK_PEERS)
    about = circumstances(*distributions(NETWORK_PEERS))
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        where = "One thread" if device == "cpu" else torch.cuda.get_device_name()
        for part, listed in cases.PARTS.items():
            if only and part not in only:
                continue
            table = measure.table(listed, device=device, threads=THREADS, quick=quick)
            heading = f"nn: {part}" + (", GPU" if device == "cuda" else "")
            yield heading, f"{about} {where}, float32.\n\n{table}"
    if not only or "speed" in only:
        table = epochs.table(EPOCH_THREADS, quick=quick)
        yield "nn: speed", f"{about} {EPOCH_THREADS} threads.\n\n{table}"
