"""Filters as layers: the numpy path's answer, gradients, and what is refused."""

import numpy as np
import pytest
import torch

import sigconv
from sigconv import Step, TransferFunction, kernels
from sigconv.nn import build_model, summary
from sigconv.nn.export import export
from sigconv.nn.signal_layers import FilterLayer

FILTERS = {
    "bandpass": sigconv.bandpass((8, 30), fs=250),
    "notch": sigconv.notch(50, fs=250),
    "one pole": TransferFunction([0.1], [1, -0.9], fs=250),
    "fir": sigconv.fir((8, 60), fs=250),
    "skew": TransferFunction([0.5, 0.3, 0.2, -0.1], fs=250),
    "even": TransferFunction(np.ones(4) / 4, fs=250),
}


def signals(n: int = 700) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 3, n)).cumsum(axis=-1) / 5 + 3


@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", FILTERS)
def test_forward_is_the_numpy_path(name, causal, trainable):
    tf, x = FILTERS[name], signals()
    layer = FilterLayer(tf, causal=causal, trainable=trainable)
    expected = tf.filter(x) if causal else tf.zero_phase(x)
    answer = layer(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    assert layer(torch.from_numpy(x).float()).dtype == torch.float32


@pytest.mark.parametrize(
    "step",
    [
        Step("bandpass", cutoff=(8, 30)),
        Step("lowpass", cutoff=40, causal=True),
        Step("convolve", kernel="gaussian", sigma=3),
        Step("convolve", kernel=[1.0, 2.0, 3.0, 4.0], boundary="wrap"),
        Step("convolve", kernel=[1.0, 2.0, 3.0], boundary="zero"),
        Step("convolve", kernel=[1.0, 2.0, 3.0, 4.0, 5.0], boundary="symmetric"),
        Step("convolve", kernel="exponential", tau=3, causal=True),
    ],
    ids=str,
)
def test_steps_of_a_pipeline(step):
    x = signals(300)
    expected = step.at(250)(x, 1)
    answer = FilterLayer(step, fs=250)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_named_kernels_and_taps():
    x = signals(100)
    named = FilterLayer("gaussian", sigma=2)
    own = FilterLayer(kernels.gaussian(2))
    expected = Step("convolve", kernel="gaussian", sigma=2).at(250)(x, 1)
    for layer in (named, own):
        np.testing.assert_allclose(layer(torch.from_numpy(x)).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", ["bandpass", "one pole", "skew", "even"])
def test_gradients(name, causal):
    layer = FilterLayer(FILTERS[name], causal=causal, trainable=True).double()
    (parameter,) = layer.parameters()
    x = torch.randn(2, 2, 60, dtype=torch.float64, requires_grad=True)

    def run(x, values):
        return torch.func.functional_call(layer, {next(iter(layer.state_dict())): values}, (x,))

    torch.autograd.gradcheck(run, (x, parameter), fast_mode=True)
    frozen = FilterLayer(FILTERS[name], causal=causal)
    assert not list(frozen.parameters())
    torch.autograd.gradcheck(frozen, (x,), fast_mode=True)


@pytest.mark.parametrize("name", ["one pole", "skew"])
def test_a_trained_filter_finds_another(name):
    torch.manual_seed(0)
    wanted = {"one pole": TransferFunction([0.3], [1, -0.7], fs=250)}.get(
        name, TransferFunction([0.2, 0.5, -0.2, 0.1], fs=250)
    )
    layer = FilterLayer(FILTERS[name], causal=True, trainable=True).double()
    x = torch.randn(4, 1, 200, dtype=torch.float64)
    target = torch.from_numpy(wanted.filter(x.numpy()))
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = (layer(x) - target).square().mean()
        value.backward()
        return value

    optimiser.step(loss)
    _, found = layer.transfer_function().frequency_response(50)
    np.testing.assert_allclose(found, wanted.frequency_response(50)[1], atol=1e-3)


def test_it_saves_and_loads_as_part_of_a_network():
    layer = FilterLayer(FILTERS["bandpass"], trainable=True)
    with torch.no_grad():
        layer.sections[:, 0] += 0.01
    again = FilterLayer(FILTERS["bandpass"], trainable=True)
    again.load_state_dict(layer.state_dict())
    assert again.transfer_function() == layer.transfer_function() != FILTERS["bandpass"]
    assert FilterLayer(FILTERS["bandpass"]).state_dict() == {}


@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_summaries_and_files_of_networks_behind_a_filter(causal, trainable, tmp_path):
    """A recursive filter sees all of its past, and no file can hold it; an FIR can be written."""
    behind = build_model("plain_cnn", in_channels=2, num_classes=2, width=0.25)
    form = {"causal": causal, "trainable": trainable}
    model = torch.nn.Sequential(FilterLayer(FILTERS["bandpass"], **form), behind)
    about = summary(model, (2, 700))
    assert {layer.receptive_field for layer in about.layers} == {(None,)}
    with pytest.raises(ValueError, match="model must have no recursive filter to be written"):
        export(model, tmp_path / "net.pt2", input_shape=(2, 700))
    model = torch.nn.Sequential(FilterLayer(FILTERS["fir"], **form), behind)
    assert export(model, tmp_path / "net.pt2", input_shape=(2, 700))["difference"] <= 1e-5


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"filter": Step("bandpass", cutoff=(8, 30))}, ValueError, "fs must be given"),
        ({"filter": Step("detrend"), "fs": 250}, ValueError, "detrend"),
        ({"filter": FILTERS["fir"], "fs": 500}, ValueError, "fs must be that of the filter, 250"),
        ({"filter": "gausian", "sigma": 2}, ValueError, "did you mean 'gaussian'"),
        (
            {"filter": Step("notch", freq=50), "fs": 250, "causal": True},
            ValueError,
            "causal must not be given with a step",
        ),
    ],
)
def test_what_no_layer_can_be(arguments, error, message):
    with pytest.raises(error, match=message):
        FilterLayer(**arguments)


def test_signals_shorter_than_the_padding():
    layer = FilterLayer(FILTERS["bandpass"])
    with pytest.raises(ValueError, match="x must be longer than the padding of 27 samples; got 20"):
        layer(torch.zeros(1, 1, 20))
