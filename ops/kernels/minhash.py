"""MinHash signatures of token shingles (Broder 1997), permutations as datasketch's `affine32` scheme.

Text in; one row of `permutations` 32-bit minima for each document out. The shingle hash is ours and pinned; the
permutations are those of `datasketch.MinHash(scheme="affine32", seed=...)`, which the tests compare with.
"""

import functools

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.hashing import mix64
from ops.kernels.tokens import hash_tokens, longest

# 500k characters: beyond that a signature saturates and one huge page links unrelated clusters (marin). We cap tokens,
# which bounds the work on a document without spaces as well.
TOKENS_MAX = 500_000

# 2,048 shingle hashes are 8 KiB, a quarter of a level-1 cache: the permutations then run over hashes that stay there.
_BLOCK = 2048

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_F1 = np.uint32(0x85EBCA6B)
_F2 = np.uint32(0xC2B2AE35)
_13 = np.uint32(13)
_16 = np.uint32(16)
_32 = np.uint64(32)


@njit(cache=True, nogil=True)
def _finalize32(value):  # type: ignore[no-untyped-def]
    # numba multiplies two 32-bit numbers to 64 bits: cut back each time, as MurmurHash3 means it.
    value = np.uint32((value ^ (value >> _16)) * _F1)
    value = np.uint32((value ^ (value >> _13)) * _F2)
    return np.uint32(value ^ (value >> _16))


@njit(cache=True, nogil=True)
def hash_shingles(tokens, count, size, out):  # type: ignore[no-untyped-def]
    """Write a 32-bit hash of every `size` tokens in a row; return how many (0 for fewer tokens than `size`).

    Of each, a polynomial of its tokens, which comes from the one before it (Rabin and Karp), is spread.
    """
    shingles = max(0, count - size + 1)
    if not shingles:
        return 0
    value = np.uint64(0)
    gone = np.uint64(1)  # what the factor of a token has become when it is no longer in the shingle
    for k in range(size):
        value = value * _MULTIPLIER + tokens[k]
        gone *= _MULTIPLIER
    out[0] = np.uint32(mix64(value) >> _32)
    for first in range(1, shingles):
        value = value * _MULTIPLIER + (tokens[first + size - 1] - tokens[first - 1] * gone)
        out[first] = np.uint32(mix64(value) >> _32)
    return shingles


@njit(cache=True, nogil=True)
def _minima(shingles, a, b, out):  # type: ignore[no-untyped-def]
    out[:] = np.uint32(0xFFFFFFFF)
    for start in range(0, len(shingles), _BLOCK):
        block = shingles[start : start + _BLOCK]
        for p in range(len(a)):
            least = out[p]
            times = a[p]
            plus = b[p]
            for j in range(len(block)):
                value = np.uint32(times * block[j] + plus)
                least = min(least, value)
            out[p] = least


@njit(cache=True, nogil=True)
def _sign_all(data, offsets, size, a, b, signatures, shingle_counts):  # type: ignore[no-untyped-def]
    room = min(longest(offsets), TOKENS_MAX)
    tokens = np.empty(room, np.uint64)
    shingles = np.empty(room, np.uint32)
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], tokens)
        found = hash_shingles(tokens, count, size, shingles)
        for j in range(found):
            shingles[j] = _finalize32(shingles[j])
        _minima(shingles[:found], a, b, signatures[row])
        shingle_counts[row] = found


@functools.cache
def permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the multipliers (odd) and summands of datasketch 2.0's `affine32` scheme for a seed."""
    draw = np.random.RandomState(seed)
    a = draw.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = draw.randint(0, 1 << 32, count, dtype=np.uint32)
    return a, b


def sign(
    strings: pa.ChunkedArray | pa.Array, shingle_tokens: int, count: int, seed: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the MinHash signatures (n x count) of the strings, and each one's number of shingles.

    A string with fewer tokens than a shingle has 0 shingles, and a signature that means nothing.
    """
    data, offsets = buffers_of(strings)
    a, b = permutations(count, seed)
    signatures = np.empty((len(offsets) - 1, count), np.uint32)
    shingle_counts = np.empty(len(offsets) - 1, np.int64)
    _sign_all(data, offsets, shingle_tokens, a, b, signatures, shingle_counts)
    return signatures, shingle_counts


def shingle_hashes(text: str, shingle_tokens: int) -> NDArray[np.uint32]:
    """Return the 32-bit base hashes of one text's shingles, in order: what its signature is the minima of."""
    data, offsets = buffers_of(pa.array([text]))
    tokens = np.empty(min(len(data), TOKENS_MAX), np.uint64)
    count = hash_tokens(data, offsets[0], offsets[1], tokens)
    out = np.empty(len(tokens), np.uint32)
    return out[: hash_shingles(tokens, count, shingle_tokens, out)]


@njit(cache=True, nogil=True)
def _band_keys(signatures, rows, out):  # type: ignore[no-untyped-def]
    for document in range(out.shape[0]):
        for band in range(out.shape[1]):
            value = mix64(np.uint64(band + 1))
            for k in range(band * rows, (band + 1) * rows):
                value = mix64(value ^ np.uint64(signatures[document, k])) + np.uint64(k)
            out[document, band] = max(value, np.uint64(1))


def band_keys(signatures: NDArray[np.uint32], bands: int) -> NDArray[np.uint64]:
    """Return a key for each band of each signature (documents x bands), never 0: equal where all its minima are.

    The band's number is part of the key, so keys of different bands differ. Two unlike bands have one key with a chance
    of 2^-64; who compares documents then finds them unlike.
    """
    out = np.empty((len(signatures), bands), np.uint64)
    _band_keys(signatures, signatures.shape[1] // bands, out)
    return out


@njit(cache=True, nogil=True)
def _all_shingles(data, offsets, size, ends, out):  # type: ignore[no-untyped-def]
    tokens = np.empty(min(longest(offsets), TOKENS_MAX), np.uint64)
    shingles = np.empty(len(tokens), np.uint32)
    used = 0
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], tokens)
        found = hash_shingles(tokens, count, size, shingles)
        distinct = np.unique(shingles[:found])
        out[used : used + len(distinct)] = distinct
        used += len(distinct)
        ends[row] = used


def shingle_sets(strings: pa.ChunkedArray | pa.Array, shingle_tokens: int) -> pa.Array:
    """Return the distinct 32-bit shingle hashes of each string, in order, as lists.

    Of a document of 500,000 shingles 29 pairs share a hash by chance, which moves a Jaccard index by 0.0001 at most.
    """
    data, offsets = buffers_of(strings)
    # A token has a byte at least, and a text no more tokens than the cap.
    room = int(np.minimum(np.diff(offsets), TOKENS_MAX).sum())
    ends = np.zeros(len(offsets), np.int64)
    out = np.empty(room, np.uint32)
    _all_shingles(data, offsets, shingle_tokens, ends[1:], out)
    return pa.LargeListArray.from_arrays(pa.array(ends), pa.array(out[: ends[-1]]))
