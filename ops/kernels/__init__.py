"""Compiled loops over Arrow buffers: UTF-8 bytes and offsets in, numbers or bytes out. No Python string on the way.

`python -m ops.kernels` compiles every kernel into the cache (`NUMBA_CACHE_DIR`, else beside the source), so that
workers load machine code instead of compiling it.
"""
