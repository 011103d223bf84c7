"""Kernels of trained layers as filters, against sinusoids that pass through the layers."""

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn.signal_layers import transfer_functions


@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("hertz", [0.0, 7.0, 40.0])
def test_the_gain_is_what_the_layer_does_to_a_sinusoid(hertz, dilation, stride):
    torch.manual_seed(0)
    layer = nn.Conv1d(4, 6, 9, stride, groups=2, dilation=dilation, bias=False).double()
    found = transfer_functions(layer, fs=128)
    assert (len(found), len(found[0])) == (6, 2)
    wave = torch.exp(2j * torch.pi * hertz / 128 * torch.arange(100, dtype=torch.float64))
    x = torch.zeros(1, 4, 100, dtype=torch.complex128)
    x[0, 3] = wave  # the second channel of the second group
    y = torch.complex(layer(x.real), layer(x.imag))[0]
    for i, each in enumerate(found):
        gain = np.abs(each[1].frequency_response([hertz])[1][0]) if i >= 3 else 0
        np.testing.assert_allclose(y[i].abs().detach().numpy(), gain, atol=1e-12)


def test_what_is_no_filter():
    with pytest.raises(TypeError, match="layer must be a convolution along time; got Linear"):
        transfer_functions(nn.Linear(2, 2), fs=100)
    with pytest.raises(ValueError, match="layer must have a kernel along one axis"):
        transfer_functions(nn.Conv2d(1, 1, 3), fs=100)
