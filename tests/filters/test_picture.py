"""A filter's picture has its panels, and no pyplot figure is touched."""

import sys

import pytest

import sigconv


@pytest.mark.parametrize(
    "tf",
    [
        sigconv.bandpass((1, 40), fs=250),
        sigconv.fir((1, 40), fs=250, taps=31),
        sigconv.TransferFunction([1.0, 0.0, 1.0], fs=4),
    ],
    ids=repr,
)
def test_five_panels(tf, tmp_path):
    figure = tf.plot()
    figure.savefig(tmp_path / "a.png")
    labels = {axes.get_ylabel() for axes in figure.axes}
    assert {"gain [dB]", "phase [rad]", "group delay [ms]", "imaginary"} <= labels
    gain = next(axes for axes in figure.axes if axes.get_ylabel() == "gain [dB]")
    hertz, shown = gain.lines[0].get_data()
    middle = len(hertz) // 3
    _, response = tf.frequency_response([hertz[middle]])
    assert 10 ** (shown[middle] / 20) == pytest.approx(abs(response[0]), rel=1e-9)


def test_an_unstable_filter_is_drawn_too():
    with pytest.warns(UserWarning, match="the filter is unstable"):
        tf = sigconv.TransferFunction([1.0], [1.0, -1.1], fs=100)
    assert len(tf.plot().axes) == 5


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        ImportError, match=r"plotting a filter needs matplotlib, .*'sigconv\[plot\]'"
    ):
        sigconv.lowpass(40, fs=250).plot()
