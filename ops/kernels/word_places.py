"""Where strings may begin that stand within words: plain comparisons of every byte, and only those that begin alike."""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.masks import SIZE, equal, first_of, without_first
from ops.kernels.ngrams import room_for

_8, _16, _24 = np.uint64(8), np.uint64(16), np.uint64(24)
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
_STOPS = tuple(np.uint64(int.from_bytes(mark.encode(), "little")) for mark in "，。、")  # most of what follows Han


@kernel
def mark_places(data, start, size, marks):  # type: ignore[no-untyped-def]
    """Mark where what words do not have follows a letter, near enough; say whether there is any Han.

    Plain comparisons, sixty-four bytes at once: the indexes are unsigned, without which that is ten times slower. What
    is marked is looked at again: the first places are marked whatever they are.
    """
    marks[: size + SIZE] = 0
    marks[1 : min(3, size)] = 1
    any_han = False
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    for place in range(np.uint64(max(0, size - 4))):
        at = np.uint64(start) + np.uint64(place)
        third, second, before, byte, after = data[at], data[at + one], data[at + two], data[at + three], data[at + four]
        is_small = (before >= 0x61) & (before <= 0x7A)
        is_letter = is_small | ((before >= 0x41) & (before <= 0x5A)) | ((second >= 0xC3) & (second <= 0xDF))
        is_han = (third >= 0xE4) & (third <= 0xE9)
        any_han |= is_han
        is_capital = (byte >= 0x41) & (byte <= 0x5A)
        is_small_too = (byte >= 0x61) & (byte <= 0x7A)
        is_foreign = (byte > 0x20) & ((byte < 0x7F) | (byte == 0xC2) | (byte >= 0xE0))
        in_latin = is_letter & is_foreign & ~is_capital & ~is_small_too & (byte != 0x27) & (after > 0x20)
        in_han = is_han & is_foreign & ~((byte >= 0xE4) & (byte <= 0xE9))
        in_host = (byte == 0x2E) & (before >= 0x30) & (before <= 0x39) & (after >= 0x61) & (after <= 0x7A)
        marks[np.uint64(place) + three] = in_latin | in_han | in_host | (is_small & is_capital)
    return any_han


@kernel
def mark_han(data, start, size, marks):  # type: ignore[no-untyped-def]
    """Mark the characters of Han that begin a string of four between two others."""
    marks[: size + SIZE] = 0
    begin = np.uint64(start)
    for place in range(np.uint64(max(0, size - 15))):
        at = begin + np.uint64(place)
        is_han = True
        for later in (np.uint64(0), np.uint64(3), np.uint64(6), np.uint64(9), np.uint64(12), np.uint64(15)):
            byte = data[at + later]
            is_han &= (byte >= 0xE4) & (byte <= 0xE9)
        marks[np.uint64(place) + np.uint64(3)] = is_han


@inlined
def marked(marks, start, size, places):  # type: ignore[no-untyped-def]
    """Write where the marks are; return how many."""
    count = 0
    for block in range(0, size, SIZE):
        left = equal(marks, block, 1)
        while left:
            places[count] = start + block + first_of(left)
            count += 1
            left = without_first(left)
    return count


@inlined
def _first_bytes(data, at):  # type: ignore[no-untyped-def]
    """Return those bytes that are hashed of a string in any case, if one begins here."""
    byte = np.uint64(data[at])
    two = byte | np.uint64(data[at + 1]) << _8
    if IS_ALNUM[byte]:
        return two | np.uint64(data[at + 2]) << _16 | np.uint64(data[at + 3]) << _24
    return two | np.uint64(data[at + 2]) << _16 if byte >= 0xE0 else two


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
                if string in _STOPS and KIND[data[max(at - 3, 0)]] == HAN:
                    continue
            slot = string * _GOLDEN >> shift
            seen[slot] += seen[slot] < _MANY
            slots[whole] = slot
            places[whole] = at
            whole += 1
    for one in range(whole):
        places[kept] = places[one]
        kept += seen[slots[one]] >= least
    return kept
