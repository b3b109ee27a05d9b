"""N-gram models with back-off: texts in, how probable each is out.

A word here is the 64-bit hash of a token (`ops.kernels.tokens`: a character is one where a script has no spaces). The
key of an n-gram is a hash of the key of its first n-1 words and of its last word, so keys need no list of words. For
each n-gram that a model has it tells the probability of the last word after the others, and the weight of what is
shorter where a longer one is not there. Both are logarithms.

Before a text stands START, as often as an n-gram needs it. A word that the model has not is UNKNOWN.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ops.kernels.buffers import buffers_of
from ops.kernels.hashing import mix64, stir
from ops.kernels.tokens import hash_tokens, longest
from ops.kernels.utf8 import cut

START = np.uint64(0x9E3779B97F4A7C15)
UNKNOWN = np.uint64(0xD1B54A32D192ED03)

_0 = np.uint64(0)
_1 = np.uint64(1)
_2 = np.uint64(2)
_3 = np.uint64(3)
_4 = np.uint64(4)
_32 = np.uint64(32)
_EMPTY = np.uint64(2**64 - 1)  # no key is above it: a search ends there

# Slots for each n-gram. With a third of them empty, two slots in a line of memory answer most questions.
_SLOTS = 1.5

# Texts of one call that returns their words: bounds its memory.
_ROWS = 256


class NGramSettings(BaseModel):
    """How a model looks at texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    order: int = Field(3, ge=2, le=5, description="words of the longest n-gram")
    bytes_max: int = Field(100_000, ge=1, description="of a text; what comes after is not looked at")


@dataclass(frozen=True)
class Table:
    """A hash table for each length of n-grams, one after the other.

    A slot has a key, and in its second half two 32-bit numbers: the log probability, and the log weight of what is
    shorter. Slots are in order of keys, each at the place of its key or as little behind it as there is room.
    """

    slots: NDArray[np.uint64]
    begins: NDArray[np.uint64]  # the first slot, by length from 1
    sizes: NDArray[np.uint64]  # places, by length


def table_of(keys: Sequence[NDArray[np.uint64]], values: Sequence[NDArray[np.float32]]) -> Table:
    """Make a table of ascending keys, and a pair of values for each; by length, from 1."""
    parts, sizes = [], []
    for key, value in zip(keys, values, strict=True):
        size = np.uint64(len(key) * _SLOTS + 1)
        number = np.arange(len(key))
        place = (((key >> _32) * size) >> _32).astype(np.int64)
        place = np.maximum.accumulate(place - number) + number
        part = np.full((max(int(size), int(place[-1]) + 1 if len(place) else 0) + 1, 2), _EMPTY)
        part[place, 0] = key
        part[place, 1] = np.ascontiguousarray(value).view(np.uint64)[:, 0]
        parts.append(part)
        sizes.append(size)
    begins = np.cumsum([0, *(len(part) for part in parts[:-1])])
    return Table(np.concatenate(parts).ravel(), begins.astype(np.uint64), np.array(sizes, np.uint64))


@njit(cache=True, nogil=True)
def _key(context, word):  # type: ignore[no-untyped-def]
    """Return the key of the n-gram that a word makes with the key of those before it."""
    return mix64(stir(_0, context) + word)


@njit(cache=True, nogil=True)
def _keys(contexts, words, out):  # type: ignore[no-untyped-def]
    for at in range(len(words)):
        out[at] = _key(contexts[at], words[at])


@njit(cache=True, nogil=True)
def _words(data, offsets, bytes_max, out):  # type: ignore[no-untyped-def]
    filled = 0
    for row in range(len(offsets) - 1):
        out[filled] = START
        filled += 1
        end = cut(data, offsets[row], offsets[row + 1], bytes_max)
        filled += hash_tokens(data, offsets[row], end, out[filled:])
    return filled


