"""How much of a text its repeated runs of words are: Gopher's repetition measures.

Most runs of words are met once. So all runs of two words are counted, and longer ones only where those they are made
of are met again; and of runs of five to ten words, joined without spaces, only those are looked up that begin like
another one. What is met once is mostly told apart by small tables of bytes, without a branch that a processor could
guess wrong.
"""

import numpy as np

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.hashing import stir, stirred

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# What the hashes of the words of an n-gram are weighed with.
_WEIGHTS = np.array([0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3], np.uint64)
_0 = np.uint64(0)
_1 = np.uint64(1)
# Bytes that runs of words are compared by, one after the other.
_SHORT, _LONGER, _LONGEST = 12, 15, 24
# Of so many times as many slots as runs, one run in ten finds its own taken by another one.
_SPARSE = 8


@kernel
def room_for(pieces):  # type: ignore[no-untyped-def]
    """Return a power of two, and its exponent, of which so many pieces fill at most half."""
    bits = 4
    while (1 << bits) < 2 * pieces:
        bits += 1
    return 1 << bits, bits


def room_seen(words: int) -> int:
    """Return how many slots tell runs apart that are met once, in a text of so many words."""
    return int(room_for(_SPARSE * words)[0])


@inlined
def _place(keys, places, key, word, room, shift):  # type: ignore[no-untyped-def]
    """Return the first of the words with this key, which is in `keys` of each: this one, if it is the first."""
    slot = np.int64(key >> shift)
    while places[slot]:
        first = np.int64(places[slot]) - 1
        if keys[first] == key:
            return first
        slot = (slot + 1) & (room - 1)
    places[slot] = word + 1
    return word


@inlined
def _meet(seen, slot):  # type: ignore[no-untyped-def]
    """Note in a table of bytes that a slot is met: 0, 1, then more than 1."""
    seen[slot] = seen[slot] << np.uint8(1) | np.uint8(1)


@kernel
def _bigrams_met_again(values, count, keys, seen, again, found):  # type: ignore[no-untyped-def]
    """Put the hashes of all runs of two words into `keys`, and those that may be met again into `found`."""
    room, bits = room_for(_SPARSE * count)
    shift = np.uint64(64 - bits)
    seen[:room] = 0
    for word in range(count - 1):
        key = values[word] * _WEIGHTS[0] + values[word + 1] * _WEIGHTS[1]
        keys[word] = key
        _meet(seen, key >> shift)
    candidates = 0
    for word in range(count - 1):
        again[word] = seen[keys[word] >> shift] > 1
        found[candidates] = word
        candidates += again[word]
    again[count - 1] = False
    return candidates


@kernel
def top_ngrams(values, chars, count, keys, places, seen, tallies, again, found, out):  # type: ignore[no-untyped-def]
    """Give, for runs of 2, 3 and 4 words, the characters of the most frequent, a space between words, times its count.

    Of runs equally frequent the one that is met first counts, as every run does that is met once. `seen` has room
    for `room_seen` of the words.
    """
    out[:3] = 0
    if count < 2:
        return
    candidates = _bigrams_met_again(values, count, keys, seen, again, found)
    room, bits = room_for(2 * candidates)
    shift = np.uint64(64 - bits)
    for size in range(2, min(4, count) + 1):
        if candidates:
            places[:room] = 0
        best, best_first = 1, 0
        for n in range(candidates):
            word = found[n]
            if not again[word] or (size > 2 and not again[word + 1]) or word + size > count:
                again[word] = False
                continue
            key = keys[word]
            if size > 2:
                key += values[word + size - 1] * _WEIGHTS[size - 1]
                keys[word] = key
            tallies[word] = 1
            first = _place(keys, places, key, word, room, shift)
            again[word] = first != word
            if first == word:
                continue
            again[first] = True
            tallies[first] += 1
            tally = tallies[first]
            if tally > best or (tally == best and first < best_first):
                best, best_first = tally, first
        out[size - 2] = (chars[best_first + size] - chars[best_first] + size - 1) * best


@inlined
def _hash_joined(joined, at, end):  # type: ignore[no-untyped-def]
    value = _0
    size = np.uint64(end - at)
    while at + 8 <= end:
        value = stir(value, eight_bytes(joined, at))
        at += 8
    rest = eight_bytes(joined, at) & ((_1 << np.uint64(8 * (end - at))) - _1)
    return stirred(value, rest, size)


@kernel
def _met_again(joined, ends, keys, seen, again, found, candidates, size):  # type: ignore[no-untyped-def]
    """Say of the candidates whether so many bytes from them on, 12 to 24, may be as from another one on."""
    room, bits = room_for(_SPARSE * candidates)
    shift = np.uint64(64 - bits)
    seen[:room] = 0
    for n in range(candidates):
        at = ends[found[n]]
        key = stir(
            stir(eight_bytes(joined, at), eight_bytes(joined, at + size // 2 - 4)), eight_bytes(joined, at + size - 8)
        )
        keys[n] = key
        _meet(seen, key >> shift)
    for n in range(candidates):
        again[found[n]] = seen[keys[n] >> shift] > 1


@kernel
def _alike(joined, ends, count, keys, seen, again, found):  # type: ignore[no-untyped-def]
    """Find the words from which on five words may be as from another word on; return how many.

    Compared are 12 bytes of all, and of those that are left 15 and 24, where five words have as many. `again` says
    whether 24 bytes may be as from another word on.
    """
    room, bits = room_for(_SPARSE * count)
    shift = np.uint64(64 - bits)
    seen[:room] = 0
    for word in range(count - 4):
        at = ends[word]
        key = stir(eight_bytes(joined, at) * _GOLDEN, eight_bytes(joined, at + _SHORT - 8))
        keys[word] = key
        _meet(seen, key >> shift)
    candidates = 0
    for word in range(count - 4):
        found[candidates] = word
        candidates += seen[keys[word] >> shift] > 1 or ends[word + 5] - ends[word] < _SHORT
    if not candidates:
        return 0
    _met_again(joined, ends, keys, seen, again, found, candidates, _LONGER)
    left = 0
    for n in range(candidates):
        word = found[n]
        found[left] = word
        left += again[word] or ends[word + 5] - ends[word] < _LONGER
    if left:
        _met_again(joined, ends, keys, seen, again, found, left, _LONGEST)
    return left


@kernel
def repeated_ngrams(joined, ends, chars, count, keys, places, seen, again, found, out):  # type: ignore[no-untyped-def]
    """Give, for runs of 5 to 10 words, the characters of those that were met before; after each, go on behind it."""
    candidates = _alike(joined, ends, count, keys, seen, again, found)
    room, bits = room_for(2 * candidates)
    shift = np.uint64(64 - bits)
    for size in range(5, 11):
        repeated = 0
        following = 0
        if candidates:
            places[:room] = 0
        for n in range(candidates):
            word = found[n]
            if word < following or word + size > count:
                continue
            if not again[word] and ends[word + size] - ends[word] >= _LONGEST:
                continue
            key = _hash_joined(joined, ends[word], ends[word + size])
            keys[word] = key
            if _place(keys, places, key, word, room, shift) != word:
                repeated += chars[word + size] - chars[word]
                following = word + size
        out[size - 5] = repeated
