"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from . import _checks

try:
    import fcntl
except ImportError:  # Windows: one run at a time is up to the user
    fcntl = None  # type: ignore[assignment]

#: Ending of the hidden folders in which files are made; a killed run may leave one behind.
PARTIAL = ".partial"
#: Ending of the file that is locked while such a folder is in use.
_LOCK = ".lock"


class Busy(_checks.FileError):
    """A file that another thread, process or run is making now."""


@contextmanager
def whole(target: Path, *, replace: bool = True) -> Iterator[Path]:
    """Give a path to write to; what was written there appears at `target` when the block ends.

    The path has the target's own name in a hidden folder beside it, so that formats made of
    several files (BrainVision's three) can name each other. All files found there are
    moved next to the target, `target` itself last, each by one rename. After an error
    nothing appears, and what stood at the target stays. What a killed run left of an earlier
    attempt is removed.

    Parameters
    ----------
    target : Path
    replace : bool
        Whether files that stand there already are replaced.

    Raises
    ------
    FileExistsError
        If one of the files stands there already and `replace` is not set.
    Busy
        If another thread, process or run is making the same target now (a FileError).

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
    folder = _partial(target)
    with _locked(folder) as free:
        if not free:
            raise Busy(f"{target}: is being written by another run")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            if not replace:
                _refuse_existing([target])
            yield folder / target.name
            written = sorted(folder.iterdir(), key=lambda path: path.name == target.name)
            if not any(path.name == target.name for path in written):
                raise FileNotFoundError(f"{target}: nothing was written")
            for path in written:
                _settle(path)  # a rename must not overtake the data after a crash
            if not replace:
                _refuse_existing([target.parent / path.name for path in written])
            for path in written:
                path.replace(target.parent / path.name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def settling(paths: Sequence[Path]) -> Iterator[None]:
    """Let the disk take over what was written, while the caller does something else.

    `whole` waits for that, too; what had time before needs none there.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="sigconv-disk") as pool:
        pending = [pool.submit(_settle, path) for path in paths]
        yield
        for each in pending:
            each.result()


def _settle(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sweep(folder: Path) -> int:
    """Remove what killed runs left in a folder; return how many files they were at.

    What another run is at work on stays.
    """
    swept = 0
    for path in sorted(folder.glob(f".*{PARTIAL}*")):
        if not path.name.endswith((PARTIAL, PARTIAL + _LOCK)):
            continue
        partial = path.with_name(path.name.removesuffix(_LOCK))
        with contextlib.suppress(OSError), _locked(partial) as free:
            if free and path.exists():
                shutil.rmtree(partial, ignore_errors=True)
                swept += 1
    return swept


def sha256(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _partial(target: Path) -> Path:
    # one name for one target, so that two that make it meet; names may be as long as the file
    # system allows: the folder's must not be longer
    digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]
    return target.with_name(f".{target.name[:32]}.{digest}{PARTIAL}")


def _refuse_existing(paths: list[Path]) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(f"{path}: exists already")


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a partial folder; gives False if somebody else does.

    The system takes the lock back from a process that dies, whatever it dies of.
    """
    path = folder.with_name(folder.name + _LOCK)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        free = _is_free(file, path)
        # whoever held the lock before may have removed its file after it was opened here
        if not free or _is_still(file, path):
            break
        os.close(file)
    try:
        yield free
    finally:
        if free:
            with contextlib.suppress(OSError):
                path.unlink()
        os.close(file)


def _is_free(file: int, path: Path) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks is as Windows here
            return True
    return True


def _is_still(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
