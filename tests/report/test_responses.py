"""Responses of steps: what SciPy and impulses say, for every step that is linear and no other."""

import numpy as np
import pytest
from scipy import signal

from sigconv import Pipeline, Step
from sigconv.pipeline import DESIGNS
from sigconv.report import responses
from sigconv.smoothing.methods import METHODS

FS = 250.0


def gain_at(known: responses.Response, hertz: float) -> float:
    return float(np.interp(hertz, known.frequencies, known.gains))


def test_filters_count_as_often_as_they_run() -> None:
    sos = signal.butter(4, 40, fs=FS, output="sos")
    expected = np.abs(signal.freqz_sos(sos, [50], fs=FS)[1][0])
    twice = Pipeline([Step("lowpass", cutoff=40)])
    once = Pipeline([Step("lowpass", cutoff=40, causal=True)])
    straight = Pipeline([Step("fir", cutoff=40)])
    for pipeline, passes in ((twice, 2), (once, 1)):
        (known,) = responses.responses(pipeline, FS)
        assert known.passes == passes
        assert gain_at(known, 50) == pytest.approx(expected**passes, rel=1e-3)
    assert responses.responses(straight, FS)[0].passes == 1


def test_steps_have_the_rate_at_which_they_run() -> None:
    steps = [Step("lowpass", cutoff=30), Step("resample", new_fs=100), Step("notch", freq=40)]
    known = responses.responses(Pipeline([*steps, Step("detrend")]), FS)
    assert [(each.step.name, each.fs) for each in known] == [("lowpass", 250), ("notch", 100)]
    figure = responses.figure_of(known)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        *("lowpass cutoff=30", "notch freq=40", "together")
    ]
    assert axes.get_xlim() == (0, 50)


def test_a_moving_average_is_a_dirichlet_kernel() -> None:
    (known,) = responses.responses(Pipeline([Step("smooth", width=0.02)]), FS)
    hertz = np.array([5.0, 30.0, 77.0])
    angles = np.pi * hertz / FS
    expected = np.abs(np.sin(5 * angles) / (5 * np.sin(angles)))
    np.testing.assert_allclose([gain_at(known, f) for f in hertz], expected, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_only_linear_smoothers_have_one(method: str) -> None:
    step = Step("smooth", method=method, width=0.05)
    run = step.at(FS)
    x, y = np.random.default_rng(0).normal(size=(2, 1, 500))
    apart = np.abs(run(x + y, 1) - run(x, 1) - run(y, 1)).max()
    assert (apart < 1e-9) == responses.is_linear(step) == (method not in responses.NOT_LINEAR)


def test_every_design_is_drawn() -> None:
    given = {"cutoff": 40, "freq": 50}
    for name in DESIGNS:
        wanted = "freq" if name in ("notch", "peak", "comb") else "cutoff"
        value = (10, 40) if name.startswith("band") else given[wanted]
        known = responses.responses(Pipeline([Step(name, **{wanted: value})]), FS)
        responses.figure_of(known).canvas.draw()


def test_low_edges_get_a_logarithmic_axis() -> None:
    known = responses.responses(Pipeline([Step("highpass", cutoff=0.1)]), FS)
    assert responses.figure_of(known).axes[0].get_xscale() == "log"
