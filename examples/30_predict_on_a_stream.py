"""Train on some people's recordings, then let the network listen to another's, chunk by chunk."""

import tempfile
from pathlib import Path

import numpy as np

from sigconv import Pipeline, Step, simulate_eeg, write
from sigconv.nn import Checkpoint, EEGDataset, TrainingConfig, build_model, fit
from sigconv.nn.data import standardise
from sigconv.nn.training import seeded


def main(epochs: int = 15) -> None:
    # a stream cannot see what comes later: causal filters, in the training too
    pipeline = Pipeline([Step("bandpass", cutoff=(4, 40), causal=True)])
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"sub-{i}.edf" for i in (1, 2, 3)]
        for i, file in enumerate(files):
            write(file, simulate_eeg(seed=i, n_trials=30, fs=128))
        data = EEGDataset.from_recordings(
            files, labels="annotations", window=(0, 3), pipeline=pipeline
        )
    config = TrainingConfig(epochs=epochs)
    model = seeded(
        0, lambda: build_model("eegnet", in_channels=8, num_classes=2, n_times=384, kernel=32)
    )
    history = fit(model, data.X, data.y, config, prepare=standardise, fs=data.fs)
    print(f"{len(data)} windows, loss {history.losses[0]:.2f} -> {history.losses[-1]:.2f}")

    checkpoint = Checkpoint.of(model, data, config)
    stranger = simulate_eeg(seed=99, n_trials=20, fs=128)
    stream = checkpoint.stream(stranger.fs, step=0.5)
    parts = [stream.push(stranger.data[:, i : i + 16]) for i in range(0, stranger.n_times, 16)]
    said = np.concatenate([part.probabilities for part in parts])
    whole = checkpoint.predict(stranger, step=0.5)
    print(f"{len(said)} predictions; off the whole: {np.abs(said - whole.probabilities).max():.0e}")
    latency = stream.latency
    print(
        f"told after {latency.window:g} s of window, {latency.step:g} s of waiting at most and "
        f"{1e3 * latency.compute:.1f} ms of computing"
    )


if __name__ == "__main__":
    main()
