"""The lectures' worked examples, under their own names."""

import numpy as np

from sigconv import (
    conv_nd,
    convolve,
    correlate,
    correlation_matrix,
    kernels,
    output_size,
    pool_nd,
    read,
)

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


def test_a_correlation_as_a_matrix():
    image = np.array([[1, 3, 4], [9, 6, 7], [5, 0, 2]])
    a, b, c, d = 2, 3, 5, 7
    matrix = correlation_matrix([[a, b], [c, d]], (3, 3), mode="valid")
    assert matrix.toarray().tolist() == [
        [a, b, 0, c, d, 0, 0, 0, 0],
        [0, a, b, 0, c, d, 0, 0, 0],
        [0, 0, 0, a, b, 0, c, d, 0],
        [0, 0, 0, 0, a, b, 0, c, d],
    ]
    expected = [
        a + 3 * b + 9 * c + 6 * d,
        3 * a + 4 * b + 6 * c + 7 * d,
        9 * a + 6 * b + 5 * c,
        6 * a + 7 * b + 2 * d,
    ]
    assert_integers(matrix @ image.ravel(), expected)
    y = correlate(image, [[a, b], [c, d]], mode="valid")
    assert_integers(y.ravel(), expected)


def test_max_pooling():
    x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
    assert_integers(pool_nd(x[None, None], 2, stride=2)[0, 0], [[6, 8], [3, 4]])


def test_max_and_average_pooling_of_one_picture():
    x = np.array([[1, 2, 2, 1], [4, 9, 1, 0], [1, 5, 2, 3], [4, 6, 1, 2]])
    assert_integers(pool_nd(x[None, None], 2, stride=2)[0, 0], [[9, 2], [6, 3]])
    average = pool_nd(x[None, None], 2, stride=2, op="average")
    assert average[0, 0].tolist() == [[4.0, 1.0], [4.0, 2.0]]


def test_padding_and_stride_decide_the_size():
    x, weight = np.ones((1, 1, 7, 7)), np.ones((1, 1, 3, 3))
    assert conv_nd(x, weight).shape == (1, 1, 5, 5)
    assert conv_nd(x, weight, padding=1).shape == (1, 1, 7, 7)
    assert conv_nd(x, weight, stride=2).shape == (1, 1, 3, 3)
    assert [output_size(7, 3), output_size(7, 3, padding=1), output_size(7, 3, 2)] == [5, 7, 3]
