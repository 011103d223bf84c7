"""A filter as a layer: of the data's preparation, or one that is trained further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional

from ... import _checks, _layout
from ...conditioning import kernel
from ...filters import TransferFunction
from ...filters import rows as filter_rows
from ...pipeline import Step
from .. import operators
from . import recursion


class FilterLayer(nn.Module):
    """A filter along the last axis, the same on every channel; forward is the numpy path's answer.

    Parameters
    ----------
    filter : TransferFunction, Step, str or array_like of float, shape (taps,)
        A filter; a step of a `Pipeline` that is a filter or 'convolve'; the name of a kernel
        (`sigconv.kernels.named`); or the taps of one.
    fs : float, optional
        Sampling rate in Hz; steps that are filters need it.
    causal : bool, optional
        Whether it runs as `TransferFunction.filter` or as `TransferFunction.zero_phase`; kernels
        as 'convolve' does. A step knows it by itself; False if not given.
    trainable : bool
        Whether its coefficients are parameters: `taps` (FIR), or `sections` (IIR), rows of
        b0, b1, b2, 1, a1, a2. Otherwise it has no state: its arguments say all.
    **parameters
        Those of the named kernel, lengths in samples.

    Raises
    ------
    ValueError, TypeError
        If the filter cannot be had, or the step is none that a layer can be.

    Notes
    -----
    Recursive filters compute in float64 on the CPU, wherever the input is. Training does not keep
    their poles inside the unit circle: `transfer_function().is_stable` tells.

    Examples
    --------
    >>> import numpy as np, sigconv, torch
    >>> from sigconv.nn.signal_layers import FilterLayer
    >>> band = sigconv.bandpass((8, 30), fs=250)
    >>> x = np.random.default_rng(0).normal(size=(2, 3, 500))
    >>> layer = FilterLayer(band, causal=True)
    >>> bool(np.allclose(layer(torch.from_numpy(x)), band.filter(x)))
    True
    """

    taps: Tensor
    sections: Tensor

    def __init__(
        self,
        filter: TransferFunction | Step | str | ArrayLike,
        *,
        fs: float | None = None,
        causal: bool | None = None,
        trainable: bool = False,
        **parameters: Any,
    ) -> None:
        super().__init__()
        if isinstance(filter, Step):
            if causal is not None:
                raise ValueError(
                    f"causal must not be given with a step, which says so; got {causal}"
                )
            causal = bool(filter.parameters.get("causal", False))
        self.causal = bool(causal)
        self.boundary: str | None = None
        tf = self._designed(filter, fs, parameters)
        self.fs = tf.fs
        self._tf = tf
        self._symmetric = tf.is_fir and tf.is_symmetric and len(tf.b) % 2 == 1
        self.is_fir = tf.is_fir
        values = torch.from_numpy(np.array(tf.b if tf.is_fir else tf.sos, np.float64))
        if trainable:
            values = values.to(torch.get_default_dtype())
            name = "taps" if tf.is_fir else "sections"
            self.register_parameter(name, nn.Parameter(values))
        self._values = None if trainable else values
        self._padding = 0 if self.boundary else _pad_length(tf, self._symmetric)

    def _designed(
        self, filter: Any, fs: float | None, parameters: dict[str, Any]
    ) -> TransferFunction:
        if isinstance(filter, TransferFunction):
            _checks.parameters("a filter", parameters, [])
            if fs is not None and fs != filter.fs:
                raise ValueError(f"fs must be that of the filter, {filter.fs:g} Hz; got {fs}")
            return filter
        if isinstance(filter, Step) and filter.name != "convolve":
            _checks.parameters("a step", parameters, [])
            return filter.filter_at(_checks.needed_rate(fs))
        if isinstance(filter, Step):
            step = filter
        else:
            step = Step("convolve", kernel=filter, causal=self.causal, **parameters)
        own = dict(step.parameters)
        for word in ("causal", "skip_by_annotation"):
            own.pop(word, None)
        self.boundary = _boundary(own.pop("boundary", "edge"))
        taps = kernel.taps_of(own.pop("kernel"), **own)
        return TransferFunction(np.asarray(taps, np.float64), fs=fs or 1.0)

    def transfer_function(self) -> TransferFunction:
        """Return the filter that the layer is now."""
        if self._values is not None:
            return self._tf
        if self.is_fir:
            return TransferFunction(self.taps.detach().double().cpu().numpy(), fs=self.fs)
        return TransferFunction.from_sos(self._sections().detach().cpu().numpy(), fs=self.fs)

    def forward(self, x: Tensor) -> Tensor:
        """(..., times) -> the same shape."""
        rows = x.reshape(-1, 1, x.shape[-1])
        if self.is_fir:
            taps = self.taps if self._values is None else self._values
            y = self._of_kernel(rows, taps.to(x))
        elif self.causal:
            y = self._recursive(rows.double()).to(x)
        else:
            y = self._both_ways(rows.double(), self._recursive, self._level()).to(x)
        return y.reshape(x.shape)

    def _of_kernel(self, rows: Tensor, taps: Tensor) -> Tensor:
        def run(signals: Tensor) -> Tensor:
            return _correlated(functional.pad(signals, (len(taps) - 1, 0)), taps)

        if self.causal:
            return run(rows)
        if self.boundary:
            # an even kernel's centre is the sample after its middle, as in numpy's "same"
            after = (len(taps) - 1) // 2
            return _correlated(_extended(rows, len(taps) - 1 - after, after, self.boundary), taps)
        if self._symmetric:
            return _correlated(_odd(rows, self._padding), taps)
        return self._both_ways(rows, run, taps.sum())

    def _recursive(self, rows: Tensor) -> Tensor:
        if self._values is not None:
            return recursion.filtered(rows, self._tf)
        return recursion.filtered_by_sections(rows, self._sections())

    def _sections(self) -> Tensor:
        wide = self.sections.double()
        return wide / wide[:, 3:4]

    def _level(self) -> Tensor:
        """Return the gain at 0 Hz, which a constant settles to."""
        wide = self._values if self._values is not None else self._sections()
        return (wide[:, :3].sum(1) / wide[:, 3:].sum(1)).prod()

    def _both_ways(self, rows: Tensor, run: Callable[[Tensor], Tensor], level: Tensor) -> Tensor:
        """Filter forward and back, each time from rest at the first value."""
        rows = _odd(rows, self._padding)
        for _ in range(2):
            first = rows[..., :1]
            rows = (run(rows - first) + level.to(rows) * first).flip(-1)
        return rows[..., self._padding : rows.shape[-1] - self._padding]

    def extra_repr(self) -> str:
        """Return what stands in the brackets of its repr."""
        kind = "FIR" if self.is_fir else "IIR"
        how = "causal" if self.causal else "zero phase"
        return f"{kind}, {how}, {'trainable' if self._values is None else 'frozen'}"


def _boundary(name: str) -> str:
    return _layout.boundary_names(name, 1)[0]


def _pad_length(tf: TransferFunction, symmetric: bool) -> int:
    """Return by how many samples `zero_phase` extends each end."""
    return len(tf.b) // 2 if symmetric else filter_rows.scipy_padding(tf.b if tf.is_fir else tf.sos)


def _correlated(rows: Tensor, taps: Tensor) -> Tensor:
    """Return the valid convolution of (rows, 1, times)."""
    return operators.conv1d(rows, taps.flip(0)[None, None])


def _odd(rows: Tensor, n: int) -> Tensor:
    """Extend both ends by their samples, turned about the end point."""
    if n == 0:
        return rows
    if rows.shape[-1] <= n:
        raise ValueError(
            f"x must be longer than the padding of {n} samples; got {rows.shape[-1]} samples"
        )
    before = 2 * rows[..., :1] - rows[..., 1 : n + 1].flip(-1)
    after = 2 * rows[..., -1:] - rows[..., -n - 1 : -1].flip(-1)
    return torch.cat([before, rows, after], -1)


def _extended(rows: Tensor, before: int, after: int, boundary: str) -> Tensor:
    """Extend (rows, 1, times) by what `sigconv.convolve` puts there, as often as needed."""
    if boundary == "constant":
        return functional.pad(rows, (before, after))
    n = rows.shape[-1]
    places = _layout.sources(np.arange(-before, n + after), n, boundary)
    return rows[..., torch.from_numpy(places).to(rows.device)]
