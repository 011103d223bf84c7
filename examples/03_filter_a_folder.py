"""Filter a folder of EEG and audio files, see what came of each, and look at one result.

Give a folder of recordings of your own, or none for two made up on the spot.
The same from the command line: sigconv filter FOLDER -o filtered --bandpass 1 40 --notch 50
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from sigconv import Annotation, Pipeline, Recording, Step, read, write
from sigconv.batch import plan, run


def make_recordings(folder: Path) -> None:
    rng = np.random.default_rng(0)
    t = np.arange(20 * 250) / 250
    hum = 10e-6 * np.sin(2 * np.pi * 50 * t)
    alpha = 15e-6 * np.sin(2 * np.pi * 10 * t)
    eeg = rng.normal(size=(4, len(t))) * 5e-6 + hum + alpha
    marks = [Annotation(second, 0.0, "cue") for second in range(2, 20, 4)]
    write(folder / "rest.edf", Recording(eeg, 250, ["F3", "F4", "O1", "O2"], annotations=marks))
    tone = 0.3 * np.sin(2 * np.pi * 30 * np.arange(8000) / 8000) + rng.normal(size=8000) * 0.05
    write(folder / "tone.wav", Recording(tone, 8000, kinds="audio", units=""))


def power(recording: Recording, freq: float) -> float:
    spectrum = np.abs(np.fft.rfft(recording.data[0])) ** 2
    return float(spectrum[round(freq * recording.n_times / recording.fs)])


def main(source: Path, target: Path) -> None:
    pipeline = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)])
    jobs = plan([source], target)
    for outcome in run(jobs, pipeline, at_once=2):
        print(outcome.status, outcome.message or outcome.target.name)
        for notice in outcome.notices:
            print("  notice:", notice)
    before, after = read(jobs[0].source), read(jobs[0].target)
    print(after)
    if before.fs > 100:
        ratio = power(before, 50) / power(after, 50)
        print(f"50 Hz in {jobs[0].source.name}: {10 * np.log10(ratio):.0f} dB less")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        if len(sys.argv) > 1:
            folder = Path(sys.argv[1])
        else:
            folder = Path(scratch)
            make_recordings(folder)
        main(folder, Path(scratch) / "filtered")
