"""Networks as files that run without this package: ONNX, and torch's exported programs."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .. import _checks, _files

#: Suffix -> what is written.
FORMATS = (".onnx", ".pt2")

#: What the file's answer may differ from the network's, over its largest value.
TOLERANCE = 1e-5

#: How often sizes are doubled at most until no map is a single sample long.
_DOUBLINGS = 8


class _MaxPoolOfPlanes(nn.Module):
    """Pooling along time as pooling of pictures one sample high.

    `torch.export` fixes the length at a MaxPool1d.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(
            (1, pool.kernel_size),
            (1, pool.stride),
            (0, pool.padding),
            (1, pool.dilation),
            ceil_mode=pool.ceil_mode,
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x.unsqueeze(-2)).squeeze(-2)


def _rounded_down(pool: Any) -> nn.Module | None:
    """Return what gives a max pooling that rounds up its windows by one that rounds down.

    `torch.export` cannot solve for the sizes at which rounding up gives a window more. None where
    a window would see nothing of the input, which rounding up leaves out.
    """
    kinds = {nn.MaxPool1d: 1, nn.MaxPool2d: 2, nn.MaxPool3d: 3}
    ndim = next((n for kind, n in kinds.items() if isinstance(pool, kind)), None)
    if ndim is None or not pool.ceil_mode or pool.return_indices:
        return None

    def sizes(value: int | tuple[int, ...]) -> tuple[int, ...]:
        return (value,) * ndim if isinstance(value, int) else value

    windows, strides, paddings, dilations = (
        sizes(v) for v in (pool.kernel_size, pool.stride, pool.padding, pool.dilation)
    )
    reaches = [(w - 1) * d + 1 for w, d in zip(windows, dilations, strict=True)]
    if any(s + p > r for s, p, r in zip(strides, paddings, reaches, strict=True)):
        return None
    beyond = [n for s, p in zip(strides[::-1], paddings[::-1], strict=True) for n in (p, p + s - 1)]
    lowest: Any = (nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d)[ndim - 1]
    plain = copy.deepcopy(pool)
    plain.padding, plain.ceil_mode = 0 if isinstance(pool.padding, int) else (0,) * ndim, False
    return nn.Sequential(lowest(tuple(beyond), -torch.inf), plain)


def export(
    model: nn.Module,
    path: str | PathLike[str],
    *,
    input_shape: Sequence[int] | None = None,
    free_size: bool | None = None,
) -> dict[str, Any]:
    """Write a network to a file, in evaluation mode, and see that the file answers the same.

    Parameters
    ----------
    model : torch.nn.Module
    path : str or Path
        Ends in ".onnx", or in ".pt2" for `torch.export.load`.
    input_shape : sequence of int, optional
        Of one input, (channels, times), say; what the network was built for if not given.
    free_size : bool, optional
        Whether inputs may have other sizes along the axes behind the channels; what the network
        says of itself (`input_shape` is None) if not given. The number of inputs at once is free
        always.

    Returns
    -------
    dict
        "input": the shape, with None where it is free; "difference": the largest one between the
        file's answer and the network's, over its largest value. Its NaN says that onnxruntime is
        not there to ask.

    Raises
    ------
    ValueError
        An unknown suffix, no known shape, or a file that answers otherwise.
    MissingExtra
        Of ".onnx" without the extra "export".

    Notes
    -----
    The file appears whole or not at all. Of free sizes, torch wants such as leave more than one
    sample in every map: smaller inputs, which the network itself may take, a ".pt2" refuses.

    Examples
    --------
    >>> import tempfile, torch
    >>> from pathlib import Path
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.export import export
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(model, Path(folder) / "net.pt2", input_shape=(2, 128))["input"]
    [None, 2, None]
    """
    path = Path(path)
    suffix = _checks.one_of("suffix of path", path.suffix, FORMATS)
    if suffix == ".onnx":
        for module in ("onnx", "onnxscript"):
            _checks.require(module, extra="export", purpose="an ONNX file")
    shape = _shape_of(model) if input_shape is None else tuple(input_shape)
    shape = tuple(_checks.whole("input_shape", n) for n in shape)
    is_free = _is_free(model) if free_size is None else free_size
    plain = _ready(model)
    with torch.no_grad():  # what the network has to say against a shape, it says of this one
        copy.deepcopy(plain).to("meta")(torch.empty(1, *shape, device="meta", dtype=_dtype(plain)))
    program = _program(plain, shape, is_free)
    with _files.whole(path) as partial:
        if suffix == ".pt2":
            with partial.open("wb") as file:
                torch.export.save(program, file)
        else:
            _write_onnx(program, partial)
        difference = _difference(plain, partial, suffix, shape, is_free)
    free = [None if i == 0 or (is_free and i > 1) else n for i, n in enumerate((0, *shape))]
    return {"input": free, "difference": difference}


