"""Spans of tokens that texts have in common: few anchors say which texts to compare, digests which spans are equal.

A span is so many tokens in a row. Of the shorter runs of tokens in it, half as long, the one of least hash is its
anchor (winnowing: Schleimer et al. 2003). Equal spans have equal anchors, so texts without an anchor in common have no
span in common; and neighbouring spans mostly share theirs, so that anchors are one for 13 tokens where spans have 50.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.hashing import mix64
from ops.kernels.tokens import digest_run, hash_tokens, longest, token_bounds

_BASE = np.uint64(0x9E3779B97F4A7C15)
_0 = np.uint64(0)
_1 = np.uint64(1)


@dataclass(frozen=True)
class Spans:
    """Spans of texts, in order: whose, from which of its tokens on, and their digests as n x 2 words."""

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    digests: NDArray[np.uint64]


@dataclass(frozen=True)
class Places:
    """From which byte to which of a column each token goes; text n has the tokens from `first[n]` to `first[n + 1]`."""

    first: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


@kernel
def _anchors_of(tokens, count, size, power, hashes, out):  # type: ignore[no-untyped-def]
    """Write the anchor of each span of `size` tokens; return how many spans there are."""
    run = (size + 1) // 2
    runs = size - run + 1
    value = _0
    for end in range(count):
        value = value * _BASE + tokens[end]
        if end >= run:
            value -= tokens[end - run] * power
        if end + 1 >= run:
            hashes[end + 1 - run] = max(mix64(value), _1)
    at = -1  # of the last of the least; once in 13 times it is left behind, and the next one is looked for
    least = _0
    for span in range(count - size + 1):
        last = span + runs - 1
        if at < span:
            at, least = span, hashes[span]
            for other in range(span + 1, last + 1):
                if hashes[other] <= least:
                    at, least = other, hashes[other]
        elif hashes[last] <= least:
            at, least = last, hashes[last]
        out[span] = least
    return max(0, count - size + 1)


@njit(cache=True, nogil=True)
def _anchor_all(data, offsets, size, power, bounds, out):  # type: ignore[no-untyped-def]
    room = longest(offsets)
    tokens, hashes, own = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.uint64)
    filled = 0
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], tokens)
        last = _0
        if count >= size:
            for span in range(_anchors_of(tokens, count, size, power, hashes, own)):
                if own[span] != last:
                    last = own[span]
                    out[filled] = last
                    filled += 1
        bounds[row + 1] = filled


@kernel
def _is_in(ordered, value):  # type: ignore[no-untyped-def]
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < len(ordered) and ordered[low] == value


@njit(cache=True, nogil=True)
def _spans_all(data, offsets, size, power, wanted, bounds, places, digests):  # type: ignore[no-untyped-def]
    room = longest(offsets)
    tokens, hashes, own = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.uint64)
    filled = 0
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], tokens)
        last = _0
        found = False
        if count >= size:
            for span in range(_anchors_of(tokens, count, size, power, hashes, own)):
                if own[span] != last:
                    last = own[span]
                    found = _is_in(wanted, last)
                if found:
                    places[filled] = span
                    digests[filled, 0], digests[filled, 1] = digest_run(tokens, span, span + size)
                    filled += 1
        bounds[row + 1] = filled


@njit(cache=True, nogil=True)
def _places_all(data, offsets, first, starts, stops):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        at = first[row]
        first[row + 1] = at + token_bounds(data, offsets[row], offsets[row + 1], starts[at:], stops[at:])


def anchors(texts: pa.ChunkedArray | pa.Array, size: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return whose each anchor is, and the anchors of the spans of the texts; neighbours that share one have it once.

    No anchor is 0.

    >>> rows, found = anchors(pa.array(["a b c d e", "x A, b; c d y", "a b c"]), 4)
    >>> bool(set(found[rows == 0]) & set(found[rows == 1])), int((rows == 2).sum())
    (True, 0)
    """
    data, offsets = buffers_of(texts)
    bounds, out = np.zeros(len(offsets), np.int64), np.empty(int(offsets[-1] - offsets[0]), np.uint64)
    _anchor_all(data, offsets, size, _power(size), bounds, out)
    return np.repeat(np.arange(len(offsets) - 1), np.diff(bounds)), out[: bounds[-1]].copy()


def spans(texts: pa.ChunkedArray | pa.Array, size: int, wanted: NDArray[np.uint64]) -> Spans:
    """Return the spans whose anchors are among those wanted, which come in order.

    >>> texts = pa.array(["a b c d e", "x A, b; c d y"])
    >>> found = spans(texts, 4, np.unique(anchors(texts, 4)[1]))
    >>> found.rows.tolist(), found.places.tolist(), bool((found.digests[0] == found.digests[3]).all())
    ([0, 0, 1, 1, 1], [0, 1, 0, 1, 2], True)
    """
    data, offsets = buffers_of(texts)
    room = int(offsets[-1] - offsets[0])
    bounds, places = np.zeros(len(offsets), np.int64), np.empty(room, np.int64)
    digests = np.empty((room, 2), np.uint64)
    _spans_all(data, offsets, size, _power(size), wanted, bounds, places, digests)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(bounds))
    return Spans(rows, places[: bounds[-1]].copy(), digests[: bounds[-1]].copy())


def token_places(texts: pa.ChunkedArray | pa.Array) -> Places:
    """Return where in the column's bytes the tokens of each text are.

    >>> found = token_places(pa.array(["a bc", "天气"]))
    >>> found.first.tolist(), found.starts.tolist(), found.stops.tolist()
    ([0, 2, 4], [0, 2, 4, 7], [1, 4, 7, 10])
    """
    data, offsets = buffers_of(texts)
    first, (starts, stops) = np.zeros(len(offsets), np.int64), np.empty((2, int(offsets[-1] - offsets[0])), np.int64)
    _places_all(data, offsets, first, starts, stops)
    return Places(first, starts[: first[-1]], stops[: first[-1]])


def _power(size: int) -> np.uint64:
    """The base to as many as a run of this span has tokens: what the token that leaves a run weighs."""
    return np.uint64(pow(int(_BASE), (size + 1) // 2, 2**64))
