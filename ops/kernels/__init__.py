"""Compiled loops over Arrow buffers: UTF-8 bytes and offsets in, numbers or bytes out. No Python string on the way.

Machine code is cached (`cache.py`), so that of all workers on a machine one compiles and the others load it (0.5 s).
`python -m ops.kernels` compiles every kernel into the cache.
"""

import numba

_NUMBAS_OWN = "UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator,IPythonCacheLocator,ZipCacheLocator"
numba.config.CACHE_LOCATOR_CLASSES = f"ops.kernels.cache.KernelsLocator,{_NUMBAS_OWN}"
