"""`sigconv tune`: measure this machine, and compile all that will be used."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from . import options
from .progress import bar, say

if TYPE_CHECKING:
    from ..convolution.machine import Speeds

#: How long is measured, unless told otherwise.
SECONDS = 8.0


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "tune",
        help="measure this machine once, and compile everything",
        description="Compile every function of the package, so that no later call waits for it, "
        "and measure how fast each way to convolve runs here, so that the fastest one is taken. "
        "What was measured is kept in the user's cache folder (or the folder that SIGCONV_CACHE "
        "names) and holds for this processor and these versions. Best run on an idle machine.",
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        "--seconds",
        type=options.seconds,
        default=SECONDS,
        metavar="S",
        help=f"how long to measure (default: {SECONDS:g}); compiling comes first",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="compile and measure, but keep nothing"
    )
    options.add_quiet(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; return its exit code."""
    from .. import warm_up
    from ..convolution import machine, tuning

    silent = args.quiet or args.json
    started = time.perf_counter()
    compiling = warm_up.shared_out()
    for step in bar(compiling, "compile", quiet=silent, total=len(warm_up.steps())):
        step()
    compiled = time.perf_counter()
    trials = tuning.trials()
    budget = args.seconds / len(trials)
    tried = [trial.measure(budget) for trial in bar(trials, "measure", quiet=silent)]
    measured = [each for each in tried if each is not None]
    speeds = tuning.fit(measured)
    if args.json:
        say(machine.described(speeds).rstrip())
    elif not args.quiet:
        _tell(speeds)
        off = sorted(tuning.misfits(measured, speeds))
        say(
            f"compiled in {compiled - started:.1f} s, measured in "
            f"{time.perf_counter() - compiled:.1f} s; 9 of 10 times come out within a factor of "
            f"{off[len(off) * 9 // 10]:.2f}"
        )
    if args.dry_run:
        return 0
    try:
        path = machine.save(speeds)
    except OSError as error:  # all works without, if not as fast
        say(f"sigconv: the speeds could not be kept: {error}", error=True)
        return 0
    if not silent:
        say(f"kept in {path}")
    return 0


def _tell(speeds: Speeds) -> None:
    """Print for every method, number of axes and type the cost of a call and the speed."""
    types = list(dict.fromkeys(dtype for _, dtype, _ in speeds.table))
    say("a call in us, and the time of the work over the built-in estimate")
    say(f"{'method':<14}{'axes':>4}" + "".join(f"{dtype:>15}" for dtype in types))
    for method, n_axes in dict.fromkeys((m, n) for m, _, n in sorted(speeds.table)):
        found = [speeds.table.get((method, dtype, n_axes)) for dtype in types]
        cells = [f"{s.call / 1e3:.0f} + {s.factor:.2f}" if s else "-" for s in found]
        say(f"{method:<14}{n_axes:>4}" + "".join(f"{cell:>15}" for cell in cells))
