"""The command line: one file per command, each with `add_parser` and `run`.

Nothing heavy is imported here: `sigconv --help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from . import (
    convert,
    convolve,
    evaluate,
    explain,
    info,
    options,
    plot,
    predict,
    response,
    smooth,
    train,
    tune,
)
from . import filter as filter_command

#: Exit codes.
DONE, SOME_FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = (
    filter_command,
    smooth,
    convolve,
    convert,
    info,
    plot,
    response,
    train,
    evaluate,
    predict,
    explain,
    tune,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        0 all done, 1 some files failed, 2 wrong usage, 130 interrupted.

    Examples
    --------
    >>> from sigconv.cli import main
    >>> main(["--version"])
    sigconv ...
    0
    """
    try:
        words = list(sys.argv[1:] if argv is None else argv)
        args = build_parser().parse_args(options.join_dashed(words))
        args.words = words
        return int(args.run(args))
    except SystemExit as leaving:  # argparse has spoken already
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        print("sigconv: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has left: `sigconv info ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except (ImportError, OSError, ValueError) as error:
        # Sentences for the user: a missing extra, a file, an argument. Any other error is ours
        # and shows its traceback.
        print(f"sigconv: {error}", file=sys.stderr)
        return USAGE


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="sigconv",
        description="Filter, smooth and convolve EEG and audio files, pictures and volumes, "
        "and train networks on recordings.",
        epilog="`sigconv COMMAND --help` tells about a command.",
    )
    parser.add_argument("--version", action="version", version=f"sigconv {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser
