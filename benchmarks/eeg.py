"""Networks and the classical baseline on real SSVEP recordings, one subject left out in turn."""

import os
import time
from pathlib import Path

from sigconv import Pipeline, Step
from sigconv.nn import EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.results import summarise

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
        config = TrainingConfig()
        results = [
            result for result, _ in cross_validate(data, model=model, config=config, seeds=SEEDS)
        ]
        minutes = (time.perf_counter() - started) / 60
        found = summarise(data, results, model=model, split="leave-one-subject-out", config=config)[
            "scores"
        ]
        own, baseline, chance = (
            found[method]["accuracy"] for method in (model, "band power + LDA", "chance")
        )
        lines.append(
            f"| {model} | {own['mean']:.3f} ± {own['standard_error']:.3f} | "
            f"{baseline['mean']:.3f} | {chance['mean']:.3f} | {minutes:.1f} |"
        )
    return "\n".join(lines)
