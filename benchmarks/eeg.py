"""Networks and classical baselines on real EEG, on the same folds; goals beside what is reached."""

import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigconv import Pipeline, Step
from sigconv.nn import EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.data import align
from sigconv.nn.results import summarise
from sigconv.nn.training import FoldResult

from .results import circumstances

#: Rhythms, and what events evoke.
BAND, RATE = (8, 45), 128
SLOW, SLOW_RATE = (0.5, 20), 64
CLASSES = {"1": "rest", "2": "13Hz", "3": "21Hz", "4": "17Hz"}
SEEDS = (0, 1, 2)
BASELINES = ("band power + LDA", "tangent space", "filter bank + MDM")
#: Subjects from which on a paired test can bear a difference at all.
_ENOUGH = 6


@dataclass(frozen=True)
class Protocol:
    """Trials, how they are split, which networks are trained, which score counts, and the goal.

    Networks and their training were fixed before the test folds were looked at: docs/training.md
    says how.
    """

    name: str
    load: Callable[[], EEGDataset]
    split: str
    networks: Mapping[str, TrainingConfig]
    score: str = "accuracy"
    goal: float | None = None
    baselines: Sequence[str] = BASELINES


def run() -> Iterator[tuple[str, str]]:
    """Yield the section as it is after each row: what is measured is not lost."""
    started = time.perf_counter()
    rows: list[str] = []
    tests: list[str] = []
    for number, protocol in enumerate(PROTOCOLS):
        data = protocol.load()
        waiting = [later.name for later in PROTOCOLS[number + 1 :]]
        for model in protocol.networks:
            row, said = _judged(protocol, data, model)
            rows.append(row)
            tests += said
            minutes = (time.perf_counter() - started) / 60
            yield "eeg", _section(rows, tests, waiting, minutes)


def _section(
    rows: Sequence[str], tests: Sequence[str], waiting: Sequence[str], minutes: float
) -> str:
    unfinished = [f"Stopped before: {'; '.join(waiting)}.", ""] if waiting else []
    return "\n".join(
        [
            circumstances("torch", "scikit-learn", "mne", "pyriemann"),
            "",
            f"Seeds {SEEDS}: the mean of their scores, and the score of their probabilities' mean. "
            "Over subjects (over folds where there is one subject), ± the standard error. "
            f"Baselines on the same folds. Seconds: all folds of one seed, training and answers. "
            f"In all {minutes:.0f} minutes.",
            "",
            "| data and protocol | score | network | mean of the seeds | seeds together | goal | "
            f"{' | '.join(BASELINES)} | chance | seconds |",
            "|---" * (8 + len(BASELINES)) + "|",
            *rows,
            "",
            *unfinished,
            "Paired tests over subjects (Wilcoxon's signed ranks, two-sided, not corrected for "
            "their number; seven subjects bear p = 0.016 at best), accuracy, mean of the seeds. "
            "Without a goal nothing is claimed: these are few trials of one or two people.",
            "",
            *tests,
        ]
    )


def _judged(protocol: Protocol, data: EEGDataset, model: str) -> tuple[str, list[str]]:
    """Return a network's row, and what paired tests say of it."""
    config = protocol.networks[model]
    results, seconds = _trained(protocol, data, model)

    def summary(some: Sequence[FoldResult]) -> dict[str, Any]:
        return summarise(data, some, model=model, split=protocol.split, config=config)

    each, together = summary(results), summary(_together(results, model))
    own, one = (found["scores"][model][protocol.score] for found in (each, together))
    others = [
        f"{each['scores'][name][protocol.score]['mean']:.3f}" if name in each["scores"] else ""
        for name in (*BASELINES, "chance")
    ]
    cells = [
        f"{protocol.name}, {len(data)} trials",
        protocol.score,
        model,
        *(f"{found['mean']:.3f} ± {found['standard_error']:.3f}" for found in (own, one)),
        _goal(protocol.goal, own["mean"], one["mean"]),
        *others,
        f"{seconds:.1f}",
    ]
    compared = [test for test in each["comparisons"] if test["n"] >= _ENOUGH]
    against = [
        f"{test['against']} {test['mean_difference']:+.3f} (p = {test['p']:.3f})"
        for test in compared
        if test["against"] in BASELINES and each["unit"] == "subject"
    ]
    said = [f"- {protocol.name}: {model} minus {', minus '.join(against)}"] if against else []
    return f"| {' | '.join(cells)} |", said


def _goal(goal: float | None, mean: float, together: float) -> str:
    if goal is None:
        return "none"
    if mean >= goal:
        return f"≥ {goal:g} met"
    return f"≥ {goal:g} {'met by the seeds together' if together >= goal else 'MISSED'}"


