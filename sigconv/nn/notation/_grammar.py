"""From text to a tree: what may be written, and where it goes wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


class NotationError(ValueError):
    """A notation that cannot be read or built; the text and a caret follow the sentence.

    Examples
    --------
    >>> from sigconv.nn import NotationError
    >>> print(NotationError("k must be followed by a number", "C16kR", 4))
    k must be followed by a number
      C16kR
          ^
    """

    def __init__(self, reason: str, text: str, at: int) -> None:
        super().__init__(f"{reason}\n  {text}\n  {' ' * at}^")
        self.reason, self.text, self.at = reason, text, at


@dataclass(frozen=True)
class Letter:
    """A layer: its letter and the numbers behind it, "" being the one without a letter."""

    name: str
    at: int
    numbers: dict[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Something in brackets: "(" repeated, "[" with a shortcut, "{" side by side."""

    kind: str
    at: int
    branches: tuple[tuple[Node, ...], ...]
    repeats: int = 1
    #: Of "[": whether new maps get zeros from the shortcut, not what a convolution makes.
    zeros: bool = False


Node = Letter | Group

#: Letter -> the letters of the numbers that may stand behind it.
LETTERS = {
    "C": "ksdgpb",
    "T": "ksdgpob",
    "P": "spc",
    "A": "spc",
    "R": "",
    "E": "",
    "H": "",
    "B": "",
    "L": "",
    "D": "",
    "O": "",
    "G": "m",
    "F": "b",
}
#: Letters without which the layer means nothing.
_NEEDED = {"O"}
#: Layers that take a first number.
_COUNTED = set("CTPALDOF")
#: Words that stand alone, without a number.
_FLAGS = {"c", "m"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
#: What keeps a slip of the pen from filling the memory.
_MOST_LAYERS, _MOST_REPEATS, _DEEPEST = 10_000, 1000, 8
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,6})?(?:x\d{1,6})*|\*")


def read(text: str) -> tuple[Node, ...]:
    """Return the tree of a notation."""
    reader = _Reader(text)
    nodes = reader.nodes("")
    if not nodes:
        raise NotationError("notation must have a layer at least", text, 0)
    if _size(nodes) > _MOST_LAYERS:
        raise NotationError(f"notation must have at most {_MOST_LAYERS:,} layers", text, 0)
    return nodes


def _size(nodes: tuple[Node, ...]) -> int:
    return sum(
        1 if isinstance(node, Letter) else node.repeats * sum(map(_size, node.branches))
        for node in nodes
    )


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def peek(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def nodes(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while (sign := self.peek()) and sign not in "|)]}":
            found.append(self.group() if sign in _CLOSING else self.letter())
        if not closing and sign:
            raise NotationError(f"{sign!r} closes nothing that was opened", self.text, self.at)
        return tuple(found)

    def letter(self) -> Letter:
        at, name = self.at, self.peek()
        if name not in LETTERS:
            listed = ", ".join(LETTERS)
            raise NotationError(
                f"a layer must be one of {listed}, or stand in (), []+ or {{}}; got {name!r}",
                self.text,
                at,
            )
        self.at += 1
        numbers: dict[str, tuple[float, ...]] = {}
        if name in _COUNTED and (value := self.number()):
            numbers[""] = value
        elif name in _NEEDED:
            raise NotationError(f"{name} must be followed by a number", self.text, self.at)
        while (sign := self.peek()) and sign.islower():
            if sign not in LETTERS[name]:
                may = ", ".join(LETTERS[name]) or "no small letter"
                raise NotationError(f"{name} takes {may}; got {sign!r}", self.text, self.at)
            if sign in numbers:
                raise NotationError(f"{sign} must be given once", self.text, self.at)
            self.at += 1
            value = (1.0,) if sign in _FLAGS else self.number()
            if not value:
                raise NotationError(f"{sign} must be followed by a number", self.text, self.at)
            numbers[sign] = value
        return Letter(name, at, numbers)

    def number(self) -> tuple[float, ...]:
        """Return the numbers here: `3`, `3x5` one for each axis, `0.25`, `*` (all): -1."""
        self.peek()
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            return ()
        self.at = match.end()
        if match[0] == "*":
            return (-1.0,)
        return tuple(float(part) for part in match[0].split("x"))

    def group(self) -> Group:
        at, kind = self.at, self.peek()
        self.at += 1
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotationError(f"brackets must be at most {_DEEPEST} deep", self.text, at)
        branches = [self.nodes(_CLOSING[kind])]
        while self.peek() == "|":
            if kind != "{":
                raise NotationError("'|' must stand within { }", self.text, self.at)
            self.at += 1
            branches.append(self.nodes("}"))
        if self.peek() != _CLOSING[kind]:
            raise NotationError(f"{kind!r} must be closed by {_CLOSING[kind]!r}", self.text, at)
        self.at += 1
        self.depth -= 1
        if not any(branches):
            raise NotationError("brackets must hold a layer at least", self.text, at)
        if kind == "[":
            if self.peek() != "+":
                raise NotationError("']' must be followed by '+'", self.text, self.at)
            self.at += 1
        zeros = kind == "[" and self.peek() == "z"
        self.at += zeros
        repeats = 1
        self.peek()
        start = self.at
        if value := self.number():
            repeats = int(value[0])
            if len(value) > 1 or repeats != value[0] or not 1 <= repeats <= _MOST_REPEATS:
                raise NotationError(
                    f"repeats must be a whole number from 1 to {_MOST_REPEATS}", self.text, start
                )
        return Group(kind, at, tuple(branches), repeats, zeros)
