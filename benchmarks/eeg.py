"""Networks and the classical baseline on real SSVEP recordings, one subject left out in turn."""

import os
import statistics
import time
from pathlib import Path

from sigconv import Pipeline, Step
from sigconv.nn import EEGDataset, TrainingConfig, cross_validate

from .results import circumstances

#: The settings were fixed before the first run; no test fold chose any of them.
PIPELINE = Pipeline([Step("bandpass", cutoff=(8, 45))])
CLASSES = {"1": "rest", "2": "13Hz", "3": "21Hz", "4": "17Hz"}
SEEDS = (0,)


def run() -> str:
    folder = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "eeg" / "ssvep_exo"
    data = EEGDataset.from_recordings(
        sorted(folder.glob("*_raw.fif")),
        labels="events",
        classes=CLASSES,
        group=r"filename:(subject\d+)",
        window=(1, 5),
        pipeline=PIPELINE,
    )
    lines = [
        f"{circumstances('torch', 'scikit-learn', 'mne')}",
        "",
        f"ssvep_exo (Kalunga 2016), {len(data)} trials of {len(set(data.groups))} subjects, "
        f"4 classes, {PIPELINE}, 1 to 5 s, leave one subject out, seeds {SEEDS}.",
        "",
        "| model | accuracy ± standard error over subjects | band power + LDA | chance | minutes |",
        "|---|---|---|---|---|",
    ]
    for model in ("plain_cnn", "eegnet"):
        started = time.perf_counter()
        results = [
            result
            for seed in SEEDS
            for result, _ in cross_validate(data, model=model, config=TrainingConfig(seed=seed))
        ]
        minutes = (time.perf_counter() - started) / 60
        names = dict.fromkeys(result.fold for result in results)
        subjects = [
            statistics.mean(r.accuracy for r in results if r.fold == name) for name in names
        ]
        error = statistics.stdev(subjects) / len(subjects) ** 0.5
        baseline = statistics.mean(r.baseline for r in results)
        chance = statistics.mean(r.chance for r in results)
        lines.append(
            f"| {model} | {statistics.mean(subjects):.3f} ± {error:.3f} | {baseline:.3f} | "
            f"{chance:.3f} | {minutes:.1f} |"
        )
    return "\n".join(lines)
