"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Ending of the hidden folders in which files are made; a killed run may leave one behind.
PARTIAL = ".partial"


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path to write to; what was written there appears at `target` when the block ends.

    The path has the target's own name in a hidden folder beside it, so that formats made of
    several files (BrainVision's three) can name each other. All files found there are
    moved next to the target, `target` itself last, each by one rename. After an error
    nothing appears, and what stood at the target stays.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv._files import whole
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole(Path(folder) / "a.txt") as path:
    ...         _ = path.write_text("all of it")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    target = Path(target)
    # names may be as long as the file system allows: the folder's must not be longer
    prefix = f".{target.name[:32]}."
    folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=PARTIAL, dir=target.parent))
    try:
        yield folder / target.name
        written = sorted(folder.iterdir(), key=lambda path: path.name == target.name)
        if not any(path.name == target.name for path in written):
            raise FileNotFoundError(f"{target}: nothing was written")
        for path in written:
            with path.open("rb") as file:  # a rename must not overtake the data after a crash
                os.fsync(file.fileno())
        for path in written:
            path.replace(target.parent / path.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
