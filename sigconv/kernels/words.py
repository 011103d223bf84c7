"""Kernels by their names, as a command line writes them: sobel-x, gaussian with sigma=2."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from . import averages, edges, phase

#: A kernel for the axes of the given names, in their order; further parameters by keyword.
Maker = Callable[..., NDArray[Any]]


def _everywhere(function: Callable[..., NDArray[Any]]) -> Maker:
    """Return a maker from a function that takes `ndim`."""

    def make(axes: Sequence[str], **given: Any) -> NDArray[Any]:
        return function(**given, ndim=len(axes))

    return _like(function, make, without=("ndim",))


def _one_axis(function: Callable[..., NDArray[Any]]) -> Maker:
    def make(axes: Sequence[str], **given: Any) -> NDArray[Any]:
        _need(len(axes) == 1, "one axis", axes)
        return function(**given)

    return _like(function, make)


def _along(function: Callable[..., NDArray[Any]], axis: str) -> Maker:
    """Return a maker of the difference along one axis."""

    def make(axes: Sequence[str]) -> NDArray[Any]:
        _need(axis in axes, f"the axis {axis} among the axes", axes)
        return function(axes.index(axis), len(axes))

    return _like(make, make, without=("axes",))


def _window(name: str, *shape: str) -> Maker:
    """Return a maker of one of SciPy's windows; `shape` names its parameters."""

    def make(axes: Sequence[str], width: Any, **given: Any) -> NDArray[Any]:
        missing = [each for each in shape if each not in given]
        if missing:
            raise TypeError(f"the window needs the parameter {missing[0]!r}")
        values = [_checks.number(each, given[each]) for each in shape]
        return averages.window((name, *values) if shape else name, width, len(axes))

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(each, keyword) for each in ("width", *shape)]
    make.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return make


def _directed(function: Callable[..., NDArray[Any]]) -> Maker:
    """Return a maker from a function that takes a direction, which is x if nobody says."""

    def make(axes: Sequence[str], **given: Any) -> NDArray[Any]:
        default = (1,) + (0,) * (len(axes) - 1)
        direction = given.pop("direction", default)
        direction = direction if isinstance(direction, tuple) else (direction,)
        _need(len(direction) == len(axes), f"{len(direction)} axes (direction)", axes)
        return function(**given, direction=direction)

    return _like(function, make)


def _gabor(part: str, **given: Any) -> NDArray[np.float64]:
    wave = edges.gabor(**given)
    return np.ascontiguousarray(getattr(wave, part))


def _roberts(axes: Sequence[str], *, diagonal: int) -> NDArray[Any]:
    _need(len(axes) == 2, "two axes", axes)
    return edges.roberts(diagonal).T  # x comes first here


def _decay(tau: float, *, truncate: float = 10.0) -> NDArray[np.float64]:
    """Return `exponential` with its newest tap in the middle, where mode "same" has the present."""
    past = averages.exponential(tau, truncate=truncate)
    return np.concatenate([np.zeros(len(past) - 1), past])


def _like(
    function: Callable[..., Any], make: Callable[..., Any], without: Sequence[str] = ()
) -> Maker:
    """Give `make` the parameters of `function`."""
    kept = [p for p in inspect.signature(function).parameters.values() if p.name not in without]
    make.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
    return make


def _need(met: bool, wanted: str, axes: Sequence[str]) -> None:
    if not met:
        raise ValueError(f"this kernel needs {wanted}; got {len(axes)} ({', '.join(axes)})")


#: Name -> how the kernel is made.
MAKERS: dict[str, Maker] = {
    "boxcar": _everywhere(averages.boxcar),
    "triangular": _everywhere(averages.triangular),
    "gaussian": _everywhere(averages.gaussian),
    **{
        name: _window(name)
        for name in (
            "hann",
            "hamming",
            "blackman",
            "bartlett",
            "flattop",
            "parzen",
            "bohman",
            "blackmanharris",
            "nuttall",
            "barthann",
            "cosine",
        )
    },
    "kaiser": _window("kaiser", "beta"),
    "tukey": _window("tukey", "alpha"),
    "savitzky-golay": _one_axis(averages.savitzky_golay),
    "exponential": _one_axis(_decay),
    "motion-blur": _directed(averages.motion_blur),
    **{
        f"{name}-{axis}": _along(function, axis)
        for name, function in (
            ("sobel", edges.sobel),
            ("prewitt", edges.prewitt),
            ("scharr", edges.scharr),
        )
        for axis in "xyz"
    },
    "roberts-main": _like(lambda: None, functools.partial(_roberts, diagonal=0)),
    "roberts-anti": _like(lambda: None, functools.partial(_roberts, diagonal=1)),
    "laplacian": _everywhere(edges.laplacian),
    "laplacian-of-gaussian": _everywhere(edges.laplacian_of_gaussian),
    "sharpen": _everywhere(edges.sharpen),
    "unsharp": _everywhere(edges.unsharp),
    "gabor-even": _directed(_like(edges.gabor, functools.partial(_gabor, "real"))),
    "gabor-odd": _directed(_like(edges.gabor, functools.partial(_gabor, "imag"))),
    "hilbert": _one_axis(phase.hilbert),
}


def parameter_names(name: str) -> list[str]:
    """Return the parameters that a kernel takes, the most important one first."""
    _checks.one_of("kernel", name, MAKERS)
    return list(inspect.signature(MAKERS[name]).parameters)


def named(name: str, axes: Sequence[str] = ("x", "y"), **parameters: Any) -> NDArray[Any]:
    """Return the kernel of a name, for axes called x, y and z.

    Parameters
    ----------
    name : str
        Those of the functions of this module with a dash for each underscore; sobel, prewitt and
        scharr with the axis ("sobel-x"), "roberts-main" and "roberts-anti" (the diagonals),
        "gabor-even" and "gabor-odd" (its two parts), and SciPy's windows by their own names.
    axes : sequence of str
        The axes that the kernel has, in this order.
    **parameters
        Those of the function of that name. Where one number per axis is possible, their order is
        that of `axes`.

    Returns
    -------
    ndarray, one dimension per axis

    Raises
    ------
    ValueError, TypeError
        A name or parameter that does not exist, or one that is missing or cannot be; axes that
        the kernel cannot have.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.named("sobel-x", axes=("y", "x"))
    array([[ 1,  0, -1],
           [ 2,  0, -2],
           [ 1,  0, -1]])
    >>> kernels.named("hann", axes=("x",), width=5)
    array([0.  , 0.25, 0.5 , 0.25, 0.  ])
    """
    allowed = parameter_names(name)
    _checks.parameters(f"kernel {name!r}", parameters, allowed)
    for key, parameter in inspect.signature(MAKERS[name]).parameters.items():
        if parameter.default is inspect.Parameter.empty and key not in parameters:
            raise TypeError(f"kernel {name!r} needs the parameter {key!r}")
        if isinstance(parameter.default, bool) and not isinstance(parameters.get(key, True), bool):
            raise TypeError(f"{key} must be true or false; got {parameters[key]!r}")
    return MAKERS[name](tuple(axes), **parameters)
