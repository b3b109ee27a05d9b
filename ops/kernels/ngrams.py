"""What words are, and how much of a text its repeated runs of words are: Gopher's repetition measures.

Words are compared by 64-bit hashes. A word's hash is a polynomial of its bytes, so that the hash of words joined
without spaces is a difference of two sums: no run of words is ever read again.
"""

import numpy as np
from numba import njit

from ops.kernels.unicode_tables import (
    ALPHABETIC,
    FLAGS,
    HAN,
    KINDS,
    PUNCTUATION,
    SYMBOL,
    TABLED,
    TERMINAL,
)
from ops.kernels.utf8 import code_point, flags_of
from ops.kernels.words import START, STOP

# Marks of a word.
TEXT = 1  # not of symbols alone
LETTER = 2  # has a letter
UNPUNCTUATED = 4  # has something that is not punctuation
HANZI = 8  # has a Han character
ENDS = 16  # is a mark that ends a sentence
_WIDE = 32  # has a byte that is not ASCII

_BASE = 0x9E3779B97F4A7C15
_MOST = 64  # powers in the table
_POWERS = np.array([pow(_BASE, n, 1 << 64) for n in range(_MOST + 1)], np.uint64)
_INVERSES = np.array([pow(_BASE, -n, 1 << 64) for n in range(_MOST + 1)], np.uint64)
# What the hashes of the words of an n-gram are weighed with.
_WEIGHTS = np.array([0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3], np.uint64)
_1 = np.uint64(1)


def _marks(point: int) -> int:
    flags, kinds = int(FLAGS[point]), int(KINDS[point])
    return (
        TEXT * (not kinds & SYMBOL)
        | LETTER * (flags & ALPHABETIC != 0)
        | UNPUNCTUATED * (not kinds & PUNCTUATION)
        | HANZI * (flags & HAN != 0)
    )


_ASCII_MARKS = np.array([_marks(byte) for byte in range(128)] + [_WIDE] * 128, np.uint8)


@njit(cache=True, nogil=True)
def _wide_marks(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the marks and the characters of a word that is not ASCII alone."""
    marks = 0
    chars = 0
    at = start
    while at < stop:
        point, at = code_point(data, at)
        flags = flags_of(point)
        kinds = KINDS[point] if point < TABLED else np.uint8(0)
        if not kinds & np.uint8(SYMBOL):
            marks |= TEXT
        if flags & np.uint8(ALPHABETIC):
            marks |= LETTER
        if not kinds & np.uint8(PUNCTUATION):
            marks |= UNPUNCTUATED
        if flags & np.uint8(HAN):
            marks |= HANZI
        if chars == 0 and at == stop and kinds & np.uint8(TERMINAL):
            marks |= ENDS
        chars += 1
    return marks, chars


@njit(cache=True, nogil=True)
def measure_words(data, found, count, values, sums, shifts, chars, marks):  # type: ignore[no-untyped-def]
    """Hash each word, and sum up: `sums` of hashes and `chars` have one more number than there are words."""
    power = shift = _1
    sums[0] = np.uint64(0)
    chars[0] = 0
    for word in range(count):
        start, stop = found[word, START], found[word, STOP]
        size = stop - start
        mark = np.uint8(0)
        value = np.uint64(0)
        if size <= _MOST:
            for i in range(size):
                byte = data[np.uint64(start) + np.uint64(i)]
                mark |= _ASCII_MARKS[byte]
                value += (np.uint64(byte) + _1) * _POWERS[i]
            step, back = _POWERS[size], _INVERSES[size]
        else:
            step = back = _1
            for at in range(start, stop):
                mark |= _ASCII_MARKS[data[at]]
                value += (np.uint64(data[at]) + _1) * step
                step *= _POWERS[1]
                back *= _INVERSES[1]
        if mark & _WIDE:
            wide, size = _wide_marks(data, start, stop)
            mark = np.uint8(wide)
        elif size == 1 and (data[start] == 0x2E or data[start] == 0x21 or data[start] == 0x3F):  # noqa: PLR1714
            mark |= np.uint8(ENDS)
        values[word] = value
        sums[word + 1] = sums[word] + value * power
        shifts[word] = shift
        chars[word + 1] = chars[word] + size
        marks[word] = mark
        power *= step
        shift *= back


@njit(cache=True, nogil=True)
def room_for(pieces):  # type: ignore[no-untyped-def]
    """Return a power of two, and its exponent, of which so many pieces fill at most half."""
    bits = 4
    while (1 << bits) < 2 * pieces:
        bits += 1
    return 1 << bits, bits


@njit(cache=True, nogil=True)
def top_ngram(values, chars, count, size, keys, tallies):  # type: ignore[no-untyped-def]
    """Return the characters of the most frequent run of `size` words, a space between them, times its count.

    Of runs equally frequent the one that is met first counts, as every run does that is met once.
    """
    last = count - size
    if last < 0:
        return 0
    room, bits = room_for(last + 1)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    best = 1
    best_first = 0
    for word in range(last + 1):
        key = np.uint64(0)
        for i in range(size):
            key += values[word + i] * _WEIGHTS[i]
        key |= _1
        slot = np.int64(key >> shift)
        while keys[slot] and keys[slot] != key:
            slot = (slot + 1) & (room - 1)
        if not keys[slot]:
            keys[slot] = key
            tallies[slot, 0] = 1
            tallies[slot, 1] = word
            continue
        tallies[slot, 0] += 1
        tally, first = tallies[slot, 0], tallies[slot, 1]
        if tally > best or (tally == best and first < best_first):
            best, best_first = tally, first
    return (chars[best_first + size] - chars[best_first] + size - 1) * best


@njit(cache=True, nogil=True)
def repeated_ngrams(sums, shifts, chars, count, size, keys):  # type: ignore[no-untyped-def]
    """Return the characters of runs of `size` words that were met before; after each, go on behind it."""
    last = count - size
    if last < 0:
        return 0
    room, bits = room_for(last + 1)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    mask = room - 1
    repeated = 0
    word = 0
    while word <= last:
        key = ((sums[word + size] - sums[word]) * shifts[word]) | _1
        slot = np.int64(key >> shift)
        while keys[slot] and keys[slot] != key:
            slot = (slot + 1) & mask
        if keys[slot]:
            repeated += chars[word + size] - chars[word]
            word += size
        else:
            keys[slot] = key
            word += 1
    return repeated
