"""How kernels of many small functions are compiled."""

from numba import njit

# Without reference counts: a function that returns from several places would count up and down, atomically, each array
# that it is given, which took half of the time of splitting words. Such a kernel makes no array; it is given all.
kernel = njit(cache=True, nogil=True, _nrt=False)
