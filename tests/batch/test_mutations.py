"""Damaged files: a clear failure, or a result whose header is what the reader returned."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Pipeline, Recording, Step, read, write
from sigconv.batch import plan, run
from sigconv.io import collected

STEPS = Pipeline([Step("highpass", cutoff=1), Step("detrend")])
AUDIO = ("wav", "flac", "ogg", "rf64", "aiff", "mp3")
MADE = ["edf", "bdf", "fif", "vhdr", "set", "npy", *AUDIO]
CUT = ["edf", "bdf", "vhdr", "fif", "npy", "wav", "flac"]  # which are read in pieces
REAL = ["cnt"]  # which only read; nothing here can write them


def made_up(ending: str) -> Recording:
    x = np.random.default_rng(0).normal(size=(3, 1500))
    if ending in AUDIO:
        return Recording(0.1 * x[:2], 8000, kinds="audio", units="")
    notes = [Annotation(1.0, 0.5, "go"), Annotation(2.0, 0.0, "stop")]
    x[2] = np.arange(1500) // 300
    scale = [[2e-5], [2e-5], [1]]
    return Recording(x * scale, 250, kinds=["eeg", "eeg", "stim"], annotations=notes)


def flip(raw: bytearray, chance: random.Random, place: int) -> None:
    raw[place] ^= 1 << chance.randrange(8)


def overwrite(raw: bytearray, chance: random.Random, place: int) -> None:
    end = min(len(raw), place + chance.choice([1, 4, 16, 64]))
    raw[place:end] = bytes([chance.choice([0, 0xFF, 0x20, 0x39])]) * (end - place)


def insert(raw: bytearray, chance: random.Random, place: int) -> None:
    raw[place:place] = chance.randbytes(chance.choice([1, 2, 100]))


def remove(raw: bytearray, chance: random.Random, place: int) -> None:
    del raw[place : place + chance.choice([1, 2, 100])]


def cut_off(raw: bytearray, chance: random.Random, place: int) -> None:
    del raw[place:]


CHANGES: list[Callable[[bytearray, random.Random, int], None]] = [
    *(flip, flip, flip, overwrite, overwrite, insert, remove, cut_off)
]


def mutate(path: Path, chance: random.Random) -> None:
    """Damage a file in one to three places, most of them near its start, where headers are."""
    raw = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        reach = len(raw) if chance.random() < 0.3 else min(len(raw), 2048)
        if reach:
            chance.choice(CHANGES)(raw, chance, chance.randrange(reach))
    path.write_bytes(raw)


def survive(
    original: Path, folder: Path, n: int, seed: int, max_memory: int | None = None
) -> tuple[int, int]:
    """Process `n` mutations of a file, all in one run; return how many were done and failed."""
    chance = random.Random(seed)
    source = folder / "in"
    for number in range(n):
        place = source / f"m{number:04d}"
        place.mkdir(parents=True)
        parts = sorted(original.parent.glob(f"{original.stem}.*"))
        for part in parts:
            shutil.copy(part, place / part.name)
        mutate(place / chance.choice(parts).name, chance)
    jobs = plan([source], folder / "out")
    assert len(jobs) == n
    counts = {"done": 0, "failed": 0}
    for outcome in run(jobs, STEPS, max_memory=max_memory):
        counts[outcome.status] += 1
        if outcome.status == "failed":
            assert outcome.message.startswith((str(source), str(folder / "out"))), outcome
            assert "\n" not in outcome.message
            assert len(outcome.message) < 2000
            continue
        with collected():
            before, after = read(outcome.source), read(outcome.target)
        assert after.n_times == before.n_times, outcome
        assert after.kinds == before.kinds or outcome.target.suffix != outcome.source.suffix
        np.testing.assert_allclose(after.fs, before.fs, rtol=1e-6)
        if not outcome.notices:
            assert after.channels == before.channels, outcome
            assert len(after.annotations) == len(before.annotations), outcome
    leftovers = list((folder / "out").rglob(".*")) if (folder / "out").exists() else []
    assert not leftovers
    return counts["done"], counts["failed"]


#: Bytes that let these files be worked on in pieces only: 48,000 as a whole for each channel.
PIECES = 90_000


@pytest.fixture
def original(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    ending = request.param
    folder = tmp_path / "original"
    folder.mkdir()
    if ending in REAL:
        data: Path = request.getfixturevalue("data")
        return Path(shutil.copy(data / "eeg/formats/neuroscan_scan41_short.cnt", folder / "a.cnt"))
    write(folder / f"a.{ending}", made_up(ending))
    return folder / f"a.{ending}"


@pytest.mark.parametrize("original", [*MADE, *REAL], indirect=True)
def test_twenty_damaged_files(original: Path, tmp_path: Path) -> None:
    done, failed = survive(original, tmp_path, 20, seed=1)
    assert failed > 0
    assert done + failed == 20


@pytest.mark.parametrize("original", CUT, indirect=True)
def test_twenty_damaged_files_in_pieces(original: Path, tmp_path: Path) -> None:
    done, failed = survive(original, tmp_path, 20, seed=3, max_memory=PIECES)
    assert failed > 0
    assert done + failed == 20


@pytest.mark.slow
@pytest.mark.parametrize("original", CUT, indirect=True)
def test_five_hundred_damaged_files_in_pieces(original: Path, tmp_path: Path) -> None:
    done, failed = survive(original, tmp_path, 500, seed=4, max_memory=PIECES)
    assert failed > 50
    assert done + failed == 500


@pytest.mark.slow
@pytest.mark.parametrize("original", [*MADE, *REAL], indirect=True)
def test_five_hundred_damaged_files(original: Path, tmp_path: Path) -> None:
    done, failed = survive(original, tmp_path, 500, seed=2)
    assert failed > 50
    assert done + failed == 500
