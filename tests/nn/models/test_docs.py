"""The page about networks: its table is the registry, its code runs."""

import re

import sigconv.nn
from sigconv.nn import list_models
from sigconv.nn.models._registry import REGISTRY
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "networks.md"


def table() -> str:
    """Return the table as it has to stand there."""
    rows = [
        "| network | dimensions | made for | smallest input | options |",
        "|---|---|---|---|---|",
    ]
    for name in list_models():
        entry = REGISTRY[name]
        least = [entry.smallest[ndim] for ndim in entry.ndims]
        smallest = str(least[0]) if len(set(least)) == 1 else ", ".join(map(str, least))
        options = ", ".join(f"`{option}`" for option in entry.options if option != "width")
        cells = [
            f"`{name}`",
            ", ".join(f"{ndim}D" for ndim in entry.ndims),
            "anything" if len(entry.domains) == 6 else ", ".join(entry.domains),
            smallest,
            options,
        ]
        rows.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(rows)


def test_the_table_is_the_registry():
    assert table() in PAGE.read_text()


def test_the_blocks_run_as_written():
    names: dict[str, object] = {}
    for code in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S):
        exec(compile(code, str(PAGE), "exec"), names)
    assert sigconv.nn.describe(names["small"]) == ("C16k7s2BR[C16BRC16B]+R{C8k1|C8k1RC16}D0.25GF3")
    assert names["over"].stride == (4,)


def test_the_layers_that_are_named_exist():
    section = PAGE.read_text().partition("## Layers and blocks")[2].partition("##")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[2])}
    words = {"boundary", "ceil_mode"}
    assert named - words <= set(sigconv.nn.layers.__all__)
    assert set(sigconv.nn.layers.__all__) - named <= {"InceptionSizes"}
