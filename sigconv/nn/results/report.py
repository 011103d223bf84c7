"""Results as an HTML page: the table, learning curves, confusion, subjects, settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import _checks
from ...report import page
from .metrics import COUNTED
from .table import HEADS, comparison, mean_and_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_report(
    path: str | Path, summary: dict[str, Any], pictures: Mapping[str, Figure] | None = None
) -> None:
    """Write the page of a cross-validation (extra `plot`).

    Parameters
    ----------
    path : path
        A file of HTML, self-contained; it appears whole or not at all.
    summary : dict
        Of `summarise`.
    pictures : mapping of str to Figure, optional
        What was seen and said of some held-out volumes (`draw_masks`), by their captions.
    """
    _checks.require("matplotlib", extra="plot", purpose="the report")
    page.save(path, _document(summary, pictures or {}))


def _document(summary: dict[str, Any], pictures: Mapping[str, Figure]) -> page.Html:
    model, unit = summary["model"], summary["unit"]
    about = page.facts(
        {
            "split": summary["split"],
            **summary["described"],
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
    counted = COUNTED.get(summary["task"], "windows")
    names = {counted: counted, "precision": "precision", "recall": "recall", **HEADS}
    of_classes = summary["per_class"].get(model, {})
    told = [key for key in names if key in next(iter(of_classes.values()), ())]
    per_class = [[name, *(found[key] for key in told)] for name, found in of_classes.items()]
    confusions = [
        page.picture(
            _confusion(summary, method),
            f"Confusion matrix of {method}",
            caption=f"{method}: what {counted} of each class were called, all folds and seeds.",
        )
        for method in summary["confusion"]
        if method != "chance"
    ]
    shown = [page.picture(each, told, caption=told) for told, each in pictures.items()]
    by_class = (
        page.section("Confusion", *confusions),
        page.section(
            f"Classes, by {model}",
            page.table(["class", *(names[key] for key in told)], per_class),
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
        *([page.section("Held out", *shown)] if shown else ()),
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
    if summary["task"] != "segment":  # whose loss has a part that is no entropy
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
