"""Bad channels and eye movements, on made-up EEG whose truth is known."""

import sys

import mne
import numpy as np
import pytest

from sigconv import Pipeline, Recording, Step, ica_eog, interpolate_bads, read, write
from sigconv._checks import MissingExtra

FS = 200.0
MONTAGE = "easycap-M1"


@pytest.fixture(scope="module")
def names() -> list[str]:
    found = mne.channels.make_standard_montage(MONTAGE).ch_names
    return [name for name in found if name in _TEN_TWENTY]


_TEN_TWENTY = (
    *("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8"),
    *("P7", "P3", "Pz", "P4", "P8", "O1", "O2", "FC1", "FC2", "CP1", "CP2", "FC5", "FC6"),
)


@pytest.fixture(scope="module")
def smooth_field(names: list[str]) -> mne.io.RawArray:
    """Return EEG whose field changes slowly over the head: neighbours tell of a channel."""
    montage = mne.channels.make_standard_montage(MONTAGE)
    places = np.array([montage.get_positions()["ch_pos"][name] for name in names])
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    rng = np.random.default_rng(0)
    sources = rng.normal(size=(3, 2000)) * 1e-5
    data = places @ sources
    info = mne.create_info(names, FS, "eeg")
    raw = mne.io.RawArray(data, info, verbose="error")
    return raw.set_montage(montage)


def test_a_bad_channel_is_what_its_neighbours_say(smooth_field: mne.io.RawArray) -> None:
    raw = smooth_field.copy()
    truth = raw.get_data("Cz")[0]
    raw._data[raw.ch_names.index("Cz")] = 1.0
    raw.info["bads"] = ["Cz"]
    good = Pipeline([Step("interpolate_bads")]).apply(raw)
    assert good.info["bads"] == []
    assert np.corrcoef(good.get_data("Cz")[0], truth)[0, 1] > 0.98
    others = [name for name in raw.ch_names if name != "Cz"]
    np.testing.assert_array_equal(good.get_data(others), raw.get_data(others))
    assert raw.info["bads"] == ["Cz"]  # the given object is as it was
    expected = raw.copy().interpolate_bads(verbose="error").get_data()
    np.testing.assert_array_equal(good.get_data(), expected)


def test_recordings_from_files(smooth_field: mne.io.RawArray, tmp_path) -> None:
    raw = smooth_field.copy()
    raw.info["bads"] = ["O1"]
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    recording = read(tmp_path / "a_raw.fif")
    assert recording.bads == ("O1",)
    good = interpolate_bads(recording)
    assert good.bads == ()
    expected = read(tmp_path / "a_raw.fif")
    expected = mne.io.read_raw_fif(tmp_path / "a_raw.fif", preload=True, verbose="error")
    expected.interpolate_bads(verbose="error")
    np.testing.assert_allclose(good.data, expected.get_data(), rtol=1e-12, atol=1e-18)
    write(tmp_path / "b_raw.fif", good)
    assert mne.io.read_raw_fif(tmp_path / "b_raw.fif", verbose="error").info["bads"] == []


def test_places_from_a_montage(smooth_field: mne.io.RawArray, names: list[str]) -> None:
    data = smooth_field.get_data()
    recording = Recording(data.copy(), FS, [name.upper() for name in names])
    step = Step("interpolate_bads", bads="CZ", montage=MONTAGE)
    good = Pipeline([step]).apply(recording)
    np.testing.assert_array_equal(recording.data, data)
    row = names.index("Cz")
    assert np.corrcoef(good.data[row], data[row])[0, 1] > 0.98
    with pytest.raises(ValueError, match=r"the place of 'FP1' is not known \(montage="):
        interpolate_bads(recording, "CZ")
    with pytest.raises(ValueError, match=r"bads must be one of .*; got 'XX'"):
        interpolate_bads(recording, "XX", montage=MONTAGE)
    unchanged = interpolate_bads(recording)
    np.testing.assert_array_equal(unchanged.data, data)


