"""Our own baseline."""

import pytest
import torch

from sigconv.nn import build_model


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_plain_cnn_parameters(ndim):
    kernels = {1: (33, 15, 7), 2: (5, 3, 3), 3: (3, 3, 3)}[ndim]
    widths = (5, 16, 32, 32)
    count = sum(
        a * b * k**ndim + 2 * b for a, b, k in zip(widths, widths[1:], kernels, strict=False)
    )
    model = build_model("plain_cnn", ndim=ndim, in_channels=5, num_classes=7)
    assert sum(p.numel() for p in model.parameters()) == count + 32 * 7 + 7


def test_plain_cnn_does_not_care_where_a_burst_lies():
    """Equivariant maps under a global mean: a shift by the pools' product changes nothing."""
    model = build_model("plain_cnn", in_channels=3, num_classes=2)
    model.eval()
    x = torch.zeros(1, 3, 64 * 9)
    x[..., 256:288] = torch.randn(3, 32)
    with torch.no_grad():
        torch.testing.assert_close(model(x), model(x.roll(64, dims=-1)), rtol=1e-5, atol=1e-6)
