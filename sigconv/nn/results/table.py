"""Results as lines of text."""

from __future__ import annotations

from typing import Any

#: What the columns of the table are called.
HEADS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced",
    "kappa": "kappa",
    "f1": "F1",
    "auc": "AUC",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R2",
    "correlation": "correlation",
    "dice": "Dice",
    "iou": "IoU",
}
#: Task -> the score that is told of each class, and its name.
_BY_CLASS = {"sequence": ("f1", "F1"), "segment": ("dice", "Dice")}


def table(summary: dict[str, Any]) -> str:
    """Return the scores of all methods, one a line, and the paired tests below.

    Parameters
    ----------
    summary : dict
        Of `summarise`.
    """
    scores = summary["scores"]
    width = max(len(name) for name in scores)
    keys = list(next(iter(scores.values())))
    lines = ["  ".join([" " * width, *(f"{HEADS[key]:>13}" for key in keys)])]
    for method, found in scores.items():
        cells = [mean_and_error(found[key]) for key in keys]
        lines.append("  ".join([f"{method:<{width}}", *(f"{cell:>13}" for cell in cells)]))
    n = len(summary["per_subject"])
    seeds = len(summary["seeds"])
    lines.append(
        f"(mean ± standard error over {n} {summary['unit']}s"
        + (f", {seeds} seeds each)" if seeds > 1 else ")")
    )
    if summary["task"] in _BY_CLASS:
        key, name = _BY_CLASS[summary["task"]]
        found = summary["per_class"][summary["model"]]
        told = [f"{label} {_number(each[key])}" for label, each in found.items()]
        lines.append(f"{name} by class, {summary['model']}: {', '.join(told)}")
    lines += [comparison(summary, each) for each in summary["comparisons"]]
    return "\n".join(lines)


def mean_and_error(found: dict[str, Any]) -> str:
    """Return a score as 0.750 ± 0.031, or as a dash if it does not exist."""
    if found["mean"] is None:
        return "-"
    return f"{found['mean']:.3f} ± {found['standard_error']:.3f}"


def comparison(summary: dict[str, Any], found: dict[str, Any]) -> str:
    """Return a paired test as a sentence that claims no more than it bears."""
    told = f"{summary['model']} against {found['against']}: {found['mean_difference']:+.3f}"
    if found["p"] is None:
        return f"{told} (no test: {found['n']} {summary['unit']}s, or no difference)"
    verdict = "" if found["p"] < 0.05 else ", no difference that the test bears"
    return f"{told} (p = {found['p']:.3f}, {found['test']}, n = {found['n']}{verdict})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
