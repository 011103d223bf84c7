"""Nothing decays into denormal numbers, on which arithmetic takes a hundred times as long."""

import numpy as np
import pytest

import sigconv
from sigconv.compat import scipy_signal

TF = sigconv.lowpass(60, fs=250)
N = 6000

#: Whatever feeds its answers back, or solves equations from sample to sample.
FUNCTIONS = {
    "filter": TF.filter,
    "filtfilt": lambda x: TF.filtfilt(x, padding="none"),
    "FilterBank": lambda x: sigconv.FilterBank([TF, sigconv.lowpass(50, fs=250)] * 2).filter(x),
    "filter_time_varying": lambda x: sigconv.filter_time_varying(x, TF.sos[np.newaxis], block=N),
    "lfilter": lambda x: scipy_signal.lfilter(TF.b, TF.a, x),
    "lfilter, second order": lambda x: scipy_signal.lfilter([1.0], [1, -0.3, 0.2], x),
    "sosfilt": lambda x: scipy_signal.sosfilt(TF.sos, x),
    "exponential": lambda x: sigconv.smooth(x, 3, method="exponential"),
    "whittaker": lambda x: sigconv.smooth(x, 6, method="whittaker"),
    "standardise": lambda x: sigconv.exponential_moving_standardise(x, 0.5, eps=1.0),
    "de-emphasis": lambda x: sigconv.de_emphasis(x, 0.5, previous=0.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_tail_ends_in_normal_numbers(name):
    x = np.zeros((4, N))
    x[:, N // 2] = [1, -1, 1e-6, 1e6]
    y = FUNCTIONS[name](x)
    least = np.finfo(np.float64).tiny
    assert not ((y != 0) & (np.abs(y) < least)).any()
    assert y[:, N // 2 : N // 2 + 3].all()
    assert np.abs(y[:, -50:]).max() < 1e-300  # steps too small to be normal are not made


def test_the_callers_arithmetic_is_left_alone():
    x = np.zeros((1, 200))
    x[0, 0] = 1
    for function in FUNCTIONS.values():
        if function is FUNCTIONS["FilterBank"] or function is FUNCTIONS["filter_time_varying"]:
            continue
        function(x)
        smallest = np.array([5e-324])
        assert (smallest + smallest)[0] == 1e-323
