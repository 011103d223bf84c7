"""A network meets a new person: python 32_a_new_person.py [FOLDER] [subject07].

A network learns from six people of $SIGCONV_DATA/eeg/ssvep_exo at which flickering light they look.
Of the seventh it gets the first four trials of each class, and is tested on all others: as it is,
trained on, with its first layers frozen, as features of a linear classifier, beside a network that
knows these sixteen trials alone. FOLDER receives how far each layer carries over.
"""

import os
import sys
from pathlib import Path

from sigconv import Pipeline, Step, nn
from sigconv.nn.data import Seen, folds, standardise
from sigconv.nn.training import seeded
from sigconv.nn.transfer import Start, draw_transfer, transfer_curve

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "eeg" / "ssvep_exo"
CLASSES = {"1": "rest", "2": "13Hz", "3": "21Hz", "4": "17Hz"}
BLOCKS = ("features.4", "features.9", "features.14")


def main(out: Path = Path(), who: str = "subject07", epochs: int = 60) -> dict[str, float]:
    """Return the accuracies on the new person's test trials."""
    data = nn.EEGDataset.from_recordings(
        sorted(DATA.glob("*_raw.fif")),
        labels="events",
        classes=CLASSES,
        group=r"filename:(subject\d+)",
        window=(1, 5),
        pipeline=Pipeline([Step("bandpass", cutoff=(8, 45))]),
    )
    config = nn.TrainingConfig(epochs=epochs)
    shots = [fold for fold in folds("few-shot:4", data) if fold.name == who]
    (others,) = (data.groups != who).nonzero()
    model = seeded(0, lambda: nn.build_model("plain_cnn", in_channels=8, num_classes=4))
    nn.fit(model, data.X[others], data.y[others], config, prepare=standardise)
    X, y = data.X[shots[0].test], data.y[shots[0].test]
    found = {"as it is": nn.evaluate(model, X, y, prepare=standardise).accuracy}
    before = {"six people": nn.Checkpoint.of(model, data, config, seen=Seen.of(data, others))}
    ways = {
        "trained on": Start(before),
        "frozen": Start(before, freeze=BLOCKS[0], probe=BLOCKS[2]),
        "alone": None,
    }
    for name, start in ways.items():
        result, _ = next(nn.cross_validate(data, split=shots, config=config, start=start))
        said = {method: result.accuracy(method, data.y) for method in result.probabilities}
        found |= {name: said.pop("plain_cnn"), **said}
    print(f"{who}: " + ", ".join(f"{name} {accuracy:.3f}" for name, accuracy in found.items()))
    told = {"layers": BLOCKS, "config": config, "prepare": standardise}
    curve = transfer_curve(model, data.X, data.y, shots, **told)
    print(curve)
    draw_transfer(curve).savefig(out / f"transfer_{who}.png")
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."), *sys.argv[2:3])
