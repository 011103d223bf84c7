"""Progress on a terminal: a bar on stderr, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def bar(
    items: Iterable[Item], label: str, *, quiet: bool = False, total: int | None = None
) -> Iterator[Item]:
    """Yield the items; count them in a bar if stderr is a terminal and `quiet` is not set."""
    if quiet or not sys.stderr.isatty():
        yield from items
        return
    from tqdm import tqdm

    yield from tqdm(items, desc=label, total=total, file=sys.stderr)


def say(text: str, *, error: bool = False) -> None:
    """Print a line, above the bar if there is one."""
    stream = sys.stderr if error else sys.stdout
    if "tqdm" in sys.modules:
        from tqdm import tqdm

        tqdm.write(text, file=stream)
        stream.flush()
    else:
        print(text, file=stream, flush=True)
