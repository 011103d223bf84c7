"""RESULTS.md: one section a suite, replaced by the suite's next run."""

import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = "# Results\n\nWritten by `python -m benchmarks`; no number here is edited by hand.\n"


def write_section(name: str, text: str) -> None:
    """Put a suite's text into RESULTS.md, in place of what it said before."""
    page = RESULTS.read_text() if RESULTS.exists() else HEAD
    section = f"\n## {name}\n\n{text.strip()}\n"
    found = re.compile(rf"\n## {name}\n.*?(?=\n## |\Z)", re.DOTALL)
    page = found.sub(lambda _: section, page) if found.search(page) else page + section
    RESULTS.write_text(page)


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
