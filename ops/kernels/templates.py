"""Lines of one template: whether two begin or end alike and share words, and what lines say beside what all say.

A word is a character of Han, or what letters, numbers and low lines make together. Words are compared by their hashes,
in small letters; they are given as `shared_grams.lower_lines` makes them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, inner, kernel
from ops.kernels.hashing import mix64
from ops.kernels.unicode_tables import ALPHANUMERIC, DIGIT, HAN_ABOVE_END, KINDS, TABLED
from ops.kernels.utf8 import code_point

_SLOTS = 2048  # more than words of two lines that may be of one template
_MASK = np.uint64(_SLOTS - 1)
_WORD, _DIGIT = np.uint8(ALPHANUMERIC), np.uint8(DIGIT)
TEASER_BYTES = 30, 450
# What lists of other kinds begin with, and code.
LISTED = '-*+#>[|`{}<=~$/\\_"0123456789'
IS_LISTED = np.isin(np.arange(256), [*LISTED.encode()])
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_1 = np.uint64(1)
_LOW_LINE, _BLANK = 0x5F, 0x20
_LINES, _LAST = 0, 1  # columns of `Words.of`
_FIRST, _SECOND, _ADDS = np.int64(1), np.int64(2), np.bool_(True)  # noqa: FBT003 - as a kernel types them
_UNSPACED = 0x3400  # what begins with such a character is written without blanks


class Words(NamedTuple):
    """Room for the words of some lines."""

    keys: NDArray[np.uint64]
    of: NDArray[np.int64]  # n x 2: how many lines have each, and the last of them


def room_for_words() -> Words:
    """Return it empty."""
    return Words(np.zeros(_SLOTS, np.uint64), np.zeros((_SLOTS, 2), np.int64))


@inlined
def _is_of_word(point):  # type: ignore[no-untyped-def]
    if point < TABLED:
        return KINDS[point] & _WORD != 0 or point == _LOW_LINE
    return point < HAN_ABOVE_END


@inner
def _next_word(low, at, stop):  # type: ignore[no-untyped-def]
    """Return where the next word begins and ends, and its hash; the end twice where there is none."""
    while at < stop:
        point, after = code_point(low, at)
        if _is_of_word(point):
            begin = at
            value = np.uint64(point) + _1
            is_han = 0x3400 <= point <= 0x9FFF
            while after < stop and not is_han:
                point, beyond = code_point(low, after)
                if not _is_of_word(point):
                    break
                value = value * _FACTOR + np.uint64(point) + _1
                after = beyond
            return begin, min(after, stop), mix64(value) | _1
        at = after
    return stop, stop, _1


@inlined
def _slot_of(words, key):  # type: ignore[no-untyped-def]
    slot = np.int64(key & _MASK)
    while words.keys[slot] and words.keys[slot] != key:
        slot = (slot + 1) & (_SLOTS - 1)
    return slot


@inner
def _count_words(low, at, stop, number, words, adds):  # type: ignore[no-untyped-def]
    """Count the words of a line, once each; return how many different ones it has, and how many the first line has."""
    different = shared = 0
    while True:
        begin, at, key = _next_word(low, at, stop)
        if begin == stop:
            return different, shared
        slot = _slot_of(words, key)
        if words.keys[slot]:
            shared += words.of[slot, _LAST] != number and words.of[slot, _LAST] > 0
        elif adds:
            words.keys[slot] = key
            words.of[slot, _LINES] = words.of[slot, _LAST] = 0
        else:
            continue
        different += words.of[slot, _LAST] != number
        words.of[slot, _LINES] += words.of[slot, _LAST] != number
        words.of[slot, _LAST] = number


@kernel
def share_words(low, one, other, words, likeness_min):  # type: ignore[no-untyped-def]
    """Whether two lines, from which byte to which each, share so many of the words of the one that has fewer.

    >>> low = np.frombuffer(b"how bread is made, how wine is made here", np.uint8)
    >>> [bool(share_words(low, (0, 17), (19, 40), room_for_words(), share)) for share in (0.75, 0.8)]
    [True, False]
    """
    words.keys[:] = 0
    count, _ = _count_words(low, one[0], one[1], _FIRST, words, _ADDS)
    of_other, shared = _count_words(low, other[0], other[1], _SECOND, words, _ADDS)
    return shared >= likeness_min * min(count, of_other)


@kernel
def may_be_of_template(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line is as long as a sentence of a template is, with few digits, and of no list of another kind."""
    if not TEASER_BYTES[0] <= stop - at <= TEASER_BYTES[1] or IS_LISTED[data[at]]:
        return False
    chars = digits = 0
    while at < stop:
        point, at = code_point(data, at)
        digits += point < TABLED and KINDS[point] & _DIGIT != 0
        chars += 1
    return 5 * digits <= chars


@kernel
def are_framed_alike(data, one, one_stop, other, other_stop):  # type: ignore[no-untyped-def]
    """Whether two lines, of `TEASER_BYTES`, begin with the same two characters, or end with the same three."""
    chars = at = 0
    while chars < 2 and at < 8 and data[one + at] == data[other + at]:
        at += 1
        chars += data[one + at] & 0xC0 != 0x80
    if chars == 2:
        return True
    chars = at = 0
    while chars < 3 and at < 12 and data[one_stop - 1 - at] == data[other_stop - 1 - at]:
        chars += data[one_stop - 1 - at] & 0xC0 != 0x80
        at += 1
    return chars == 3


@kernel
def count_shared(low, at, stop, number, words):  # type: ignore[no-untyped-def]
    """Count the words of line 0, the first of some, in each of the others; `words` are empty before."""
    _count_words(low, at, stop, number + 1, words, number == 0)


@kernel
def write_own(low, at, stop, lines, words, out):  # type: ignore[no-untyped-def]
    """Write what a line says beside the words that so many lines all have; return how many bytes that is."""
    written = 0
    spaced = True
    while True:
        begin, at, key = _next_word(low, at, stop)
        if begin == stop:
            return written
        slot = _slot_of(words, key)
        if words.keys[slot] and words.of[slot, _LINES] == lines:
            continue
        if not written:
            spaced = code_point(low, begin)[0] < _UNSPACED
        elif spaced:
            out[written] = _BLANK
            written += 1
        for i in range(begin, at):
            out[written] = low[i]
            written += 1
