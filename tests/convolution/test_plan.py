"""What a plan tells, and that convolve does so."""

import dataclasses
import math
import tracemalloc

import numpy as np
import pytest

from sigconv import convolve, kernels, plan_convolution
from sigconv.convolution import choose, plan, resources
from tests import oracles

from .cases import KERNEL_OF, forget_choices, kernel, random

RNG = np.random.default_rng(0)
LONG = RNG.normal(size=4000)


def test_what_a_plan_says():
    told = plan_convolution((3, 500, 400), np.ones((5, 7)), mode="valid", x_dtype="float32")
    assert (told.x_shape, told.h_shape) == ((3, 500, 400), (5, 7))
    assert told.output_shape == (3, 496, 394)
    assert told.x_dtype == told.dtype == np.dtype("float32")
    assert [option.method for option in told.options if option.unmet] == []
    times = [option.time for option in told.options]
    assert times == sorted(times)
    assert (told.method, told.time) == (told.options[0].method, told.options[0].time)
    assert told.why.startswith("the fastest; ")
    text = str(told)
    for part in ("(3, 500, 400) float32", "(3, 496, 394) float32", f"{told.method}, the fastest"):
        assert part in text
    for name in choose.METHODS:
        assert name in text


def test_a_plan_cannot_be_changed_and_is_kept():
    told = plan_convolution((40,), [1.0, 2.0], axes=[0], boundary=["edge"])
    assert plan_convolution(40, np.array([1.0, 2.0]), axes=(0,), boundary=("edge",)) is told
    assert plan_convolution(40, [1.0, 3.0], axes=0, boundary="edge") is not told
    with pytest.raises(dataclasses.FrozenInstanceError):
        told.method = "fft"


def test_a_plan_does_not_follow_the_array_it_was_made_from():
    h = np.ones(3)
    told = plan_convolution(5, h, mode="valid")
    h[:] = 7
    np.testing.assert_array_equal(told(np.ones(5)), 3 * np.ones(3))


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64", "complex64"])
@pytest.mark.parametrize("method", KERNEL_OF)
@pytest.mark.parametrize(
    "form",
    [
        {"mode": "same", "boundary": "reflect"},
        {"mode": "valid", "stride": (2, 1), "workers": 1},
        {"axes": (0, 2), "dilation": 2},
        {"boundary": "constant", "cval": 4, "nan_policy": "raise"},
    ],
)
def test_calling_a_plan_is_convolve(form, method, dtype):
    x = random(RNG, (20, 30, 12), dtype)
    h = kernel(RNG, KERNEL_OF[method], (5, 4), dtype)
    told = plan_convolution(x.shape, h, x_dtype=dtype, method=method, **form)
    expected = convolve(x, h, method=method, **form)
    assert (told.output_shape, told.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(told(x), expected)
    out = np.empty_like(expected)
    assert told(x, out=out) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(
    ("shape", "h", "dtype"),
    [
        ((10_000,), LONG[:3], "float64"),
        ((200_000,), LONG, "float64"),
        ((300, 300), LONG[:900].reshape(30, 30), "float32"),
        ((300, 300), kernels.gaussian(3, ndim=2), "float64"),
        ((300, 300), kernels.laplacian_of_gaussian(4), "float64"),
        ((64, 64), np.ones((20, 20), int), "int32"),
        ((5, 20, 20, 20), LONG[:343].reshape(7, 7, 7), "complex128"),
    ],
)
def test_convolve_does_what_the_plan_says(shape, h, dtype, monkeypatch):
    told = plan_convolution(shape, h, x_dtype=dtype)
    done = []
    for name, method in choose.METHODS.items():
        for field in ("into", "correlate", "at_once"):
            work = getattr(method, field)

            def noted(*arguments, name=name, work=work):
                done.append(name)
                return work(*arguments)

            method = method._replace(**{field: work and noted})
        monkeypatch.setitem(choose.METHODS, name, method)
    forget_choices()
    try:
        convolve(random(RNG, shape, dtype), h)
    finally:
        forget_choices()
    assert done[0] == told.method


def test_what_hangs_on_the_samples_is_said():
    told = plan_convolution(200_000, np.arange(4000), x_dtype="int64")
    assert told.method in ("fft", "overlap_save")
    assert told.provided == "the integers are so small that rounding gives them back exactly"
    assert told.provided in str(told)
    large = RNG.integers(-(2**40), 2**40, 200_000)
    wrapped = convolve(large, np.arange(4000) << 20, mode="valid")[:3]
    exact = [
        sum(int(a) * (b << 20) for a, b in zip(large[i : i + 4000][::-1], range(4000), strict=True))
        for i in range(3)
    ]
    assert [(e + 2**63) % 2**64 - 2**63 for e in exact] == wrapped.tolist()
    floats = plan_convolution(200_000, LONG)
    assert "uneven in loudness" in floats.provided
    assert plan_convolution(200_000, LONG[:3]).provided == ""


@pytest.mark.parametrize("method", KERNEL_OF)
@pytest.mark.parametrize(("shape", "taps"), [((3000,), (20,)), ((60, 50), (6, 9))])
@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "complex128"])
def test_the_error_is_what_was_told(method, shape, taps, dtype):
    h = kernel(RNG, KERNEL_OF[method], taps, dtype)
    told = plan_convolution(shape, h, x_dtype=dtype, mode="same", method=method)
    worst = 0.0
    for x in (random(RNG, shape, dtype), np.abs(random(RNG, shape, dtype)).astype(dtype)):
        exact = oracles.convolve(x, h, mode="same")
        scale = float(np.abs(x).max() * np.abs(h).sum())
        worst = max(worst, float(np.abs(told(x) - exact).max()) / scale)
    assert worst <= told.error
    assert worst >= told.error / 500


