"""The table of smoothing methods: dispatch, errors and documentation come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import exponential, local, penalised, quantile, total_variation, weighted, widths
from .widths import Width


@dataclass(frozen=True)
class Parameter:
    """A parameter of one method: its default and what it is."""

    default: Any
    meaning: str


@dataclass(frozen=True)
class Method:
    """A way to smooth.

    Parameters
    ----------
    prepare : callable
        ``(width in samples, **parameters) -> run``, which checks the parameters; then
        ``run(rows, boundary, omit, workers, out)``, which fills `out`, contiguous and of the
        type of the rows; `boundary` is numpy.pad's name, or None if `beyond` is. `delta`, the
        distance of the samples, is passed if the method has `derivative`.
    width : Width
        What the width is.
    parameters : mapping of str to Parameter
        What else the method takes.
    omits : bool
        Whether it can leave out samples that are not finite.
    beyond : str or None
        What lies beyond the ends if nobody says so. None: nothing, it fits the samples there are.
    extends : bool
        Whether anything else can lie there.
    """

    prepare: Callable[..., Callable[..., Any]]
    width: Width
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    omits: bool = True
    beyond: str | None = "reflect"
    extends: bool = True


METHODS = {
    "moving_average": Method(weighted.moving_average, widths.ANY_WHOLE),
    "triangular": Method(weighted.triangular, widths.ODD),
    "hann": Method(weighted.hann, widths.ODD),
    "gaussian": Method(
        weighted.gaussian,
        Width("standard deviation", 0),
        {"truncate": Parameter(4.0, "standard deviations after which the weights end")},
    ),
    "savitzky_golay": Method(
        weighted.savitzky_golay,
        widths.ODD,
        {
            "order": Parameter(2, "degree of the polynomial"),
            "derivative": Parameter(
                0, "which derivative of it comes back, per second (per sample without a rate)"
            ),
        },
        omits=False,
    ),
    "median": Method(quantile.median, widths.ODD),
    "quantile": Method(
        quantile.quantile,
        widths.ODD,
        {"quantile": Parameter(0.5, "share of the samples below, from 0 (least) to 1 (greatest)")},
    ),
    "exponential": Method(
        exponential.exponential,
        Width("time constant", 0),
        {"zero_phase": Parameter(False, "forward and backward instead of causal")},
        omits=False,
    ),
    "whittaker": Method(
        penalised.whittaker,
        Width("period that is halved", 0),
        {"order": Parameter(2, "of the differences that are kept small")},
        beyond=None,
    ),
    "lowess": Method(
        local.lowess,
        widths.ODD,
        {"iterations": Parameter(3, "how often outliers are weighed less, and all fitted anew")},
        beyond=None,
    ),
    "total_variation": Method(
        total_variation.total_variation,
        Width("length of a bump that goes", 0),
        {
            "height": Parameter(
                None, "of a bump that goes, in units of `x`; None is the noise's deviation"
            )
        },
        beyond=None,
        extends=False,
    ),
}


def table() -> str:
    """Return METHODS as a table for a docstring."""
    lines = [("method", "width", "other parameters")]
    notes = []
    for name, method in METHODS.items():
        others = ", ".join(f"{key}={each.default}" for key, each in method.parameters.items())
        lines.append((name, method.width.meaning, others))
        notes += [f"{name}, `{key}`: {each.meaning}." for key, each in method.parameters.items()]
    columns = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = " ".join("=" * n for n in columns)
    rows = [
        " ".join(cell.ljust(n) for cell, n in zip(line, columns, strict=True)) for line in lines
    ]
    text = [rule, rows[0], rule, *rows[1:], rule, "", *notes]
    return "\n".join(line.rstrip() for line in text)
