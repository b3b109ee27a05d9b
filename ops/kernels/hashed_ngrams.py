"""Hashed n-grams of words and characters: texts in, what a linear classifier multiplies with its weights out.

A text's n-grams are runs of 1 to `words` tokens (`ops.kernels.tokens`: a character is a token where a script has no
spaces), and runs of `characters` folded characters, in which spaces count as one. Each falls into a bucket by its hash.
A bucket's value is the square root of how many n-grams fell into it, so that a word said often does not drown the
others; all are then divided by the root of all n-grams, which makes the text's vector one of length 1.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ops.kernels.buffers import buffers_of
from ops.kernels.hashing import mix64, stir, stirred
from ops.kernels.tokens import hash_tokens, longest
from ops.kernels.unicode_tables import FOLDED, SPACE, TABLED
from ops.kernels.utf8 import code_point, cut, flags_of

_SPACE = np.uint8(SPACE)
_BLANK = np.uint64(0x20)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_CHARACTERS = np.uint64(0xD1B54A32D192ED03)  # apart from words of the same hash
_0 = np.uint64(0)
_1 = np.uint64(1)

# Texts of one call: bounds the memory of `sparse`.
_ROWS = 256


class NGrams(BaseModel):
    """Which n-grams there are, and in how many buckets."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    words: int = Field(2, ge=1, le=5, description="tokens of the longest run")
    characters: int = Field(3, ge=0, le=8, description="characters of a run; 0: none")
    buckets_log2: int = Field(18, ge=8, le=24)
    bytes_max: int = Field(100_000, ge=1, description="of a text; what comes after is not looked at")


@njit(cache=True, nogil=True)
def _buckets(data, start, end, words, characters, shift, scratch, out):  # type: ignore[no-untyped-def]
    """Write the bucket of each n-gram; return how many."""
    count = 0
    tokens = hash_tokens(data, start, end, scratch)
    for first in range(tokens):
        value = _0
        for more in range(min(words, tokens - first)):
            token = scratch[first + more]
            out[count] = stirred(value, token, np.uint64(more + 1)) >> shift
            value = stir(value, token)
            count += 1
    if not characters:
        return count
    power = _1
    for _ in range(characters):
        power *= _BASE
    value = _0  # a polynomial in _BASE of the last characters
    size = 0
    blank = False
    at = start
    while at < end:
        point, at = code_point(data, at)
        if flags_of(point) & _SPACE:
            if blank:
                continue
            blank = True
            unit = _BLANK
        else:
            blank = False
            unit = np.uint64(FOLDED[point]) if point < TABLED else np.uint64(point)
        value = value * _BASE + unit
        if size >= characters:
            value -= scratch[size - characters] * power
        scratch[size] = unit
        size += 1
        if size >= characters:
            out[count] = mix64(value ^ _CHARACTERS) >> shift
            count += 1
    return count


@njit(cache=True, nogil=True)
def _sums(data, offsets, weights, shift, words, characters, bytes_max, sums):  # type: ignore[no-untyped-def]
    room = min(longest(offsets), bytes_max)
    scratch = np.empty(room, np.uint64)
    out = np.empty(room * (words + 1), np.uint32)
    counts = np.zeros(len(weights), np.int32)
    for row in range(len(offsets) - 1):
        end = cut(data, offsets[row], offsets[row + 1], bytes_max)
        size = _buckets(data, offsets[row], end, words, characters, shift, scratch, out)
        for bucket in out[:size]:
            counts[bucket] += 1
        total = 0.0
        for bucket in out[:size]:
            if counts[bucket]:
                total += np.sqrt(counts[bucket]) * weights[bucket]
                counts[bucket] = 0
        sums[row] = total / np.sqrt(size) if size else 0.0


@njit(cache=True, nogil=True)
def _sparse(data, offsets, shift, words, characters, bytes_max, counts, starts, buckets, values):  # type: ignore[no-untyped-def]
    room = min(longest(offsets), bytes_max)
    scratch = np.empty(room, np.uint64)
    out = np.empty(room * (words + 1), np.uint32)
    filled = 0
    for row in range(len(offsets) - 1):
        end = cut(data, offsets[row], offsets[row + 1], bytes_max)
        size = _buckets(data, offsets[row], end, words, characters, shift, scratch, out)
        for bucket in out[:size]:
            counts[bucket] += 1
        for bucket in out[:size]:
            if counts[bucket]:
                buckets[filled] = bucket
                values[filled] = np.sqrt(counts[bucket] / size)
                counts[bucket] = 0
                filled += 1
        starts[row + 1] = filled
    return filled


def weighted(texts: pa.ChunkedArray | pa.Array, weights: NDArray[np.float32], grams: NGrams) -> NDArray[np.float64]:
    """Return the sum of each text's values times the weights of their buckets; 0 for a text without an n-gram.

    >>> weighted(pa.array(["a", "a a", ""]), np.ones(256, np.float32), NGrams(words=1, characters=0, buckets_log2=8))
    array([1., 1., 0.])
    """
    data, offsets = buffers_of(texts)
    sums = np.empty(len(offsets) - 1)
    shift = np.uint64(64 - grams.buckets_log2)
    _sums(data, offsets, weights, shift, grams.words, grams.characters, grams.bytes_max, sums)
    return sums


def sparse(
    texts: pa.ChunkedArray | pa.Array, grams: NGrams
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int64]]:
    """Return the texts' values as a sparse matrix: values, their buckets, and where each text's begin.

    >>> sparse(pa.array(["a a a b", ""]), NGrams(words=1, characters=0))[0].round(3).tolist()
    [0.866, 0.5]
    """
    shift = np.uint64(64 - grams.buckets_log2)
    counts = np.zeros(1 << grams.buckets_log2, np.int32)
    values, buckets, starts = [np.empty(0)], [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
    for first in range(0, len(texts), _ROWS):
        data, offsets = buffers_of(texts.slice(first, _ROWS))
        room = int(np.minimum(np.diff(offsets), grams.bytes_max).sum()) * (grams.words + 1)
        value, bucket = np.empty(room), np.empty(room, np.int32)
        start = np.zeros(len(offsets), np.int64)
        size = _sparse(
            data, offsets, shift, grams.words, grams.characters, grams.bytes_max, counts, start, bucket, value
        )
        values.append(value[:size].copy())
        buckets.append(bucket[:size].copy())
        starts.append(start[1:] + starts[-1][-1])
    return np.concatenate(values), np.concatenate(buckets), np.concatenate(starts)
