"""How many threads everybody may use."""

import contextlib
import os
from collections.abc import Iterator

import cv2
import numba
import threadpoolctl
import torch
from scipy import fft


@contextlib.contextmanager
def limited(n: int) -> Iterator[None]:
    """Give the libraries `n` threads each: BLAS, OpenMP, OpenCV, torch, scipy.fft and Numba."""
    if n > (os.cpu_count() or 1):
        raise ValueError(f"threads must be at most the machine's {os.cpu_count()} cores; got {n}")
    before = cv2.getNumThreads(), torch.get_num_threads(), numba.get_num_threads()
    cv2.setNumThreads(n)
    torch.set_num_threads(n)
    numba.set_num_threads(n)
    try:
        with threadpoolctl.threadpool_limits(n), fft.set_workers(n):
            yield
    finally:
        cv2.setNumThreads(before[0])
        torch.set_num_threads(before[1])
        numba.set_num_threads(before[2])
