"""What people write with soundfile and SciPy: `audio_loop.py IN OUT`, one file after the other."""

import sys
from pathlib import Path

import soundfile
from scipy import signal

if __name__ == "__main__":
    source, out = map(Path, sys.argv[1:])
    out.mkdir()
    for path in sorted(source.iterdir()):
        x, fs = soundfile.read(path)
        sos = signal.butter(2, 100, "highpass", fs=fs, output="sos")
        y = signal.sosfilt(sos, x, axis=0)
        soundfile.write(out / path.name, y, fs, subtype="PCM_16")
