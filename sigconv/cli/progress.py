"""Progress on a terminal: bars on stderr, or nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

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


class Bars:
    """One bar over all files, by their bytes, with an estimate; one a file with its stage.

    Parameters
    ----------
    sizes : dict of Path to int
        Bytes of each file.
    stages : int
        How many stages a file has.
    shown : bool
        Whether there are bars at all.
    """

    def __init__(self, sizes: dict[Path, int], stages: int, *, shown: bool) -> None:
        self._sizes, self._stages, self._shown = sizes, stages, shown
        self._files: dict[Path, Any] = {}
        self._finished = 0
        self._lock = threading.Lock()
        if shown:
            from tqdm import tqdm

            self._all = tqdm(
                total=sum(sizes.values()),
                desc=f"0/{len(sizes)} files",
                unit="B",
                unit_scale=True,
                file=sys.stderr,
                position=0,
            )

    def stage(self, path: Path, name: str) -> None:
        """Show that a file has come to its next stage."""
        if not self._shown:
            return
        from tqdm import tqdm

        with self._lock:
            if path in self._files:
                self._files[path].update(1)
                self._all.update(self._sizes[path] / self._stages)
            else:
                taken = {-each.pos for each in self._files.values()}
                free = next(n for n in range(1, len(taken) + 2) if n not in taken)
                self._files[path] = tqdm(
                    total=self._stages,
                    desc=shown(path.name)[-40:],
                    bar_format="{desc}: {bar} {n_fmt}/{total_fmt} {postfix}",
                    leave=False,
                    file=sys.stderr,
                    position=free,
                )
            self._files[path].set_postfix_str(name)

    def finish(self, path: Path) -> None:
        """Show that a file is finished."""
        if not self._shown:
            return
        with self._lock:
            size = self._sizes[path]
            if path in self._files:
                each = self._files.pop(path)
                size -= size * each.n / self._stages
                each.close()
            self._finished += 1
            self._all.update(size)
            self._all.set_description_str(f"{self._finished}/{len(self._sizes)} files")

    def close(self) -> None:
        """Take the bars off the screen but for the last state of the one over all."""
        if self._shown:
            with self._lock:
                for each in self._files.values():
                    each.close()
                self._all.close()


def say(text: str, *, error: bool = False) -> None:
    """Print a line, above the bar if there is one."""
    stream = sys.stderr if error else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    text = text.encode(encoding, "backslashreplace").decode(encoding)  # names may be any bytes
    if "tqdm" in sys.modules:
        from tqdm import tqdm

        tqdm.write(text, file=stream)
        stream.flush()
    else:
        print(text, file=stream, flush=True)


def shown(path: object) -> str:
    """Return a path on one line: line ends and other controls in names are written out."""
    return "".join(
        each if each.isprintable() or each == " " else each.encode("unicode_escape").decode()
        for each in str(path)
    )
