"""`sigconv response`: the facts of a filter, for the way it will run."""

import json

import pytest
from matplotlib import image

from sigconv.cli import main


def facts(capsys, *arguments):
    assert main(["response", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def edges(text):
    return [float(word.split()[0]) for word in text.split(", ")]


def test_half_power_is_where_the_designer_put_it(capsys):
    (causal,) = facts(capsys, "--bandpass", "1", "40", "--fs", "250", "--causal")
    assert edges(causal["half power"]) == pytest.approx([1, 40], rel=0.01)
    assert causal["runs"] == "forward only"
    (twice,) = facts(capsys, "--bandpass", "1", "40", "--fs", "250")
    low, high = edges(twice["half power"])
    assert 1 < low < 1.2  # forward and backward the gain is squared: the band is narrower
    assert 36 < high < 40
    assert twice["filter"] == "IIR of order 8, 4 sections, fs 250 Hz"


def test_an_fir_filter_runs_once(capsys):
    (one,) = facts(capsys, "--bandpass", "1", "40", "--fs", "250", "--fir")
    assert one["filter"] == "FIR of 825 taps, fs 250 Hz"
    assert one["runs"] == "once, its delay taken out"


def test_every_step_is_told(capsys):
    both = facts(capsys, "--highpass", "1", "--notch", "50", "--fs", "250")
    assert [each["step"] for each in both] == ["highpass cutoff=1", "notch freq=50"]
    assert main(["response", "--highpass", "1", "--fs", "250"]) == 0
    assert "rings:" in capsys.readouterr().out


def test_the_picture(tmp_path, capsys):
    path = tmp_path / "out.png"
    assert main(["response", "--bandpass", "1", "40", "--fs", "250", "--plot", str(path)]) == 0
    assert image.imread(path).std() > 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fs", "250"], "a filter must be given, as in --bandpass 1 40"),
        (["--fs", "50", "--lowpass", "40"], "cutoff must lie between 0 and 25 Hz"),
        (["--lowpass", "40"], "the following arguments are required: --fs"),
        (
            ["--fs", "250", "--lowpass", "40", "--notch", "50", "--plot", "x.png"],
            "--plot draws one filter; give one step",
        ),
    ],
)
def test_wrong_usage(arguments, message, capsys):
    assert main(["response", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_filter_after_another_rate(capsys: pytest.CaptureFixture[str]) -> None:
    argv = "response --resample 250 --detrend --lowpass 40 --fs 1000"
    assert main(argv.split()) == 0
    assert "fs 250 Hz" in capsys.readouterr().out
