"""The header fields of EDF and BDF that tell what was done, and when."""

from __future__ import annotations

import dataclasses
import re

from ..recording import Recording
from .edf_header import EdfHeader, biosemi_version
from .mne_objects import as_utc
from .origin import Origin

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


def prefiltering(text: str, origin: Origin, fs: float) -> str:
    """Return a prefiltering field that tells of the filters since the file was read."""
    band = {"HP": origin.highpass, "LP": origin.lowpass}
    if not text and origin.info is not None:
        known = {"HP": origin.info["highpass"], "LP": origin.info["lowpass"]}
        text = f"HP:{known['HP']:g}Hz " if known["HP"] else ""
        text += f"LP:{known['LP']:g}Hz" if known["LP"] and known["LP"] < fs / 2 else ""
    for freq in origin.notches:
        if not re.search(rf"N:\s*{freq:g}\s*Hz", text):
            text = f"{text} N:{freq:g}Hz"
    for key, new in band.items():
        if new is None:
            continue
        match = re.search(rf"{key}:\s*([\d.]+|DC)\s*(Hz)?", text)
        old = float(match[1]) if match and match[1] != "DC" else 0.0
        value = max(old, new) if key == "HP" else min(old or new, new)
        field = f"{key}:{value:g}Hz"
        text = text.replace(match[0], field) if match else f"{text} {field}"
    return " ".join(text.split())[:80]


def file_header(recording: Recording, source: EdfHeader | None, *, is_bdf: bool) -> EdfHeader:
    """Return a header without signals: the source's, its date and format brought up to date."""
    start = None if recording.start is None else as_utc(recording.start)
    if source is None:
        header = EdfHeader("", "X X X X", "Startdate X X X X", "", "", "", 0, "", ())
    else:
        header = source
    reserved = header.reserved if header.is_bdf == is_bdf else ""
    header = dataclasses.replace(header, reserved=reserved or ("24BIT" if is_bdf else ""))
    header = dataclasses.replace(header, version=biosemi_version(is_bdf=is_bdf))
    if start is None:
        date, time, day = "01.01.85", "00.00.00", "X"
    else:
        # two digits for the year are 1985 to 2084; readers take others from the recording field
        date = f"{start:%d.%m.%y}" if 1985 <= start.year <= 2084 else "01.01.85"
        time = f"{start:%H.%M.%S}"
        day = f"{start.day:02}-{_MONTHS[start.month - 1]}-{start.year:04}"
    if (header.date, header.time) == (date, time):
        return header
    fields = header.recording.split(" ")
    if fields[0] == "Startdate" and len(fields) > 1:
        header = dataclasses.replace(header, recording=" ".join([fields[0], day, *fields[2:]]))
    return dataclasses.replace(header, date=date, time=time)
