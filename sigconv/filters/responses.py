"""What a filter answers to an impulse and to a step."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from .causal import Causal


class Responding(Causal):
    """A filter whose answers to the simplest inputs can be asked for."""

    def impulse_response(self, n: int | None = None) -> NDArray[np.float64]:
        """Return the answer to a single 1 at time 0.

        Parameters
        ----------
        n : int, optional
            Samples; `settling_time` if not given, which an unstable filter has not.

        Returns
        -------
        ndarray, shape (n,)

        Examples
        --------
        >>> import sigconv
        >>> sigconv.TransferFunction([1], [1, -0.5], fs=1).impulse_response(4)
        array([1.   , 0.5  , 0.25 , 0.125])
        """
        if n is None:
            if not self.is_stable:
                raise ValueError("n must be given for an unstable filter, which never settles")
            n = math.ceil(self.settling_time() * self.fs - 1e-6) + 1
        impulse = np.zeros(_checks.whole("n", n))
        impulse[0] = 1
        return self.filter_with_state(impulse, workers=1)[0]

    def step_response(self, n: int | None = None) -> NDArray[np.float64]:
        """Return the answer to an input that is 0 before time 0 and 1 from then on.

        Parameters
        ----------
        n : int, optional
            Samples; as in `impulse_response` if not given.

        Returns
        -------
        ndarray, shape (n,)

        Examples
        --------
        >>> import sigconv
        >>> sigconv.TransferFunction([1], [1, -0.5], fs=1).step_response(4)
        array([1.   , 1.5  , 1.75 , 1.875])
        """
        length = len(self.impulse_response()) if n is None else _checks.whole("n", n)
        return self.filter_with_state(np.ones(length), workers=1)[0]