@njit(cache=True, nogil=True)
def _find(slots, place, key):  # type: ignore[no-untyped-def]
    """Return the slot of a key, from its place on; where it is not there, the first that has a larger one or none."""
    while slots[_2 * place] < key:
        place += _1
    return place


@njit(cache=True, nogil=True)
def _place(key, begin, size):  # type: ignore[no-untyped-def]
    return begin + (((key >> _32) * size) >> _32)


@njit(cache=True, nogil=True)
def _score(data, offsets, slots, numbers, begins, sizes, bytes_max, sums, tokens):  # type: ignore[no-untyped-def]
    room = min(longest(offsets), bytes_max) + 1
    words = np.empty(room, np.uint64)
    keys = np.empty(room, np.uint64)  # of the n-gram that ends with each word; 0: the model has none
    wanted = np.empty(room, np.uint64)
    total = np.empty(room)  # the log probability of each word
    weight = np.empty(room)  # of what is shorter, where the n-gram that ends here is not to be made longer
    words[0] = START
    unknown = _find(slots, _place(UNKNOWN, begins[0], sizes[0]), UNKNOWN)
    for row in range(len(offsets) - 1):
        end = cut(data, offsets[row], offsets[row + 1], bytes_max)
        size = hash_tokens(data, offsets[row], end, words[1:]) + 1
        for at in range(size):
            slot = _find(slots, _place(words[at], begins[0], sizes[0]), words[at])
            if slots[_2 * slot] != words[at]:
                words[at] = UNKNOWN
                slot = unknown
            keys[at] = words[at]
            total[at] = numbers[_4 * slot + _2]
            weight[at] = numbers[_4 * slot + _3]
        for length in range(1, len(begins)):
            # All keys first, and then what memory says of each: a third faster than one after the other.
            for at in range(size):
                before = keys[max(at - 1, 0)]  # START stands before START
                wanted[at] = _key(before, words[at]) if before and keys[at] else _0
            for at in range(size - 1, -1, -1):  # from the end on: the weight before is still of the length below
                key = wanted[at]
                slot = _find(slots, _place(key, begins[length], sizes[length]), key)
                if key and slots[_2 * slot] == key:
                    keys[at] = key
                    total[at] = numbers[_4 * slot + _2]
                    weight[at] = numbers[_4 * slot + _3]
                else:
                    total[at] += weight[max(at - 1, 0)]
                    keys[at] = 0
                    weight[at] = 0.0
        sums[row] = 0.0
        for at in range(1, size):
            sums[row] += total[at]
        tokens[row] = size - 1


def words_of(texts: pa.ChunkedArray | pa.Array, bytes_max: int) -> NDArray[np.uint64]:
    """Return the words of all texts, with what stands before each.

    >>> words_of(pa.array(["a b", ""]), 100) == START
    array([ True, False, False,  True])
    """
    parts = [np.empty(0, np.uint64)]
    for first in range(0, len(texts), _ROWS):
        data, offsets = buffers_of(texts.slice(first, _ROWS))
        room = int(np.minimum(np.diff(offsets), bytes_max).sum()) + len(offsets)
        out = np.empty(room, np.uint64)
        parts.append(out[: _words(data, offsets, bytes_max, out)].copy())
    return np.concatenate(parts)


def keys_of(contexts: NDArray[np.uint64], words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the keys of the n-grams that words make with the keys of those before them."""
    out = np.empty(len(words), np.uint64)
    _keys(contexts, words, out)
    return out


def log_probabilities(
    texts: pa.ChunkedArray | pa.Array, table: Table, bytes_max: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the log probability of each text, which is the sum of those of its words, and how many words it has."""
    data, offsets = buffers_of(texts)
    sums, tokens = np.empty(len(offsets) - 1), np.empty(len(offsets) - 1, np.int64)
    numbers = table.slots.view(np.float32)
    _score(data, offsets, table.slots, numbers, table.begins, table.sizes, bytes_max, sums, tokens)
    return sums, tokens
