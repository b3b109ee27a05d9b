"""Tokens for dedup and counting: a word of a spaced script, or one character of an unspaced one.

The kind is chosen for each run of characters, not for each document, so a Chinese page with English words in it, or
the reverse, gives stable tokens. Case and width are folded; punctuation, symbols and spaces separate. "ＧＰＵ 时代!" is
gpu, 时, 代.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.hashing import mix64
from ops.kernels.unicode_tables import FLAGS, FOLDED, SINGLE, TABLED, WORD
from ops.kernels.utf8 import code_point, flags_of

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_WORD_OR_SINGLE = np.uint8(WORD | SINGLE)
_JUST_WORD = np.uint8(WORD)
# What an ASCII byte folds to within a word; 0 where it separates words.
_ASCII_WORD = np.where(FLAGS[:128] & WORD, FOLDED[:128], 0).astype(np.uint64)


@njit(cache=True, nogil=True)
def hash_tokens(data, start, end, out):  # type: ignore[no-untyped-def]
    """Write a 64-bit hash of each token (FNV-1a over folded code points, then mixed); return how many.

    Stops when `out` is full; a token takes at least one byte.
    """
    room = len(out)
    count = 0
    at = start
    value = _BASIS
    while at < end:
        byte = data[at]
        kind = np.uint8(0)
        folded = np.uint64(0)
        if byte < 0x80:
            at += 1
            folded = _ASCII_WORD[byte]
            if folded:
                value = (value ^ folded) * _PRIME
                continue
        else:
            point, at = code_point(data, at)
            kind = flags_of(point) & _WORD_OR_SINGLE
            folded = np.uint64(FOLDED[point]) if point < TABLED else np.uint64(point)
            if kind == _JUST_WORD:
                value = (value ^ folded) * _PRIME
                continue
        if value != _BASIS and count < room:
            out[count] = mix64(value)
            count += 1
        value = _BASIS
        if kind and count < room:
            out[count] = mix64((_BASIS ^ folded) * _PRIME)
            count += 1
        if count == room:
            return count
    if value != _BASIS and count < room:
        out[count] = mix64(value)
        count += 1
    return count


@njit(cache=True, nogil=True)
def longest(offsets):  # type: ignore[no-untyped-def]
    """Return the bytes of the longest string."""
    most = 0
    for row in range(len(offsets) - 1):
        most = max(most, offsets[row + 1] - offsets[row])
    return most


@njit(cache=True, nogil=True)
def _count_all(data, offsets, out):  # type: ignore[no-untyped-def]
    scratch = np.empty(longest(offsets), np.uint64)
    for row in range(len(offsets) - 1):
        out[row] = hash_tokens(data, offsets[row], offsets[row + 1], scratch)


@njit(cache=True, nogil=True)
def _digest_all(data, offsets, out):  # type: ignore[no-untyped-def]
    scratch = np.empty(longest(offsets), np.uint64)
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], scratch)
        one = two = np.uint64(count)
        for token in scratch[:count]:
            one = mix64(one ^ token)
            two = mix64((two + token) * _PRIME)
        out[row, 0] = one
        out[row, 1] = two


def count_tokens(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Number of tokens of each string.

    >>> count_tokens(pa.array(["Hello, world", "今天GPU很好。", "", "—"])).tolist()
    [2, 5, 0, 0]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.int64)
    _count_all(data, offsets, out)
    return out


def token_digests(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.uint64]:
    """Return a 128-bit digest of each string's tokens in order, as n x 2 words.

    Equal for texts that differ in case, width, spaces and punctuation only.

    >>> a, b, c = token_digests(pa.array(["Hello,  World!", "ｈello world", "world hello"]))
    >>> bool((a == b).all()), bool((a == c).all())
    (True, False)
    """
    data, offsets = buffers_of(strings)
    out = np.empty((len(offsets) - 1, 2), np.uint64)
    _digest_all(data, offsets, out)
    return out
