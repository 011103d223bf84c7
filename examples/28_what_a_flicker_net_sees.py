"""What a network sees in flickers: python 28_what_a_flicker_net_sees.py [FOLDER].

A network learns to tell from the EEG of $SIGCONV_DATA/eeg/ssvep_exo at which light a person looks,
one that flickers at 13, 17 or 21 Hz, or at none. Which frequencies speak for a class is found by
taking them out one by one; what it would like to see most, by making it up. Both must show the
flicker's frequency or its harmonic, for that is where the brain follows a light.
"""

import os
import sys
from pathlib import Path

import numpy as np

from sigconv import Pipeline, Step
from sigconv.nn import EEGDataset, TrainingConfig, build_model, fit
from sigconv.nn.data import standardise
from sigconv.nn.explain import activation_maximum, draw_parts, explain
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "eeg" / "ssvep_exo"
CLASSES = {"1": "rest", "2": "13Hz", "3": "21Hz", "4": "17Hz"}
BANDS = [(f - 0.5, f + 0.5) for f in range(9, 45)]


def main(out: Path = Path(), epochs: int = 80) -> dict[str, tuple[float, float]]:
    """Return for each flicker the frequency that counts most, and that of what is made up."""
    data = EEGDataset.from_recordings(
        sorted(DATA.glob("*_raw.fif")),
        labels="events",
        classes=CLASSES,
        group=r"filename:(subject\d+)",
        window=(1, 5),
        pipeline=Pipeline([Step("bandpass", cutoff=(8, 45))]),
    )
    X, y = standardise(data.X), data.y
    model = seeded(
        0, lambda: build_model("plain_cnn", in_channels=X.shape[1], num_classes=len(data.classes))
    )
    fit(model, X, y, TrainingConfig(epochs=epochs))
    found = {}
    for target, name in enumerate(data.classes):
        if name == "rest":
            continue
        options = {"over": "band", "bands": BANDS, "fs": data.fs, "target": target}
        why = explain(model, X[y == target], method="occlusion", **options)
        counts = sum(BANDS[why.values.mean(0).argmax()]) / 2
        dream = activation_maximum(model, X.shape[1:], target=target, decay=0)
        power = (np.abs(np.fft.rfft(dream.values)) ** 2).sum(0)[1:]  # trials have no mean
        made_up = float(np.fft.rfftfreq(X.shape[2], 1 / data.fs)[1:][power.argmax()])
        found[name] = (counts, made_up)
        print(f"{name}: {counts:g} Hz counts most; made up: {made_up:.2f} Hz")
        draw_parts(why).savefig(out / f"bands_{name}.png")
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
