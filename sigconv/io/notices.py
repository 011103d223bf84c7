"""What a user must hear about a file that could be read or written, but not as it was."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_collector: ContextVar[list[str] | None] = ContextVar("collector", default=None)

# MNE's log level and Python's warning filters belong to the whole process: two threads that
# change them at once would restore each other's settings.
_process_settings = threading.Lock()


class FileNotice(UserWarning):
    """Something in a file was changed or left out; the sentence starts with its path."""


def notice(path: Path, text: str) -> None:
    """Tell the user something about a file: to `collected`, or as a `FileNotice` warning."""
    sentence = f"{path}: {text}"
    collector = _collector.get()
    if collector is not None:
        collector.append(sentence)
    else:
        warnings.warn(sentence, FileNotice, stacklevel=4)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Gather the notices of this thread in a list instead of warning.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sigconv.io.notices import collected, notice
    >>> with collected() as notices:
    ...     notice(Path("a.edf"), "the physical range of 1 channel was widened")
    >>> notices
    ['a.edf: the physical range of 1 channel was widened']
    """
    gathered: list[str] = []
    token = _collector.set(gathered)
    try:
        yield gathered
    finally:
        _collector.reset(token)


@contextmanager
def quiet(path: Path, ignore: Sequence[str] = ()) -> Iterator[None]:
    """Turn the warnings of a reader or writer into notices about `path`.

    Those that contain one of the texts in `ignore` say nothing to the user and are dropped.
    """
    log = logging.getLogger("mne")  # MNE would print every warning a second time
    with _process_settings, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        was_disabled, was_level = log.disabled, log.level
        log.disabled = True
        log.setLevel(logging.WARNING)  # above that MNE does not even warn
        try:
            yield
        finally:
            log.disabled = was_disabled
            log.setLevel(was_level)
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        if not any(part in text for part in ignore):
            notice(path, " ".join(text.split()))


def channels(count: int) -> str:
    """Return "1 channel", "2 channels"."""
    return f"{count} channel{'' if count == 1 else 's'}"
