"""Random arrays, and the comparison with SciPy that both rooms share."""

import inspect
import warnings

import numpy as np

DTYPES = ["bool", "int8", "uint8", "int32", "int64", "uint64"]
DTYPES += ["float32", "float64", "complex64", "complex128"]


def random(rng, shape, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) > 0.5
    if dtype.kind in "iu":
        return rng.integers(0, 100, shape).astype(dtype)
    x = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return (x if dtype.kind == "c" else x.real).astype(dtype)


def outcome(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except (ValueError, RuntimeError) as error:
        return error


def assert_alike(ours, theirs, *args, **kwargs):
    """Compare answers (to the precision of the least precise input) or the kind of error."""
    with warnings.catch_warnings():
        # SciPy's direct method casts memory that nobody has written to yet.
        warnings.filterwarnings("ignore", "invalid value encountered in cast", RuntimeWarning)
        expected = outcome(theirs, *args, **kwargs)
    y = outcome(ours, *args, **kwargs)
    note = f"{ours.__name__} of {args} with {kwargs}: {y!r}, not {expected!r}"
    if isinstance(expected, Exception) or isinstance(y, Exception):
        assert type(y) is type(expected), note
        return
    assert (y.dtype, y.shape) == (expected.dtype, expected.shape), note
    if y.size and y.dtype.kind in "biu":
        np.testing.assert_array_equal(y, expected, err_msg=note)
    elif y.size:
        narrow = any(np.asarray(a).dtype.char in "fF" for a in (*args, y))
        allowed = (2e-5 if narrow else 1e-12) * max(1, np.abs(expected).max())
        np.testing.assert_allclose(y, expected, rtol=0, atol=allowed, err_msg=note)


def assert_signature(ours, theirs):
    def plain(function):
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters]

    assert plain(ours) == plain(theirs)
