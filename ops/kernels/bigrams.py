"""Hashed unigrams and bigrams of tokens: how many of texts fall into each bucket, and what they weigh there."""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined
from ops.kernels.hashing import stir, stirred
from ops.kernels.tokens import hash_tokens, longest

_0 = np.uint64(0)
_1 = np.uint64(1)
_2 = np.uint64(2)
_32 = np.uint64(32)


@inlined
def _bucket(value, token, length, buckets):  # type: ignore[no-untyped-def]
    """Spread the higher half of a hash over so many buckets."""
    return ((stirred(value, token, length) >> _32) * buckets) >> _32


@njit(cache=True, nogil=True)
def _count(data, offsets, counts):  # type: ignore[no-untyped-def]
    tokens = np.empty(longest(offsets), np.uint64)
    buckets = np.uint64(len(counts))
    for row in range(len(offsets) - 1):
        before = _0
        for at in range(hash_tokens(data, offsets[row], offsets[row + 1], tokens)):
            token = tokens[at]
            counts[_bucket(_0, token, _1, buckets)] += 1
            if at:
                counts[_bucket(before, token, _2, buckets)] += 1
            before = stir(_0, token)


@njit(cache=True, nogil=True)
def _weigh(data, offsets, weights, sums):  # type: ignore[no-untyped-def]
    tokens = np.empty(longest(offsets), np.uint64)
    buckets = np.uint64(len(weights))
    for row in range(len(offsets) - 1):
        before = _0
        total = 0.0
        for at in range(hash_tokens(data, offsets[row], offsets[row + 1], tokens)):
            token = tokens[at]
            total += weights[_bucket(_0, token, _1, buckets)]
            if at:
                total += weights[_bucket(before, token, _2, buckets)]
            before = stir(_0, token)
        sums[row] = total


def bigram_counts(texts: pa.ChunkedArray | pa.Array, buckets: int) -> NDArray[np.int64]:
    """Count the unigrams and bigrams of all texts in each bucket; no bigram is of two texts.

    >>> bigram_counts(pa.array(["to be or not", "to be", ""]), 1000).sum()
    np.int64(10)
    """
    data, offsets = buffers_of(texts)
    counts = np.zeros(buckets, np.int64)
    _count(data, offsets, counts)
    return counts


def bigram_weights(texts: pa.ChunkedArray | pa.Array, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the weights of each text's unigrams and bigrams, by their buckets.

    >>> bigram_weights(pa.array(["to be or not", "to be", ""]), np.ones(1000))
    array([7., 3., 0.])
    """
    data, offsets = buffers_of(texts)
    sums = np.empty(len(offsets) - 1)
    _weigh(data, offsets, weights, sums)
    return sums
