"""Show why deep networks need shortcuts, and small ones convolutions: python 29_why_shortcuts.py.

$SIGCONV_DATA/image/mnist_subset.npz holds the digits of the second part.
"""

import os
from pathlib import Path

import numpy as np
import torch

from sigconv.nn import TrainingConfig, activation_statistics, build_model, evaluate, fit, parse
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "image/mnist_subset.npz"
CNN = "C8k5s2BRC16k5s2BRC32BRGF"


def shortcuts() -> dict[str, float]:
    """Return how much larger gradients are at the first block than at the last one."""
    x = torch.randn(16, 1, 512, generator=torch.Generator().manual_seed(0))
    growth = {}
    for name in ("plain34", "resnet34"):
        model = seeded(0, lambda name=name: build_model(name, in_channels=1, num_classes=10))
        measured = activation_statistics(model, x)
        inside = [layer for layer in measured if layer.name.endswith(("a.conv", "b.conv"))]
        growth[name] = inside[0].gradient / inside[-1].gradient
        print(f"{name}: gradients grow {growth[name]:,.1f} times from the last block to the first")
    return growth


def main(epochs: int = 8, n_train: int = 10_000) -> dict[str, tuple[float, int]]:
    """Return accuracy and parameters of a network without and one with convolutions."""
    shortcuts()
    file = np.load(DATA)
    X, X_test = (file[key][:, None] / np.float32(255) for key in ("x_train", "x_test"))
    form = {"ndim": 2, "in_channels": 1, "num_classes": 10}
    networks = {
        "mlp": lambda: build_model("mlp", **form),
        "cnn": lambda: parse(CNN, **form),
    }
    found = {}
    for name, build in networks.items():
        model = seeded(0, build)
        config = TrainingConfig(epochs=epochs, batch_size=64, learning_rate=0.005)
        fit(model, X[:n_train], file["y_train"][:n_train].astype(int), config)
        accuracy = evaluate(model, X_test, file["y_test"].astype(int)).accuracy
        found[name] = accuracy, sum(p.numel() for p in model.parameters())
        print(f"{name}: accuracy {accuracy:.3f} with {found[name][1]:,} parameters")
    return found


if __name__ == "__main__":
    main()
