"""`sigconv response`: the facts of a filter, for the way it will run."""

import json

import pytest
from matplotlib import image

from sigconv.cli import main


def facts(capsys, *arguments):
    assert main(["response", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_half_power_is_where_the_designer_put_it(capsys):
    (causal,) = facts(capsys, "--bandpass", "1", "40", "--fs", "250", "--causal")
    assert causal["half_power_hz"] == pytest.approx([1, 40], rel=1e-4)
    assert causal["runs"] == "forward only"
    assert causal["delay_s"][0] > 0.005
    (twice,) = facts(capsys, "--bandpass", "1", "40", "--fs", "250")
    assert twice["half_amplitude_hz"] == pytest.approx([1, 40], rel=2e-3)  # the gain is squared
    assert twice["delay_s"] == [0, 0]
    assert twice["filter"] == "IIR of order 8, 4 sections, fs 250 Hz"


def test_very_narrow_and_very_low_edges_are_found(capsys):
    (low,) = facts(capsys, "--lowpass", "0.01", "--fs", "20000", "--causal")
    assert low["half_power_hz"] == pytest.approx([0.01], rel=1e-4)
    assert low["transient_s"] == pytest.approx(287.288, rel=1e-4)
    (narrow,) = facts(capsys, "--notch", "50", "--q", "5000", "--fs", "1000", "--causal")
    assert narrow["half_power_hz"] == pytest.approx([49.995, 50.005], rel=1e-8)


def test_stop_bands(capsys):
    (elliptic,) = facts(
        capsys, "--bandpass", "1", "40", "--family", "elliptic", "--attenuation", "50",
        "--fs", "250", "--causal",
    )  # fmt: skip
    levels = [band["gain_db"] for band in elliptic["stop_bands"]]
    assert levels == pytest.approx([-50, -50], abs=0.05)
    (mne,) = facts(capsys, "--lowpass", "40", "--fs", "250", "--fir")
    (band,) = mne["stop_bands"]
    assert band["gain_db"] == pytest.approx(-53, abs=1)
    assert (band["from_hz"], band["to_hz"]) == pytest.approx((50, 125), abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "filter_", "runs"),
    [
        ("--comb 50", "IIR of order 5, 3 sections, fs 250 Hz", "forward and backward"),
        ("--peak 10 --q 4", "IIR of order 2, 1 section, fs 250 Hz", "forward and backward"),
        ("--lowpass 40 --fir --fir-window hann", "FIR of 79 taps", "once, its delay taken out"),
        ("--lowpass 40 --fir --fir-phase minimum", "FIR of 83 taps", "forward and backward"),
        (
            "--lowpass 40 --fir --fir-method remez --fir-taps 61 --fir-transition 5 "
            "--fir-stop-weight 10",
            "FIR of 61 taps",
            "once, its delay taken out",
        ),
        ("--lowpass 40 --family chebyshev1 --ripple 0.5", "IIR of order 4", "forward and back"),
    ],
)
def test_every_design_can_be_asked_for(arguments, filter_, runs, capsys):
    (told,) = facts(capsys, *arguments.split(), "--fs", "250")
    assert told["filter"].startswith(filter_)
    assert told["runs"].startswith(runs)


def test_an_fir_filter_runs_once(capsys):
    (one,) = facts(capsys, "--bandpass", "1", "40", "--fs", "250", "--fir")
    assert one["filter"] == "FIR of 825 taps, fs 250 Hz"
    assert one["runs"] == "once, its delay taken out"


def test_every_step_is_told(capsys):
    both = facts(capsys, "--highpass", "1", "--notch", "50", "--fs", "250")
    assert [each["step"] for each in both] == ["highpass cutoff=1", "notch freq=50"]
    assert main(["response", "--highpass", "1", "--fs", "250"]) == 0
    out = capsys.readouterr().out
    for line in ("-3 dB at:", "-6 dB at:", "stops:", "group delay:    none", "transient:"):
        assert line in out


def test_the_picture(tmp_path, capsys):
    path = tmp_path / "out.png"
    assert main(["response", "--bandpass", "1", "40", "--fs", "250", "--plot", str(path)]) == 0
    assert image.imread(path).std() > 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fs", "250"], "a filter must be given, as in --bandpass 1 40"),
        (["--fs", "50", "--lowpass", "40"], "cutoff must lie between 0 and 25 Hz"),
        (["--fs", "250", "--comb", "60"], "freq must divide the sampling rate of 250 Hz"),
        (["--fs", "250", "--notch", "50", "--fir-taps", "9"], "--fir-taps belongs to --fir"),
        (["--fs", "250", "--lowpass", "50", "--q", "9"], "--q belongs to --notch, --peak and"),
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
