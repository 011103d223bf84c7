"""Changes of the training trials that leave what they are alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Generator, Tensor

from ... import _checks
from . import augment_space as space


@dataclass(frozen=True, init=False)
class Augmentation:
    """A change that each training trial undergoes with some probability.

    Parameters
    ----------
    name : str
        'time_shift' (`limit`, seconds), 'channel_dropout' (`share` of the channels),
        'frequency_shift' (`limit`, Hz), 'sign_flip', 'noise' (`deviation`, in those of each
        channel), 'fourier_surrogate' (`strength` of the new phases, 0 to 1) or 'band_stop'
        (`width`, Hz), for signals; 'channel_dropout', 'sign_flip', 'noise', 'gain' and 'offset'
        (`limit`) for pictures and volumes too, and for these alone 'mirror' (each axis at even
        odds) and 'turn' (`angle` degrees and `scale` at most), which move classes of samples
        along. Times are in samples and frequencies in cycles a sample where `fit` is given
        no `fs`.
    p : float
        Probability that a trial is changed.
    **parameters
        See above; all have defaults.

    Examples
    --------
    >>> from sigconv.nn import Augmentation
    >>> Augmentation("noise", deviation=0.2)
    Augmentation('noise', p=0.5, deviation=0.2)
    """

    name: str
    p: float
    parameters: Mapping[str, float]

    def __init__(self, name: str, *, p: float = 0.5, **parameters: float) -> None:
        _checks.one_of("name", name, [*AUGMENTATIONS, *space.MOVES])
        p = _checks.number("p", p, at_least=0)
        if p > 1:
            raise ValueError(f"p must be a probability, 1 at most; got {p:g}")
        change = AUGMENTATIONS.get(name) or space.MOVES[name]
        taken = [
            each.name
            for each in inspect.signature(change).parameters.values()
            if isinstance(each.default, float)
        ]
        _checks.parameters(f"augmentation {name!r}", parameters, taken)
        values = {key: _checks.number(key, value, at_least=0) for key, value in parameters.items()}
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "p", p)
        object.__setattr__(self, "parameters", MappingProxyType(values))

    def __call__(self, x: Tensor, draw: Generator, fs: float = 1.0) -> Tensor:
        """Change trials.

        Parameters
        ----------
        x : tensor, shape (n_trials, n_channels, n_times)
        draw : torch.Generator
            Where chance comes from; it lies on the device of `x`.
        fs : float
            Sampling rate in Hz.

        Returns
        -------
        tensor of the same shape
        """
        return self.with_targets(x, x.new_zeros(len(x)), draw, fs)[0]

    def with_targets(
        self, x: Tensor, targets: Tensor, draw: Generator, fs: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Change trials, and their targets where these have the places of the trials.

        Parameters
        ----------
        x : tensor, shape (n_trials, n_channels, *grid)
        targets : tensor, shape (n_trials, ...)
            Classes of the samples of `grid` move with them; what comes in is -1, not known.
        draw, fs
            As for a call.

        Returns
        -------
        (tensor, tensor)
            Of the same shapes.
        """
        if x.ndim < 3 or (self.name in _OF_TIMES and x.ndim != 3):
            raise ValueError(
                "augment needs trials of shape (n_trials, n_channels, n_times); "
                f"got {tuple(x.shape)}"
            )
        moved = targets
        if self.name in space.MOVES:
            changed, moved = space.moved(self.name, x, targets, draw, self.parameters)
        else:
            changed = AUGMENTATIONS[self.name](x, draw, fs, **self.parameters)
        chosen = _uniform(x, draw, len(x)) < self.p
        return _where(chosen, changed, x), _where(chosen, moved, targets)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; `from_dict` is the way back."""
        return {"name": self.name, "p": self.p, **self.parameters}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Augmentation:
        """Build an augmentation from what `to_dict` returned."""
        return cls(**plain)

    def __repr__(self) -> str:
        given = {"p": self.p, **self.parameters}
        return f"Augmentation({self.name!r}, {', '.join(f'{k}={v!r}' for k, v in given.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Augmentation.from_dict, (self.to_dict(),)  # a mapping proxy cannot be pickled

    def __hash__(self) -> int:
        return hash(repr(self))


def time_shift(x: Tensor, draw: Generator, fs: float, limit: float = 0.1) -> Tensor:
    """Move each trial by up to `limit` seconds either way; what comes in is 0.

    Networks see windows with mean 0: a 0 is what says least.
    """
    n = x.shape[-1]
    most = min(int(limit * fs + 0.5), n - 1)
    shifts = torch.randint(-most, most + 1, (len(x), 1, 1), generator=draw, device=x.device)
    source = torch.arange(n, device=x.device) - shifts
    inside = (source >= 0) & (source < n)
    return torch.where(inside, x.gather(-1, source.clamp(0, n - 1).expand_as(x)), 0.0)


def channel_dropout(x: Tensor, draw: Generator, fs: float, share: float = 0.2) -> Tensor:
    """Set each channel of each trial to 0 with the probability `share`."""
    return x * _over(x, _uniform(x, draw, *x.shape[:2]) >= share)


def frequency_shift(x: Tensor, draw: Generator, fs: float, limit: float = 1.0) -> Tensor:
    """Move all frequencies of each trial by up to `limit` Hz either way, the same in all channels.

    The analytic signal is turned by the shift. Zeros behind the trial, as many as it has samples,
    keep its end from running into its beginning.
    """
    n = x.shape[-1]
    size = 2 * n
    spectrum = torch.fft.fft(x, size)
    spectrum[..., 1:n] *= 2
    spectrum[..., n + 1 :] = 0
    analytic = torch.fft.ifft(spectrum)[..., :n]
    shifts = (2 * _uniform(x, draw, len(x), 1, 1) - 1) * limit
    angle = 2 * torch.pi * shifts * torch.arange(n, device=x.device, dtype=x.dtype) / fs
    return (analytic * torch.polar(torch.ones_like(angle), angle)).real


def sign_flip(x: Tensor, draw: Generator, fs: float) -> Tensor:
    """Turn each trial's sign."""
    return -x


