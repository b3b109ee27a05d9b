"""What words are, and how much of a text its repeated runs of words are: Gopher's repetition measures.

Most runs of words are met once. So all runs of two words are counted, and longer ones only where those they are made
of are met again; and of runs of five to ten words, joined without spaces, only those are looked up that begin like
another one.
"""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.eight import HIGH, eight_bytes, letters_alone, lowered, put_eight
from ops.kernels.hashing import mix64, stir, stirred
from ops.kernels.unicode_tables import (
    ALPHABETIC,
    FLAGS,
    HAN,
    HAN_ABOVE_END,
    KINDS,
    PUNCTUATION,
    SYMBOL,
    TABLED,
    TERMINAL,
)
from ops.kernels.utf8 import code_point
from ops.kernels.words import START, STOP

# Marks of a word.
TEXT = 1  # not of symbols alone
LETTER = 2  # has a letter
UNPUNCTUATED = 4  # has something that is not punctuation
HANZI = 8  # has a Han character
ENDS = 16  # is a mark that ends a sentence
_WIDE = 32  # has a byte that is not ASCII

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# What the hashes of the words of an n-gram are weighed with.
_WEIGHTS = np.array([0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3], np.uint64)
_0 = np.uint64(0)
_1 = np.uint64(1)
_ALL = ~np.uint64(0)
# Bytes that runs of words are compared by at first, and those that begin alike at second.
_BEGINNING = 12
_LONGER = 24


def _mark_table() -> NDArray[np.uint8]:
    """Return the marks of a word of each character that is tabled."""
    table = np.zeros(TABLED, np.uint8)
    table[KINDS & SYMBOL == 0] |= TEXT
    table[FLAGS & ALPHABETIC != 0] |= LETTER
    table[KINDS & PUNCTUATION == 0] |= UNPUNCTUATED
    table[FLAGS & HAN != 0] |= HANZI
    table[KINDS & TERMINAL != 0] |= ENDS
    return table


_MARKS = _mark_table()
_ASCII_MARKS = np.append(_MARKS[:128], np.full(128, _WIDE, np.uint8))
_OF_LETTERS = np.uint8(TEXT | LETTER | UNPUNCTUATED)
_OF_HAN = np.uint8(_OF_LETTERS | HANZI)
_OF_OTHERS = np.uint8(TEXT | UNPUNCTUATED)
_NO_END = np.uint8(0xFF ^ ENDS)


@kernel
def _mark_of(point):  # type: ignore[no-untyped-def]
    if point < TABLED:
        return _MARKS[point]
    return _OF_HAN if point < HAN_ABOVE_END else _OF_OTHERS


