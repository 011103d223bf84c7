"""What a run over many files says: lines for people, JSON lines, a log."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .progress import say, shown

if TYPE_CHECKING:
    from ..batch import Outcome


class Teller:
    """Tells what became of each file, and counts.

    Parameters
    ----------
    args : argparse.Namespace
        Of a command with the options of a batch.
    work : Pipeline or callable
        Named in the log.
    """

    def __init__(self, args: argparse.Namespace, work: Any) -> None:
        from .. import __version__

        self.quiet: bool = args.quiet
        self.counts = {"done": 0, "skipped": 0, "failed": 0}
        self._json: bool = args.json
        self._log = None
        if args.log is not None:
            # appended line by line, so that two runs may share one
            self._log = Path(args.log).open("a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
        self._write(f"sigconv {__version__} {args.parser.prog.split()[-1]}: {_named(work)}")

    def __enter__(self) -> Teller:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._log is not None:
            self._log.close()

    def outcome(self, outcome: Outcome) -> None:
        """Tell what became of a file."""
        self.counts[outcome.status] += 1
        line = _line(outcome)
        self._write(f"{outcome.status}: {line} ({outcome.seconds:.2f} s)")
        for sentence in outcome.notices:
            self._write(f"notice: {shown(sentence)}")
        if self._json:
            say(json.dumps(_facts(outcome)))
            return
        if outcome.status == "failed":
            say(line, error=True)
        if self.quiet:
            return
        for sentence in outcome.notices:
            say(f"notice: {shown(sentence)}", error=True)
        if outcome.status != "failed" and not sys.stderr.isatty():  # a terminal has the bar
            say(line)

    def summary(self, total: int, *, interrupted: bool) -> None:
        """Tell how many files ended how, and how many were not begun."""
        left = total - sum(self.counts.values())
        told = [f"{self.counts['done']} done"]
        if self.counts["skipped"]:
            told.append(f"{self.counts['skipped']} done already")
        told.append(f"{self.counts['failed']} failed")
        if left:
            told.append(f"{left} not begun")
        self._write(", ".join(told) + (" (interrupted)" if interrupted else ""))
        if not self.quiet and not self._json:
            say(", ".join(told))

    def _write(self, line: str) -> None:
        if self._log is not None:
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            self._log.write(f"{now} {line}\n")
            self._log.flush()


def _line(outcome: Outcome) -> str:
    if outcome.status == "failed":
        return shown(outcome.message)
    if outcome.status == "skipped":
        return f"{shown(outcome.source)}: done already, {shown(outcome.target)}"
    return f"{shown(outcome.source)} -> {shown(outcome.target)}"


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "source": str(outcome.source),
        "target": str(outcome.target),
        "status": outcome.status,
        "message": outcome.message,
        "notices": outcome.notices,
        "seconds": round(outcome.seconds, 4),
    }


def _named(work: Any) -> str:
    from ..pipeline import Pipeline

    return str(work) if isinstance(work, Pipeline) else json.dumps(work.to_dict())
