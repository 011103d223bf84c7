"""Options that mean the same in every command, and how steps are written."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Add input files and the output folder."""
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="IN",
        help="files, folders (searched through) or globs; - is a list from standard input",
    )
    parser.add_argument(
        "--from-file",
        metavar="LIST",
        help="take inputs from a file too, one a line (or with a zero byte after each); - is "
        "standard input",
    )
    parser.add_argument(
        "-o", "--out", required=True, metavar="DIR", help="output folder; made if need be"
    )
    parser.add_argument(
        "--name",
        default="{stem}{ext}",
        metavar="PATTERN",
        help="names of the outputs, as {stem}_desc-filt{ext} (default: those of the inputs)",
    )

    parser.add_argument(
        "--bids",
        action="store_true",
        help="make the output folder a derivative data set in BIDS, through mne-bids",
    )
    parser.add_argument(
        "--bids-entities",
        type=entities,
        metavar="KEY=VALUE,...",
        help="where the inputs' names do not tell, as in subject=01,task=rest (description=filt)",
    )


def entities(text: str) -> dict[str, str]:
    """Parse what a BIDS name is made of: subject=01,task=rest."""
    pairs = [item.partition("=") for item in text.split(",")]
    if not all(key and equals and value for key, equals, value in pairs):
        raise argparse.ArgumentTypeError(f"must be written KEY=VALUE,KEY=VALUE; got {text!r}")
    return {key: value for key, _, value in pairs}


def add_batch(parser: argparse.ArgumentParser) -> None:
    """Add how many files are worked on, and what is said about it."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs",
        type=positive,
        default=1,
        metavar="N",
        help="files at once, as many as there are cores at most; they share the cores (default: 1)",
    )
    where.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="let the workers of a Dask cluster do it, as in tcp://host:8786; they need the same "
        "sigconv, and the files under the same paths",
    )
    parser.add_argument(
        "--max-memory",
        type=size,
        metavar="SIZE",
        help="of all files at once, as in 800M or 2G (default: a quarter of the machine); longer "
        "recordings are worked on piece by piece, with the same result",
    )
    add_rate(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")
    parser.add_argument(
        "--skip-done",
        action="store_true",
        help="resume: leave what an earlier run did in the same way to the same input",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="only say what would be written: rates, channels, filters, memory, sizes",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="write a page for the browser: a table of the files, traces and spectra before and "
        "after, responses, a text for the methods part of a paper",
    )
    parser.add_argument("--log", metavar="FILE", help="append what happens to a file, with times")
    add_quiet(parser)
    add_json(parser)


def add_rate(parser: argparse.ArgumentParser) -> None:
    """Add --fs."""
    parser.add_argument(
        "--fs",
        type=hertz,
        metavar="HZ",
        help="sampling rate of arrays (.npy) whose sidecars do not say it",
    )


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add --quiet."""
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


#: Options whose values may begin with a dash, which argparse would take for options.
_DASHED = ("--events-suffix", "--name")


def join_dashed(words: Sequence[str]) -> list[str]:
    """Join such an option and its value into one word.

    Examples
    --------
    >>> from sigconv.cli.options import join_dashed
    >>> join_dashed(["train", "--events-suffix", "-eve.fif"])
    ['train', '--events-suffix=-eve.fif']
    """
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _DASHED:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def inputs_of(args: argparse.Namespace) -> list[str]:
    """Return the inputs that were given and those of the lists; none at all is wrong usage."""
    found: list[str] = []
    for given in args.inputs:
        found += _listed("-") if given == "-" else [given]
    if args.from_file is not None:
        try:
            found += _listed(args.from_file)
        except OSError as error:
            wrong_usage(args, f"--from-file: {args.from_file}: {error.strerror}")
    if not found:
        wrong_usage(args, "inputs must name at least one file, folder or glob; got none")
    return found


def _listed(name: str) -> list[str]:
    raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    # as `find -print0` writes it, for names that have line ends in them
    items = raw.split(b"\0") if b"\0" in raw else raw.splitlines()
    return [os.fsdecode(item) for item in items if item.strip()]


def wrong_usage(args: argparse.Namespace, sentence: str) -> NoReturn:
    """Show how the command is used and leave with the exit code of wrong usage."""
    args.parser.error(sentence)
    raise SystemExit(2)  # argparse has left already; this says so to type checkers


#: What a size may end with -> bytes.
_SIZES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def size(text: str) -> int:
    """Parse a size in bytes: 2G, 800M.

    Examples
    --------
    >>> from sigconv.cli.options import size
    >>> size("1.5G")
    1500000000
    """
    number = text.rstrip("kKMGTB")
    unit = text[len(number) :].removesuffix("B").replace("K", "k")
    try:
        value = float(number) * _SIZES[unit]
    except (KeyError, ValueError):
        value = 0
    if not 1 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a size in bytes, as 800M or 2G; got {text!r}")
    return int(value)


def positive(text: str) -> int:
    """Parse a whole number of at least 1."""
    return _whole(text, at_least=1)


def natural(text: str) -> int:
    """Parse a whole number of at least 0."""
    return _whole(text, at_least=0)


def _whole(text: str, *, at_least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = at_least - 1
    if value < at_least:
        raise argparse.ArgumentTypeError(
            f"must be a whole number of at least {at_least}; got {text!r}"
        )
    return value


def seconds(text: str) -> float:
    """Parse a time in seconds."""
    return _positive_number(text, "a time in seconds above 0")


def hertz(text: str) -> float:
    """Parse a frequency in Hz."""
    return _positive_number(text, "a frequency in Hz above 0")


def decibels(text: str) -> float:
    """Parse a loss in dB."""
    return _positive_number(text, "a loss in dB above 0")


def quality(text: str) -> float:
    """Parse a number above 0."""
    return _positive_number(text, "a number above 0")


def _positive_number(text: str, wanted: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be {wanted}; got {text!r}")
    return int(value) if value.is_integer() else value


def name_and_parameters(text: str, first: str = "width") -> tuple[str, dict[str, Any]]:
    """Parse `name:key=value,key=value`; a first value without a key is that of `first`.

    Numbers with slashes between them are a tuple.

    Examples
    --------
    >>> from sigconv.cli.options import name_and_parameters
    >>> name_and_parameters("savitzky_golay:width=0.05,order=3")
    ('savitzky_golay', {'width': 0.05, 'order': 3})
    >>> name_and_parameters("gaussian:0.01")
    ('gaussian', {'width': 0.01})
    >>> name_and_parameters("motion-blur:length=5,direction=1/1")
    ('motion-blur', {'length': 5, 'direction': (1, 1)})
    """
    name, _, rest = text.partition(":")
    parameters: dict[str, Any] = {}
    for number, item in enumerate(filter(None, rest.split(","))):
        key, equals, value = item.partition("=")
        if not equals and number == 0 and not isinstance(_plain(item), str):
            key, value = first, item
        elif not (equals and key and value):
            raise argparse.ArgumentTypeError(
                f"must be written NAME:KEY=VALUE,KEY=VALUE; got {text!r}"
            )
        parameters[key] = _plain(value)
    return name, parameters


def _plain(text: str) -> Any:
    if "/" in text:
        return tuple(_plain(part) for part in text.split("/"))
    words = {"true": True, "false": False}
    for parse in (int, float):
        try:
            return parse(text)
        except ValueError:
            continue
    return words.get(text.lower(), text)
