"""A training that stopped goes on as if it had not; its file is whole at any time."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import Augmentation, TrainingConfig, build_model, fit
from sigconv.nn.pretrained import freeze
from sigconv.nn.training import seeded

CONFIGS = {
    "adamw": TrainingConfig(
        epochs=5,
        batch_size=10,
        mixup=0.3,
        augment=[Augmentation("noise")],
        class_weights="balanced",
    ),
    "sgd": TrainingConfig(epochs=5, batch_size=10, optimiser="sgd", schedule="cosine", clip=1.0),
    "early stopping": TrainingConfig(epochs=6, batch_size=10, patience=2, learning_rate=0.02),
}


def trials():
    rng = np.random.default_rng(0)
    y = np.arange(30) % 2
    return rng.normal(size=(30, 2, 64)) + 0.3 * y[:, None, None], y


def small() -> nn.Module:
    return seeded(0, lambda: build_model("plain_cnn", in_channels=2, num_classes=2, width=0.25))


class Stop(Exception):
    pass


def stopped_after(n, config, path):
    """Train until the n-th epoch is saved, then die."""
    X, y = trials()
    told = []

    def on_epoch(epoch):
        told.append(epoch)
        if epoch.number == n:
            raise Stop

    with pytest.raises(Stop):
        fit(small(), X, y, config, state=path, on_epoch=on_epoch)
    return told


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("n", [1, 3])
def test_to_the_bit(tmp_path, name, n):
    X, y = trials()
    config = CONFIGS[name]
    whole = small()
    expected = fit(whole, X, y, config)
    path = tmp_path / "state"
    stopped_after(n, config, path)
    torch.manual_seed(17)  # what the caller's generator holds must not matter
    model = seeded(5, lambda: build_model("plain_cnn", in_channels=2, num_classes=2, width=0.25))
    assert fit(model, X, y, config, state=path) == expected
    for ours, theirs in zip(model.state_dict().values(), whole.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_finished_training_is_not_trained_again(tmp_path):
    X, y = trials()
    config = TrainingConfig(epochs=2)
    history = fit(small(), X, y, config, state=tmp_path / "state")
    told = []
    assert fit(small(), X, y, config, state=tmp_path / "state", on_epoch=told.append) == history
    assert told == []


def test_ctrl_c_in_an_epoch_leaves_the_last_one_whole(tmp_path):
    X, y = trials()
    config = CONFIGS["adamw"]
    path = tmp_path / "state"
    expected = fit(small(), X, y, config)
    model = small()
    batches = 0

    def interrupt(module, inputs):
        nonlocal batches
        batches += 1
        if batches == 8:  # the second of three batches of the third epoch
            raise KeyboardInterrupt

    handle = model.register_forward_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        fit(model, X, y, config, state=path)
    handle.remove()
    assert [p.name for p in tmp_path.iterdir()] == ["state"]
    told = []
    assert fit(model, X, y, config, state=path, on_epoch=told.append) == expected
    assert [epoch.number for epoch in told] == [3, 4, 5]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"config": dataclasses.replace(CONFIGS["adamw"], seed=1)}, "its configuration is"),
        ({"y": np.arange(30) // 15}, "its labels is"),
        ({"X": np.ones((30, 2, 64))}, "its first trial is"),
        ({"X": np.ones((20, 2, 64)), "y": np.arange(20) % 2}, "its number of trials is 30, not 20"),
    ],
)
def test_another_training_is_refused(tmp_path, change, message):
    X, y = trials()
    path = tmp_path / "state"
    stopped_after(1, CONFIGS["adamw"], path)
    arguments = {"X": X, "y": y, "config": CONFIGS["adamw"], **change}
    with pytest.raises(ValueError, match=f"is the state of another training: {message}"):
        fit(small(), **arguments, state=path)


def test_another_network_and_another_file_are_refused(tmp_path):
    X, y = trials()
    path = tmp_path / "state"
    stopped_after(1, CONFIGS["adamw"], path)
    other = build_model("plain_cnn", in_channels=2, num_classes=2)
    with pytest.raises(ValueError, match="another training: its network is"):
        fit(other, X, y, CONFIGS["adamw"], state=path)
    part = small()
    freeze(part, "features.0")
    with pytest.raises(ValueError, match="another training: its frozen weights is"):
        fit(part, X, y, CONFIGS["adamw"], state=path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="is not the state of a training"):
        fit(small(), X, y, CONFIGS["adamw"], state=path)


FULL_DISK = """
import sys
import numpy as np
from sigconv.nn import TrainingConfig, build_model, fit
from sigconv.nn.training import seeded
rng = np.random.default_rng(0)
y = np.arange(30) % 2
X = rng.normal(size=(30, 2, 64))
model = seeded(0, lambda: build_model("plain_cnn", in_channels=2, num_classes=2))
hog = open(sys.argv[1] + "/hog", "wb")
def fill(epoch):
    if epoch.number == 2:
        try:
            while True:
                hog.write(bytes(4096)); hog.flush()
        except OSError:
            pass
try:
    fit(model, X, y, TrainingConfig(epochs=4), state=sys.argv[1] + "/state", on_epoch=fill)
except ValueError as error:
    print(error)
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.getuid() != 0, reason="mounts a small tmpfs"
)
def test_a_disk_that_fills(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, disk], capture_output=True, text=True, check=False
        )
        assert "the state after epoch 3 cannot be written (No space left on device)" in done.stdout
        assert "the one before is whole" in done.stdout
        assert sorted(p.name for p in disk.iterdir()) == ["hog", "state"]
        (disk / "hog").unlink()
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(30, 2, 64)), np.arange(30) % 2
        model = seeded(0, lambda: build_model("plain_cnn", in_channels=2, num_classes=2))
        told = []
        fit(model, X, y, TrainingConfig(epochs=4), state=disk / "state", on_epoch=told.append)
        assert [epoch.number for epoch in told] == [3, 4]
    finally:
        subprocess.run(["umount", disk], check=True)
