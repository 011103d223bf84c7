"""Where the epochs of a training are written down, for `on_epoch` of `fit`."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Any

from ... import _checks
from .history import Epoch

_COLUMNS = ("fold", "epoch", "loss", "validation_loss", "learning_rate", "seconds")


class CSVLog:
    """A table with a line an epoch; written line by line, so that it can be looked at.

    Parameters
    ----------
    path : path
        A new table; with `append` the lines go on behind what is there.
    append : bool

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv.nn.training import CSVLog, Epoch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with CSVLog(Path(folder) / "epochs.csv") as log:
    ...         log(Epoch(1, 0.7, 1e-3), fold="subject01")
    ...     print((Path(folder) / "epochs.csv").read_text())
    fold,epoch,loss,validation_loss,learning_rate,seconds
    subject01,1,0.7,,0.001,0.000
    """

    def __init__(self, path: str | Path, *, append: bool = False) -> None:
        path = Path(path)
        begins = not append or not path.exists()
        self._file = path.open("a" if append else "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        if begins:
            self._writer.writerow(_COLUMNS)

    def __call__(self, epoch: Epoch, fold: str = "") -> None:
        """Write an epoch down."""
        validation = "" if epoch.validation_loss is None else f"{epoch.validation_loss:.6g}"
        self._writer.writerow(
            [
                fold,
                epoch.number,
                f"{epoch.loss:.6g}",
                validation,
                f"{epoch.learning_rate:.4g}",
                f"{epoch.seconds:.3f}",
            ]
        )
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> CSVLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class TensorBoardLog:
    """The epochs for TensorBoard: one run a fold (extra `tensorboard`).

    Parameters
    ----------
    folder : path
        What `tensorboard --logdir` is given.
    """

    def __init__(self, folder: str | Path) -> None:
        _checks.require("tensorboard", extra="tensorboard", purpose="a log for TensorBoard")
        self._folder = Path(folder)
        self._writers: dict[str, Any] = {}

    def __call__(self, epoch: Epoch, fold: str = "") -> None:
        """Write an epoch down."""
        from torch.utils.tensorboard import SummaryWriter

        if fold not in self._writers:
            name = Path(fold).name or "run"
            self._writers[fold] = SummaryWriter(self._folder / name)
        writer = self._writers[fold]
        writer.add_scalar("loss/training", epoch.loss, epoch.number)
        if epoch.validation_loss is not None:
            writer.add_scalar("loss/validation", epoch.validation_loss, epoch.number)
        writer.add_scalar("learning rate", epoch.learning_rate, epoch.number)
        writer.flush()

    def close(self) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}