def noise(x: Tensor, draw: Generator, fs: float, deviation: float = 0.1) -> Tensor:
    """Add white noise of `deviation` times each channel's own deviation."""
    white = torch.randn(x.shape, generator=draw, device=x.device, dtype=x.dtype)
    return x + deviation * _over(x, x.flatten(2).std(-1, correction=0)) * white


def gain(x: Tensor, draw: Generator, fs: float, limit: float = 0.2) -> Tensor:
    """Multiply each trial by up to 1 + `limit`, or divide it by that."""
    powers = 2 * _uniform(x, draw, len(x)) - 1
    return x * _over(x, (1 + limit) ** powers)


def offset(x: Tensor, draw: Generator, fs: float, limit: float = 0.2) -> Tensor:
    """Add up to `limit` times each channel's own deviation either way."""
    shift = (2 * _uniform(x, draw, *x.shape[:2]) - 1) * limit
    return x + _over(x, shift * x.flatten(2).std(-1, correction=0))


def fourier_surrogate(x: Tensor, draw: Generator, fs: float, strength: float = 1.0) -> Tensor:
    """Add random phases to the spectrum, the same in all channels of a trial.

    Power, and with the same phases in all channels the covariance between them, stays.
    """
    n = x.shape[-1]
    spectrum = torch.fft.rfft(x)
    angle = 2 * torch.pi * strength * _uniform(x, draw, len(x), 1, spectrum.shape[-1])
    angle[..., 0] = 0  # the mean has no phase, nor has the fastest wave of an even length
    if n % 2 == 0:
        angle[..., -1] = 0
    return torch.fft.irfft(spectrum * torch.polar(torch.ones_like(angle), angle), n)


def band_stop(x: Tensor, draw: Generator, fs: float, width: float = 2.0) -> Tensor:
    """Take a band of `width` Hz at a random place out of each trial.

    Its edges fall over a quarter of the width, so that they do not ring through the trial.
    """
    n = x.shape[-1]
    frequencies = torch.fft.rfftfreq(n, 1 / fs, device=x.device, dtype=x.dtype)
    centres = _uniform(x, draw, len(x), 1, 1) * fs / 2
    beyond = ((frequencies - centres).abs() - width / 2) / (width / 4 + 1e-12)
    gain = 0.5 - 0.5 * torch.cos(torch.pi * beyond.clamp(0, 1))
    return torch.fft.irfft(torch.fft.rfft(x) * gain, n)


#: Name -> (trials, where chance comes from, fs, parameters) -> trials of the same shape.
AUGMENTATIONS: dict[str, Callable[..., Tensor]] = {
    "time_shift": time_shift,
    "channel_dropout": channel_dropout,
    "frequency_shift": frequency_shift,
    "sign_flip": sign_flip,
    "noise": noise,
    "gain": gain,
    "offset": offset,
    "fourier_surrogate": fourier_surrogate,
    "band_stop": band_stop,
}

#: Those that ask for an axis of times.
_OF_TIMES = ("time_shift", "frequency_shift", "fourier_surrogate", "band_stop")


def _over(x: Tensor, values: Tensor) -> Tensor:
    """Return values of trials, or of their channels, so that they go with all samples."""
    return values.reshape(*values.shape, *[1] * (x.ndim - values.ndim))


def _where(chosen: Tensor, changed: Tensor, before: Tensor) -> Tensor:
    return before if changed is before else torch.where(_over(before, chosen), changed, before)


def _uniform(x: Tensor, draw: Generator, *shape: int) -> Tensor:
    return torch.rand(shape, generator=draw, device=x.device, dtype=x.dtype)
