"""SciPy's names, signatures and errors over this package's engine.

`scipy_signal` and `scipy_ndimage` hold functions that may stand in for those of `scipy.signal`
and `scipy.ndimage`: where code says ``from scipy.signal import fftconvolve``, it may say
``from sigconv.compat.scipy_signal import fftconvolve``. Types and shapes of the answers are
SciPy's. What differs, always for the better, is said in the docstrings of the two modules.
`acceleration` puts the functions in SciPy's place for a while.
"""
