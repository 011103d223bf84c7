"""Kernels on the command line: a name with its parameters, or a .npy file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: How `kernel_of` wants them, for a help text.
HELP = (
    "a name with its parameters, as sobel-x, gaussian:sigma=2, gaussian:sigma=3mm or "
    "motion-blur:length=9,direction=1/1 (a wrong name lists them all), or a .npy file"
)


def kernel_of(text: str, option: str) -> tuple[str, dict[str, Any], NDArray[np.generic] | None]:
    """Return the name and parameters of a kernel, and its taps if it comes from a file."""
    from pathlib import Path

    from .. import _checks, io
    from ..kernels import words

    if text.lower().endswith(".npy"):
        try:
            return text, {}, io.read_volume(Path(text)).data
        except OSError as error:
            raise ValueError(f"{option}: {error}") from error
    name, parameters = options.name_and_parameters(text, first="")
    _checks.one_of(option, name, words.MAKERS)
    if "" in parameters:
        first = words.parameter_names(name)
        if not first:
            raise ValueError(f"{option} {name} takes no parameters; got {text!r}")
        parameters = {first[0]: parameters.pop(""), **parameters}
    return name, parameters, None
