"""The front door: what `import sigconv` offers and what it costs."""

import ast
import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import sigconv

HEAVY = ("torch", "mne", "librosa", "matplotlib", "pandas", "scipy", "numba", "sklearn")


def loaded_after(statement: str) -> set[str]:
    """Return the top-level packages that a fresh process holds after a statement."""
    code = f"{statement}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "statement", ["import sigconv", "import sigconv.cli", "dir(__import__('sigconv'))"]
)
def test_import_loads_nothing_heavy(statement: str) -> None:
    assert loaded_after(statement).isdisjoint(HEAVY)


def test_arrays_need_neither_torch_nor_file_readers() -> None:
    used = "import sigconv as s; s.smooth([1.0, 2.0, 3.0], 3); s.lowpass(10, fs=100).filter([1.0])"
    assert loaded_after(used).isdisjoint({"torch", "mne", "librosa", "matplotlib", "pandas"})


def test_types_and_runtime_offer_the_same_names() -> None:
    tree = ast.parse(Path(sigconv.__file__).read_text())
    typed = {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.If)
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert typed | {"__version__"} == set(sigconv.__all__)


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="module 'sigconv' has no attribute 'convolv'"):
        sigconv.convolv  # noqa: B018


def public_objects() -> dict[str, object]:
    names = {name: getattr(sigconv, name) for name in sigconv.__all__ if name != "__version__"}
    for module in (sigconv.nn, sigconv.kernels):
        public = getattr(module, "__all__", None) or [n for n in vars(module) if n[0] != "_"]
        for name in public:
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                names[f"{module.__name__}.{name}"] = value
    return {name: value for name, value in names.items() if not inspect.ismodule(value)}


@pytest.mark.parametrize("name", sorted(public_objects()))
def test_public_names_are_documented_with_an_example(name: str) -> None:
    value = public_objects()[name]
    text = inspect.getdoc(value) or ""
    methods = [m for _, m in inspect.getmembers(value) if inspect.isclass(value)]
    texts = [text, *(inspect.getdoc(m) or "" for m in methods if inspect.isroutine(m))]
    assert len(text.splitlines()) > 1, f"{name} has no docstring beyond a line"
    finder = doctest.DocTestParser()
    assert any(finder.get_examples(t) for t in texts), f"{name} has no example"


def test_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert sigconv.__version__ == version("sigconv")
