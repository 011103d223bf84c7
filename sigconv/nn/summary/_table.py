"""A summary as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import Summary


def table(about: Summary) -> str:
    """Return a line for each layer with weights or another shape, then the totals."""
    rows = [("layer", "kind", "output", "parameters", "MACs", "field", "stride")]
    before: tuple[int, ...] = about.input_shape
    for layer in about.layers:
        if layer.parameters or layer.macs or layer.output_shape != before:
            rows.append(
                (
                    layer.name,
                    layer.kind,
                    _times(layer.output_shape),
                    f"{layer.parameters:,}",
                    f"{layer.macs:,}",
                    _times(layer.receptive_field),
                    _times(layer.stride),
                )
            )
        before = layer.output_shape
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    left = {0, 1}  # names to the left, numbers to the right
    lines = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join([*lines, "", *_totals(about)])


def _totals(about: Summary) -> Iterable[str]:
    yield f"{_times(about.input_shape)} -> {_times(about.output_shape)}"
    yield f"{about.parameters:,} parameters, {about.macs:,} multiply-adds"
    field = f"receptive field {_times(about.receptive_field)} samples"
    stride = f"stride {_times(about.stride)}"
    if about.receptive_field_ms is not None and about.output_rate is not None:
        field += f" ({about.receptive_field_ms:g} ms)"
        stride += f" ({about.stride_ms:g} ms, {about.output_rate:g} Hz)"
    if about.receptive_field_mm is not None and about.stride_mm is not None:
        field += f" ({_times(about.receptive_field_mm)} mm)"
        stride += f" ({_times(about.stride_mm)} mm)"
    yield f"{field}, {stride}"
    yield f"smallest input {_times(about.smallest_input)}"


def _times(sizes: Iterable[Any]) -> str:
    return " x ".join("all" if n is None else f"{float(n):g}" for n in sizes)
