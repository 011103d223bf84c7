"""Damage that the readers underneath would not survive."""

import struct
from pathlib import Path

import numpy as np
import pytest
from scipy import io as scipy_io

from sigconv import Recording, read, write
from sigconv.io import matlab


def eeg() -> Recording:
    return Recording(np.random.default_rng(0).normal(size=(2, 1000)) * 2e-5, 250)


def test_fif_parts_in_a_circle(tmp_path: Path) -> None:
    path = tmp_path / "a_raw.fif"
    write(path, eeg())
    raw = bytearray(path.read_bytes())
    raw[12:16] = struct.pack(">i", 0)  # the first tag: what follows is right behind it
    at, first = 36, struct.unpack_from(">i", raw, 44)[0]
    back = at + 16 + first  # the third tag leads back to the second
    raw[back + 12 : back + 16] = struct.pack(">i", at)
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"a_raw\.fif: is damaged: its parts lead in a circle"):
        read(path)


def test_samples_that_damage_made_no_numbers(tmp_path: Path) -> None:
    path, signalling = tmp_path / "a.vhdr", 0x7FA00000  # what every operation on it warns of
    write(path, eeg())
    samples = tmp_path / "a.eeg"
    raw = bytearray(samples.read_bytes())
    assert len(raw) == 2 * 1000 * 4
    raw[:4] = struct.pack("<I", signalling)
    samples.write_bytes(raw)
    found = read(path).data
    assert np.argwhere(np.isnan(found)).tolist() == [[0, 0]]


def test_a_matlab_type_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.set"
    write(path, eeg())
    matlab.check(path)
    raw = bytearray(path.read_bytes())
    place = raw.index(b"data") + 4
    place += -place % 8
    raw[place : place + 8] = bytes(8)  # the samples are of no type
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"a\.set: is damaged: its MATLAB structure is broken"):
        read(path)


@pytest.mark.parametrize("compress", [False, True])
def test_whole_matlab_files_pass(tmp_path: Path, compress: bool) -> None:
    cells = np.empty((1, 2), object)
    cells[:] = [["text", np.zeros((0, 0))]]
    everything = {
        "number": 3.5,
        "complex": np.ones((2, 3)) * 1j,
        "text": "ü",
        "texts": np.array(["ab", "cd"]),
        "logical": np.array([[True, False]]),
        "small": np.array([[1, 2, 3]], np.int8),
        "struct": {"a": 1, "b": {"c": "d"}},
        "cells": cells,
        "empty": np.zeros((0, 0)),
    }
    scipy_io.savemat(tmp_path / "a.mat", everything, do_compression=compress)
    matlab.check(tmp_path / "a.mat")


def test_other_files_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "a.set").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    matlab.check(tmp_path / "a.set")


def test_real_files_pass(data: Path) -> None:
    matlab.check(data / "eeg" / "formats" / "eeglab_data.set")
