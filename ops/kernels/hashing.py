"""Hashes: 128-bit digests of strings, and chance as a hash of (seed, id)."""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined

_C1 = np.uint64(0x87C37B91114253D5)
_C2 = np.uint64(0x4CF5AD432745937F)
_M1 = np.uint64(0xFF51AFD7ED558CCD)
_M2 = np.uint64(0xC4CEB9FE1A85EC53)
_M1_UNDOES = np.uint64(0x4F74430C22A54005)  # times _M1 it is 1
_M2_UNDOES = np.uint64(0x9CB4B2F8129337DB)
_5 = np.uint64(5)
_8 = np.uint64(8)
_A1 = np.uint64(0x52DCE729)
_A2 = np.uint64(0x38495AB5)
_32 = np.uint64(32)
_33 = np.uint64(33)
_64 = np.uint64(64)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def mix64(value):  # type: ignore[no-untyped-def]
    """Spread a 64-bit value over all 64 bits (MurmurHash3's finalizer, a bijection)."""
    value = np.uint64(value)
    value = (value ^ (value >> _33)) * _M1
    value = (value ^ (value >> _33)) * _M2
    return value ^ (value >> _33)


@njit(cache=True, nogil=True)
def stir(value, word):  # type: ignore[no-untyped-def]
    """Stir 64 bits into a running value: for hashes of many short strings, in words of eight bytes."""
    value = (value ^ word) * _GOLDEN
    return value ^ (value >> _32)


@njit(cache=True, nogil=True)
def pack(value, word, filled, unit, width):  # type: ignore[no-untyped-def]
    """Put `width` bits into the word of 64 that is being filled, and stir it in when it is full; return all three."""
    word |= unit << filled
    filled += width
    if filled >= _64:
        value = stir(value, word)
        filled -= _64
        word = unit >> (width - filled)
    return value, word, filled


@njit(cache=True, nogil=True)
def stirred(value, word, length):  # type: ignore[no-untyped-def]
    """Return the hash of what was stirred in, of a last word, and of the length in bits."""
    return mix64((value ^ word) + length * _GOLDEN)


@inlined
def word_of(value, length):  # type: ignore[no-untyped-def]
    """Return the word whose hash by `stirred` this is, if nothing was stirred in before it: `stirred` undone."""
    value = (value ^ (value >> _33)) * _M2_UNDOES
    value = (value ^ (value >> _33)) * _M1_UNDOES
    return (value ^ (value >> _33)) - length * _GOLDEN


@njit(cache=True, nogil=True)
def _rotate(value, by):  # type: ignore[no-untyped-def]
    return value << np.uint64(by) | value >> np.uint64(64 - by)


@njit(cache=True, nogil=True)
def _word(data, at, size):  # type: ignore[no-untyped-def]
    value = np.uint64(0)
    for i in range(size):
        value |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return value


@njit(cache=True, nogil=True)
def murmur3_128(data, start, end):  # type: ignore[no-untyped-def]
    """Return the two halves of MurmurHash3_x64_128 (Appleby), seed 0, of some bytes."""
    size = end - start
    one = two = np.uint64(0)
    at = start
    while at + 16 <= end:
        one = (_rotate(one ^ _rotate(_word(data, at, 8) * _C1, 31) * _C2, 27) + two) * _5 + _A1
        two = (_rotate(two ^ _rotate(_word(data, at + 8, 8) * _C2, 33) * _C1, 31) + one) * _5 + _A2
        at += 16
    rest = end - at
    if rest > 8:
        two ^= _rotate(_word(data, at + 8, rest - 8) * _C2, 33) * _C1
    if rest > 0:
        one ^= _rotate(_word(data, at, min(rest, 8)) * _C1, 31) * _C2
    one ^= np.uint64(size)
    two ^= np.uint64(size)
    one += two
    two += one
    one = mix64(one)
    two = mix64(two)
    one += two
    return one, two + one


@njit(cache=True, nogil=True)
def _digests(data, offsets, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        out[row, 0], out[row, 1] = murmur3_128(data, offsets[row], offsets[row + 1])


@njit(cache=True, nogil=True)
def _chances(high, salt, out):  # type: ignore[no-untyped-def]
    for row in range(len(high)):
        out[row] = mix64(high[row] ^ salt)


def digests(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.uint64]:
    """Return MurmurHash3_x64_128 of each string, as n x 2 words of 64 bits.

    >>> [hex(half) for half in digests(pa.array(["hello"]))[0]]
    ['0xcbd8a7b341bd9b02', '0x5b1e906a48ae1d19']
    """
    data, offsets = buffers_of(strings)
    out = np.empty((len(offsets) - 1, 2), np.uint64)
    _digests(data, offsets, out)
    return out


def chance(ids: pa.ChunkedArray | pa.Array, seed: int) -> NDArray[np.uint64]:
    """Return a number for each id, uniform over 64 bits, that depends on the seed and the id alone.

    Documents in order of this number are in random order, the same on every machine and on every night.
    """
    out = np.empty(len(ids), np.uint64)
    # A kernel returns a plain int; numba would type one below 2^63 as signed, and then refuse the next one above.
    _chances(digests(ids)[:, 0].copy(), np.uint64(mix64(np.uint64(seed))), out)
    return out


def mix64_all(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread each 64-bit value over all 64 bits."""
    out = np.empty(len(values), np.uint64)
    _chances(values.astype(np.uint64), np.uint64(0), out)
    return out