@pytest.mark.parametrize("method", KERNEL_OF)
@pytest.mark.parametrize(("shape", "taps"), [((300_000,), (40,)), ((600, 500), (6, 9))])
@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "complex128"])
def test_the_memory_is_what_was_told(method, shape, taps, dtype):
    h = kernel(RNG, KERNEL_OF[method], taps, dtype)
    told = plan_convolution(shape, h, x_dtype=dtype, mode="same", method=method, workers=1)
    x = random(RNG, shape, dtype)
    told(x)  # tables and factors are made once
    tracemalloc.start()
    answer = told(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    slack = 100_000 + answer.nbytes // 4  # truth values, and small things
    assert peak - answer.nbytes <= 1.1 * told.memory + slack
    assert told.memory <= 4 * (peak - answer.nbytes) + answer.nbytes + slack


def test_threads():
    alone = plan_convolution((600, 600), LONG[:400].reshape(20, 20), workers=1)
    shared = plan_convolution((600, 600), LONG[:400].reshape(20, 20), workers=4)
    assert (alone.threads, shared.threads) == (1, 4)
    assert shared.time < alone.time
    assert plan_convolution(100, [1.0], workers=4).threads == 1


def test_units():
    assert [plan._seconds(t) for t in (2, 0.0123, 4.5e-6)] == ["2 s", "12.3 ms", "4.5 us"]
    assert [plan._bytes(n) for n in (12, 34_000, 5e6, 7.25e9)] == [
        "12 bytes",
        "34 kB",
        "5 MB",
        "7.25 GB",
    ]


def test_every_method_has_its_resources():
    assert resources.OF.keys() == choose.METHODS.keys()
    told = plan_convolution(9, [1.0], method="fft")
    assert told.why.startswith("asked for; ")
    assert all(math.isfinite(option.time) for option in told.options)


@pytest.mark.parametrize(
    ("arguments", "form", "error", "sentence"),
    [
        ((0, [1]), {}, ValueError, "^x_shape must be a whole number of at least 1; got 0$"),
        (((3, 1.5), [1]), {}, TypeError, r"^x_shape must be a whole number; got 1\.5$"),
        ((9, [1]), {"x_dtype": "U3"}, TypeError, "^x must hold numbers"),
        ((9, [1]), {"method": "ftt"}, ValueError, r"^method must be one of .*; got 'ftt'"),
        ((9, [1, 2]), {"method": "running_sum"}, ValueError, "^method 'running_sum' needs a ker"),
        ((9, [1]), {"workers": 0}, ValueError, "^workers must be"),
        ((9, [np.inf]), {}, ValueError, "^h must hold finite numbers"),
        ((3, [1] * 5), {"mode": "valid"}, ValueError, "^h must not be longer than x"),
        ((9, [1]), {"nan_policy": "ignore"}, ValueError, "^nan_policy must be one of"),
        ((9, [1]), {"stride": 0}, ValueError, "^stride must be"),
    ],
)
def test_one_sentence_for_each_mistake(arguments, form, error, sentence):
    with pytest.raises(error, match=sentence):
        plan_convolution(*arguments, **form)


def test_signals_have_to_be_those_of_the_plan():
    told = plan_convolution((4, 5), [1.0])
    with pytest.raises(ValueError, match=r"^x must have the plan's shape \(4, 5\); got \(5, 4\)$"):
        told(np.ones((5, 4)))
    with pytest.raises(TypeError, match=r"^x must have the plan's type float64; got float32$"):
        told(np.ones((4, 5), "float32"))
    with pytest.raises(ValueError, match=r"^x must be finite with nan_policy 'raise'"):
        plan_convolution(2, [1.0], nan_policy="raise")([np.nan, 1.0])


def test_a_plan_says_what_auto_misses_of_each_method():
    row = plan_convolution((100_000,), RNG.normal(size=80))
    unmet = {option.method: option.unmet for option in row.options}
    assert unmet["separable"].startswith("a kernel that runs along several axes")
    assert unmet["overlap_save"].startswith("a kernel for which transforms are as exact")
    few = plan_convolution((1000,), [1.0, 2.0])
    unmet = {option.method: option.unmet for option in few.options}
    assert unmet["fft"].startswith("at least 16 taps")
    own = RNG.normal(size=(3, 5, 1)) * RNG.normal(size=(3, 1, 5))
    rows = plan_convolution((3, 40, 50), own, axes=(1, 2))
    unmet = {option.method: option.unmet for option in rows.options}
    assert unmet["low_rank"].startswith("one kernel for all rows")
