"""`sigconv info`: what is in a file."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import options

if TYPE_CHECKING:
    from ..recording import Recording


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "info",
        help="tell what is in a file",
        description="Tell format, channels, rate, length, start and annotations of recordings.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.set_defaults(run=run, parser=parser)
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
                recording = io.read(path)
        except (OSError, ValueError, ImportError) as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        facts = _facts(path.name, io.format_of(path).name, recording)
        if args.json:
            print(json.dumps({"file": str(path), **facts, "notices": notices}, ensure_ascii=False))
            continue
        if number:
            print()
        print(path)
        for key, value in facts.items():
            print(f"  {key.replace('_', ' '):<12} {_shown(value)}")
        for sentence in notices:
            print(f"notice: {sentence}", file=sys.stderr)
    return int(failed)


def _facts(name: str, format_name: str, recording: Recording) -> dict[str, Any]:
    return {
        "format": format_name,
        "rate": recording.fs,
        "channels": list(recording.channels),
        "kinds": dict(Counter(recording.kinds)),
        "samples": recording.n_times,
        "seconds": recording.duration,
        "start": None if recording.start is None else recording.start.isoformat(),
        "annotations": dict(Counter(note.text for note in recording.annotations)),
    }


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {text}" for text, count in value.items()) or "none"
    if isinstance(value, list):
        return f"{len(value)}: {', '.join(value)}"
    if isinstance(value, float):
        return f"{value:g}"
    return "unknown" if value is None else str(value)
