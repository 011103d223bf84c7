"""The files of the benchmark: made up, of the sizes and kinds that were asked for."""

import shutil
from pathlib import Path

import numpy as np
import soundfile
from scipy import signal

from sigconv import Recording, write

#: So many files are different; the others are their copies.
_DIFFERENT = 5


def recordings(folder: Path, n: int, minutes: float, channels: int = 64, fs: float = 256) -> None:
    """Make EDF files: drifting noise with hum."""
    folder.mkdir()
    for number in range(n):
        path = folder / f"sub-{number:03}.edf"
        if number < _DIFFERENT:
            write(path, _eeg(np.random.default_rng(number), minutes, channels, fs))
        else:
            shutil.copyfile(folder / f"sub-{number % _DIFFERENT:03}.edf", path)


def _eeg(rng: np.random.Generator, minutes: float, channels: int, fs: float) -> Recording:
    n = round(60 * minutes * fs)
    times = np.arange(n) / fs
    x = signal.lfilter([1], [1, -0.98], rng.normal(size=(channels, n)), axis=-1)
    x += 3 * np.sin(2 * np.pi * 50 * times) + rng.normal(size=(channels, 1)) * 10
    return Recording(5e-6 * x, fs)


def long_recording(path: Path, gigabytes: float, channels: int = 64, fs: float = 256) -> None:
    """Make one long EDF file: the records of a short one over and over."""
    short = path.with_name("short.edf")
    write(short, _eeg(np.random.default_rng(0), 10, channels, fs))
    raw = short.read_bytes()
    short.unlink()
    length = int(raw[184:192])
    header, records = bytearray(raw[:length]), raw[length:]
    times = max(1, round(gigabytes * 1e9 / len(records)))
    header[236:244] = str(times * int(raw[236:244])).encode().ljust(8)
    with path.open("wb") as file:
        file.write(header)
        for _ in range(times):
            file.write(records)


def audio(folder: Path, n: int, seconds: float, fs: int = 44_100) -> None:
    """Make stereo FLAC files of 16 bits: coloured noise that swells, over a tone."""
    folder.mkdir()
    times = np.arange(round(seconds * fs)) / fs
    for number in range(n):
        path = folder / f"take-{number:03}.flac"
        if number < _DIFFERENT:
            rng = np.random.default_rng(number)
            noise = signal.lfilter([1], [1, -0.95], rng.normal(size=(len(times), 2)), axis=0)
            swell = 0.5 + 0.5 * np.sin(2 * np.pi * 0.3 * times)[:, np.newaxis]
            tone = np.sin(2 * np.pi * 220 * times)[:, np.newaxis]
            soundfile.write(path, 0.03 * noise * swell + 0.1 * tone, fs, subtype="PCM_16")
        else:
            shutil.copyfile(folder / f"take-{number % _DIFFERENT:03}.flac", path)
