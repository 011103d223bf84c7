"""Convolution of signals that arrive in chunks of any length."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .. import _checks
from .convolve import convolve
from .partitioned import PartitionedConvolution

#: Kernels from this length on are partitioned by "auto": measured with one channel, 1024 taps
#: took 0.11 µs a sample directly and 0.18 partitioned, 3301 taps 0.26 and 0.20.
LONG = 2048


class StreamingConvolver:
    """Convolve chunk by chunk: as many samples come out as went in, and `flush` gives the rest.

    However the signal is cut, the pieces together are ``convolve(x, h, axes=axis)`` for the
    whole: to the last bit with the direct method. With a partitioned kernel they do not depend
    on the cut either, and differ from the whole's answer by its error (see Notes).

    Parameters
    ----------
    h : array_like
        The kernel: one-dimensional for all signals alike, or with as many dimensions as a
        chunk, its taps along `axis` and length 1 or that of the chunk along the others.
    shape : int or sequence of int
        The signals at one moment: () is a single one, 8 or (8,) are eight channels.
    axis : int
        Where time runs in a chunk.
    dtype : dtype
        Of the signal; chunks of other types are converted where that is safe or rounds.
    method : {"auto", "direct", "partitioned"}
        "partitioned" cuts the kernel into blocks, all but the first of them applied through
        Fourier transforms; "auto" takes it for long kernels and signals that are not integers.
    state : array_like, optional
        Another stream's `state`, to go on where that one stopped.
    workers : int, optional
        Threads for the direct part; None is all cores. The answer does not depend on it.

    Raises
    ------
    ValueError, TypeError
        As `convolve` for `h`; a state of another shape; "partitioned" for integers.

    Notes
    -----
    With a partitioned kernel of k taps, float64 outputs are off by a few times 1e-16 times the
    largest ``|x|`` of about the last k samples times the sum of ``|h|``; float32 is
    rounded once more. A NaN or infinity touches the k outputs that have it under a tap.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> stream = sigconv.StreamingConvolver([1.0, 2.0, 3.0])
    >>> stream.push([1.0, 0.0])
    array([1., 2.])
    >>> stream.push([1.0])
    array([4.])
    >>> stream.flush()
    array([2., 3.])
    """

    def __init__(
        self,
        h: ArrayLike,
        shape: int | Sequence[int] = (),
        *,
        axis: int = -1,
        dtype: DTypeLike = np.float64,
        method: str = "auto",
        state: ArrayLike | None = None,
        workers: int | None = 1,
    ) -> None:
        batch = (shape,) if np.ndim(shape) == 0 else tuple(shape)  # type: ignore[arg-type]
        self._batch = tuple(_checks.whole("shape", n) for n in batch)
        self._axis = _checks.axis_index("axis", axis, len(self._batch) + 1)
        self._dtype = np.dtype(dtype)
        _checks.one_of("method", method, ["auto", "direct", "partitioned"])
        kernel = np.array(h)
        # The engine checks the kernel, and says of what type the answer is.
        moment = self._to_user(np.zeros((*self._batch, 1), self._dtype))
        answer = convolve(moment, kernel, axes=self._axis, method="direct", workers=workers)
        self._result_type = answer.dtype
        self._n_taps = answer.shape[self._axis]
        is_exact = answer.dtype.kind in "iu"
        if method == "partitioned" and is_exact:
            raise ValueError("method 'partitioned' is not for integers; 'auto' and 'direct' are")
        if method == "auto":
            method = "direct" if is_exact or self._n_taps < LONG else "partitioned"
        kernels = self._kernel_rows(kernel)
        how: type[PartitionedConvolution] | type[_DirectConvolution] = _DirectConvolution
        if method == "partitioned" and self._n_taps > 1:
            how, kernels = PartitionedConvolution, _as_wide(kernels, answer.dtype)
        n_rows = math.prod(self._batch)
        self._start = functools.partial(how, kernels, n_rows, self._dtype, workers)
        self._running = self._start()
        if state is not None:
            self._restore(state)

    @property
    def n_taps(self) -> int:
        """How many taps the kernel has; `flush` gives one sample less."""
        return self._n_taps

    @property
    def state(self) -> NDArray[Any]:
        """A copy of the input that still matters: an array to save and to start a stream with."""
        return self._to_user(self._running.past.reshape(*self._batch, -1)).copy()

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Take the next chunk and give its answer.

        Parameters
        ----------
        chunk : array_like
            Any number of samples along `axis`, none included; the other axes are `shape`.

        Returns
        -------
        ndarray of the shape of `chunk`
            In the type that `convolve` gives.

        Raises
        ------
        ValueError, TypeError
            A chunk of another shape or type; the stream stays as it was.
        """
        rows = self._rows("chunk", chunk)
        answer = self._running.push(rows) if rows.shape[1] else rows
        with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
            answer = answer.astype(self._result_type, copy=False)
        return self._to_user(answer.reshape(*self._batch, rows.shape[1]))

    def flush(self) -> NDArray[Any]:
        """Give the answer after the last sample (n_taps - 1 samples), and start anew."""
        silence = np.zeros((*self._batch, self.n_taps - 1), self._dtype)
        answer = self.push(self._to_user(silence))
        self._running = self._start()
        return answer

    def _restore(self, state: ArrayLike) -> None:
        rows = self._rows("state", state)
        least, most = self._running.remembers
        if not least <= rows.shape[1] <= most:
            raise ValueError(
                f"state must hold {least} to {most} samples along axis {self._axis}, "
                f"as a stream with this kernel does; got {rows.shape[1]}"
            )
        if rows.shape[1]:
            self._running.push(rows)

    def _rows(self, name: str, value: ArrayLike) -> NDArray[Any]:
        """Check a chunk or a state and return it as (n_rows, n) in the stream's type."""
        x = np.asarray(value)
        wanted = [*self._batch]
        wanted.insert(self._axis, -1)
        if x.ndim != len(wanted) or any(
            n not in (-1, m) for n, m in zip(wanted, x.shape, strict=True)
        ):
            listed = ", ".join("n" if n < 0 else str(n) for n in wanted)
            raise ValueError(f"{name} must have shape ({listed}); got {x.shape}")
        if x.dtype.kind not in "biufc" or not np.can_cast(x.dtype, self._dtype, "same_kind"):
            raise TypeError(f"{name} must hold numbers that fit {self._dtype}; got {x.dtype}")
        moved = np.moveaxis(x, self._axis, -1).astype(self._dtype, copy=False)
        return moved.reshape(math.prod(self._batch), x.shape[self._axis])

    def _to_user(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.moveaxis(x, -1, self._axis)

    def _kernel_rows(self, kernel: NDArray[Any]) -> NDArray[Any]:
        """Return the kernels as (1 or n_rows, n_taps)."""
        if kernel.ndim == 1:
            return kernel[np.newaxis]
        moved = np.moveaxis(kernel, self._axis, -1)
        if math.prod(moved.shape[:-1]) > 1:
            moved = np.broadcast_to(moved, (*self._batch, self._n_taps))
        return moved.reshape(-1, self._n_taps)


class _DirectConvolution:
    """Causal convolution of rows by the direct method; it remembers n_taps - 1 samples."""

    def __init__(
        self, kernels: NDArray[Any], n_rows: int, dtype: np.dtype[Any], workers: int | None
    ) -> None:
        self._kernels = kernels
        self._workers = workers
        self.past = np.zeros((n_rows, kernels.shape[1] - 1), dtype)

    @property
    def remembers(self) -> tuple[int, int]:
        return (self.past.shape[1],) * 2

    def push(self, rows: NDArray[Any]) -> NDArray[Any]:
        joined = np.concatenate([self.past, rows], axis=1)
        self.past = joined[:, rows.shape[1] :]
        return convolve(
            joined, self._kernels, axes=-1, mode="valid", method="direct", workers=self._workers
        )


def _as_wide(kernels: NDArray[Any], result_type: np.dtype[Any]) -> NDArray[Any]:
    """Return kernels in double precision, rounded first to the precision of the answer.

    So `convolve` rounds them too, and the two answers stay together.
    """
    precision = np.result_type(result_type, np.float32)
    if kernels.dtype.kind != "c":
        precision = np.zeros(0, precision).real.dtype
    return kernels.astype(precision).astype(np.result_type(result_type, np.float64))
