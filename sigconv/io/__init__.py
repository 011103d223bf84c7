"""Recordings, pictures and volumes in files: one module per format family.

FORMATS says which extension belongs to which family and whether it can be written, VOLUME_FORMATS
the same for pictures and volumes.
"""

from __future__ import annotations

from .bids import BidsRun, find_bids, read_bids
from .bids_tree import BidsTree
from .companions import companions, parts
from .events import copy_events, read_events
from .files import open_recording, read, read_heading, write, write_into
from .formats import (
    COMPANIONS,
    EVENT_ENDINGS,
    FOLDERS,
    FORMATS,
    VOLUME_FORMATS,
    WHOLE_FORMATS,
    Format,
    extension_of,
    format_of,
    is_recording,
    is_volume,
    readable,
    volume_format_of,
    writable,
)
from .heading import Heading
from .notices import FileNotice, collected
from .origin import Origin, mark_filtered
from .reader import Reader
from .tables import TABLES, is_table, read_table, table_file, table_members
from .volume_files import open_volume, read_volume, volume_frame, write_volume
from .volume_reader import VolumeReader

__all__ = [
    "COMPANIONS",
    "EVENT_ENDINGS",
    "FOLDERS",
    "FORMATS",
    "TABLES",
    "VOLUME_FORMATS",
    "WHOLE_FORMATS",
    "BidsRun",
    "BidsTree",
    "FileNotice",
    "Format",
    "Heading",
    "Origin",
    "Reader",
    "VolumeReader",
    "collected",
    "companions",
    "copy_events",
    "extension_of",
    "find_bids",
    "format_of",
    "is_recording",
    "is_table",
    "is_volume",
    "mark_filtered",
    "open_recording",
    "open_volume",
    "parts",
    "read",
    "read_bids",
    "read_events",
    "read_heading",
    "read_table",
    "read_volume",
    "readable",
    "table_file",
    "table_members",
    "volume_format_of",
    "volume_frame",
    "writable",
    "write",
    "write_into",
    "write_volume",
]
