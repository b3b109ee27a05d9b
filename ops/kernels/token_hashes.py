"""The tokens of each string as hashes, in order: for counts of words and of runs of words."""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.tokens import hash_tokens, longest


@njit(cache=True, nogil=True)
def _hash_all(data, offsets, chosen, bounds, out):  # type: ignore[no-untyped-def]
    scratch = np.empty(longest(offsets), np.uint64)
    filled = 0
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], scratch) if chosen[row] else 0
        for token in scratch[:count]:
            out[filled] = token >> np.uint64(32)
            filled += 1
        bounds[row + 1] = filled
    return filled


def token_hashes(strings: pa.ChunkedArray | pa.Array, chosen: NDArray[np.bool_]) -> pa.ListArray:
    """Return a 32-bit hash of each token of the chosen strings, as a list for each string; empty for the others.

    Tokens are those of `ops.kernels.tokens`. Of a million different words, one in 8,000 shares its hash with another.

    >>> a, b = token_hashes(pa.array(["The end.", "the END"]), np.array([True, True])).to_pylist()
    >>> a == b, len(a)
    (True, 2)
    """
    data, offsets = buffers_of(strings)
    bounds = np.zeros(len(offsets), np.int32)
    sizes = np.diff(offsets)
    out = np.empty(int(sizes[chosen].sum()), np.uint32)
    filled = _hash_all(data, offsets, chosen, bounds, out)
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(out[:filled].copy()))


@njit(cache=True, nogil=True)
def _windows(data, offsets, chosen, draws, size, bounds, out):  # type: ignore[no-untyped-def]
    filled = 0
    for row in range(len(offsets) - 1):
        begin = offsets[row]
        length = offsets[row + 1] - begin
        if chosen[row]:
            if length > size:
                begin += np.int64(draws[row] % np.uint64(length - size + 1))
                length = size
            out[filled : filled + length] = data[begin : begin + length]
            filled += length
        bounds[row + 1] = filled
    return filled


def windows(
    strings: pa.ChunkedArray | pa.Array, chosen: NDArray[np.bool_], draws: NDArray[np.uint64], size_bytes: int
) -> pa.BinaryArray:
    """Return a stretch of bytes of each chosen string, at the place that its number draws; empty for the others.

    >>> windows(pa.array(["abcdef", "xy", "no"]), np.array([True, True, False]), np.uint64([7, 0, 0]), 3).to_pylist()
    [b'def', b'xy', b'']
    """
    data, offsets = buffers_of(strings)
    bounds = np.zeros(len(offsets), np.int32)
    out = np.empty(int(np.minimum(np.diff(offsets), size_bytes)[chosen].sum()), np.uint8)
    _windows(data, offsets, chosen, draws, size_bytes, bounds, out)
    return pa.BinaryArray.from_buffers(pa.binary(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(out)])
