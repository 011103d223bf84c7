"""Whatever filters, smooths, conditions or describes signals takes objects that carry them."""

import numpy as np
import pytest

import sigconv
from sigconv import Recording, conditioning, features, filters, smoothing
from sigconv.conditioning.kernel import convolve_in_time

mne = pytest.importorskip("mne")

FS = 250
TF = sigconv.bandpass((1, 40), fs=FS)
BANK = sigconv.FilterBank([TF, sigconv.notch(50, fs=FS), TF])
SECTIONS = np.tile(sigconv.lowpass(30, fs=FS, order=2).sos, (1, 1, 1))

#: Name -> (the function, whether arrays need to be told the rate).
SAME_SHAPE = {
    "TransferFunction.filter": (TF.filter, False),
    "TransferFunction.filtfilt": (TF.filtfilt, False),
    "TransferFunction.zero_phase": (TF.zero_phase, False),
    "FilterBank.filter": (BANK.filter, False),
    "FilterBank.filtfilt": (BANK.filtfilt, False),
    "filter_time_varying": (
        lambda x, **rate: sigconv.filter_time_varying(x, SECTIONS, block=1000, **rate),
        False,
    ),
    "track_notch": (lambda x, **rate: sigconv.track_notch(x, lambda t: 50 + t / 9, **rate), True),
    "smooth": (lambda x, **rate: sigconv.smooth(x, 0.04, **rate), True),
    "detrend": (lambda x, **rate: sigconv.detrend(x, breaks=1.5, **rate), True),
    "remove_line_noise": (sigconv.remove_line_noise, True),
    "envelope": (lambda x, **rate: sigconv.envelope(x, method="rms", **rate), True),
    "pre_emphasis": (sigconv.pre_emphasis, False),
    "de_emphasis": (sigconv.de_emphasis, False),
    "exponential_moving_standardise": (sigconv.exponential_moving_standardise, False),
    "rereference": (sigconv.rereference, False),
    "convolve_in_time": (lambda x: convolve_in_time(x, "hann", width=9), False),
    "resample": (lambda x, **rate: sigconv.resample(x, 100, **rate), True),
}
FEATURES = {
    "band_power": sigconv.band_power,
    "spectrogram": lambda x, **rate: sigconv.spectrogram(x, **rate).values,
    "log_mel": lambda x, **rate: sigconv.log_mel(x, n_mels=8, length=0.3, **rate).values,
    "sliding_windows": lambda x, **rate: sigconv.sliding_windows(x, 0.5, 0.25, **rate),
}

KINDS = ["eeg", "stim", "eeg", "eeg", "misc"]
SIGNALS = [0, 2, 3]


def objects():
    """Return a Recording, a Raw, Epochs and an Evoked with triggers among their signals."""
    x = np.random.default_rng(0).normal(size=(5, 1000)) * 1e-5
    x[1] = 0
    info = mne.create_info(5, FS, KINDS)
    events = np.array([[0, 0, 1], [600, 0, 1]])
    yield Recording(x, fs=FS, kinds=KINDS)
    yield mne.io.RawArray(x, info, verbose="error")
    yield mne.EpochsArray(np.stack([x, 2 * x]), info, events, baseline=None, verbose="error")
    yield mne.EvokedArray(x, info, nave=2)


def values(x):
    if isinstance(x, Recording):
        return x.data
    return x.data if isinstance(x, mne.Evoked) else x.get_data()


@pytest.mark.parametrize("x", list(objects()), ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", SAME_SHAPE)
def test_objects_come_back(name, x):
    function, needs_rate = SAME_SHAPE[name]
    if name == "resample":
        pytest.importorskip("soxr")
    before = values(x).copy()
    y = function(x)
    assert isinstance(y, (type(x), mne.io.RawArray))
    expected = function(before[..., SIGNALS, :], **({"fs": FS} if needs_rate else {}))
    np.testing.assert_allclose(values(y)[..., SIGNALS, :], expected, rtol=0, atol=1e-18)
    if name != "resample":
        others = [1, 4]
        np.testing.assert_array_equal(values(y)[..., others, :], before[..., others, :])
    np.testing.assert_array_equal(values(x), before)


@pytest.mark.parametrize("x", list(objects()), ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", FEATURES)
def test_features_of_objects(name, x):
    if name == "log_mel":
        pytest.importorskip("librosa")
    got = FEATURES[name](x)
    np.testing.assert_array_equal(got, FEATURES[name](values(x)[..., SIGNALS, :], fs=FS))


def test_nothing_is_left_out():
    tried = {name.partition(".")[0] for name in [*SAME_SHAPE, *FEATURES]}
    public = set()
    for room in (conditioning, features, filters, smoothing):
        public |= {name for name in room.__all__ if callable(getattr(room, name))}
    designs = {"bandpass", "bandstop", "comb", "fir", "highpass", "lowpass", "notch", "peak"}
    streams = {"FilterStream", "TimeVaryingStream", "Spectrogram"}
    assert public - designs - streams <= tried
