"""Named kernels against SciPy's filters, their textbook matrices and their sums."""

import numpy as np
import pytest
from scipy import ndimage, signal

from sigconv import convolve, kernels

IMAGE = np.random.default_rng(0).normal(size=(20, 30))


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize(
    ("build", "total"),
    [
        (lambda ndim: kernels.boxcar(5, ndim), 1),
        (lambda ndim: kernels.triangular(4, ndim), 1),
        (lambda ndim: kernels.window(("kaiser", 6.0), 7, ndim), 1),
        (lambda ndim: kernels.gaussian(1.3, ndim), 1),
        (lambda ndim: kernels.sharpen(0.7, ndim), 1),
        (lambda ndim: kernels.unsharp(1.1, 0.7, ndim), 1),
        (lambda ndim: kernels.laplacian(ndim), 0),
        (lambda ndim: kernels.laplacian(ndim, diagonal=True), 0),
        (lambda ndim: kernels.laplacian_of_gaussian(1.4, ndim), 0),
        (lambda ndim: kernels.sobel(-1, ndim), 0),
        (lambda ndim: kernels.prewitt(0, ndim), 0),
        (lambda ndim: kernels.scharr(0, ndim), 0),
    ],
)
def test_sums_and_dimensions(build, total, ndim):
    kernel = build(ndim)
    assert kernel.ndim == ndim
    assert kernel.sum() == pytest.approx(total, abs=1e-12)


def test_lengths_per_axis():
    assert kernels.boxcar([2, 5], ndim=2).shape == (2, 5)
    assert kernels.window("hann", (3, 4, 5), 3).shape == (3, 4, 5)
    assert kernels.gaussian([1, 2], 2, truncate=3).shape == (7, 13)


@pytest.mark.parametrize("order", [0, 1, 2, 3, (1, 0), (0, 2)])
@pytest.mark.parametrize("sigma", [0.8, 2.3])
def test_gaussian_filters_as_scipys(sigma, order):
    kernel = kernels.gaussian(sigma, 2, derivative=order)
    expected = ndimage.gaussian_filter(IMAGE, sigma, order=order, mode="mirror")
    y = convolve(IMAGE, kernel, mode="same", boundary="reflect")
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_gaussian_derivatives_follow_a_ramp_and_a_parabola():
    t = np.arange(60.0)
    first = convolve(3 * t, kernels.gaussian(2.0, derivative=1, truncate=8), mode="valid")
    np.testing.assert_allclose(first, 3, rtol=1e-9)
    second = convolve(t * t, kernels.gaussian(2.0, derivative=2, truncate=8), mode="valid")
    np.testing.assert_allclose(second, 2, rtol=1e-9)


@pytest.mark.parametrize("name", ["sobel", "prewitt"])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_differences_are_scipys(name, axis):
    expected = getattr(ndimage, name)(IMAGE, axis=axis, mode="mirror")
    kernel = getattr(kernels, name)(axis)
    y = convolve(IMAGE, kernel, mode="same", boundary="reflect")
    np.testing.assert_allclose(y, expected, atol=1e-12)


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_differences_are_positive_where_the_signal_grows(name, ndim):
    for axis in range(ndim):
        ramp = np.indices((5,) * ndim)[axis]
        kernel = getattr(kernels, name)(axis, ndim)
        assert kernel.dtype == np.int64
        across = {"sobel": 4, "prewitt": 3, "scharr": 16}[name]
        assert (convolve(ramp, kernel, mode="valid") == 2 * across ** (ndim - 1)).all()


def test_laplacians():
    np.testing.assert_allclose(
        convolve(IMAGE, kernels.laplacian(), mode="same", boundary="symmetric"),
        ndimage.laplace(IMAGE),
        atol=1e-12,
    )
    assert kernels.laplacian(1).tolist() == [1, -2, 1]
    cube = kernels.laplacian(3, diagonal=True)
    assert cube[1, 1, 1] == -26
    assert (np.delete(cube.ravel(), 13) == 1).all()


def test_laplacian_of_gaussian_is_scipys_up_to_its_shift():
    impulse = np.zeros((17, 17))
    impulse[8, 8] = 1
    expected = ndimage.gaussian_laplace(impulse, 2.0)
    shift = kernels.laplacian_of_gaussian(2.0) - expected
    np.testing.assert_allclose(shift, shift[0, 0], atol=1e-15)
    assert abs(shift[0, 0]) < 2e-5


