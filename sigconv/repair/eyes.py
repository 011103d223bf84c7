"""What the eyes leave on EEG, found and taken out by independent components."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from .. import _checks
from ..filters import highpass
from . import through_mne


def ica_eog(
    x: Any,
    channels: str | Sequence[str] = (),
    *,
    threshold: float = 0.6,
    n_components: int | float | None = None,
    seed: int = 0,
    workers: int | None = None,
) -> Any:
    """Take blinks and eye movements out of EEG, through MNE's independent components.

    The components (extended infomax) are fitted to the EEG above 1 Hz. Those that go with an EOG
    channel are subtracted from the EEG as it is.

    Parameters
    ----------
    x : Recording or MNE Raw
    channels : str or sequence of str
        What shows the eyes: names of EOG channels, or of electrodes near the eyes (Fp1, Fp2). If
        not given, the channels whose kind is "eog".
    threshold : float
        A component goes with a channel if the size of their correlation (both from 1 to 10 Hz)
        reaches this, above 0 and at most 1.
    n_components : int or float, optional
        How many components, or the part of the variance they have; all there are if not given.
    seed : int
        Where the fit begins: the same seed gives the same answer.
    workers : int, optional
        Not used; every step takes it.

    Returns
    -------
    object of the type of `x`
        Only its EEG channels differ, bad ones excepted. If no component goes with the eyes,
        that is a warning.

    Raises
    ------
    TypeError
        An array, epochs: there is nothing to fit to.
    ValueError
        No EOG channel, a channel that is not there, a number out of range.
    MissingExtra
        If MNE is not installed.

    Examples
    --------
    >>> import sigconv
    >>> eeg = sigconv.simulate_eeg(seed=1, n_trials=4)  # blinks, strongest on Fp1
    >>> clean = sigconv.ica_eog(eeg, "Fp1")
    """
    prepare(channels, threshold, n_components, seed)

    def change(copy: Any) -> Any:
        if not hasattr(copy, "first_samp"):
            raise TypeError(f"x must be a Recording or an MNE Raw; got {type(copy).__name__}")
        eyes = through_mne.names("channels", channels) or [
            name for name, kind in zip(copy.ch_names, copy.get_channel_types(), strict=True)
            if kind == "eog"
        ]  # fmt: skip
        if not eyes:
            raise ValueError(
                "channels must name what shows the eyes: there is no channel of the kind 'eog'"
            )
        through_mne.need_channels("channels", eyes, copy.ch_names)
        return _without_eyes(copy, eyes, threshold, n_components, seed)

    return through_mne.apply(x, "ica_eog", change)


def prepare(
    channels: str | Sequence[str] = (),
    threshold: float = 0.6,
    n_components: int | float | None = None,
    seed: int = 0,
) -> None:
    """Refuse numbers out of range."""
    through_mne.names("channels", channels)
    if _checks.number("threshold", threshold, above=0) > 1:
        raise ValueError(
            f"threshold must be a finite number above 0 and at most 1; got {threshold!r}"
        )
    if isinstance(n_components, float):
        _checks.number("n_components", n_components, above=0, below=1)
    elif n_components is not None:
        _checks.whole("n_components", n_components)
    _checks.whole("seed", seed, at_least=0)


def _without_eyes(
    raw: Any, eyes: list[str], threshold: float, n_components: int | float | None, seed: int
) -> Any:
    mne = _checks.require("mne", extra="eeg", purpose="ica_eog")
    ica = mne.preprocessing.ICA(
        n_components, method="infomax", fit_params={"extended": True}, random_state=seed
    )
    above = highpass(1, fs=raw.info["sfreq"]).zero_phase(raw)
    ica.fit(above, picks="eeg")
    found: set[int] = set()
    for eye in eyes:
        components, _ = ica.find_bads_eog(
            above, ch_name=eye, threshold=threshold, measure="correlation"
        )
        found.update(int(each) for each in components)
    if not found:
        warnings.warn(
            f"ica_eog: no component goes with {', '.join(eyes)}; the signals stay as they are",
            stacklevel=5,
        )
        return raw
    return ica.apply(raw, exclude=sorted(found))
