"""`sigconv info`: what is in a file."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import options
from .progress import say, shown

if TYPE_CHECKING:
    from pathlib import Path

    from ..io import Heading
    from ..volume import Volume


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "info",
        help="tell what is in a file",
        description="Tell format, channels, rate, length, start and annotations of recordings; "
        "format, size, spacing, type and channels of pictures and volumes.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.set_defaults(run=run, parser=parser)
    options.add_rate(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from pathlib import Path

    from .. import io

    failed = False
    for number, name in enumerate(args.files):
        path = Path(name)
        try:
            with io.collected() as notices:
                facts = _facts(path, args.fs)
        except (OSError, ValueError, ImportError) as error:
            say(shown(error), error=True)
            failed = True
            continue
        if args.json:
            say(json.dumps({"file": str(path), **facts, "notices": notices}))
            continue
        if number:
            say("")
        say(shown(path))
        for key, value in facts.items():
            say(f"  {key.replace('_', ' '):<12} {shown(_text(value))}")
        for sentence in notices:
            say(f"notice: {shown(sentence)}", error=True)
    return int(failed)


def _facts(path: Path, fs: float | None) -> dict[str, Any]:
    from .. import io

    if io.is_volume(path, fs):
        return {"format": io.volume_format_of(path).name, **_volume_facts(io.volume_frame(path))}
    entry = io.format_of(path)
    heading = io.read_heading(path, fs=None if entry.has_rate else fs)
    return {"format": entry.name, **_recording_facts(heading)}


def _volume_facts(volume: Volume) -> dict[str, Any]:
    return {
        "size": dict(zip(volume.axes, volume.grid, strict=True)),
        "shape": list(volume.data.shape),
        "type": str(volume.data.dtype),
        "channels": list(volume.channels),
        "spacing": dict(zip(volume.axes, volume.spacing, strict=True)),
        "unit": volume.unit or "samples",
    }


def _recording_facts(recording: Heading) -> dict[str, Any]:
    return {
        "rate": recording.fs,
        "channels": list(recording.channels),
        "kinds": dict(Counter(recording.kinds)),
        "samples": recording.n_times,
        "seconds": recording.duration,
        "start": None if recording.start is None else recording.start.isoformat(),
        "annotations": dict(Counter(note.text for note in recording.annotations)),
    }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_text(count)} {text}" for text, count in value.items()) or "none"
    if isinstance(value, list) and value and isinstance(value[0], int):
        return " x ".join(str(n) for n in value)
    if isinstance(value, list):
        return f"{len(value)}: {', '.join(value)}" if value else "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "unknown" if value is None else str(value)
