"""Pipelines in TOML files: what is written is read back equal, and errors name file and step."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv import Pipeline, Step
from sigconv._toml import tables

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(texts, plain, max_size=4), max_size=4))
def test_any_plain_data_comes_back(entries: list[dict[str, Any]]) -> None:
    assert tomllib.loads(tables("step", entries)) == {"step": entries}


numbers = st.floats(1e-3, 1e3) | st.integers(1, 1000)
steps = st.one_of(
    st.builds(lambda f, c: Step("lowpass", cutoff=f, causal=c), numbers, st.booleans()),
    st.builds(lambda a, b: Step("bandpass", cutoff=(a, b), order=3), numbers, numbers),
    st.builds(lambda f: Step("smooth", width=f, method="gaussian"), numbers),
    st.builds(lambda n: Step("rereference", to=n), st.lists(texts, min_size=1, unique=True)),
    st.builds(lambda h: Step("convolve", kernel=h), st.lists(numbers, min_size=1)),
    st.builds(lambda s: Step("convolve", kernel="gaussian", sigma=s), numbers),
    st.builds(lambda b: Step("interpolate_bads", bads=b), st.lists(texts)),
    st.builds(lambda n: Step("remove_line_noise", harmonics=n), st.none() | st.integers(1, 9)),
)


@given(st.lists(steps, max_size=5))
def test_pipelines_come_back_equal(items: list[Step]) -> None:
    pipeline = Pipeline(items)
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline


def test_a_file(tmp_path: Path) -> None:
    pipeline = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("detrend"), Step("detrend")])
    pipeline.save(tmp_path / "clean.toml")
    assert Pipeline.load(tmp_path / "clean.toml") == pipeline
    assert [path.name for path in tmp_path.iterdir()] == ["clean.toml"]


def test_a_kernel_beside_the_file(tmp_path: Path) -> None:
    np.save(tmp_path / "h.npy", np.array([0.25, 0.5, 0.25]))
    (tmp_path / "p.toml").write_text('[[step]]\nname = "convolve"\nkernel = "h.npy"\n')
    loaded = Pipeline.load(tmp_path / "p.toml")
    assert loaded == Pipeline([Step("convolve", kernel=(0.25, 0.5, 0.25))])
    assert Pipeline.from_toml(loaded.to_toml()) == loaded


def test_none_is_as_if_not_given() -> None:
    step = Step("remove_line_noise", harmonics=None)
    assert step == Step("remove_line_noise")
    with pytest.raises(TypeError, match="step 'lowpass' needs the parameter 'cutoff'"):
        Step("lowpass", cutoff=None)


def test_what_toml_has_no_word_for() -> None:
    with pytest.raises(TypeError, match=r"TOML has text, numbers, .*; got \(?1j"):
        Pipeline([Step("convolve", kernel=[1j])]).to_toml()
    with pytest.raises(TypeError, match="TOML has whole characters only"):
        Pipeline([Step("rereference", to="\udce9")]).to_toml()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[step]\n", r"bad\.toml: Expected"),
        ('[[step]]\ncutoff = 3\n', r"bad\.toml: step 1 must be a table with a name; got"),
        (
            '[[step]]\nname = "detrend"\n\n[[step]]\nname = "bandpas"\n',
            r"bad\.toml: step 2 \(bandpas\): name must be one of .*did you mean 'bandpass'",
        ),
        (
            '[[step]]\nname = "lowpass"\ncutof = 3\n',
            r"bad\.toml: step 1 \(lowpass\): step 'lowpass' takes .*did you mean 'cutoff'",
        ),
        ("[[steps]]\n", r"bad\.toml: a pipeline takes 'step'; got 'steps'"),
        ('step = "detrend"\n', r"bad\.toml: step must be a list of steps; got 'detrend'"),
    ],
)  # fmt: skip
def test_errors_name_file_and_step(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ValueError, match=message):
        Pipeline.load(tmp_path / "bad.toml")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.toml: no such file$"):
        Pipeline.load(tmp_path / "gone.toml")
    (tmp_path / "p.toml").write_text('[[step]]\nname = "convolve"\nkernel = "h.npy"\n')
    with pytest.raises(FileNotFoundError, match=r"p\.toml: no such file .*h\.npy"):
        Pipeline.load(tmp_path / "p.toml")