@kernel
def _wide_marks(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the marks and the characters of a word that is not ASCII alone."""
    point, at = code_point(data, start)
    marks = _mark_of(point)
    chars = 1
    while at < stop:
        point, at = code_point(data, at)
        marks |= _mark_of(point)
        chars += 1
    return (marks if chars == 1 else marks & _NO_END), chars


@kernel
def measure_words(data, found, count, values, joined, ends, chars, marks):  # type: ignore[no-untyped-def]
    """Hash and mark each word; join all without spaces in `joined`, which has room for 32 bytes more.

    `ends` and `chars` have one more number than there are words: bytes and characters up to each.
    """
    ends[0] = chars[0] = 0
    filled = np.int64(0)
    whole = np.int64(len(data)) - 8
    for word in range(count):
        start, stop = found[word, START], found[word, STOP]
        size = stop - start
        value = eight = _0
        done = np.int64(0)
        letters = True
        while done < size:
            rest = size - done
            if start + done <= whole:
                eight = eight_bytes(data, start + done)
            else:
                eight = _0
                for i in range(min(rest, 8)):
                    eight |= np.uint64(data[start + done + i]) << np.uint64(8 * i)
            mask = _ALL >> np.uint64(64 - 8 * min(rest, 8))
            eight &= mask
            put_eight(joined, filled + done, eight)
            letters = letters and letters_alone(lowered(eight)) == HIGH & mask
            done += 8
            if rest > 8:
                value = stir(value, eight)
        value = stirred(value, eight, np.uint64(size))
        mark = _OF_LETTERS
        if not letters:
            mark = np.uint8(0)
            for i in range(size):
                mark |= _ASCII_MARKS[data[np.uint64(start) + np.uint64(i)]]
        length = size
        if mark & _WIDE:
            wide, length = _wide_marks(data, start, stop)
            mark = np.uint8(wide)
        elif size > 1:
            mark &= _NO_END
        filled += size
        values[word] = value
        ends[word + 1] = filled
        chars[word + 1] = chars[word] + length
        marks[word] = mark
    for i in range(32):
        joined[filled + i] = 0


@kernel
def room_for(pieces):  # type: ignore[no-untyped-def]
    """Return a power of two, and its exponent, of which so many pieces fill at most half."""
    bits = 4
    while (1 << bits) < 2 * pieces:
        bits += 1
    return 1 << bits, bits


@kernel
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


@kernel
def top_ngrams(values, chars, count, keys, places, tallies, again, out):  # type: ignore[no-untyped-def]
    """Give, for runs of 2, 3 and 4 words, the characters of the most frequent, a space between words, times its count.

    Of runs equally frequent the one that is met first counts, as every run does that is met once.
    """
    room, bits = room_for(count)
    shift = np.uint64(64 - bits)
    for size in range(2, 5):
        last = count - size
        out[size - 2] = 0
        if last < 0:
            continue
        places[:room] = 0
        best, best_first = 1, 0
        one, two, three, four = _WEIGHTS
        for word in range(last + 1):
            if size > 2 and not (again[word] and again[word + 1]):
                again[word] = False
                continue
            key = values[word] * one + values[word + 1] * two
            if size > 2:
                key += values[word + 2] * three
            if size > 3:
                key += values[word + 3] * four
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
        again[last + 1] = False
        out[size - 2] = (chars[best_first + size] - chars[best_first] + size - 1) * best


@kernel
def _hash_joined(joined, at, end):  # type: ignore[no-untyped-def]
    value = _0
    size = np.uint64(end - at)
    while at + 8 <= end:
        value = stir(value, eight_bytes(joined, at))
        at += 8
    rest = eight_bytes(joined, at) & ((_1 << np.uint64(8 * (end - at))) - _1)
    return stirred(value, rest, size)


@kernel
def _alike(joined, ends, count, keys, places, again, found):  # type: ignore[no-untyped-def]
    """Find the words from which on 12 bytes are as from another word on, or five words have fewer; return how many.

    `again` then says of those whether 24 bytes are.
    """
    room, bits = room_for(count)
    shift = np.uint64(64 - bits)
    places[:room] = 0
    for word in range(count):
        at = ends[word]
        key = mix64(eight_bytes(joined, at) * _GOLDEN ^ eight_bytes(joined, at + 4))
        keys[word] = key
        first = _place(keys, places, key, word, room, shift)
        again[word] = first != word
        if first != word:
            again[first] = True
    candidates = 0
    for word in range(count - 4):
        if again[word] or ends[word + 5] - ends[word] < _BEGINNING:
            found[candidates] = word
            candidates += 1
    room, bits = room_for(candidates)
    shift = np.uint64(64 - bits)
    if candidates:
        places[:room] = 0
    for n in range(candidates):
        word = found[n]
        key = _hash_joined(joined, ends[word], ends[word] + _LONGER)
        keys[word] = key
        first = _place(keys, places, key, word, room, shift)
        again[word] = first != word
        if first != word:
            again[first] = True
    return candidates


@kernel
def repeated_ngrams(joined, ends, chars, count, keys, places, again, found, out):  # type: ignore[no-untyped-def]
    """Give, for runs of 5 to 10 words, the characters of those that were met before; after each, go on behind it."""
    candidates = _alike(joined, ends, count, keys, places, again, found)
    room, bits = room_for(candidates)
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
            if not again[word] and ends[word + size] - ends[word] >= _LONGER:
                continue
            key = _hash_joined(joined, ends[word], ends[word + size])
            keys[word] = key
            if _place(keys, places, key, word, room, shift) != word:
                repeated += chars[word + size] - chars[word]
                following = word + size
        out[size - 5] = repeated
