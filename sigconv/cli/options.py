"""Options that mean the same in every command, and how steps are written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Add input files and the output folder."""
    parser.add_argument(
        "inputs", nargs="+", metavar="IN", help="files, folders (searched through) or globs"
    )
    parser.add_argument(
        "-o", "--out", required=True, metavar="DIR", help="output folder; made if need be"
    )


def add_batch(parser: argparse.ArgumentParser) -> None:
    """Add how many files are worked on, and what is said about it."""
    parser.add_argument(
        "--jobs", type=positive, default=1, metavar="N", help="files at once (default: 1)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be written")
    add_quiet(parser)
    add_json(parser)


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add --quiet."""
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


#: Options whose values may begin with a dash, which argparse would take for options.
_DASHED = ("--events-suffix",)


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


def wrong_usage(args: argparse.Namespace, sentence: str) -> NoReturn:
    """Show how the command is used and leave with the exit code of wrong usage."""
    args.parser.error(sentence)
    raise SystemExit(2)  # argparse has left already; this says so to type checkers


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
