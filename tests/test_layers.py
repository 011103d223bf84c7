"""Who may import whom: docs/architecture.md's rule, read off the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sigconv

PACKAGE = Path(sigconv.__file__).parent

GROUND = {"_checks", "_files", "recording", "volume"}
CARRIERS = GROUND | {"_layout", "_carriers", "_leaf_jit", "_maps", "_memory", "_simd", "_start_jit"}
ARRAYS = CARRIERS | {"convolution", "kernels", "cnn_forms"}
FILTERS = ARRAYS | {"filters"}
SMOOTHING = FILTERS | {"smoothing", "conditioning", "features"}

#: Room -> the rooms it may import (besides itself).
ALLOWED = {
    "_checks": set(),
    "_files": {"_checks"},
    "recording": {"_checks"},
    "volume": {"_checks"},
    "_simd": set(),
    "simulation": GROUND,
    "_layout": GROUND | {"_turn_jit"},
    "_carriers": GROUND,
    "_maps": GROUND,
    "_leaf_jit": set(),
    "_start_jit": set(),
    "_turn_jit": {"_simd"},
    "_memory": set(),
    "convolution": CARRIERS,
    "kernels": CARRIERS,
    "cnn_forms": CARRIERS,
    "filters": ARRAYS,
    "smoothing": FILTERS,
    "conditioning": FILTERS,
    "features": FILTERS,
    "compat": SMOOTHING,
    "repair": FILTERS | {"io"},
    "_toml": set(),
    "pipeline": SMOOTHING | {"repair", "_toml"},
    "warm_up": SMOOTHING | {"compat", "io"},
    "io": GROUND | {"_maps", "_memory"},
    "report": SMOOTHING | {"pipeline"},
    "batch": CARRIERS | {"convolution", "kernels", "filters", "io", "pipeline", "report"},
    "nn": SMOOTHING | {"pipeline", "report"},
    "cli": SMOOTHING | {"pipeline", "io", "batch", "report", "nn", "simulation", "warm_up"},
}

#: Packages that are heavy or belong to one room -> where they may be imported.
HOMES = {
    "torch": ("nn/",),
    "sklearn": ("nn/",),
    "captum": ("nn/explain/",),
    "safetensors": ("nn/",),
    "mne": ("io/", "repair/", "nn/explain/topomaps.py"),
    "mne_bids": ("io/",),
    "edfio": ("io/",),
    "pybv": ("io/",),
    "eeglabio": ("io/",),
    "soundfile": ("io/",),
    "PIL": ("io/",),
    "tifffile": ("io/",),
    "imagecodecs": ("io/",),
    "nibabel": ("io/",),
    "dask": ("convolution/dask_arrays.py",),
    "distributed": ("batch/cluster.py",),
    "librosa": ("features/",),
    "soxr": ("conditioning/",),
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield (absolute name, whether it is imported inside a function) of each import that runs."""
    package = ("sigconv", *path.relative_to(PACKAGE).parent.parts)
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    only_for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in only_for_types:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join((*base, node.module) if node.module else base)
            for alias in node.names:
                yield f"{stem}.{alias.name}", id(node) in inside


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    inside_nn_data = path.is_relative_to(PACKAGE / "nn" / "data")
    allowed = ALLOWED[room] | ({"io"} if inside_nn_data else set())
    for name, inside_function in imports(path):
        parts = name.split(".")
        if parts[0] != "sigconv" or parts[1] in (room, "__version__"):
            continue
        assert parts[1] in allowed, f"{path.name} ({room}) imports {name}"
        if room == "cli" and parts[1] != "_checks":
            assert inside_function, f"{path.name} imports {name} before its command runs"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_packages_stay_in_their_homes(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name, inside_function in imports(path):
        package = name.split(".")[0]
        if package == "numba":
            assert place.endswith("_jit.py") or place.startswith("_simd/"), f"{place} imports numba"
        elif package == "llvmlite":
            assert place.startswith("_simd/"), f"{place} imports llvmlite"
        elif package == "matplotlib":
            assert inside_function, f"{place} imports matplotlib outside a function"
        elif package in HOMES:
            assert place.startswith(HOMES[package]), f"{place} imports {package}"


def test_every_room_has_a_rule() -> None:
    rooms = {room_of(path) for path in modules()} - {"__init__", "__main__"}
    assert rooms <= ALLOWED.keys()
