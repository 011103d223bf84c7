"""Laws that every convolution obeys, on forms drawn at random."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import convolve, correlate

from .cases import KERNEL_OF, kernel, random

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
BOUNDARIES = ["zero", "edge", "reflect", "symmetric", "wrap"]
relaxed = settings(deadline=None, max_examples=60)


@st.composite
def problems(draw, kind="any", max_ndim=3):
    ndim = draw(st.integers(1, max_ndim))
    n = draw(st.tuples(*[st.integers(1, 12)] * ndim))
    k = draw(st.tuples(*[st.integers(1, 6)] * ndim))
    dtype = draw(st.sampled_from(["float64", "complex128"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    form = {
        "boundary": draw(st.lists(st.sampled_from(BOUNDARIES), min_size=ndim, max_size=ndim)),
        "stride": draw(st.tuples(*[st.integers(1, 3)] * ndim)),
        "dilation": draw(st.tuples(*[st.integers(1, 3)] * ndim)),
        "mode": draw(st.sampled_from(["full", "same"])),
    }
    return random(rng, n, dtype), kernel(rng, kind, k, dtype), form, rng


@relaxed
@given(problems(), st.sampled_from(["auto", "direct", "fft", "overlap_save"]))
def test_linear(problem, method):
    x, h, form, rng = problem
    other = random(rng, x.shape, x.dtype)
    y = convolve(2 * x - 3 * other, h, method=method, **form)
    parts = convolve(x, h, method=method, **form), convolve(other, h, method=method, **form)
    np.testing.assert_allclose(y, 2 * parts[0] - 3 * parts[1], **CLOSE)


@relaxed
@given(problems(), st.integers(0, 20))
def test_a_shift_goes_through(problem, shift):
    x, h, form, _ = problem
    wrapped = {**form, "mode": "same", "stride": 1, "boundary": "wrap"}
    y = convolve(np.roll(x, shift, axis=-1), h, **wrapped)
    np.testing.assert_allclose(y, np.roll(convolve(x, h, **wrapped), shift, axis=-1), **CLOSE)


@relaxed
@given(problems())
def test_full_commutes(problem):
    x, h, _, _ = problem
    np.testing.assert_allclose(convolve(x, h), convolve(h, x), **CLOSE)


@relaxed
@given(problems())
def test_full_associates(problem):
    x, h, _, rng = problem
    g = random(rng, (3,) * x.ndim, x.dtype)
    one, other = convolve(convolve(x, h), g), convolve(x, convolve(h, g))
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@relaxed
@given(problems())
def test_same_and_valid_are_slices_of_full(problem):
    x, h, form, _ = problem
    form = {**form, "mode": "full", "stride": 1}
    full = convolve(x, h, **form)
    span = [(k - 1) * d + 1 for k, d in zip(h.shape, form["dilation"], strict=True)]
    middle = tuple(
        slice((s - 1) // 2, (s - 1) // 2 + n) for n, s in zip(x.shape, span, strict=True)
    )
    np.testing.assert_array_equal(
        convolve(x, h, **{**form, "mode": "same", "method": "direct"}),
        convolve(x, h, **{**form, "method": "direct"})[middle],
    )
    if all(s <= n for n, s in zip(x.shape, span, strict=True)):
        inner = tuple(slice(s - 1, n) for n, s in zip(x.shape, span, strict=True))
        np.testing.assert_allclose(
            convolve(x, h, **{**form, "mode": "valid"}), full[inner], **CLOSE
        )


@relaxed
@given(problems())
def test_strides_take_every_so_many_of_the_dense_answer(problem):
    x, h, form, _ = problem
    dense = convolve(x, h, **{**form, "stride": 1})
    taken = dense[tuple(slice(None, None, s) for s in form["stride"])]
    np.testing.assert_allclose(convolve(x, h, **form), taken, **CLOSE)


@relaxed
@given(problems())
def test_dilation_is_a_kernel_with_zeros(problem):
    x, h, form, _ = problem
    spread = np.zeros(
        [(k - 1) * d + 1 for k, d in zip(h.shape, form["dilation"], strict=True)], h.dtype
    )
    spread[tuple(slice(None, None, d) for d in form["dilation"])] = h
    y = convolve(x, spread, **{**form, "dilation": 1})
    np.testing.assert_allclose(convolve(x, h, **form), y, **CLOSE)


@relaxed
@given(problems())
def test_correlation_is_the_adjoint_of_convolution(problem):
    x, h, form, rng = problem
    dilation = form["dilation"]
    if np.iscomplexobj(x):
        h = h + 1j
    image = convolve(x, h, dilation=dilation)
    y = random(rng, image.shape, image.dtype)
    back = correlate(y, h, mode="valid", dilation=dilation)
    np.testing.assert_allclose(np.vdot(y, image), np.vdot(back, x), rtol=1e-9, atol=1e-9)


@relaxed
@given(st.data(), st.sampled_from(list(KERNEL_OF)))
def test_method_and_workers_do_not_matter(data, method):
    x, h, form, _ = data.draw(problems(KERNEL_OF[method]))
    expected = convolve(x, h, method="direct", workers=1, **form)
    y = convolve(x, h, method=method, workers=2, **form)
    np.testing.assert_allclose(y, expected, **CLOSE)
    np.testing.assert_array_equal(convolve(x, h, method=method, workers=1, **form), y)
