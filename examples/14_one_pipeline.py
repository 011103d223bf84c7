"""One pipeline for an array, a folder of files, a stream and a TOML file."""

import tempfile
from pathlib import Path

import numpy as np

from sigconv import Pipeline, Step, simulate_eeg, write
from sigconv.batch import plan, run


def main() -> None:
    pipeline = Pipeline(
        [
            Step("bandpass", cutoff=(1, 40), causal=True),
            Step("convolve", kernel="hann", width=9, causal=True),
            Step("rereference", to="average"),
        ]
    )
    eeg = simulate_eeg(seed=1, n_trials=5)
    whole = pipeline.apply(eeg.data, fs=eeg.fs)

    stream = pipeline.stream(eeg.fs, eeg.n_channels)
    chunks = [stream.push(eeg.data[:, i : i + 50]) for i in range(0, eeg.n_times, 50)]
    difference = np.abs(np.concatenate(chunks, axis=1) - whole).max()
    print(f"chunk by chunk: {difference / np.abs(whole).max():.1e} off the whole")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "raw").mkdir()
        for subject in range(3):
            write(folder / "raw" / f"sub-{subject}.fif", simulate_eeg(seed=subject, n_trials=5))
        pipeline.save(folder / "clean.toml")
        print((folder / "clean.toml").read_text())
        jobs = plan([folder / "raw"], folder / "clean", name="{stem}_desc-clean{ext}")
        for _ in range(2):  # the second time all is done
            loaded = Pipeline.load(folder / "clean.toml")
            for outcome in run(jobs, loaded, skip_done=True):
                print(f"{outcome.target.name}: {outcome.status}")


if __name__ == "__main__":
    main()
