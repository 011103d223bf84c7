"""Options that say how filters run."""

import argparse

import pytest

from sigconv.cli.steps import add_step_options, pipeline_of


def steps(*words):
    parser = argparse.ArgumentParser()
    add_step_options(parser)
    args = parser.parse_args(words)
    args.parser = parser
    return list(pipeline_of(args))


def test_annotations_and_gaps():
    (step,) = steps("--lowpass", "40", "--skip-annotations", "edge,bad", "--nan-policy", "raise")
    assert step.parameters["skip_by_annotation"] == ("edge", "bad")
    assert step.parameters["nan_policy"] == "raise"
    (step,) = steps("--notch", "50", "--skip-annotations", "none")
    assert step.parameters["skip_by_annotation"] == ()
    for words in (
        ("--smooth", "gaussian:width=0.1"),
        ("--line-noise", "50"),
        ("--convolve", "boxcar:width=3"),
    ):
        (step,) = steps(*words, "--skip-annotations", "bad")
        assert step.parameters["skip_by_annotation"] == ("bad",)
    (step,) = steps("--notch", "50")
    assert set(step.parameters) == {"freq"}


def test_an_unknown_policy_is_refused(capsys):
    with pytest.raises(SystemExit):
        steps("--lowpass", "40", "--nan-policy", "drop")
    assert "--nan-policy must be one of 'propagate', 'omit', 'inter" in capsys.readouterr().err
