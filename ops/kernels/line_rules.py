"""Lines that are no text: counters, numbers, single words, capitals. A rule looks at one line and at nothing else.

A word is what lies between spaces and has a letter or digit in it. Of a script without spaces two characters are one
word. So kernels count halves: two for a word, one for a character.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.eight import HIGH, count_high, eight_bytes, starts
from ops.kernels.phrases import Phrases, is_capital, is_counter
from ops.kernels.unicode_tables import ALPHABETIC, CAPITAL, FOLDED, HAN, KINDS, SINGLE, SMALL, SPACE, TABLED, WORD
from ops.kernels.utf8 import code_point, flags_of

# In the order in which they are tried.
COUNTER, NUMBERS, ONE_WORD, UPPER_CASE, BROKEN, NO_END_MARK, TOO_SHORT = range(7)
KEPT = 255

LINE_CHARS_MAX = 512  # ten words of 50 characters: a line that is longer is no short one, whatever its words
_SPACE = np.uint8(SPACE)
_WORD = np.uint8(WORD)
_SINGLE = np.uint8(SINGLE)
_HAN = np.uint8(HAN)
_ALPHABETIC = np.uint8(ALPHABETIC)
_CASES = np.uint8(CAPITAL | SMALL)
_CAPITAL = np.uint8(CAPITAL)
_BLANK = np.int32(0x20)
# What to add to seven bits of a byte so that its high bit tells whether it is at least, or beyond, a capital letter.
_FROM_CAPITAL_A = np.uint64(0x3F3F3F3F3F3F3F3F)
_BEYOND_CAPITAL_Z = np.uint64(0x2525252525252525)
_CHINESE_ENDS = tuple(map(ord, "。！？”："))
_BROKEN = tuple(map(ord, "□■\ufffd"))


class Rules(NamedTuple):
    """What is to go, as kernels read it."""

    phrases: Phrases
    on: NDArray[np.bool_]  # which of the rules for whole lines
    short_halves: int  # of words, of a line that phrases are looked for in
    upper_case_share: float  # of a line's characters, at most
    chinese_chars: int  # of a line with Han characters, at least


@kernel
def halves_of(data, at, stop):  # type: ignore[no-untyped-def]
    """Return how many half words there are."""
    count = 0
    inside = False
    while at < stop:
        point, at = code_point(data, at)
        flags = flags_of(point)
        if flags & _SPACE:
            inside = False
        elif flags & _SINGLE:
            count += 1
            inside = False
        elif flags & _WORD and not inside:
            count += 2
            inside = True
    return count


@kernel
def read_line(data, at, stop, most, points, flags, places):  # type: ignore[no-untyped-def]
    """Decode a line, folded, a run of spaces as one; return its characters, -1 if it is not short, and its halves."""
    size = halves = 0
    inside = False
    while at < stop:
        if size == LINE_CHARS_MAX or halves > most:
            return -1, halves
        point, after = code_point(data, at)
        what = flags_of(point)
        if what & _SPACE:
            inside = False
            if points[size - 1] == _BLANK:
                at = after
                continue
            point = _BLANK
        elif what & _SINGLE:
            halves += 1
            inside = False
        elif what & _WORD and not inside:
            halves += 2
            inside = True
        points[size] = FOLDED[point] if point < TABLED else point
        flags[size] = what
        places[size] = at
        size += 1
        at = after
    return size if halves <= most else -1, halves


@kernel
def _is_number(points, size):  # type: ignore[no-untyped-def]
    for at in range(size):
        if 0x30 <= points[at] <= 0x39:
            continue
        if points[at] not in (0x2C, 0x2E) or at == 0 or at == size - 1:
            return False
    return True


@kernel
def _is_word(data, places, points, flags, size):  # type: ignore[no-untyped-def]
    """Whether a line is letters alone, and not the end of a sentence that broke: that begins with a small letter."""
    letters = False
    for at in range(size):
        if not flags[at] & _WORD or 0x30 <= points[at] <= 0x39:
            return False
        letters |= flags[at] & _ALPHABETIC != 0
    return letters and is_capital(data, places[0])


@kernel
def _is_upper_case(data, at, stop, share):  # type: ignore[no-untyped-def]
    """Whether capitals are more than a share of a line's characters; those of scripts without case are none."""
    capitals = chars = others = 0
    i = at
    while i + 8 <= stop:
        eight = eight_bytes(data, i)
        low = eight & ~HIGH
        capitals += count_high((low + _FROM_CAPITAL_A) & ~(low + _BEYOND_CAPITAL_Z) & ~eight & HIGH)
        others += count_high(eight & HIGH)
        chars += starts(eight)
        i += 8
    while i < stop:
        byte = data[i]
        capitals += 0x41 <= byte <= 0x5A
        others += byte >= 0x80
        chars += byte & 0xC0 != 0x80
        i += 1
    if capitals + others <= share * chars:
        return False
    while others and at < stop:
        point, at = code_point(data, at)
        capitals += 0x80 <= point < TABLED and KINDS[point] & _CASES == _CAPITAL
    return capitals > share * chars


@kernel
def _bad_line(data, at, stop, rules):  # type: ignore[no-untyped-def]
    """Return which of the rules of c4-dataset-script a line breaks; two of them are for lines with a Han character."""
    chars = 0
    han = broken = False
    last = before = np.int32(0)
    while at < stop:
        point, at = code_point(data, at)
        chars += 1
        han |= flags_of(point) & _HAN != 0
        broken |= point in _BROKEN or 0xE000 <= point < 0xF900
        before = last
        last = point
    if broken and rules.on[BROKEN]:
        return BROKEN
    if han and rules.on[NO_END_MARK] and not (last in _CHINESE_ENDS or (last == 0x2026 and before == 0x2026)):
        return NO_END_MARK
    return TOO_SHORT if han and rules.on[TOO_SHORT] and chars < rules.chinese_chars else KEPT


@kernel
def rule_of(data, at, stop, size, halves, rules, points, flags, places):  # type: ignore[no-untyped-def]
    """Return the kind of the first rule that takes a line whole; size is -1 where it is not short."""
    if size > 0:
        if rules.on[COUNTER] and is_counter(rules.phrases, points, flags, size):
            return COUNTER
        if rules.on[NUMBERS] and _is_number(points, size):
            return NUMBERS
        if rules.on[ONE_WORD] and halves <= 2 and _is_word(data, places, points, flags, size):
            return ONE_WORD
    if rules.on[UPPER_CASE] and _is_upper_case(data, at, stop, rules.upper_case_share):
        return UPPER_CASE
    if rules.on[BROKEN] or rules.on[NO_END_MARK] or rules.on[TOO_SHORT]:
        return _bad_line(data, at, stop, rules)
    return KEPT
