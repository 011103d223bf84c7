"""Widths in seconds and samples, and the sentences for what cannot be."""

import numpy as np
import pytest

import sigconv
from sigconv.smoothing import check_arguments, parameter_names
from sigconv.smoothing.methods import METHODS
from tests.filter_oracles import running_median, weighted

rng = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("method", "seconds", "samples"),
    [
        ("moving_average", 0.02, 2),
        ("moving_average", 0.1, 10),
        ("moving_average", 0.007, 1),
        ("moving_average", 0.005, 1),
        ("triangular", 0.1, 11),
        ("triangular", 0.099, 9),
        ("hann", 0.052, 5),
        ("savitzky_golay", 0.07, 7),
        ("median", 0.005, 1),
        ("gaussian", 0.0333, 3.33),
        ("exponential", 0.0333, 3.33),
        ("quantile", 0.052, 5),
        ("whittaker", 0.1234, 12.34),
        ("lowess", 0.1, 11),
        ("total_variation", 0.0333, 3.33),
    ],
)
def test_seconds_round_to_a_legal_length(method, seconds, samples):
    x = rng.standard_normal(300)
    np.testing.assert_allclose(
        sigconv.smooth(x, seconds, method=method, fs=100),
        sigconv.smooth(x, samples, method=method),
        rtol=1e-9,
        atol=1e-13,
    )


def test_the_moving_average_of_the_lecture():
    eeg = np.cumsum(rng.standard_normal(500))
    expected = np.convolve(eeg, np.ones(10) / 10, "same")
    np.testing.assert_allclose(sigconv.smooth(eeg, 10, boundary="zero"), expected, atol=1e-12)


