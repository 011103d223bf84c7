"""MNE's own filters on this engine, one line more: python 07_accelerate_mne.py [RECORDING]."""

import sys
import time

import mne
import numpy as np

import sigconv


def recording() -> mne.io.BaseRaw:
    """Return the recording that was asked for, or made-up EEG."""
    if len(sys.argv) > 1:
        return mne.io.read_raw(sys.argv[1], preload=True, verbose="error")
    eeg = sigconv.simulate_eeg(seed=0, n_trials=200)
    info = mne.create_info(list(eeg.channels), eeg.fs, "eeg")
    return mne.io.RawArray(eeg.data, info, verbose="error")


def filtered(raw: mne.io.BaseRaw, method: str) -> tuple[np.ndarray, float]:
    """Filter a copy as any MNE script does; return the signals and the seconds it took."""
    copy = raw.copy()
    before = time.perf_counter()
    copy.filter(1, 40, method=method, verbose="error")
    seconds = time.perf_counter() - before
    return copy.get_data("eeg"), seconds


def main() -> None:
    raw = recording()
    print(f"{len(raw.ch_names)} channels, {raw.times[-1]:.0f} s at {raw.info['sfreq']:g} Hz")
    for method in ("fir", "iir"):
        filtered(raw, method)  # first calls load or compile
        theirs, plain = filtered(raw, method)
        with sigconv.accelerate():
            filtered(raw, method)
            ours, quick = filtered(raw, method)
        apart = np.abs(ours - theirs).max() / np.abs(theirs).max()
        assert apart < 1e-7, apart
        print(
            f"raw.filter(1, 40, method={method!r}): {plain * 1e3:.0f} ms, inside the block "
            f"{quick * 1e3:.0f} ms; largest difference {apart:.0e} of the largest value"
        )


if __name__ == "__main__":
    main()