def _shape_of(model: nn.Module) -> tuple[int, ...]:
    config: Any = getattr(model, "config", None) or {}
    size = config.get("input_shape") or config.get("n_times")
    if "in_channels" not in config or size is None:
        raise ValueError("input_shape must be given for a network that takes inputs of many sizes")
    sizes = (size,) * config.get("ndim", 1) if isinstance(size, int) else tuple(size)
    return (config["in_channels"], *sizes)


def _is_free(model: nn.Module) -> bool:
    # a network over frames has as many as it was built for
    return (
        hasattr(model, "input_shape") and model.input_shape is None and not hasattr(model, "frames")
    )


def _ready(model: nn.Module) -> nn.Module:
    """Return a copy on the CPU, for evaluation, of layers that can be traced."""
    plain = copy.deepcopy(model).cpu().eval()
    for name, layer in list(plain.named_modules()):
        if (pool := _rounded_down(layer)) is not None:
            plain.set_submodule(name, pool)
    for name, layer in list(plain.named_modules()):
        if type(layer) is nn.MaxPool1d:
            plain.set_submodule(name, _MaxPoolOfPlanes(layer))
    return plain


def _inputs(model: nn.Module, n: int, shape: tuple[int, ...]) -> Tensor:
    chance = torch.Generator().manual_seed(0)
    return torch.randn(n, *shape, generator=chance, dtype=_dtype(model))


def _dtype(model: nn.Module) -> torch.dtype:
    return next((p.dtype for p in model.parameters()), torch.get_default_dtype())


def _program(model: nn.Module, shape: tuple[int, ...], is_free: bool) -> Any:
    auto = torch.export.Dim.AUTO
    free = {0: auto, **(dict.fromkeys(range(2, len(shape) + 1), auto) if is_free else {})}
    example = _roomy(model, shape) if is_free else shape
    with torch.no_grad(), _quiet():
        return torch.export.export(model, (_inputs(model, 2, example),), dynamic_shapes=(free,))


def _roomy(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape, some doublings larger, at which no map is one sample long that may be longer.

    Such a map would be taken for one that never is, and the file would be wrong at other sizes.
    """
    shapeless = copy.deepcopy(model).to("meta")

    def single(size: tuple[int, ...]) -> int:
        found = 0

        def look(_module: nn.Module, _inputs: Any, out: Any) -> None:
            nonlocal found
            if isinstance(out, Tensor) and out.ndim > 2:
                found += sum(n == 1 for n in out.shape[2:])

        hooks = [module.register_forward_hook(look) for module in shapeless.modules()]
        with torch.no_grad():
            shapeless(torch.empty(2, *size, device="meta", dtype=_dtype(model)))
        for hook in hooks:
            hook.remove()
        return found

    sizes = [(shape[0], *(n << k for n in shape[1:])) for k in range(1, _DOUBLINGS + 1)]
    always = single(sizes[-1])
    return next(size for size in sizes if single(size) == always)


def _write_onnx(program: Any, path: Path) -> None:
    with _quiet():
        torch.onnx.export(program, (), str(path), dynamo=True, verbose=False, external_data=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what torch says of its own doings to itself."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _difference(
    model: nn.Module, path: Path, suffix: str, shape: tuple[int, ...], is_free: bool
) -> float:
    """Ask the file for other inputs than it was made with; raise if it answers otherwise."""
    step = getattr(model, "multiple_of", 1)
    sizes = (shape[0], *(n + -(-n // (2 * step)) * step for n in shape[1:])) if is_free else shape
    x = _inputs(model, 3, sizes)
    with torch.no_grad():
        expected = model(x)
    if suffix == ".pt2":
        with path.open("rb") as file, torch.no_grad():
            found = torch.export.load(file).module()(x)
    else:
        try:
            import onnxruntime
        except ImportError:
            return float("nan")
        session = onnxruntime.InferenceSession(
            path.read_bytes(), providers=["CPUExecutionProvider"]
        )
        (name,) = [each.name for each in session.get_inputs()]
        found = torch.from_numpy(np.asarray(session.run(None, {name: x.numpy()})[0]))
    difference = float((found - expected).abs().max() / expected.abs().max().clamp(min=1e-30))
    if not difference <= TOLERANCE:
        raise ValueError(
            f"model must answer the same from a {suffix} file; they are {difference:.1e} apart"
        )
    return difference
