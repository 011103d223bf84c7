"""Results as an HTML page: the table, learning curves, confusion, subjects, settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import _checks
from ...pipeline import Pipeline
from ...report import page
from ..data import Inputs
from .table import HEADS, comparison, mean_and_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_report(path: str | Path, summary: dict[str, Any]) -> None:
    """Write the page of a cross-validation (extra `plot`).

    Parameters
    ----------
    path : path
        A file of HTML, self-contained; it appears whole or not at all.
    summary : dict
        Of `summarise`.
    """
    _checks.require("matplotlib", extra="plot", purpose="the report")
    page.save(path, _document(summary))


def _document(summary: dict[str, Any]) -> page.Html:
    model, unit = summary["model"], summary["unit"]
    windows = ", ".join(f"{n} {name}" for name, n in summary["windows"].items())
    left_out = ", ".join(f"{n} {reason}" for reason, n in summary["left_out"].items())
    start, end = summary["window"]
    about = page.facts(
        {
            "split": summary["split"],
            "windows": windows,
            "left out": left_out or "none",
            "recordings": f"{len(summary['channels'])} channels at {summary['fs']:g} Hz, "
            f"{start:g} to {end:g} s",
            "filter": str(Pipeline.from_dict(summary["pipeline"])),
            "the network sees": str(Inputs(**summary["inputs"])),
            "folds and seeds": f"{len(summary['folds'])} trainings, seeds "
            + ", ".join(map(str, summary["seeds"])),
            "sigconv": summary["sigconv"],
        }
    )
    keys = list(summary["scores"][model])
    head = HEADS[keys[0]].replace("accuracy", "Accuracy")
    columns = ["", *(HEADS[key] for key in keys)]
    rows = [
        [method, *(_number(found[score]) for score in keys)]
        for method, found in summary["scores"].items()
    ]
    methods = list(summary["scores"])
    per_unit = [
        [name, *(found[method][keys[0]] for method in methods)]
        for name, found in summary["per_subject"].items()
    ]
    per_class = [
        [name, found["windows"], found["precision"], found["recall"], found["f1"]]
        for name, found in summary["per_class"].get(model, {}).items()
    ]
    confusions = [
        page.picture(
            _confusion(summary, method),
            f"Confusion matrix of {method}",
            caption=f"{method}: what windows of each class were called, all folds and seeds.",
        )
        for method in summary["confusion"]
        if method != "chance"
    ]
    by_class = (
        page.section("Confusion", *confusions),
        page.section(
            f"Classes, by {model}",
            page.table(["class", "windows", "precision", "recall", "F1"], per_class),
        ),
    )
    return page.document(
        f"{model}, {summary['split']}",
        about,
        page.section(
            "Scores",
            page.table(columns, rows, search=False),
            f"Mean and standard error over {len(per_unit)} {unit}s.",
            page.items([comparison(summary, each) for each in summary["comparisons"]]),
        ),
        page.section(
            "Learning curves",
            page.picture(_curves(summary), "Training and validation loss of every fold"),
        ),
        *(by_class if per_class else ()),
        page.section(f"{head} by {unit}", page.table([unit, *methods], per_unit)),
        page.folded("Settings", page.code(json.dumps(summary["configuration"], indent=2))),
    )


def _number(found: dict[str, Any]) -> page.Number | str:
    if found["mean"] is None:
        return "-"
    return page.Number(found["mean"], mean_and_error(found))


def _curves(summary: dict[str, Any]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    for number, fold in enumerate(summary["folds"]):
        colour = f"C{number % 10}"
        name = Path(fold["fold"]).name if len(summary["folds"]) <= 10 else None
        epochs = np.arange(1, len(fold["losses"]) + 1)
        axes.plot(epochs, fold["losses"], color=colour, linewidth=1, label=name)
        if fold["validation_losses"]:
            axes.plot(epochs, fold["validation_losses"], color=colour, linewidth=1, linestyle="--")
            axes.axvline(fold["best_epoch"], color=colour, linewidth=0.5, linestyle=":")
    # of the unit variance of values, of one class in so many
    chance = 1.0 if summary["task"] == "regress" else np.log(len(summary["classes"]))
    axes.axhline(chance, color="0.6", linewidth=1)
    last = max(len(fold["losses"]) for fold in summary["folds"])
    axes.annotate("guessing", (last, chance), color="0.4", fontsize=8, va="bottom", ha="right")
    dashed = any(fold["validation_losses"] for fold in summary["folds"])
    axes.set(
        xlabel="epoch",
        ylabel="loss (training" + (", validation dashed)" if dashed else ")"),
        ylim=(0, None),
    )
    axes.margins(y=0.1)
    if len(summary["folds"]) <= 10:
        axes.legend(fontsize=8, loc="lower left")
    return figure


def _confusion(summary: dict[str, Any], method: str) -> Figure:
    from matplotlib.figure import Figure

    counts = np.array(summary["confusion"][method])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = summary["classes"]
    side = 1.6 + 0.7 * len(names)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="called", ylabel="was")
    for (row, column), share in np.ndenumerate(shares):
        text = f"{share:.2f}\n{counts[row, column]}"
        colour = "white" if share > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    return figure
