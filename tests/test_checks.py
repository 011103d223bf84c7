"""The sentences of the argument checks."""

import numpy as np
import pytest

from sigconv import _checks


def test_require_names_the_extra():
    assert _checks.require("numpy", extra="x", purpose="this") is np
    sentence = (
        r"^training needs no_such_package, which the extra 'nn' brings: "
        r"pip install 'sigconv\[nn\]'$"
    )
    with pytest.raises(_checks.MissingExtra, match=sentence):
        _checks.require("no_such_package.inner", extra="nn", purpose="training")


def test_one_of():
    assert _checks.one_of("mode", "full", ["full", "same"]) == "full"
    with pytest.raises(
        ValueError,
        match=r"^mode must be one of 'full', 'same'; got 'ful' \(did you mean 'full'\?\)$",
    ):
        _checks.one_of("mode", "ful", ["full", "same"])
    with pytest.raises(ValueError, match=r"^mode must be one of 'full'; got 3$"):
        _checks.one_of("mode", 3, ["full"])
    with pytest.raises(ValueError, match=r"^mode must be one of 'full'; got \['same'\]$"):
        _checks.one_of("mode", ["same"], ["full"])


def test_parameters():
    _checks.parameters("smooth", ["order"], ["order", "delta"])
    with pytest.raises(
        TypeError, match=r"^f takes 'order', 'delta'; got 'ordr' \(did you mean 'order'\?\)$"
    ):
        _checks.parameters("f", ["ordr"], ["order", "delta"])
    with pytest.raises(TypeError, match=r"^f takes no parameters; got 'x'$"):
        _checks.parameters("f", ["x"], [])


@pytest.mark.parametrize("value", [1, 2.5, np.float32(3), np.array(4.0), True])
def test_numbers(value):
    result = _checks.number("x", value)
    assert isinstance(result, float)
    assert result == value


@pytest.mark.parametrize(
    ("value", "limits", "error", "sentence"),
    [
        ("1", {}, TypeError, "^x must be a finite number; got '1'$"),
        (None, {}, TypeError, "^x must be a finite number; got None$"),
        (1j, {}, TypeError, "^x must be a finite number; got 1j$"),
        ([1, 2], {}, TypeError, r"^x must be a finite number; got \[1, 2\]$"),
        (np.nan, {}, ValueError, "^x must be a finite number; got nan$"),
        (np.inf, {"above": 0}, ValueError, "^x must be a finite number above 0; got inf$"),
        (0, {"above": 0}, ValueError, "^x must be a finite number above 0; got 0$"),
        (
            2,
            {"at_least": 0, "below": 2},
            ValueError,
            "^x must be a finite number at least 0 and below 2; got 2$",
        ),
    ],
)
def test_what_is_no_such_number(value, limits, error, sentence):
    with pytest.raises(error, match=sentence):
        _checks.number("x", value, **limits)


def test_limits_are_inclusive_where_they_say_so():
    assert _checks.number("x", 0, at_least=0) == 0


def test_whole():
    assert _checks.whole("n", np.int8(3)) == 3
    assert _checks.whole("n", 0, at_least=0) == 0
    with pytest.raises(TypeError, match=r"^n must be a whole number; got 2.0$"):
        _checks.whole("n", 2.0)
    with pytest.raises(ValueError, match=r"^n must be a whole number of at least 1; got 0$"):
        _checks.whole("n", 0)


def test_per_axis():
    assert _checks.per_axis("stride", 2, 3) == (2, 2, 2)
    assert _checks.per_axis("stride", np.array([1, 2]), 2) == (1, 2)
    with pytest.raises(
        ValueError, match=r"^stride must be one number or one per axis \(2\); got \[1\]$"
    ):
        _checks.per_axis("stride", [1], 2)
    with pytest.raises(ValueError, match=r"^stride must be a whole number of at least 1; got 0$"):
        _checks.per_axis("stride", [1, 0], 2)


def test_axes():
    assert _checks.axis_index("axis", -1, 3) == 2
    assert _checks.axes_tuple("axes", (0, -1), 3) == (0, 2)
    assert _checks.axes_tuple("axes", 1, 3) == (1,)
    for axis in (3, -4):
        with pytest.raises(
            ValueError, match=rf"^axis must be .*(3 dimensions; got {axis}|-3; got -4)$"
        ):
            _checks.axis_index("axis", axis, 3)
    with pytest.raises(ValueError, match=r"^axis must be an axis of an array with 0 dimensions"):
        _checks.axis_index("axis", 0, 0)
    for axes in ((), (0, 0), (1, -2)):
        with pytest.raises(ValueError, match=r"^axes must name at least one axis and none twice"):
            _checks.axes_tuple("axes", axes, 3)


def test_numeric():
    assert _checks.numeric("x", [True, False]).dtype == np.int_
    x = np.zeros(3)
    assert _checks.numeric("x", x) is x
    for value, error, sentence in [
        (["a"], TypeError, r"^x must hold numbers; got an array of dtype <U1$"),
        ([None], TypeError, r"^x must hold numbers; got an array of dtype object$"),
        (3, ValueError, r"^x must have at least one dimension; got the scalar 3$"),
        (np.zeros((2, 0)), ValueError, r"^x must not be empty; got an array of shape \(2, 0\)$"),
    ]:
        with pytest.raises(error, match=sentence):
            _checks.numeric("x", value)


def test_a_masked_array_is_not_taken_for_its_data():
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    with pytest.raises(TypeError, match=r"^x must be a plain array; got a masked one"):
        _checks.numeric("x", masked)


def test_precision():
    assert _checks.precision("x", np.zeros(1, "int8")) == np.float64
    assert _checks.precision("x", np.zeros(1, ">f4")) == np.dtype("float32")
    assert _checks.precision("x", np.zeros(1, "float16")) == np.float16
    with pytest.raises(TypeError, match=r"^x must be of integers, float16 to .*; got complex256$"):
        _checks.precision("x", np.zeros(1, np.clongdouble))


def test_output():
    out = np.zeros((2, 3), np.float32)
    assert _checks.output(out, (2, 3), np.float64) is out
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    for value, dtype, error, sentence in [
        ([1.0], float, TypeError, r"^out must be a writable array; got list$"),
        (frozen, float, TypeError, r"^out must be a writable array; got a read-only one$"),
        (np.zeros(2), float, ValueError, r"^out must have shape \(3,\); got \(2,\)$"),
        (np.zeros(3, int), float, TypeError, r"^out must be able to hold float64; got int64$"),
        (np.zeros(3), complex, TypeError, r"^out must be able to hold complex128; got float64$"),
    ]:
        with pytest.raises(error, match=sentence):
            _checks.output(value, (3,), dtype)


def test_rates_and_frequencies():
    assert _checks.sampling_rate(250) == 250.0
    with pytest.raises(ValueError, match=r"^fs must be a finite number above 0; got 0$"):
        _checks.sampling_rate(0)
    assert _checks.frequency("cutoff", 40, 100.0) == 40.0
    for value in (0, 50, 60, -1):
        with pytest.raises(
            ValueError,
            match=r"^cutoff must lie between 0 and 50 Hz, half the sampling rate of 100 Hz; got ",
        ):
            _checks.frequency("cutoff", value, 100.0)
