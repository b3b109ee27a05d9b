"""Where strings may begin that stand within words: plain comparisons of every byte, and only those that begin alike."""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.masks import SIZE, between, equal, put_places, up_to
from ops.kernels.ngrams import room_for

_1, _2, _3, _8, _16, _24 = (np.uint64(number) for number in (1, 2, 3, 8, 16, 24))
_GOLDEN, _ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_MANY = 255  # of places, as many as a byte counts
BLANK, LOWER, UPPER, LATIN, HAN, DIGIT, MARK = range(7)


def _kinds() -> NDArray[np.uint8]:
    """Return of each first byte of a character what it is, near enough; bytes that follow one are as marks."""
    kinds = np.full(256, MARK, np.uint8)
    kinds[[*range(0x21), 0x7F]] = BLANK
    kinds[0x61:0x7B] = LOWER
    kinds[0x41:0x5B] = UPPER
    kinds[0xC3:0xE0] = LATIN
    kinds[0xE4:0xEA] = HAN
    kinds[0x30:0x3A] = DIGIT
    return kinds


KIND = _kinds()
IS_LETTER = (KIND >= LOWER) & (KIND <= HAN)
IS_ALNUM = np.isin(KIND, [LOWER, UPPER, DIGIT])
# Which of four bytes are hashed, by the first: of letters and digits all, of a wide sign its own, of another two.
_HASHED = np.where(IS_ALNUM, 0xFFFFFFFF, np.where(np.arange(256) >= 0xE0, 0xFFFFFF, 0xFFFF)).astype(np.uint64)


@kernel
def foreign_places(data, start, end, places):  # type: ignore[no-untyped-def]
    """Write where what words do not have follows a letter, near enough; return how many, and if there is any Han.

    Plain comparisons, sixty-four bytes at once. What is found is looked at again: the first places are whatever they
    are. Data is padded. There is room for more places than a text can have; bytes that are no text may have more.
    """
    count = np.int64(0)
    any_han = np.uint64(0)
    for at in range(start + 1, min(start + 3, end)):
        places[count] = at
        count += 1
    at = start + 3
    while at < end - 1 and count + SIZE + 2 <= len(places):
        is_small, is_capital = between(data, at, 0x61, 0x7A), between(data, at, 0x41, 0x5A)
        after_small = between(data, at - 1, 0x61, 0x7A)
        after_letter = after_small | between(data, at - 1, 0x41, 0x5A) | between(data, at - 2, 0xC3, 0xDF)
        after_han = up_to(between(data, at - 3, 0xE4, 0xE9), at, end - 1)
        any_han |= after_han
        is_foreign = between(data, at, 0x21, 0x7E) | equal(data, at, 0xC2) | between(data, at, 0xE0, 0xFF)
        in_latin = after_letter & is_foreign & ~(is_capital | is_small | equal(data, at, 0x27))
        in_latin &= between(data, at + 1, 0x21, 0xFF)
        in_han = after_han & is_foreign & ~between(data, at, 0xE4, 0xE9)
        if in_han:  # of sentences alone, and most of what follows Han: 、 。 ，
            in_han &= ~(equal(data, at, 0xE3) & equal(data, at + 1, 0x80) & between(data, at + 2, 0x81, 0x82))
            in_han &= ~(equal(data, at, 0xEF) & equal(data, at + 1, 0xBC) & equal(data, at + 2, 0x8C))
        in_host = equal(data, at, 0x2E) & between(data, at - 1, 0x30, 0x39) & between(data, at + 1, 0x61, 0x7A)
        found = in_latin | in_han | in_host | (after_small & is_capital)
        count = put_places(up_to(found, at, end - 1), at, places, count)
        at += SIZE
    return count, any_han != 0


@kernel
def han_places(data, start, end, places):  # type: ignore[no-untyped-def]
    """Write which characters of Han begin a string of four between two others; return how many. Data is padded."""
    count = np.int64(0)
    at = start + 3
    while at < end - 12 and count + SIZE + 2 <= len(places):
        is_han = between(data, at - 3, 0xE4, 0xE9) & between(data, at, 0xE4, 0xE9) & between(data, at + 3, 0xE4, 0xE9)
        if is_han:
            is_han &= between(data, at + 6, 0xE4, 0xE9) & between(data, at + 9, 0xE4, 0xE9)
            is_han &= between(data, at + 12, 0xE4, 0xE9)
            count = put_places(up_to(is_han, at, end - 12), at, places, count)
        at += SIZE
    return count


@inlined
def _first_bytes(data, at):  # type: ignore[no-untyped-def]
    """Return those bytes that are hashed of a string in any case, if one begins here."""
    one = np.uint64(at)
    first, second = np.uint64(data[one]), np.uint64(data[one + _1]) << _8
    return (first | second | np.uint64(data[one + _2]) << _16 | np.uint64(data[one + _3]) << _24) & _HASHED[first]


@inlined
def keep_repeated(data, end, least, after, count, places, slots, seen):  # type: ignore[no-untyped-def]
    """Keep the first `count` of the places where strings may begin alike; return how many those are.

    Most strings begin like no other: a table of bytes tells these. `after` says what is before them; after HAN they are
    four characters of Han, which count whole.
    """
    room, bits = room_for(2 * count)  # few of them meet by chance
    shift = np.uint64(64 - bits)
    seen[:room] = 0
    whole = kept = 0
    for one in range(count):
        at = places[one]
        if at + 3 < end:
            if after == HAN:
                string = eight_bytes(data, at) ^ eight_bytes(data, at + 4) * _ODD
            else:
                string = _first_bytes(data, at)
            slot = string * _GOLDEN >> shift
            seen[slot] += seen[slot] < _MANY
            slots[whole] = slot
            places[whole] = at
            whole += 1
    for one in range(whole):
        places[kept] = places[one]
        kept += seen[slots[one]] >= least
    return kept
