"""RESULTS.md: one section a suite, replaced by the suite's next run."""

import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = "# Results\n\nWritten by `python -m benchmarks`; no number here is edited by hand.\n"


def write_section(name: str, text: str) -> None:
    """Put a section into RESULTS.md, in place of what it said before.

    "suite: part" stands behind what the suite has there already.
    """
    page = RESULTS.read_text() if RESULTS.exists() else HEAD
    head, *old = re.split(r"\n## (?=\S)", page)
    sections = {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in old}
    names, suite = list(sections), name.split(":")[0]
    if name not in sections:
        family = [i for i, other in enumerate(names) if other.split(":")[0] == suite]
        names.insert(family[-1] + 1 if family else len(names), name)
    sections[name] = text.strip()
    body = "".join(f"\n## {each}\n\n{sections[each]}\n" for each in names)
    RESULTS.write_text(head.rstrip("\n") + "\n" + body)


def circumstances(*packages: str) -> str:
    """Return a line that says when and on what a table was measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("sigconv", *packages))
    return (
        f"{date.today()}, Python {platform.python_version()}, {versions}, "
        f"{platform.machine()}, {_processor()}."
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown processor"
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else "unknown processor"
