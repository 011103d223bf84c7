"""C3D (Tran et al. 2015, https://arxiv.org/abs/1412.0767)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from .. import layers
from ._network import Classifier, fixed_shape, initialise, scaled
from ._registry import register

#: Feature maps of the convolutions, by the pooling that they end in.
_STAGES = ((64,), (128,), (256, 256), (512, 512), (512, 512))
_HIDDEN = 4096
#: Frames, height and width of the paper's clips.
_FRAMES, _SIDE = 16, 112


@register("c3d", ndims=(2, 3), domains=("video", "ct", "image"), smallest=1)
class C3D(Classifier):
    """Eight convolutions of width 3 along every axis, five poolings, three dense layers.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {2, 3}
    input_shape : int or sequence of int, optional
        The size of input that it is built for: (frames, height, width), or (height, width);
        16 frames of 112 x 112 in the paper.
    dropout : float
    width : float
        Multiplies the numbers of feature maps and hidden units.

    Notes
    -----
    Pooling rounds up, as in Caffe, so 112 samples leave 4 after five poolings; the first leaves
    time alone.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("c3d", ndim=3, in_channels=3, num_classes=101, width=0.25)
    >>> model.input_shape
    (16, 112, 112)
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 3,
        input_shape: int | Sequence[int] | None = None,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        if input_shape is None:
            input_shape = (_FRAMES, _SIDE, _SIDE)[3 - ndim :]
        shape = fixed_shape(input_shape, _SIDE, ndim, 1, "c3d")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        parts: list[nn.Module] = []
        before = in_channels
        for i, stage in enumerate(_STAGES):
            for maps in stage:
                after = scaled(width, maps)
                parts += [layers.convolution(ndim, before, after, 3, padding=1), nn.ReLU()]
                before = after
            window = (1, 2, 2) if ndim == 3 and i == 0 else (2,) * ndim
            parts.append(layers.max_pool(ndim, window, ceil_mode=True))
            shape = tuple(-(-n // w) for n, w in zip(shape, window, strict=True))
        self.features = nn.Sequential(*parts)
        hidden = scaled(width, _HIDDEN)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(before * math.prod(shape), hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )
        initialise(self)