def test_roberts_crosses():
    assert kernels.roberts(0).tolist() == [[1, 0], [0, -1]]
    assert kernels.roberts(1).tolist() == [[0, 1], [-1, 0]]


def test_sharpening_leaves_what_is_flat():
    flat = np.full((9, 9), 7)
    assert kernels.sharpen().dtype == np.int64
    assert (convolve(flat, kernels.sharpen(2, diagonal=True), mode="valid") == 7).all()
    assert convolve(flat * 1.0, kernels.unsharp(0.5), mode="valid") == pytest.approx(7)


@pytest.mark.parametrize("derivative", [0, 1, 2])
def test_savitzky_golay_is_scipys(derivative):
    x = IMAGE[0]
    kernel = kernels.savitzky_golay(7, 3, derivative=derivative, delta=0.5)
    expected = signal.savgol_filter(x, 7, 3, deriv=derivative, delta=0.5, mode="mirror")
    y = convolve(x, kernel, mode="same", boundary="reflect")
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_gabor_answers_to_its_own_wave():
    t = np.arange(400)
    gains = {
        f: abs(convolve(np.exp(2j * np.pi * f * t), kernels.gabor(0.1, 10.0), mode="valid")).mean()
        for f in (0.05, 0.1, 0.15, -0.1)
    }
    assert gains[0.1] == pytest.approx(1, abs=1e-3)
    assert max(gains[0.05], gains[0.15], gains[-0.1]) < 0.02


def test_gabor_runs_where_it_points():
    kernel = kernels.gabor(0.2, 3.0, direction=(0, 2.0))
    wave = np.exp(2j * np.pi * 0.2 * np.arange(-12, 13))
    np.testing.assert_allclose(kernel, kernels.gaussian(3.0, 2) * wave, atol=1e-15)


@pytest.mark.parametrize(("length", "taps"), [(1, [1]), (5, [1] * 5), (2, [0.5, 1, 0.5])])
def test_motion_blur_along_an_axis_is_a_moving_average(length, taps):
    taps = np.array(taps) / length
    for ndim, axis in [(1, 0), (2, 0), (2, 1), (3, 1)]:
        direction = -3.0 * np.eye(ndim)[axis]
        kernel = kernels.motion_blur(length, direction=direction)
        np.testing.assert_allclose(np.moveaxis(kernel, axis, 0).ravel(), taps, atol=1e-15)
    assert kernels.motion_blur(5, direction=(0, 1)).shape == (1, 5)


@pytest.mark.parametrize("direction", [(1, 1), (1, -2.5), (0.3, 1, -0.7), (2.0,), (1e-9, 1)])
@pytest.mark.parametrize("length", [0.3, 4, 9.7])
def test_motion_blur_holds_the_parts_of_the_line(length, direction):
    kernel = kernels.motion_blur(length, direction=direction)
    t = (np.arange(200_000) + 0.5) / 200_000 - 0.5  # many points, counted sample by sample
    points = np.multiply.outer(np.array(direction) / np.linalg.norm(direction), length * t)
    cells = np.rint(points).astype(int) + np.array(kernel.shape)[:, np.newaxis] // 2
    counted = np.zeros(kernel.shape)
    np.add.at(counted, tuple(cells), 1 / t.size)
    np.testing.assert_allclose(kernel, counted, atol=2e-5)
    np.testing.assert_allclose(kernel, np.flip(kernel), atol=1e-15)


@pytest.mark.parametrize("direction", [(1, 1), (1, 1, 1), (5, 3)])
def test_motion_blur_that_ends_on_an_edge_has_no_taps_of_rounding(direction):
    for steps in range(1, 40):
        kernel = kernels.motion_blur(steps * np.linalg.norm(direction), direction=direction)
        assert kernel[kernel > 0].min() > 1e-6


@pytest.mark.parametrize("freq", [0.05, 0.12, 0.25, 0.45])
def test_hilbert_turns_cosines_into_sines(freq):
    t = np.arange(500)
    y = convolve(np.cos(2 * np.pi * freq * t), kernels.hilbert(101), mode="same")
    np.testing.assert_allclose(y[50:-50], np.sin(2 * np.pi * freq * t)[50:-50], atol=0.01)


