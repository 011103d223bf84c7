"""Recordings in files: one module per format family, `read` and `write` for all of them.

FORMATS says which extension belongs to which family and whether it can be written.
"""

from __future__ import annotations

from .events import copy_events, read_events
from .files import parts, read, write
from .formats import (
    COMPANIONS,
    EVENT_ENDINGS,
    FORMATS,
    Format,
    extension_of,
    format_of,
    is_recording,
    readable,
    writable,
)
from .notices import FileNotice, collected
from .origin import Origin, mark_filtered

__all__ = [
    "COMPANIONS",
    "EVENT_ENDINGS",
    "FORMATS",
    "FileNotice",
    "Format",
    "Origin",
    "collected",
    "copy_events",
    "extension_of",
    "format_of",
    "is_recording",
    "mark_filtered",
    "parts",
    "read",
    "read_events",
    "readable",
    "writable",
    "write",
]
