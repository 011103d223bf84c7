"""Checkpoints: everything needed is inside, nothing is unpickled, nothing is half written."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sigconv import Pipeline, Step
from sigconv.nn import Checkpoint, build_model, load_checkpoint, save_checkpoint

PIPELINE = Pipeline(
    [Step("bandpass", cutoff=(1, 40), order=2), Step("notch", freq=50, causal=True)]
)


def checkpoint(name: str = "eegnet", **options) -> Checkpoint:
    model = build_model(name, in_channels=3, num_classes=2, n_times=128, **options)
    return Checkpoint(model, ["a", "b"], ["C3", "Cz", "C4"], 128.0, (0.5, 1.5), PIPELINE)


@pytest.mark.parametrize(
    ("name", "options"),
    [("eegnet", {"kernel": 32}), ("plain_cnn", {"width": 0.5, "kernels": (9, 5, 3)})],
)
def test_round_trip(tmp_path, name, options):
    before = checkpoint(name, **options)
    save_checkpoint(tmp_path / "m.safetensors", before)
    after = load_checkpoint(tmp_path / "m.safetensors")
    X = np.random.default_rng(0).normal(1e-6, 1e-5, size=(5, 3, 128))
    np.testing.assert_array_equal(after.predict_proba(X), before.predict_proba(X))
    assert not after.model.training
    assert after.pipeline == PIPELINE
    assert (after.classes, after.channels) == (("a", "b"), ("C3", "Cz", "C4"))
    assert (after.fs, after.window) == (128.0, (0.5, 1.5))


def test_it_sees_windows_as_training_does(tmp_path):
    """Volts or microvolts: the standardisation is inside."""
    one = checkpoint()
    X = np.random.default_rng(0).normal(size=(5, 3, 128))
    np.testing.assert_allclose(one.predict_proba(X), one.predict_proba(1e-6 * X), rtol=1e-4)


def test_a_failed_write_keeps_what_stood_there(tmp_path, monkeypatch):
    path = tmp_path / "m.safetensors"
    save_checkpoint(path, checkpoint())
    before = path.read_bytes()

    def full(target, content):
        with target.open("wb") as file:
            file.write(content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(ValueError, match=r"cannot be written \(No space left on device\)"):
        save_checkpoint(path, checkpoint())
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.safetensors: no such file"):
        load_checkpoint(tmp_path / "nowhere.safetensors")
    noise = tmp_path / "noise.safetensors"
    noise.write_bytes(b"\x80\x04 a pickle, say")
    with pytest.raises(ValueError, match=r"noise\.safetensors: is not a checkpoint of sigconv"):
        load_checkpoint(noise)
    foreign = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, foreign)
    with pytest.raises(ValueError, match=r"foreign\.safetensors: is not a checkpoint of sigconv"):
        load_checkpoint(foreign)
    path = tmp_path / "cut.safetensors"
    save_checkpoint(path, checkpoint())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"cut\.safetensors: is not a checkpoint of sigconv"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "is a checkpoint of format 99; this sigconv .* reads format 1"),
        ({"model": {"name": "alexnext"}}, "its network cannot be built"),
        ({"pipeline": {"step": [{"name": "x"}]}}, "its network cannot be built"),
    ],
)
def test_headers_from_elsewhere(tmp_path, change, message):
    from safetensors import safe_open

    path = tmp_path / "m.safetensors"
    save_checkpoint(path, checkpoint())
    with safe_open(path, framework="pt") as file:
        about = json.loads(file.metadata()["sigconv"]) | change
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    save_file(tensors, path, metadata={"sigconv": json.dumps(about)})
    with pytest.raises(ValueError, match=message):
        load_checkpoint(path)


def test_a_model_from_elsewhere(tmp_path):
    stranger = Checkpoint(torch.nn.Linear(2, 2), ["a", "b"], ["C3"], 128.0, (0, 1))
    with pytest.raises(TypeError, match="model must be made by build_model"):
        save_checkpoint(tmp_path / "m.safetensors", stranger)
