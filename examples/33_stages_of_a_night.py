"""Which stage of sleep each epoch of a night is: python 33_stages_of_a_night.py.

Made-up nights are written as EDF files with their hypnograms as annotations. Whole nights are
held out; a network that looks at the neighbours of an epoch stands beside band power and LDA,
which see each epoch alone. The nights are simpler than real ones: both come near 1.
"""

import tempfile
from pathlib import Path

import sigconv
from sigconv.nn import Checkpoint, EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.results import summarise, table

EPOCH = 30.0  # seconds
STAGES = {f"Sleep stage {name}": name for name in "W123R"}
SPLIT = "group-k-fold:2"


def main(n_nights: int = 4, n_epochs: int = 120, epochs: int = 10) -> dict[str, float]:
    """Return Cohen's kappa of the network and of what stands beside it."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"night{i}.edf" for i in range(n_nights)]
        for seed, path in enumerate(files):
            night = sigconv.simulate_sleep(seed=seed, n_epochs=n_epochs, fs=64)
            sigconv.write(path, night)
        data = EEGDataset.from_recordings(
            files,
            labels="annotations",
            classes=STAGES,
            task="sequence",
            place=EPOCH,
            window=(0, 11 * EPOCH),
            overlap=0.5,
        )
        config = TrainingConfig(epochs=epochs, batch_size=4, learning_rate=5e-3)
        pairs = list(cross_validate(data, model="epoch_cnn", split=SPLIT, config=config))
        results = [result for result, _ in pairs]
        found = summarise(data, results, model="epoch_cnn", split=SPLIT, config=config)
        print(table(found))
        for stage, scores in found["per_class"]["epoch_cnn"].items():
            print(f"stage {stage}: F1 {scores['f1']:.2f} of {scores['windows']} epochs")
        held_out = data.files[results[0].test[0]]
        network = Checkpoint.of(pairs[0][1], data, config)
        hypnogram = network.predict(sigconv.read(held_out)).calls
    print("one night:", "".join(hypnogram))
    return {name: scores["kappa"]["mean"] for name, scores in found["scores"].items()}


if __name__ == "__main__":
    main()
