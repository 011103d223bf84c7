"""The examples that train: each begins here, and reaches what it says in the slow tests."""

import runpy
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

#: Example -> arguments with which it is quick.
QUICK: dict[str, dict[str, Any]] = {
    "20_digits_from_waveforms.py": {"epochs": 1, "every": 30},
    "21_digits_from_spectrograms.py": {"epochs": 1, "every": 30},
    "22_handwritten_digits.py": {"epochs": 1, "n_train": 500},
    "23_actions_from_motion.py": {"epochs": 1},
    "24_aorta_in_ct.py": {"epochs": 1},
    "25_forwards_or_backwards.py": {"epochs": 1, "films": ("nasa_13013.mp4",)},
    "26_which_photo.py": {"epochs": 1},
    "27_a_neocognitron.py": {},
    "28_what_a_flicker_net_sees.py": {"epochs": 1},
    "29_why_shortcuts.py": {"epochs": 1, "n_train": 500},
    "31_search_with_groups.py": {"epochs": 1},
    "32_a_new_person.py": {"epochs": 1},
    "33_stages_of_a_night.py": {"n_epochs": 60, "epochs": 1},
}


@pytest.fixture
def run(data, monkeypatch, tmp_path):
    """Return a function that calls the `main` of an example."""
    monkeypatch.setenv("SIGCONV_DATA", str(data))
    monkeypatch.setattr("sys.argv", ["example"])
    monkeypatch.chdir(tmp_path)
    return lambda name, **options: runpy.run_path(str(EXAMPLES / name))["main"](**options)


@pytest.mark.parametrize("name", [name for name in QUICK if QUICK[name]])
def test_it_begins(run, name, capsys):
    run(name, **QUICK[name])
    assert capsys.readouterr().out


@pytest.mark.slow
def test_digits_are_heard_in_waveforms(run):
    assert run("20_digits_from_waveforms.py") >= 0.95


@pytest.mark.slow
def test_digits_are_heard_in_spectrograms(run):
    assert run("21_digits_from_spectrograms.py") >= 0.97


@pytest.mark.slow
def test_handwriting_is_read(run):
    assert run("22_handwritten_digits.py") >= 0.97


@pytest.mark.slow
def test_the_aorta_is_found_where_it_was_learnt(run):
    """Where it was not, nothing is claimed."""
    dice = run("24_aorta_in_ct.py")
    assert dice["ct_cropped"] > 0.8


@pytest.mark.slow
def test_motions_are_told_apart_better_than_by_a_linear_classifier(run):
    network, linear = run("23_actions_from_motion.py")
    assert network > linear + 0.2


@pytest.mark.slow
def test_the_way_of_time_is_seen_where_there_is_one(run):
    accuracy = run("25_forwards_or_backwards.py")
    assert accuracy["nasa_13013.mp4"] > 0.9


@pytest.mark.slow
def test_patches_are_put_to_their_photo(run):
    network, linear = run("26_which_photo.py")
    assert network > max(linear, 0.85)


@pytest.mark.slow
def test_a_flicker_net_sees_the_flicker_or_its_harmonic(run):
    for name, frequencies in run("28_what_a_flicker_net_sees.py").items():
        flicker = float(name.removesuffix("Hz"))
        for found in frequencies:
            assert min(abs(found - flicker), abs(found - 2 * flicker)) <= 0.5


def test_the_neocognitron_knows_moved_digits(run):
    assert run("27_a_neocognitron.py") > 0.9


@pytest.mark.slow
def test_convolutions_need_few_parameters(run):
    """As accurate as a network without them, with less than a twentieth of the parameters."""
    found = run("29_why_shortcuts.py")
    (mlp, many), (cnn, few) = found["mlp"], found["cnn"]
    assert cnn >= mlp
    assert few < many / 20


@pytest.mark.slow
def test_a_search_with_groups_serves_new_subjects(run):
    assert run("31_search_with_groups.py") > 0.8


@pytest.mark.slow
def test_stages_of_nights_are_told(run):
    assert run("33_stages_of_a_night.py")["epoch_cnn"] > 0.9
