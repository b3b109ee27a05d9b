"""Passages that texts have in common with few others: n-grams of tokens are looked up, and those found are compared.

Tokens are those of `ops.kernels.tokens`: case, width, spaces and punctuation do not matter. An n-gram is so many
`words`, or so many `characters` of a script without spaces; in mixed text a word weighs `characters`, a character
`words`, and an n-gram is the shortest run from a token on that weighs words x characters.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.tokens import hash_tokens, is_single, longest, token_bounds
from ops.kernels.unicode_tables import FOLDED, TABLED
from ops.kernels.utf8 import code_point

_BASE = np.uint64(0x9E3779B97F4A7C15)
_0 = np.uint64(0)
_1 = np.uint64(1)
_3 = np.uint64(3)
_7 = np.uint64(7)
# A bit for each 16th of a bucket, of which there are as many as n-grams: 1 of 16 other n-grams finds one set.
_FINER = np.uint64(4)


@dataclass(frozen=True)
class Sought:
    """The n-grams of the items that are looked for, in order of their hashes, and where in the items each is."""

    words: int
    characters: int
    data: Bytes  # of the items' texts
    starts: NDArray[np.int64]  # of their tokens
    stops: NDArray[np.int64]
    tokens: NDArray[np.int64]  # how many each item has, of texts that are long enough for an n-gram
    ngrams: NDArray[np.int64]
    keys: NDArray[np.uint64]  # the n-grams' hashes
    first: NDArray[np.int64]  # the first token of each
    items: NDArray[np.int64]  # whose it is
    log2: int  # of the number of buckets: so many of the highest bits of a hash
    heads: NDArray[np.int64]  # where the n-grams of each bucket begin
    bits: NDArray[np.uint8]  # whether there is any, by so many bits and `_FINER` more


@dataclass(frozen=True)
class Overlaps:
    """Of texts that have an n-gram in common with an item: the item of which they have the greatest share."""

    rows: NDArray[np.int64]
    items: NDArray[np.int64]
    shares: NDArray[np.float64]
    passages: NDArray[np.int64]  # n x 2, from which byte of the column to which: the longest passage in common


def sought(texts: pa.Array, items: NDArray[np.int64], words: int, characters: int) -> Sought:
    """Prepare what is looked for: `items`, from 0 on and in order, tells whose each text is; no n-gram is of two texts.

    >>> found = sought(pa.array(["To be or not to be", "生存还是毁灭"]), np.array([0, 1]), 5, 6)
    >>> found.tokens.tolist(), found.ngrams.tolist()
    ([6, 6], [2, 1])
    """
    data, offsets = buffers_of(texts)
    room = int(offsets[-1] - offsets[0])
    keys, (first, starts, stops) = np.empty(room, np.uint64), np.empty((3, room), np.int64)
    of_text = np.zeros((2, len(texts)), np.int64)
    _split(data, offsets, words, characters, _powers(words, characters), starts, stops, keys, first, of_text)
    count, size = of_text.sum(axis=1)
    order = np.argsort(keys[:size], kind="stable")
    keys = keys[:size][order]
    log2 = max(1, int(size).bit_length())
    buckets = np.arange((1 << log2) + 1, dtype=np.uint64)
    places = np.unique(keys >> (np.uint64(64 - log2) - _FINER))
    bits = np.zeros(1 << (log2 + int(_FINER)), np.bool_)
    bits[places] = True
    return Sought(
        words,
        characters,
        data,
        starts[:count].copy(),
        stops[:count].copy(),
        np.bincount(items, of_text[0] * (of_text[1] > 0)).astype(np.int64),
        np.bincount(items, of_text[1]).astype(np.int64),
        keys,
        first[:size][order],
        np.repeat(items, of_text[1])[order],
        log2,
        np.searchsorted(keys >> np.uint64(64 - log2), buckets).astype(np.int64),
        np.packbits(bits, bitorder="little"),
    )


def overlaps(texts: pa.ChunkedArray | pa.Array, wanted: Sought, *, of_ngrams: bool) -> Overlaps:
    """Find the texts that have an n-gram of an item, each with the item of which it has the greatest share.

    The share is of the item's tokens, those that are in an n-gram in common, or of its n-grams. Of equal ones the first
    item counts.

    >>> wanted = sought(pa.array(["To be or not to be, that is it"]), np.array([0]), 4, 6)
    >>> found = overlaps(pa.array(["or not", "He said: to BE, or not!"]), wanted, of_ngrams=False)
    >>> found.rows.tolist(), found.shares.round(2).tolist(), found.passages.tolist()
    ([1], [0.44], [[15, 28]])
    """
    data, offsets = buffers_of(texts)
    powers = _powers(wanted.words, wanted.characters)
    may = np.zeros(len(offsets) - 1, np.bool_)
    table = (wanted.keys, wanted.heads, np.uint64(64 - wanted.log2))
    _look(data, offsets, wanted.words, wanted.characters, powers, *table, wanted.bits, may)
    rows = np.flatnonzero(may)
    best, shares = np.full(len(rows), -1), np.zeros(len(rows))
    passages = np.zeros((len(rows), 2), np.int64)
    of = wanted.ngrams if of_ngrams else wanted.tokens
    place = (wanted.data, wanted.starts, wanted.stops, wanted.first, wanted.items)
    _measure(
        *(data, offsets, rows, int(np.diff(offsets)[rows].max(initial=0)), wanted.words, wanted.characters, powers),
        *(*table, *place, of, of_ngrams, best, shares, passages),
    )
    found = best >= 0
    return Overlaps(rows[found], best[found], shares[found], passages[found])


def _powers(words: int, characters: int) -> NDArray[np.uint64]:
    """Powers of the base, of which as many are needed as the longest n-gram has tokens."""
    powers = np.full(max(words, characters), _BASE)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


@kernel
def _ngrams(tokens, count, words, characters, powers, weights, keys, ends):  # type: ignore[no-untyped-def]
    """Write the hash of the n-gram from each token on, and the token after it; return from how many there is one."""
    value = _0
    weight = end = 0
    for at in range(count):
        while weight < words * characters and end < count:
            weights[end] = words if is_single(tokens[end]) else characters
            weight += weights[end]
            value = value * _BASE + tokens[end]
            end += 1
        if weight < words * characters:
            return at
        keys[at] = value
        ends[at] = end
        value -= tokens[at] * powers[end - at - 1]
        weight -= weights[at]
    return count


@njit(cache=True, nogil=True)
def _split(data, offsets, words, characters, powers, starts, stops, keys, first, of_text):  # type: ignore[no-untyped-def]
    room = longest(offsets)
    tokens = np.empty(room, np.uint64)
    weights, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    token = ngram = 0
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], tokens)
        token_bounds(data, offsets[row], offsets[row + 1], starts[token:], stops[token:])
        size = _ngrams(tokens, count, words, characters, powers, weights, keys[ngram:], ends)
        first[ngram : ngram + size] = token + np.arange(size)
        of_text[0, row] = count
        of_text[1, row] = size
        token += count
        ngram += size


@kernel
def _first(keys, heads, shift, key):  # type: ignore[no-untyped-def]
    """Return the first n-gram of this hash, or -1. Those of one hash follow each other."""
    bucket = key >> shift
    for place in range(heads[bucket], heads[bucket + _1]):
        if keys[place] == key:
            return place
    return -1


@njit(cache=True, nogil=True)
def _look(data, offsets, words, characters, powers, keys, heads, shift, bits, may):  # type: ignore[no-untyped-def]
    """Mark the texts that have an n-gram of the same hash."""
    tokens = np.empty(longest(offsets), np.uint64)
    own = np.empty(0, np.uint64)
    weights = ends = np.empty(0, np.int64)
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], tokens)
        if count > len(own):
            own = np.empty(2 * count, np.uint64)
            weights, ends = np.empty(2 * count, np.int64), np.empty(2 * count, np.int64)
        for key in own[: _ngrams(tokens, count, words, characters, powers, weights, own, ends)]:
            fine = key >> (shift - _FINER)
            if bits[fine >> _3] >> (fine & _7) & _1 and _first(keys, heads, shift, key) >= 0:
                may[row] = True
                break


@kernel
def _same(data, starts, stops, at, size, other, other_starts, other_stops, first):  # type: ignore[no-untyped-def]
    """Compare so many tokens, by their folded characters."""
    if first + size > len(other_starts):
        return False
    for n in range(size):
        one, two = starts[at + n], other_starts[first + n]
        end, other_end = stops[at + n], other_stops[first + n]
        while one < end and two < other_end:
            a, one = code_point(data, one)
            b, two = code_point(other, two)
            if (FOLDED[a] if a < TABLED else a) != (FOLDED[b] if b < TABLED else b):
                return False
        if one < end or two < other_end:
            return False
    return True


@kernel
def _met_of(item, number, items, ngram_met, keys, place):  # type: ignore[no-untyped-def]
    """Return the n-gram of the item that was met in this text, of those with the hash of the one at `place`; or -1."""
    key = keys[place]
    while place < len(keys) and keys[place] == key:
        if items[place] == item and ngram_met[place] == number:
            return place
        place += 1
    return -1


@kernel
def _longest_passage(  # type: ignore[no-untyped-def]
    data, starts, stops, size, own, ends, keys, heads, shift, other, other_starts, other_stops, first,
    items, item, number, ngram_met, asked, of_item,
):  # fmt: skip
    """Return from which byte to which the longest run of tokens goes that are in n-grams in common with the item.

    `of_item` tells of hashes that were `asked` for in the text of this number which n-gram of the item has it.
    """
    begun = until = longest_run = 0
    found = (np.int64(0), np.int64(0))
    for at in range(size):
        place = _first(keys, heads, shift, own[at])
        if place < 0:
            continue
        if asked[place] != number:
            asked[place] = number
            of_item[place] = _met_of(item, number, items, ngram_met, keys, place)
        ngram, length = of_item[place], ends[at] - at
        if ngram < 0 or not _same(data, starts, stops, at, length, other, other_starts, other_stops, first[ngram]):
            continue
        begun = begun if at <= until and until else at
        until = ends[at]
        if until - begun > longest_run:
            longest_run = until - begun
            found = (starts[begun], stops[until - 1])
    return found


@njit(cache=True, nogil=True)
def _measure(  # type: ignore[no-untyped-def]
    data, offsets, rows, room, words, characters, powers,
    keys, heads, shift, other, other_starts, other_stops, first, items, of, of_ngrams,
    best, shares, passages,
):  # fmt: skip
    """Compare n-grams of the same hash; write each text's item, of how much it has, and the longest passage of it."""
    tokens, own = np.empty(room, np.uint64), np.empty(room, np.uint64)
    weights, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    starts, stops = np.empty(room, np.int64), np.empty(room, np.int64)
    # What of the items was met in the text of this number, from 1 on; and which n-gram of its item has the hash of one.
    ngram_met, token_met = np.zeros(len(keys), np.int64), np.zeros(len(other_starts), np.int64)
    item_met, met = np.zeros(len(of), np.int64), np.zeros(len(of), np.int64)
    asked, of_best = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    for n in range(len(rows)):
        start, end = offsets[rows[n]], offsets[rows[n] + 1]
        count = hash_tokens(data, start, end, tokens)
        token_bounds(data, start, end, starts, stops)
        size = _ngrams(tokens, count, words, characters, powers, weights, own, ends)
        for at in range(size):
            place = _first(keys, heads, shift, own[at])
            if place < 0 or ngram_met[place] == n + 1:
                continue
            length = ends[at] - at
            while place < len(keys) and keys[place] == own[at]:
                if _same(data, starts, stops, at, length, other, other_starts, other_stops, first[place]):
                    ngram_met[place] = n + 1
                    item = items[place]
                    if item_met[item] != n + 1:
                        item_met[item] = n + 1
                        met[item] = 0
                    met[item] += of_ngrams
                    for token in range(first[place], first[place] + length):
                        met[item] += not of_ngrams and token_met[token] != n + 1
                        token_met[token] = n + 1
                    share = met[item] / of[item]
                    if share > shares[n] or (share == shares[n] and item < best[n]):
                        best[n] = item
                        shares[n] = share
                place += 1
        passages[n, 0], passages[n, 1] = _longest_passage(
            *(data, starts, stops, size, own, ends, keys, heads, shift, other, other_starts, other_stops, first),
            *(items, best[n], n + 1, ngram_met, asked, of_best),
        )
