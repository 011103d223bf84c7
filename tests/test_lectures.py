"""The lectures' worked examples, under their own names."""

import numpy as np

from sigconv import convolve, correlate, kernels, read

SIGNAL = [1, 2, -5, 4, 2, -1]
KERNEL = [-1, 2, -1]


def assert_integers(y, expected):
    assert y.dtype.kind == "i"
    assert y.tolist() == expected


def test_convolution_full():
    assert_integers(convolve(SIGNAL, KERNEL), [-1, 0, 8, -16, 11, 1, -4, 1])


def test_convolution_same():
    assert_integers(convolve(SIGNAL, KERNEL, mode="same"), [0, 8, -16, 11, 1, -4])


def test_convolution_valid():
    assert_integers(convolve(SIGNAL, KERNEL, mode="valid"), [8, -16, 11, 1])


def test_an_impulse_gives_the_impulse_response():
    assert_integers(convolve([1], [1, 3, 2]), [1, 3, 2])


def test_a_step_found_by_correlation():
    y = correlate([0, 0, 0, 0, 1, 2, 3, 3], [-1, 1], mode="valid")
    assert_integers(y, [0, 0, 0, 1, 1, 1, 0])


def test_a_feature_map_of_a_binary_image():
    rows = ["0111000", "0011100", "0001110", "0001100", "0011000", "0110000", "1100000"]
    image = np.array([[int(pixel) for pixel in row] for row in rows])
    kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    expected = [
        [1, 4, 3, 4, 1],
        [1, 2, 4, 3, 3],
        [1, 2, 3, 4, 1],
        [1, 3, 3, 1, 1],
        [3, 3, 1, 1, 0],
    ]
    assert_integers(correlate(image, kernel, mode="valid"), expected)


def test_the_moving_average_of_an_eeg(data):
    path = sorted((data / "eeg" / "eegmat").glob("*.edf"))[0]
    x = read(path).data[0, :2000]
    y = convolve(x, kernels.boxcar(10), mode="same")
    assert y.shape == x.shape
    # An even window centred as SciPy's: five samples before, the sample, four after.
    padded = np.r_[np.zeros(5), x, np.zeros(4)]
    expected = [padded[i : i + 10].sum() / 10 for i in range(len(x))]
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12 * np.abs(x).max())
    assert np.diff(y).std() < np.diff(x).std()


def test_an_rgb_image_and_an_rgb_kernel_give_one_map():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (3, 9, 8))
    kernel = rng.integers(-2, 3, (3, 3, 3))
    y = correlate(image, kernel, mode="valid")
    assert y.shape == (1, 7, 6)
    per_channel = [correlate(image[c], kernel[c], mode="valid") for c in range(3)]
    np.testing.assert_array_equal(y[0], sum(per_channel))
