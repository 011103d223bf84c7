"""Spectrograms as layers: `sigconv.spectrogram` and `sigconv.log_mel`, differentiable."""

from __future__ import annotations

import numpy as np
import torch
from scipy.signal import get_window
from torch import Tensor, nn
from torch.nn import functional

from ... import _checks
from ...features import mel
from ...features.spectrogram import KINDS, PADDINGS

#: Beyond the ends: factors of the end sample and of the samples mirrored there.
_BEYOND = {"zero": (0, 0), "edge": (1, 0), "even": (0, 1), "odd": (2, -1)}


def _beyond(x: Tensor, before: int, after: int, padding: str) -> Tensor:
    """Extend the last axis."""
    of_end, of_mirrored = _BEYOND[padding]
    n = x.shape[-1]
    head, tail = x.new_zeros(before), x.new_zeros(max(after, 0))
    if of_end:
        head, tail = head + of_end * x[..., :1], tail + of_end * x[..., -1:]
    if of_mirrored:
        head = head + of_mirrored * x[..., 1 : before + 1].flip(-1)
        tail = tail + of_mirrored * x[..., n - 1 - tail.shape[-1] : n - 1].flip(-1)
    head, tail = (each.expand(*x.shape[:-1], each.shape[-1]) for each in (head, tail))
    return torch.cat([head, x, tail], -1)


class SpectrogramLayer(nn.Module):
    """Spectra in windows that slide along the last axis: `sigconv.spectrogram` as a layer.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    length, step : float
        Of a window and from one to the next, in seconds; half of `length` if not given.
    kind : {"density", "power", "amplitude", "complex"}
    window : str
    padding : {"none", "zero", "edge", "even", "odd"}
        All as in `sigconv.spectrogram`.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.signal_layers import SpectrogramLayer
    >>> SpectrogramLayer(fs=250, length=0.5)(torch.randn(4, 22, 1000)).shape
    torch.Size([4, 22, 63, 15])
    """

    window: Tensor

    def __init__(
        self,
        fs: float,
        *,
        length: float = 1.0,
        step: float | None = None,
        kind: str = "density",
        window: str = "hann",
        padding: str = "none",
    ) -> None:
        super().__init__()
        self.fs = _checks.sampling_rate(fs)
        self.size = _checks.samples("length", length, self.fs)
        self.hop = (
            max(1, self.size // 2) if step is None else _checks.samples("step", step, self.fs)
        )
        self.kind = _checks.one_of("kind", kind, KINDS)
        self.padding = _checks.one_of("padding", padding, PADDINGS)
        try:
            shape = get_window(window, self.size)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"window must be a name that scipy.signal.get_window knows; got {window!r}"
            ) from error
        total = np.sqrt(self.fs * (shape**2).sum()) if kind == "density" else abs(shape.sum())
        self.register_buffer("window", torch.from_numpy(shape / total), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(..., times) -> (..., frequencies, windows)."""
        n, middle = x.shape[-1], self.size // 2
        least = self.size if self.padding == "none" else middle + 1
        if n < least:
            raise ValueError(f"x must be at least a window of {self.size} samples long; got {n}")
        if self.padding != "none":
            last = (-(-n // self.hop) - 1) * self.hop - middle + self.size
            x = _beyond(x, middle, max(0, last - n), self.padding)
            x = x[..., : last + middle]
        # in float64 as there: a loud line would leave float32's rounding in all other bins
        frames = x.double().unfold(-1, self.size, self.hop) * self.window.double()
        spectra = torch.fft.rfft(frames).transpose(-1, -2)
        if self.kind == "complex":
            turn = torch.arange(spectra.shape[-2], device=x.device, dtype=torch.float64) * middle
            spectra = spectra * torch.polar(
                torch.ones_like(turn), 2 * torch.pi * turn / self.size
            ).unsqueeze(-1)
            return (spectra * self._sides(spectra, 2.0)).to(
                torch.complex64 if x.dtype == torch.float32 else torch.complex128
            )
        if self.kind == "amplitude":
            return (spectra.abs() * self._sides(spectra, 2.0)).to(x.dtype)
        power = spectra.real.square() + spectra.imag.square()
        return (power * self._sides(power, 2.0)).to(x.dtype)

    def _sides(self, spectra: Tensor, both: float) -> Tensor:
        """Return what frequencies count that stand for two, of which the mean is none."""
        sides = torch.full((spectra.shape[-2], 1), both, dtype=torch.float64, device=spectra.device)
        sides[0] = 1
        if self.size % 2 == 0:
            sides[-1] = 1
        return sides


class LogMelLayer(nn.Module):
    """Power on the mel scale in decibels: `sigconv.log_mel` as a layer.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    n_mels : int
    length, step : float
        Seconds.
    fmin, fmax : float
        Hz.
    floor : float
        All as in `sigconv.log_mel`.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.signal_layers import LogMelLayer
    >>> LogMelLayer(fs=8000, n_mels=40)(torch.randn(3, 1, 8000)).shape
    torch.Size([3, 1, 40, 101])
    """

    window: Tensor
    basis: Tensor

    def __init__(
        self,
        fs: float,
        *,
        n_mels: int = 64,
        length: float = 0.025,
        step: float = 0.010,
        fmin: float = 0.0,
        fmax: float | None = None,
        floor: float = 1e-10,
    ) -> None:
        super().__init__()
        self.fs = _checks.sampling_rate(fs)
        form = mel.form(self.fs, n_mels, length, step, fmin, fmax, floor)
        self.hop, self.n_fft, self.floor = form.hop, form.n_fft, form.floor
        shape = np.zeros(form.n_fft)
        before = (form.n_fft - form.size) // 2
        shape[before : before + form.size] = get_window("hann", form.size)
        basis = mel.basis(self.fs, form)
        self.register_buffer("window", torch.from_numpy(shape), persistent=False)
        self.register_buffer("basis", torch.from_numpy(basis), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(..., times) -> (..., n_mels, windows)."""
        half = self.n_fft // 2
        padded = functional.pad(x.double(), (half, half))
        frames = padded.unfold(-1, self.n_fft, self.hop) * self.window.double()
        spectra = torch.fft.rfft(frames).transpose(-1, -2)
        power = spectra.real.square() + spectra.imag.square()
        mels = torch.matmul(self.basis.double(), power).clamp(min=self.floor)
        return (10 * mels.log10()).to(x.dtype)