@pytest.fixture(scope="module")
def blinking(smooth_field: mne.io.RawArray) -> tuple[mne.io.RawArray, np.ndarray]:
    """Return EEG with blinks and an EOG channel, and the EEG without them."""
    rng = np.random.default_rng(1)
    n = 30 * int(FS)
    n_channels = len(smooth_field.ch_names)
    mixing = rng.normal(size=(n_channels, n_channels))
    sources = rng.laplace(size=(n_channels, n)) * 2e-6
    clean = mixing @ sources
    blink = np.zeros(n)
    for start in range(300, n - 300, 700):
        blink[start : start + 60] += np.hanning(60) * 2e-4
    places = np.array([each["loc"][:3] for each in smooth_field.info["chs"]])
    spread = np.exp(-20 * np.linalg.norm(places - [0, 0.1, 0], axis=1))
    data = np.vstack([clean + np.outer(spread, blink), blink + rng.normal(size=n) * 1e-6])
    info = mne.create_info([*smooth_field.ch_names, "EOG"], FS, ["eeg"] * n_channels + ["eog"])
    raw = mne.io.RawArray(data, info, verbose="error")
    return raw.set_montage(mne.channels.make_standard_montage(MONTAGE)), clean


def test_blinks_are_taken_out(blinking: tuple[mne.io.RawArray, np.ndarray]) -> None:
    raw, clean = blinking
    before = raw.get_data("eeg") - clean
    after = Pipeline([Step("ica_eog")]).apply(raw).get_data("eeg") - clean
    assert np.linalg.norm(after) < 0.1 * np.linalg.norm(before)
    recording = Recording(raw.get_data(), FS, raw.ch_names, ["eeg"] * len(clean) + ["eog"])
    kept = recording.data.copy()
    same = ica_eog(recording)
    np.testing.assert_array_equal(recording.data, kept)  # a new one comes back
    np.testing.assert_allclose(same.data[:-1] - clean, after, atol=1e-9)
    np.testing.assert_array_equal(same.data[-1], recording.data[-1])
    again = ica_eog(recording)
    np.testing.assert_array_equal(again.data, same.data)


def test_what_has_no_eyes(blinking: tuple[mne.io.RawArray, np.ndarray]) -> None:
    raw, clean = blinking
    recording = Recording(clean, FS, raw.ch_names[:-1])
    with pytest.raises(ValueError, match="channels must name what shows the eyes"):
        ica_eog(recording)
    with pytest.raises(ValueError, match=r"channels must be one of .*; got 'EOG'"):
        ica_eog(recording, "EOG")
    with pytest.warns(UserWarning, match="no component goes with F7"):
        same = ica_eog(recording, "F7", threshold=1)
    np.testing.assert_array_equal(same.data, clean)


@pytest.mark.parametrize("name", ["interpolate_bads", "ica_eog"])
def test_arrays_and_missing_packages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match=f"x must be a Recording or an MNE object for {name}"):
        Pipeline([Step(name)]).apply(np.zeros((2, 100)), fs=100)
    monkeypatch.setitem(sys.modules, "mne", None)
    with pytest.raises(MissingExtra, match=rf"{name} needs mne, .*'sigconv\[eeg\]'"):
        Pipeline([Step(name)]).apply(Recording(np.zeros((2, 100)), 100))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("interpolate_bads", bads=(1, 2)), "bads must name channels; got"),
        (Step("interpolate_bads", montage="easycap"), "montage must be one of .*did you mean"),
        (Step("ica_eog", threshold=2), "threshold must be .* at most 1; got 2"),
        (Step("ica_eog", n_components=0), "n_components must be a whole number of at least 1"),
        (Step("ica_eog", n_components=1.5), "n_components must be .* below 1; got 1.5"),
        (Step("ica_eog", seed=-1), "seed must be a whole number of at least 0"),
    ],
)
def test_impossible_parameters(step: Step, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        step.at(FS)


def test_epochs_cannot_be_unmixed() -> None:
    info = mne.create_info(["Fp1", "Fp2"], FS, "eeg")
    epochs = mne.EpochsArray(np.zeros((2, 2, 100)), info, verbose="error")
    with pytest.raises(TypeError, match="x must be a Recording or an MNE Raw"):
        ica_eog(epochs, "Fp1")
