"""`python -m benchmarks [SUITE...]`: run suites and write their tables to benchmarks/RESULTS.md."""

import importlib
import sys

from .results import write_section

SUITES = ("convolution", "choices", "filters", "eeg")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"suite must be one of {', '.join(SUITES)}; got {unknown[0]!r}", file=sys.stderr)
        return 2
    for name in names or SUITES:
        print(f"{name} ...", flush=True)
        text = importlib.import_module(f"benchmarks.{name}").run()
        write_section(name, text)
        print(text, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
