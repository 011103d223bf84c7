"""Plain data as TOML, which the standard library reads but does not write."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def tables(name: str, entries: Iterable[Mapping[str, Any]]) -> str:
    """Return an array of tables, whose values are text, numbers, truth values and lists of them.

    Raises
    ------
    TypeError
        A value that TOML has no word for.

    Examples
    --------
    >>> from sigconv._toml import tables
    >>> print(tables("step", [{"name": "bandpass", "cutoff": (1, 40.5)}]), end="")
    [[step]]
    name = "bandpass"
    cutoff = [1, 40.5]
    """
    lines = []
    for entry in entries:
        lines += [f"[[{name}]]", *(f"{_key(key)} = {_value(entry[key])}" for key in entry), ""]
    return "\n".join(lines).removesuffix("\n") + "\n" if lines else f"{name} = []\n"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)  # nan, inf, -inf
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    raise TypeError(f"TOML has text, numbers, true, false and lists of them; got {value!r}")


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError(f"TOML has whole characters only; got {text!r}") from None
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
