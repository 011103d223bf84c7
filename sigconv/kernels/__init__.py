"""Named kernels as plain arrays, for any number of dimensions.

All are impulse responses, meant for `sigconv.convolve`: derivatives are positive where the signal
grows along the axis. Smoothing and sharpening kernels sum to one, edge detectors to zero.
Kernels of whole numbers are integer arrays, so that integer images stay exact.
"""

from .averages import boxcar as boxcar
from .averages import exponential as exponential
from .averages import gaussian as gaussian
from .averages import motion_blur as motion_blur
from .averages import savitzky_golay as savitzky_golay
from .averages import triangular as triangular
from .averages import window as window
from .edges import gabor as gabor
from .edges import laplacian as laplacian
from .edges import laplacian_of_gaussian as laplacian_of_gaussian
from .edges import prewitt as prewitt
from .edges import roberts as roberts
from .edges import scharr as scharr
from .edges import sharpen as sharpen
from .edges import sobel as sobel
from .edges import unsharp as unsharp
from .phase import hilbert as hilbert
from .words import named as named

__all__ = [
    "boxcar",
    "exponential",
    "gabor",
    "gaussian",
    "hilbert",
    "laplacian",
    "laplacian_of_gaussian",
    "motion_blur",
    "named",
    "prewitt",
    "roberts",
    "savitzky_golay",
    "scharr",
    "sharpen",
    "sobel",
    "triangular",
    "unsharp",
    "window",
]