def _trained(protocol: Protocol, data: EEGDataset, model: str) -> tuple[list[FoldResult], float]:
    """Return all folds and seeds with the baselines, and the seconds of one seed's folds."""

    def folds(seeds: Sequence[int], baselines: Sequence[str]) -> list[FoldResult]:
        trained = cross_validate(
            data,
            model=model,
            split=protocol.split,
            config=protocol.networks[model],
            seeds=seeds,
            baselines=baselines,
        )
        return [result for result, _ in trained]

    first = folds(SEEDS[:1], protocol.baselines)
    started = time.perf_counter()
    later = folds(SEEDS[1:], ())
    seconds = (time.perf_counter() - started) / len(SEEDS[1:])
    # baselines have no seeds
    known = {result.fold: result.probabilities for result in first}
    return [
        dataclasses.replace(result, probabilities={**known[result.fold], **result.probabilities})
        for result in (*first, *later)
    ], seconds


def _together(results: Sequence[FoldResult], model: str) -> list[FoldResult]:
    """Return each fold once, with the mean of what the seeds' networks said."""
    found = []
    for fold in dict.fromkeys(result.fold for result in results):
        same = [result for result in results if result.fold == fold]
        mean = np.mean([result.probabilities[model] for result in same], axis=0)
        probabilities = {**same[0].probabilities, model: mean}
        found.append(dataclasses.replace(same[0], probabilities=probabilities))
    return found


def _folder() -> Path:
    return Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "eeg"


def _ssvep() -> EEGDataset:
    """Return Kalunga 2016: seven people, three flickers and none, 1 to 5 s."""
    return EEGDataset.from_recordings(
        sorted((_folder() / "ssvep_exo").glob("*_raw.fif")),
        labels="events",
        classes=CLASSES,
        group=r"filename:(subject\d+)",
        window=(1, 5),
        pipeline=_pipeline(),
    )


def _aligned() -> EEGDataset:
    """Return the same, each person's trials whitened by their mean covariance, without labels."""
    data = _ssvep()
    return dataclasses.replace(data, X=align(data.X, data.groups))


def _squares() -> EEGDataset:
    """Return EEGLAB's example: a square appears, or a button is pressed."""
    return EEGDataset.from_recordings(
        [_folder() / "formats" / "eeglab_data.set"],
        labels="annotations",
        classes={"square": "square", "rt": "rt"},
        window=(0, 1),
        pipeline=_pipeline(SLOW, SLOW_RATE),
    )


def _fists() -> EEGDataset:
    """Return two runs of one person who imagined the left or the right fist, or both, or feet."""
    return EEGDataset.from_recordings(
        [_folder() / "eegmmidb" / f"S001R{run}.edf" for run in ("04", "06")],
        labels="annotations",
        classes={"T1": "T1", "T2": "T2"},
        window=(0.5, 4),
        pipeline=_pipeline(),
    )


def _arithmetic() -> EEGDataset:
    """Return two people at rest and while they subtract, in windows of 4 s."""
    return EEGDataset.from_recordings(
        sorted((_folder() / "eegmat").glob("*.edf")),
        labels=r"filename:_(\d)",
        classes={"1": "rest", "2": "arithmetic"},
        group=r"filename:(Subject\d+)",
        window=(0, 4),
        pipeline=_pipeline(),
    )


def _pipeline(band: tuple[float, float] = BAND, rate: float = RATE) -> Pipeline:
    return Pipeline([Step("bandpass", cutoff=band), Step("resample", new_fs=rate)])


#: For hundreds of trials, and for the fifty of one person, where an epoch has two steps.
MANY = TrainingConfig(epochs=30, learning_rate=5e-3)
FEW = TrainingConfig(epochs=40, learning_rate=5e-3)
#: As good in inner folds as twice the epochs.
SHORT = TrainingConfig(epochs=20, learning_rate=4e-3)
BOTH = {"log_power": FEW, "plain_cnn": TrainingConfig()}
#: The mean of covariances of 384 channels (64 in six bands) takes minutes a fold.
QUICK = BASELINES[:2]

PROTOCOLS = (
    Protocol(
        "ssvep_exo, one subject left out",
        _ssvep,
        "leave-one-subject-out",
        {"log_power": MANY},
        goal=0.63,
    ),
    Protocol(
        "the same, the left-out subject's unlabelled trials aligned",
        _aligned,
        "leave-one-subject-out",
        {"log_power": MANY},
        goal=0.75,
    ),
    Protocol(
        "ssvep_exo within subject, 5 folds",
        _ssvep,
        "within-subject",
        {"log_power": FEW},
        goal=0.82,
    ),
    Protocol(
        "eeglab_data square against rt, 5 folds",
        _squares,
        "within-subject",
        {"plain_cnn": SHORT},
        "auc",
        0.985,
        QUICK,
    ),
    Protocol(
        "eegmmidb S001, within runs 4 and 6, T1 against T2",
        _fists,
        "within-subject",
        BOTH,
        baselines=QUICK,
    ),
    Protocol(
        "eegmat, two people, the other left out, rest against arithmetic",
        _arithmetic,
        "leave-one-subject-out",
        BOTH,
        baselines=QUICK,
    ),
)
