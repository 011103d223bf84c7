"""`sigconv explain`: one page that shows why a network calls windows of a recording as it does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import options
from .progress import say, shown

if TYPE_CHECKING:
    import numpy as np

    from ..nn import Checkpoint
    from ..recording import Recording

DESCRIPTION = """\
Explain what a network of `sigconv train` says of a recording: one self-contained page with the
prediction, which times, channels and frequency bands speak for it, tests of whether that is true,
and the network's layers. By default the windows of which it is most certain are explained."""

#: Windows that are explained if none is named.
WINDOWS = 2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "explain",
        help="show why a trained network calls windows as it does",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("model", metavar="MODEL", help="a .safetensors file of `sigconv train`")
    parser.add_argument("file", metavar="FILE", help="a recording")
    parser.add_argument("-o", "--out", required=True, metavar="PAGE.html", help="the page")
    parser.add_argument(
        "--method",
        nargs="+",
        default=["integrated_gradients", "grad_cam", "occlusion"],
        metavar="NAME",
        help="saliency, integrated_gradients, smoothgrad, guided_backprop, deconvnet, grad_cam, "
        "grad_cam_pp, occlusion, gradient_shap ... (default: %(default)s)",
    )
    parser.add_argument("--target", metavar="CLASS", help="by default the predicted one")
    parser.add_argument(
        "--at", nargs="+", type=float, metavar="SECONDS", help="where the windows begin"
    )
    parser.add_argument(
        "--windows",
        type=options.positive,
        default=WINDOWS,
        metavar="N",
        help="how many windows, where none is named (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the page if it exists")
    options.add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from .. import _checks, io

    for package, extra in (("torch", "nn"), ("captum", "explain"), ("matplotlib", "plot")):
        _checks.require(package, extra=extra, purpose="sigconv explain")
    from ..nn import load_checkpoint
    from ..nn.explain import METHODS, report
    from ..report import page

    out = Path(args.out)
    if out.suffix.lower() not in (".html", ".htm"):
        options.wrong_usage(args, f"--out must be a page, as in report.html; got {args.out!r}")
    if out.exists() and not args.overwrite:
        raise _checks.FileError(f"{out}: exists already; --overwrite replaces it")
    known = {name.replace("_", ""): name for name in METHODS}
    try:
        methods = [
            known.get(name.lower().replace("_", "").replace("-", ""))
            or _checks.one_of("--method", name, METHODS)
            for name in args.method
        ]
    except ValueError as error:
        options.wrong_usage(args, str(error))
    checkpoint = load_checkpoint(args.model)
    target = None
    if args.target is not None:
        try:
            _checks.one_of("--target", args.target, list(checkpoint.classes))
        except ValueError as error:
            options.wrong_usage(args, str(error))
        target = list(checkpoint.classes).index(args.target)
    if checkpoint.task != "classify":
        raise _checks.FileError(
            f"{args.model}: must be a network that names classes of windows; its task is "
            f"{checkpoint.task}"
        )
    if checkpoint.inputs.ndim > 1:
        raise _checks.FileError(
            f"{args.model}: must be a network for waveforms; it sees {checkpoint.inputs.name}"
        )
    config: Any = checkpoint.model.config
    starts, windows = _windows(checkpoint, args, io.read(args.file))
    fs = checkpoint.inputs.rate(checkpoint.fs)
    seen = checkpoint.prepare(windows)
    if checkpoint.crop is not None:  # a network that was trained on crops explains the first one
        seen = seen[..., : checkpoint.crop[0]]
    text = report(
        checkpoint.model,
        seen,
        methods=methods,
        target=target,
        kind="sound" if len(checkpoint.channels) == 1 and fs > 1000 else "signal",
        fs=fs,
        starts=starts,
        names=checkpoint.channels,
        classes=checkpoint.classes,
        title=f"Why {config['name']} says so",
        about={
            "File": shown(args.file),
            "Network": shown(args.model),
            "Filter": str(checkpoint.pipeline) if len(checkpoint.pipeline) else "none",
            "The network sees": str(checkpoint.inputs),
        },
        progress=not args.quiet,
    )
    page.save(out, text)
    if not args.quiet:
        say(f"{shown(out)}: {len(starts)} windows explained by {', '.join(methods)}")
    return 0


def _windows(
    checkpoint: Checkpoint, args: argparse.Namespace, recording: Recording
) -> tuple[list[float], np.ndarray]:
    """Return where windows begin, in seconds, and their samples, filtered."""
    import numpy as np

    from .. import _checks
    from ..nn.inference import prepared

    data = prepared(checkpoint, recording, name=args.file)
    fs = checkpoint.fs
    length = round((checkpoint.window[1] - checkpoint.window[0]) * fs)
    if args.at:
        starts = list(args.at)
    else:
        said = checkpoint.predict(recording, name=args.file)
        surest = np.argsort(-said.probabilities.max(axis=1), kind="stable")[: args.windows]
        starts = sorted(float(said.starts[i]) for i in surest)
    firsts = [round(start * fs) for start in starts]
    for start, first in zip(starts, firsts, strict=True):
        if first < 0 or first + length > data.shape[1]:
            raise _checks.FileError(
                f"{args.file}: --at must leave a window of {length / fs:g} s within its "
                f"{data.shape[1] / fs:g} s; got {start:g}"
            )
    return starts, np.stack([data[:, first : first + length] for first in firsts])