def test_windows_longer_than_the_signal():
    x = rng.standard_normal(4)
    np.testing.assert_allclose(
        sigconv.smooth(x, 25), weighted(x, np.full(25, 1 / 25), "reflect"), atol=1e-14
    )
    np.testing.assert_array_equal(
        sigconv.smooth(x, 25, method="median"), running_median(x, 25, "reflect")
    )
    assert sigconv.smooth([2.0], 5, method="median") == [2.0]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        (([], 3), {}, ValueError, "x must not be empty"),
        ((["a"], 3), {}, TypeError, "x must hold numbers"),
        (([1.0], 3), {"axis": 1}, ValueError, "axis must be an axis of an array with 1 dimensions"),
        (([1.0], 0), {}, ValueError, "width must be a whole number of at least 1; got 0"),
        (([1.0], 2.5), {}, TypeError, "width must be a whole number; got 2.5"),
        (
            ([1.0], 4),
            {"method": "median"},
            ValueError,
            "width must be an odd number of samples; got 4",
        ),
        (
            ([1.0], 4),
            {"method": "hann"},
            ValueError,
            "width must be an odd number of samples; got 4",
        ),
        (([1.0], 1), {"method": "hann"}, ValueError, "width must be at least 3 samples"),
        (([1.0], 0), {"method": "gaussian"}, ValueError, "width must be a finite number above 0"),
        (
            ([1.0], -1),
            {"method": "exponential"},
            ValueError,
            "width must be a finite number above 0",
        ),
        (([1.0], 1e17), {"method": "exponential"}, ValueError, "width must be below 1e15 samples"),
        (([1.0], "wide"), {"fs": 100}, TypeError, "width must be a finite number above 0"),
        (
            ([1.0], 0.001),
            {"fs": 100},
            ValueError,
            "width must be half a sample at least; got 0.001 s, 0.1 samples at 100 Hz",
        ),
        (([1.0], 3), {"fs": 0}, ValueError, "fs must be a finite number above 0"),
        (
            ([1.0], 3),
            {"method": "gausian"},
            ValueError,
            r"method must be one of 'moving_average', .*\(did you mean 'gaussian'\?\)",
        ),
        (([1.0], 3), {"boundary": "mirrored"}, ValueError, "boundary must be one of .*'mirror'"),
        (([1.0], 3), {"nan_policy": "skip"}, ValueError, "nan_policy must be one of 'propagate'"),
        (([1.0], 3), {"workers": 0}, ValueError, "workers must be a whole number of at least 1"),
        (([1.0], 3), {"out": np.ones(2)}, ValueError, r"out must have shape \(1,\); got \(2,\)"),
        (
            ([1.0], 3),
            {"order": 2},
            TypeError,
            "method 'moving_average' takes no parameters; got 'order'",
        ),
        (
            ([1.0], 3),
            {"method": "savitzky_golay", "ordr": 2},
            TypeError,
            r"takes 'order', 'derivative'; got 'ordr' \(did you mean 'order'\?\)",
        ),
        (
            ([1.0], 3),
            {"method": "savitzky_golay", "order": 3},
            ValueError,
            r"order must be below width \(3\); got 3",
        ),
        (
            ([1.0], 5),
            {"method": "savitzky_golay", "derivative": 3},
            ValueError,
            r"derivative must be at most order \(2\); got 3",
        ),
        (
            ([1.0], 5),
            {"method": "gaussian", "truncate": 0},
            ValueError,
            "truncate must be a finite",
        ),
        (
            ([1.0], 5),
            {"method": "exponential", "zero_phase": 1},
            TypeError,
            "zero_phase must be True or False; got 1",
        ),
        (
            ([1.0], 5),
            {"method": "exponential", "nan_policy": "omit"},
            ValueError,
            "nan_policy must be one of 'propagate', 'interpolate', 'raise' for the method 'expon",
        ),
        (
            ([1.0], 5),
            {"method": "savitzky_golay", "nan_policy": "omit"},
            ValueError,
            "for the method 'savitzky_golay', which cannot leave samples out; got 'omit'",
        ),
        (
            ([1.0, np.nan, np.inf], 1),
            {"nan_policy": "raise"},
            ValueError,
            "x must be finite with nan_policy 'raise'; got 2 values that are not",
        ),
        (
            ([1.0], 1),
            {"method": "quantile", "quantile": 1.5},
            ValueError,
            "quantile must lie between 0 and 1; got 1.5",
        ),
        (
            ([1.0], 2),
            {"method": "whittaker"},
            ValueError,
            "width must be above 2 samples for the method 'whittaker'.*got 2",
        ),
        (
            ([1.0], 5000),
            {"method": "whittaker", "order": 3},
            ValueError,
            "width must be below 3.14e[+]03 samples for differences of order 3; got 5000",
        ),
        (
            ([1.0], 5),
            {"method": "whittaker", "order": 0},
            ValueError,
            "order must be a whole number of at least 1; got 0",
        ),
        (
            ([1.0], 3),
            {"method": "lowess"},
            ValueError,
            "width must be at least 5 samples for the method 'lowess'.*got 3",
        ),
        (
            ([1.0], 5),
            {"method": "lowess", "iterations": -1},
            ValueError,
            "iterations must be a whole number of at least 0; got -1",
        ),
        (
            ([1.0], 5),
            {"method": "total_variation", "height": 0},
            ValueError,
            "height must be a finite number above 0; got 0",
        ),
        (
            ([1.0], 5),
            {"method": "total_variation", "boundary": "edge"},
            ValueError,
            "boundary must not be given for the method 'total_variation'.*got 'edge'",
        ),
        (([1j], 5), {"method": "lowess"}, TypeError, "x must be real for the method 'lowess'"),
        (
            ([1j], 5),
            {"method": "total_variation"},
            TypeError,
            "x must be real for the method 'total_variation'; got complex128",
        ),
        (([1j], 1), {"method": "median"}, TypeError, "x must be real for the method 'median'"),
        (([np.longdouble(1)], 1), {}, TypeError, "x must be of integers, float16 to float64"),
    ],
)
def test_sentences(arguments, options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.smooth(*arguments, **options)


def test_arguments_can_be_checked_without_a_signal():
    check_arguments(0.1, fs=100, method="savitzky_golay", order=3)
    with pytest.raises(ValueError, match="order must be below width"):
        check_arguments(0.03, fs=100, method="savitzky_golay", order=3)
    with pytest.raises(ValueError, match="boundary must be one of"):
        check_arguments(3, boundary="mirrored")


def test_the_docstring_has_the_table():
    for name, method in METHODS.items():
        assert f"\n{name} " in sigconv.smooth.__doc__
        assert method.width.meaning in sigconv.smooth.__doc__
        for parameter, each in method.parameters.items():
            assert f"`{parameter}`: {each.meaning}" in sigconv.smooth.__doc__
            assert parameter in parameter_names(name)
