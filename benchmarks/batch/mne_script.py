"""What people write with MNE: `mne_script.py IN OUT PROCESSES METHOD`, with METHOD fir or iir."""

import functools
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import mne


def filtered(path: Path, out: Path, method: str) -> None:
    raw = mne.io.read_raw(path, preload=True, verbose="error")
    if method == "fir":  # MNE's defaults
        raw.filter(1, 40, verbose="error")
        raw.notch_filter(50, verbose="error")
    else:  # the filters of `sigconv filter --bandpass 1 40 --notch 50`
        fourth = {"order": 4, "ftype": "butter", "output": "sos"}
        raw.filter(1, 40, method="iir", iir_params=fourth, verbose="error")
        b, a = _notch(raw.info["sfreq"])
        raw.filter(None, 50, method="iir", iir_params={"b": b, "a": a}, verbose="error")
    mne.export.export_raw(out / path.name, raw, verbose="error")


def _notch(fs: float) -> tuple:
    from scipy import signal

    return signal.iirnotch(50, 30, fs=fs)


if __name__ == "__main__":
    source, out, processes, method = sys.argv[1:]
    Path(out).mkdir()
    with ProcessPoolExecutor(int(processes)) as pool:
        work = functools.partial(filtered, out=Path(out), method=method)
        list(pool.map(work, sorted(Path(source).iterdir())))
