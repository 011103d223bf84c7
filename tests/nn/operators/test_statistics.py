"""What a norm would see, told from the data alone, against windows written out."""

import pytest
import torch
from torch.nn import functional

from sigconv.nn.operators.statistics import lagged, trial_statistics


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    ("n", "kernel", "padding"),
    [(50, 8, (4, 4)), (50, 9, (4, 4)), (50, 7, (0, 0)), (50, 7, (6, 0)), (20, 33, (16, 16)),
     (5, 9, (8, 8)), (9, 9, (0, 0)), (40, 1, (0, 0)), (200, 70, (35, 34))],
)  # fmt: skip
def test_sums_over_windows(n, kernel, padding, dtype):
    torch.manual_seed(0)
    x = torch.randn(3, 2, n, dtype=dtype).cumsum(-1) + 100
    windows = functional.pad(x.double(), padding).unfold(-1, kernel, 1).reshape(-1, kernel)
    known = lagged(x, kernel, padding)
    exact = windows.T @ windows
    torch.testing.assert_close(known.products, exact, rtol=0, atol=1e-13 * float(exact.abs().max()))
    torch.testing.assert_close(known.sums, windows.sum(0), rtol=1e-12, atol=1e-10)
    kept = lagged(x, kernel, padding, trial_statistics(x, kernel))
    torch.testing.assert_close(kept.products, known.products, rtol=0, atol=0)


def test_trials_add_up_whatever_the_memory_order():
    x = torch.randn(5, 3, 60)
    statistics = trial_statistics(x, 10)
    assert statistics.shape == (5, 11)
    turned = x.transpose(0, 2).contiguous().transpose(0, 2)
    torch.testing.assert_close(trial_statistics(turned, 10), statistics, rtol=0, atol=0)
    torch.testing.assert_close(trial_statistics(x[2:3], 10), statistics[2:3], rtol=0, atol=0)
