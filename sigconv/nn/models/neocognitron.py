"""The neocognitron (Fukushima 1980, https://doi.org/10.1007/BF00344251)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ... import _checks
from .. import layers
from ._network import Network, scaled
from ._registry import register

#: Each stage: the S-cells' reach and zeros around their input, the C-cells' reach and zeros
#: (or, below 0, cells at the border that are left out). 16 samples become 16, 10; 8, 6; 2, 1.
_STAGES = ((5, 2, 5, -1), (5, 1, 5, 1), (5, 0, 2, 0))
#: Cells of one neighbourhood compete: across all planes, and this far along both axes.
_COLUMN = 5
#: How fast connections of equal strength by nature weaken with each sample of distance.
_DECAY = 0.9
#: C-cells saturate: half their largest answer comes at this input.
_HALF = 1.0
#: First weights of an S-cell: enough to answer anything that no trained cell answers.
_FIRST = 1e-3


def _fading(side: int) -> Tensor:
    """Return weights that fade from 1 with the distance from the middle, (1, 1, side, side)."""
    place = torch.arange(side) - (side - 1) / 2
    return (_DECAY ** torch.hypot(place[:, None], place[None, :]))[None, None]


class SCells(nn.Module):
    """Cells that answer to one pattern: excited by its parts, inhibited by all that is there.

    Parameters
    ----------
    before, planes : int
        Planes of the input, and of these cells.
    side, padding : int
    selectivity : float
        r: once trained, a cell answers where the cosine between its pattern and the input
        (weighted by the distance) exceeds r / (1 + r).
    """

    def __init__(
        self, before: int, planes: int, side: int, padding: int, selectivity: float
    ) -> None:
        super().__init__()
        self.padding, self.selectivity = padding, selectivity
        # a and b: strengths of connections that are excitatory and inhibitory by nature
        self.excitatory = nn.Parameter(_FIRST * torch.rand(planes, before, side, side))
        self.inhibitory = nn.Parameter(torch.zeros(planes))
        fading = _fading(side)
        self.register_buffer("fading", fading / (before * fading.sum()), persistent=False)
        self.fading: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """(batch, before, height, width) -> (batch, planes, height', width')."""
        excitation = nn.functional.conv2d(x, self.excitatory.clamp(min=0), padding=self.padding)
        share = self.selectivity / (1 + self.selectivity)
        strength = self.inhibitory.clamp(min=0).view(-1, 1, 1)
        ratio = (1 + excitation) / (1 + share * strength * self.energy(x))
        return self.selectivity * nn.functional.relu(ratio - 1)

    def energy(self, x: Tensor) -> Tensor:
        """Return what the inhibiting cells answer: the root of the mean square around a place."""
        squares = x.square().sum(1, keepdim=True)
        mean = nn.functional.conv2d(squares, self.fading, padding=self.padding)
        # a root has no slope at 0
        return mean.clamp(min=torch.finfo(mean.dtype).tiny).sqrt()

    @torch.no_grad()
    def reinforce(self, x: Tensor, gain: float) -> None:
        """Let the cells compete for one input, (1, before, height, width); teach the winners.

        In every neighbourhood the most active cell is a candidate; of one plane's candidates the
        most active wins, and all cells of its plane learn what it sees.
        """
        answers = self(x)[0]
        best, plane = answers.max(0)
        reach = _COLUMN if min(best.shape) > _COLUMN else min(best.shape) // 2 * 2 + 1
        _, places = nn.functional.max_pool2d(
            best[None, None], reach, stride=1, padding=reach // 2, return_indices=True
        )
        winners: dict[int, int] = {}
        for place in places.unique().tolist():
            answer, of = best.view(-1)[place], int(plane.view(-1)[place])
            if answer > 0 and (of not in winners or answer > best.view(-1)[winners[of]]):
                winners[of] = place
        side = self.excitatory.shape[-1]
        seen = nn.functional.unfold(x, side, padding=self.padding)[0]
        energy = self.energy(x).view(-1)
        for of, place in winners.items():
            pattern = seen[:, place].view_as(self.excitatory[of])
            self.excitatory[of] += gain * self.fading[0] * pattern
            self.inhibitory[of] += gain * energy[place]


class CCells(nn.Module):
    """Cells that answer when any S-cell around them does, less so if other planes do too.

    Parameters
    ----------
    side : int
    padding : int
        Zeros around the input; below 0 that much of the border is left out.
    """

    def __init__(self, side: int, padding: int) -> None:
        super().__init__()
        self.padding = padding
        self.register_buffer("fading", _fading(side), persistent=False)
        self.fading: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """(batch, planes, height, width) -> (batch, planes, height', width'), 0 to 1."""
        x = nn.functional.pad(x, (self.padding,) * 4)
        around = nn.functional.conv2d(x.flatten(0, 1).unsqueeze(1), self.fading)
        around = around.view(*x.shape[:2], *around.shape[2:])
        ratio = (1 + around) / (1 + around.mean(1, keepdim=True))
        answer = nn.functional.relu(ratio - 1)
        return answer / (_HALF + answer)


@register("neocognitron", ndims=(2,), domains=("image",), smallest=16)
class Neocognitron(Network):
    """Stages of S-cells, which find patterns, and C-cells, which forgive where; then a classifier.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {2}
    stages : {1, 2, 3}
    planes : int
        Cell planes of every stage.
    selectivity : sequence of float, optional
        r of each stage; 4, 1.5, 1.5 in the paper.
    width : float
        Multiplies `planes`.

    Notes
    -----
    `self_organise` trains it as Fukushima did, without labels. The linear classifier behind the
    last C-cells (the largest answer of each plane, where more than one cell is left) is for
    labels, which the paper has none of.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("neocognitron", ndim=2, in_channels=1, num_classes=5)
    >>> [tuple(maps.shape[1:]) for maps in model.cells(torch.zeros(1, 1, 16, 16))]
    [(24, 16, 16), (24, 10, 10), (24, 8, 8), (24, 6, 6), (24, 2, 2), (24, 1, 1)]
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 2,
        stages: int = 3,
        planes: int = 24,
        selectivity: Sequence[float] = (4.0, 1.5, 1.5),
        width: float = 1.0,
    ) -> None:
        if _checks.whole("stages", stages) > len(_STAGES):
            raise ValueError(f"stages must be at most {len(_STAGES)}; got {stages}")
        if len(selectivity) < stages:
            raise ValueError(
                f"selectivity must be one for each of {stages} stages; got {selectivity}"
            )
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=16)
        maps = scaled(width, _checks.whole("planes", planes))
        self.features = nn.Sequential()
        for i, (side, around, c_side, c_around) in enumerate(_STAGES[:stages]):
            r = _checks.number("selectivity", selectivity[i], above=0)
            before = in_channels if i == 0 else maps
            self.features.append(SCells(before, maps, side, around, r))
            self.features.append(CCells(c_side, c_around))
        self.pool = layers.GlobalMaxPool()
        self.classifier = nn.Linear(maps, num_classes)

    def cells(self, x: Tensor) -> list[Tensor]:
        """Return what each layer of cells answers: S and C of the first stage, and so on."""
        answers = []
        x = self.checked(x)
        for layer in self.features:
            answers.append(x := layer(x))
        return answers

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_classes)."""
        return self.classifier(self.pool(self.features(self.checked(x))))


def self_organise(
    model: Neocognitron,
    X: NDArray[np.floating],
    *,
    rounds: int = 5,
    gains: Sequence[float] = (1.0, 16.0, 16.0),
) -> None:
    """Train a neocognitron by competition, without labels, in place.

    Stage after stage, every image is shown `rounds` times; in each neighbourhood the most active
    S-cell's plane is strengthened by what that cell sees.

    Parameters
    ----------
    model : Neocognitron
    X : array, shape (n_images, n_channels, height, width)
        0 where nothing is, up to 1.
    rounds : int
    gains : sequence of float
        How much one showing strengthens the winners of each stage.

    Raises
    ------
    ValueError
        If `X` holds negative numbers: light has none, and the cells know none.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.models import self_organise
    >>> model = build_model("neocognitron", ndim=2, in_channels=1, num_classes=2)
    >>> bars = np.zeros((2, 1, 16, 16))
    >>> bars[0, 0, 8, 3:13] = bars[1, 0, 3:13, 8] = 1
    >>> self_organise(model, bars)
    >>> lying, standing = model.pool(model.features(torch.tensor(bars).float())).argmax(1)
    >>> bool(lying != standing)
    True
    """
    X = _checks.numeric("X", X)
    if X.ndim != 4:
        raise ValueError(f"X must have shape (n_images, n_channels, height, width); got {X.shape}")
    if not np.isfinite(X).all() or X.min() < 0:
        raise ValueError("X must hold finite numbers of at least 0")
    cells: list[Any] = list(model.features)
    stages = list(zip(cells[::2], cells[1::2], strict=True))
    if len(gains) < len(stages):
        raise ValueError(f"gains must be one for each of {len(stages)} stages; got {gains}")
    parameter = next(model.parameters())
    x = model.checked(torch.as_tensor(X, dtype=parameter.dtype, device=parameter.device))
    rounds = _checks.whole("rounds", rounds)
    gains = [_checks.number("gains", gain, above=0) for gain in gains]
    for (s_cells, c_cells), gain in zip(stages, gains, strict=False):
        for _ in range(rounds):
            for image in x:
                s_cells.reinforce(image[None], gain)
        with torch.no_grad():
            x = c_cells(s_cells(x))
