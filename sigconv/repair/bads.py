"""Bad channels, put together from their neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _checks
from . import through_mne


def interpolate_bads(
    x: Any,
    bads: str | Sequence[str] = (),
    *,
    montage: str | None = None,
    workers: int | None = None,
) -> Any:
    """Replace bad channels by what their neighbours say, through MNE (spherical splines).

    Parameters
    ----------
    x : Recording, or MNE Raw, Epochs or Evoked
    bads : str or sequence of str
        Names of bad channels, besides those that the object marks as bad.
    montage : str, optional
        Where the electrodes are, if the object does not know: one of MNE's built-in montages, such
        as "easycap-M1". Channels are found by their names, in any case.
    workers : int, optional
        Not used; every step takes it.

    Returns
    -------
    object of the type of `x`
        No channel is marked as bad any more.

    Raises
    ------
    TypeError
        An array: it has no places.
    ValueError
        A channel or montage that is not there, an electrode whose place is not known.
    MissingExtra
        If MNE is not installed.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> names = ["Fp1", "Fp2", "C3", "Cz", "C4", "O1", "O2", "Fz", "Pz"]
    >>> eeg = sigconv.Recording(np.ones((9, 100)) * 1e-5, fs=100, channels=names)
    >>> eeg.data[3] = 5  # an electrode that fell off
    >>> good = sigconv.interpolate_bads(eeg, "Cz", montage="easycap-M1")
    >>> bool(abs(good.data[3] - 1e-5).max() < 1e-6)
    True
    """
    prepare(bads, montage)

    def change(copy: Any) -> Any:
        wanted = through_mne.names("bads", bads)
        through_mne.need_channels("bads", wanted, copy.ch_names)
        copy.info["bads"] = list(dict.fromkeys([*copy.info["bads"], *wanted]))
        if not copy.info["bads"]:
            return copy
        if montage is not None:
            copy.set_montage(montage, match_case=False, on_missing="ignore")
        _need_places(copy)
        return copy.interpolate_bads(reset_bads=True)

    return through_mne.apply(x, "interpolate_bads", change)


def prepare(bads: str | Sequence[str] = (), montage: str | None = None) -> None:
    """Refuse what names no channels and no montage."""
    through_mne.names("bads", bads)
    if montage is not None:
        mne = _checks.require("mne", extra="eeg", purpose="interpolate_bads")
        _checks.one_of("montage", montage, mne.channels.get_builtin_montages())


def _need_places(copy: Any) -> None:
    kinds = copy.get_channel_types()
    for channel, kind in zip(copy.info["chs"], kinds, strict=True):
        place = channel["loc"][:3]
        if kind == "eeg" and not (np.isfinite(place).all() and place.any()):
            raise ValueError(
                f"x must know where each electrode is to interpolate; the place of "
                f"{channel['ch_name']!r} is not known (montage='easycap-M1' may know it)"
            )
