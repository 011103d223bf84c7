"""Kernels by name: the table, against the functions themselves."""

import numpy as np
import pytest

from sigconv import kernels
from sigconv.kernels import words

#: Parameters with which every kernel of the table can be had.
GIVEN = {
    "boxcar": {"width": 5},
    "triangular": {"width": 5},
    "gaussian": {"sigma": 1.5},
    "kaiser": {"width": 7, "beta": 8.0},
    "tukey": {"width": 7, "alpha": 0.5},
    "savitzky-golay": {"width": 7, "order": 2},
    "exponential": {"tau": 3.0},
    "motion-blur": {"length": 5},
    "laplacian-of-gaussian": {"sigma": 1.5},
    "unsharp": {"sigma": 1.5},
    "gabor-even": {"frequency": 0.2, "sigma": 2.0},
    "gabor-odd": {"frequency": 0.2, "sigma": 2.0},
    "hilbert": {"width": 9},
}
#: Kernels that only grids of some dimensions have.
NDIM = {"savitzky-golay": 1, "exponential": 1, "hilbert": 1, "roberts-main": 2, "roberts-anti": 2}


def given(name: str) -> dict:
    windowed = "width" in words.parameter_names(name)
    return GIVEN.get(name, {"width": 9} if windowed else {})


@pytest.mark.parametrize("name", words.MAKERS)
def test_every_name_makes_a_kernel(name: str) -> None:
    for ndim in [NDIM[name]] if name in NDIM else (1, 2, 3):
        axes = "xyz"[:ndim]
        if name[-2] == "-" and name[-1] not in axes:
            with pytest.raises(ValueError, match=r"needs the axis [yz] among the axes; got"):
                kernels.named(name, axes)
            continue
        h = kernels.named(name, axes, **given(name))
        assert h.ndim == ndim
        assert np.isfinite(h).all()
        assert h.dtype.kind in "if"


def test_every_function_has_a_name() -> None:
    for function in set(kernels.__all__) - {"named", "window"}:
        word = function.replace("_", "-")
        assert any(name == word or name.startswith(f"{word}-") for name in words.MAKERS), function


def test_x_y_and_z_are_the_axes_of_these_names() -> None:
    for function in ("sobel", "prewitt", "scharr"):
        make = getattr(kernels, function)
        for number, axis in enumerate("zyx"):
            expected = make(axis=number, ndim=3)
            np.testing.assert_array_equal(kernels.named(f"{function}-{axis}", "zyx"), expected)
    np.testing.assert_array_equal(
        kernels.named("gaussian", "xy", sigma=(1.0, 2.0)), kernels.gaussian([1.0, 2.0], 2)
    )
    np.testing.assert_array_equal(kernels.named("roberts-anti", "xy").T, kernels.roberts(1))
    wave = kernels.gabor(0.2, 2.0, direction=(1, 0))
    even, odd = (
        kernels.named(f"gabor-{part}", "xy", **GIVEN["gabor-odd"]) for part in ("even", "odd")
    )
    np.testing.assert_array_equal(even + 1j * odd, wave)


def test_the_decay_has_the_present_in_its_middle() -> None:
    h = kernels.named("exponential", "x", tau=2.0)
    past = kernels.exponential(2.0)
    assert h.argmax() == len(h) // 2
    np.testing.assert_array_equal(h[len(h) // 2 :], past)


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("gausian", {}, r"kernel must be one of 'boxcar'.*did you mean 'gaussian'\?"),
        ("gaussian", {}, "kernel 'gaussian' needs the parameter 'sigma'"),
        ("gaussian", {"sgma": 2}, r"kernel 'gaussian' takes 'sigma', .*did you mean 'sigma'\?"),
        ("gaussian", {"sigma": -2}, "sigma must be a finite number above 0; got -2"),
        ("gaussian", {"sigma": (1, 2, 3)}, "sigma must be one number or one per axis"),
        ("sobel-x", {"width": 3}, "kernel 'sobel-x' takes no parameters; got 'width'"),
        ("kaiser", {"width": 5}, "kernel 'kaiser' needs the parameter 'beta'"),
        (
            "motion-blur",
            {"length": 3, "direction": (1, 1, 1)},
            r"needs 3 axes \(direction\); got 2",
        ),
        ("laplacian", {"diagonal": 3}, "diagonal must be true or false; got 3"),
        ("hilbert", {"width": 7}, "needs one axis; got 2"),
    ],
)
def test_refusals(name: str, parameters: dict, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        kernels.named(name, ("x", "y"), **parameters)
