"""`python -m benchmarks [SUITE...]`: run suites and write their tables to benchmarks/RESULTS.md."""

import argparse
import importlib
import sys

from . import convolution
from .requirements import MissingPeerError
from .results import write_section

#: Parts of the suite nn; its own table would import torch.
NETWORK_PARTS = ("eeg", "waveforms", "images", "volumes", "video", "speed")
#: Parts of the suite batch.
BATCH_PARTS = ("a", "b", "c", "d")
SUITES = ("convolution", "choices", "filters", "batch", "out_of_core", "eeg", "nn", "explain")

#: Suites that have small sizes.
QUICK = ("convolution", "batch", "nn", "explain")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}; all")
    of_convolution = parser.add_argument_group("convolution")
    of_convolution.add_argument(
        "--only",
        nargs="+",
        metavar="PART",
        choices=(*convolution.PARTS, *NETWORK_PARTS, *BATCH_PARTS),
        default=[],
        help=f"of {', '.join(convolution.PARTS)}; of nn: {', '.join(NETWORK_PARTS)}; of batch: "
        f"{', '.join(BATCH_PARTS)}",
    )
    of_convolution.add_argument("--seed", type=int, default=0, help="of data and drawn sizes")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"of {', '.join(QUICK)}: small sizes, to see that it works; writes nothing",
    )
    options = parser.parse_args(words)
    for name in options.suites:
        if name not in SUITES:
            parser.error(f"SUITE must be one of {', '.join(SUITES)}; got {name!r}")
    names = options.suites or SUITES
    if options.only and tuple(names) not in (("convolution",), ("nn",), ("batch",)):
        parser.error("--only belongs to the suites convolution, nn and batch, run alone")
    if options.quick and not set(names) <= set(QUICK):
        parser.error(f"--quick belongs to the suites {', '.join(QUICK)}")
    of_suites = {"nn": NETWORK_PARTS, "batch": BATCH_PARTS}
    parts = of_suites.get(names[0], convolution.PARTS)
    strange = [part for part in options.only if part not in parts]
    if strange:
        parser.error(f"PART must be one of {', '.join(parts)}; got {strange[0]!r}")
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        suite = importlib.import_module(f"benchmarks.{name}")
        try:
            if suite is convolution:
                sections = suite.run(tuple(options.only), quick=options.quick, seed=options.seed)
            elif name in ("nn", "batch"):
                sections = suite.run(tuple(options.only), quick=options.quick)
            elif name == "eeg":
                sections = suite.run()
            elif name == "explain":
                sections = iter([(name, suite.run(quick=options.quick))])
            else:
                sections = iter([(name, suite.run())])
            for heading, text in sections:
                if not options.quick:
                    write_section(heading, text)
                print(f"\n## {heading}\n\n{text}", flush=True)
        except MissingPeerError as missing:
            print(f"benchmarks: {missing}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