def test_hilbert_is_scipys_in_the_middle_of_the_band():
    x = signal.sosfiltfilt(signal.butter(6, [0.2, 0.8], "bandpass", output="sos"), IMAGE.ravel())
    y = convolve(x, kernels.hilbert(151), mode="same")
    np.testing.assert_allclose(y[80:-80], signal.hilbert(x).imag[80:-80], atol=0.01)
    kernel = kernels.hilbert(9)
    np.testing.assert_array_equal(kernel, -kernel[::-1])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_derivatives_of_a_gaussian_in_a_volume(axis):
    volume = np.random.default_rng(0).normal(size=(14, 15, 16))
    orders = np.eye(3, dtype=int)[axis]
    y = convolve(volume, kernels.gaussian(1.2, 3, derivative=orders), mode="valid")
    expected = ndimage.gaussian_filter(volume, 1.2, order=orders)[5:-5, 5:-5, 5:-5]
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_exponential_is_the_recursive_average():
    kernel = kernels.exponential(5.0, truncate=20)
    decay = np.exp(-1 / 5)
    x = IMAGE[1]
    np.testing.assert_allclose(
        convolve(x, kernel)[: len(x)], signal.lfilter([1 - decay], [1, -decay], x), atol=1e-7
    )


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: kernels.boxcar(0), ValueError, "^width must be .* at least 1; got 0$"),
        (lambda: kernels.boxcar(3, 0), ValueError, "^ndim must be .* at least 1; got 0$"),
        (lambda: kernels.boxcar([3, 3], 3), ValueError, "^width must be one number or one per ax"),
        (
            lambda: kernels.window("hanm", 5),
            ValueError,
            "^name must be a window that scipy.signal.get_window takes; got 'hanm'",
        ),
        (
            lambda: kernels.window("hann", 2),
            ValueError,
            "^width must leave more than zeros of the window 'hann'; got 2$",
        ),
        (lambda: kernels.gaussian(0), ValueError, "^sigma must be a finite number above 0; got 0$"),
        (
            lambda: kernels.gaussian([1, 2], 3),
            ValueError,
            r"^sigma must be one number or one per axis \(3\); got \[1, 2\]$",
        ),
        (lambda: kernels.gaussian(1, derivative=-1), ValueError, "^derivative must be .*got -1$"),
        (lambda: kernels.gaussian(1, truncate=0), ValueError, "^truncate must be .*got 0$"),
        (lambda: kernels.sobel(2), ValueError, "^axis must be an axis of an array with 2 dim"),
        (lambda: kernels.roberts(2), ValueError, "^axis must be an axis"),
        (lambda: kernels.sharpen(np.nan), ValueError, "^amount must be a finite number; got nan$"),
        (lambda: kernels.savitzky_golay(4, 2), ValueError, "^width must be odd; got 4$"),
        (lambda: kernels.savitzky_golay(5, 5), ValueError, r"^order must be below width \(5\)"),
        (
            lambda: kernels.savitzky_golay(5, 2, derivative=3),
            ValueError,
            r"^derivative must be at most order \(2\); got 3$",
        ),
        (
            lambda: kernels.gabor(0.1, 2.0, direction=(0, 0)),
            ValueError,
            r"^direction must point somewhere; got \(0, 0\)$",
        ),
        (lambda: kernels.motion_blur(0), ValueError, "^length must be a finite number above 0"),
        (
            lambda: kernels.motion_blur(3, direction=[0.0]),
            ValueError,
            r"^direction must point somewhere; got \(0.0,\)$",
        ),
        (lambda: kernels.hilbert(8), ValueError, "^width must be odd; got 8$"),
        (lambda: kernels.hilbert(1), ValueError, "^width must be .* at least 3; got 1$"),
        (
            lambda: kernels.hilbert(9, window="hanm"),
            ValueError,
            "^window must be one that scipy.signal.get_window takes; got 'hanm'",
        ),
        (lambda: kernels.exponential(-1), ValueError, "^tau must be a finite number above 0"),
    ],
)
def test_one_sentence_for_each_mistake(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
