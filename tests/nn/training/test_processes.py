"""Two processes go the way of one."""

import contextlib
import io
import json
import os
import subprocess
import sys
from unittest import mock

import numpy as np
import pytest

SCRIPT = """
import json, sys
import numpy as np
import torch
from torch import distributed, nn
from sigconv.nn import Augmentation, TrainingConfig, build_model, evaluate, fit, predict
from sigconv.nn.layers import drop_connect
from sigconv.nn.training import seeded
world, rank = int(sys.argv[1]), int(sys.argv[2])
if world > 1:
    distributed.init_process_group(
        "gloo", init_method="file://" + sys.argv[3], world_size=world, rank=rank
    )
rng = np.random.default_rng(0)
y = np.arange(31) % 2
X = (rng.normal(size=(31, 3, 128)) + 0.3 * y[:, None, None]).astype("f4")
config = TrainingConfig(
    epochs=4, batch_size=9, mixup=0.3, augment=[Augmentation("noise")], clip=5.0,
    class_weights="balanced", patience=4, optimiser="sgd", learning_rate=0.05,
)
found = {}
for name in ("eegnet",):
    model = seeded(0, lambda: build_model(name, in_channels=3, num_classes=2, n_times=128))
    drop_connect(model.classifier, 0.2)
    history = fit(model, X, y, config)
    found[name] = {
        "losses": history.losses,
        "validation": history.validation_losses,
        "logits": predict(model, X).tolist(),
    }
print(json.dumps(found))
if world > 1:
    distributed.destroy_process_group()
"""


def alone():
    """The same script in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), mock.patch("sys.argv", ["", "1", "0"]):
        exec(SCRIPT, {})
    return json.loads(out.getvalue())


def together(world, folder):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(world), str(rank), str(folder / f"meet{world}")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for rank in range(world)
    ]
    found = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        found.append(json.loads(out.splitlines()[-1]))
    return found


def test_two_processes_equal_one(tmp_path):
    """Batch norm, dropout, mixup, augmentation, class weights, clipping and early stopping."""
    torch = pytest.importorskip("torch")
    if not torch.distributed.is_available():
        pytest.skip("this torch has no torch.distributed")
    expected = alone()
    first, second = together(2, tmp_path)
    assert first == second
    for name in ("eegnet",):
        assert len(expected[name]["losses"]) == 4
        for key in ("losses", "validation"):
            np.testing.assert_allclose(first[name][key], expected[name][key], rtol=0, atol=1e-5)
        np.testing.assert_allclose(first[name]["logits"], expected[name]["logits"], atol=1e-4)
