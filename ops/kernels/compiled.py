"""How kernels of many small functions are compiled."""

from numba import njit

# Without reference counts: a function that returns from several places would count up and down, atomically, each array
# that it is given, which took half of the time of splitting words. Such a kernel makes no array; it is given all.
kernel = njit(cache=True, nogil=True, _nrt=False)

# For kernels of its own file to call, not for Python: the wrappers for that, and a cache, took a fifth of compile time.
inner = njit(nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)

# Put into its callers whole: to call a function costs 10 ns for the arrays that it is given, seven words each. It is
# not there for Python to call, and is not cached by itself.
inlined = njit(nogil=True, _nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
