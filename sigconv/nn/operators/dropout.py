"""Dropout with torch's own masks, drawn several times as fast.

torch draws a mask number by number from its generator, on processors that are not Intel's; with
the rest compiled, that was a tenth of a training step. The same numbers come out of the loops
here, and the generator ends where torch would have left it.
"""

from __future__ import annotations

import functools
import math
import os
import threading

import numpy as np
import torch
from torch import Tensor, nn

from .guard import is_plain_tensor
from .mersenne_jit import WORDS, fill

#: Where, in the bytes of a generator's state, stand how many words are left, which is next, and
#: the words, each in 8 bytes.
_LEFT, _NEXT, _WORDS = 8, 16, 24

#: Threads share torch's generator: without this one in five pairs of masks was the same.
_one_at_a_time = threading.Lock()


def _unlock() -> None:
    """Begin anew in a forked process, where nobody is left to give the lock back."""
    global _one_at_a_time
    _one_at_a_time = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)

#: A mask this small takes as long either way: the state has 5 kB.
_FEW = 4096


class Dropout(nn.Dropout):
    """torch's layer, to the bit.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.operators import Dropout
    >>> x, answers = torch.ones(4, 5000), []
    >>> for layer in (Dropout(0.3), torch.nn.Dropout(0.3)):
    ...     with torch.random.fork_rng():
    ...         _ = torch.manual_seed(0)
    ...         answers.append(layer(x))
    >>> torch.equal(*answers)
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        """Any shape, and back."""
        if not self.training or self.inplace or not _is_faster(input, self.p):
            return super().forward(input)
        return input * _mask(input, 1 - self.p)


def _is_faster(x: Tensor, p: float) -> bool:
    return (
        0 < p < 1 and is_plain_tensor(x) and x.numel() >= _FEW and x.is_contiguous() and _is_known()
    )


def _mask(like: Tensor, keep: float) -> Tensor:
    """Return 1 / keep with probability `keep`, else 0, as torch would draw it now."""
    mask = torch.empty_like(like)
    value = torch.ones((), dtype=like.dtype).div_(keep)  # with torch's rounding
    _draw(mask, keep, value)
    return mask


def _draw(mask: Tensor, keep: float, value: Tensor) -> None:
    """Fill a mask and move the generator on; in no two threads with the same numbers."""
    generator = torch.default_generator
    with _one_at_a_time:
        while True:
            before = generator.get_state()
            after = _filled(mask, keep, value, before.clone())
            if torch.equal(generator.get_state(), before):  # torch drew nothing meanwhile
                generator.set_state(after)
                return


def _filled(mask: Tensor, keep: float, value: Tensor, state: Tensor) -> Tensor:
    """Fill a mask from a generator's state; return the state, moved on in place."""
    held = state.numpy()
    left, following = held[_LEFT : _LEFT + 4].view(np.int32), held[_NEXT : _NEXT + 8].view(np.int64)
    words = held[_WORDS : _WORDS + 8 * WORDS].view(np.uint64)
    narrow = words.astype(np.uint32)
    limit = np.uint64(math.ceil(keep * 2**53))
    used = fill(narrow, WORDS + 1 - int(left[0]), limit, value.numpy()[()], mask.view(-1).numpy())
    words[:] = narrow
    left[0], following[0] = WORDS + 1 - used, used
    return state


@functools.cache
def _is_known() -> bool:
    """Whether this torch draws as the loops here do: tried out once, from an odd place."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        torch.empty(1).random_()
        before = torch.get_rng_state()
        theirs = torch.empty(1500).bernoulli_(0.7)
        after = torch.get_rng_state()
        torch.set_rng_state(before)
        ours = torch.empty(1500)
        _draw(ours, 0.7, torch.ones(()))
        return torch.equal(ours, theirs) and torch.equal(torch.get_rng_state(), after)
