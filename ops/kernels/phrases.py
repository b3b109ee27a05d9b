"""Phrases in a short line: "Sign in" at its start, "Read more" at its end, others anywhere, and words of counters."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.unicode_tables import CAPITAL, KINDS, SINGLE, TABLED, WORD
from ops.kernels.utf8 import code_point

# Where a phrase stands in a line. Of the words of counters a line is made.
PLACES = ("start", "end", "anywhere", "in_counter")
AT_START, AT_END, ANYWHERE, IN_COUNTER = range(4)
NO_PHRASE = 255
PAIRS = 1024

_WORD = np.uint8(WORD)
_SINGLE = np.uint8(SINGLE)
_CAPITAL = np.uint8(CAPITAL)
_BLANK = np.int32(0x20)
# What characters may be to a phrase or a counter: a bit each, looked up, for a list of them takes long to compile.
_SEPARATES, _BEFORE, _AFTER, _OPENS, _TRAILS, _ENDS, _FULL_STOP, _CODE, _UNIT = (1 << bit for bit in range(9))
_MARKS = np.zeros(0x10000, np.uint16)
for _what, _chars in (
    (_SEPARATES, "|/·•&>»›"),  # the entries of a menu
    (_BEFORE, " |·•>»›([【『<"),  # may stand before a phrase at the start of a line
    (_AFTER, " |/·•&>»›:,)]】…"),  # and behind it
    (_OPENS, " ([【『<|»›"),  # before a phrase at the end of a line, and goes with it
    (_TRAILS, " .…»›>→)]】』+▼↓"),  # behind it
    (_ENDS, ".!?。！？:,;；、"),  # a sentence, or a part of one
    (_FULL_STOP, ".。"),
    (_CODE, "=\"'{};_`<"),  # never in a line of counters: `likes = 3`, {"views": 12}
    (_UNIT, "kmbw+万亿千百条次人个篇位年月日时分秒萬億條個時"),  # of numbers: thousands, and what is counted
):
    _MARKS[[ord(char) for char in _chars]] |= np.uint16(_what)


class Phrases(NamedTuple):
    """Phrases in order of their place, folded, of two characters at least."""

    points: NDArray[np.int32]  # one phrase after the other
    first: NDArray[np.int64]  # of each phrase, and one more
    places: NDArray[np.int64]  # from which phrase on those of each place are, and one more
    near: NDArray[np.bool_]  # by place and `pair_of` the two characters that are looked at first: whether any has them
    kind: NDArray[np.uint8]


@kernel
def pair_of(one, other):  # type: ignore[no-untyped-def]
    """Return a small number for two characters."""
    return (one * 33 + other) & (PAIRS - 1)


@kernel
def _is(point, what):  # type: ignore[no-untyped-def]
    return point < len(_MARKS) and _MARKS[point] & what != 0


@kernel
def _equals(phrases, row, points, at, size):  # type: ignore[no-untyped-def]
    """Return how many characters a phrase has, if it is what begins here, else 0."""
    begin = phrases.first[row]
    chars = phrases.first[row + 1] - begin
    if at + chars > size:
        return 0
    for i in range(chars):
        if phrases.points[begin + i] != points[at + i]:
            return 0
    return chars


@kernel
def _is_spaced(flags):  # type: ignore[no-untyped-def]
    return flags & _WORD != 0 and flags & _SINGLE == 0


@kernel
def _whole_words(flags, at, stop, size):  # type: ignore[no-untyped-def]
    if at and _is_spaced(flags[at]) and _is_spaced(flags[at - 1]):
        return False
    return stop == size or not _is_spaced(flags[stop - 1]) or not _is_spaced(flags[stop])


@kernel
def is_capital(data, at):  # type: ignore[no-untyped-def]
    """Whether a letter is a capital one, or one of a script without case: of such nothing more can be asked."""
    point = code_point(data, at)[0]
    return point >= TABLED or KINDS[point] & _CAPITAL != 0


@kernel
def _starts_line(data, at, stop, points, places, size):  # type: ignore[no-untyped-def]
    """Whether a phrase at the start of a line stands apart: "Sign in | Register"."""
    if stop == size:
        return True
    if is_capital(data, places[at]):
        return _is(points[stop], _AFTER)
    # A line of a book may begin with the words "sign in", for it broke there.
    return _is(points[stop + (points[stop] == _BLANK)], _SEPARATES)


@kernel
def _ends_line(data, at, points, flags, places):  # type: ignore[no-untyped-def]
    """Whether a phrase at the end of a line stands apart: "... the end. Read more »"."""
    if not at:
        return True
    if flags[at - 1] & _WORD:
        return False
    # "he had no time to read more" goes on in the next line.
    before = at - 1 if points[at - 1] != _BLANK else at - 2
    return before < 0 or not flags[before] & _WORD or is_capital(data, places[at])


@kernel
def _at_start(data, phrases, points, places, size):  # type: ignore[no-untyped-def]
    """Return the phrase that a line which is no sentence begins with, -1 for none."""
    at = 0
    while at < size and _is(points[at], _BEFORE):
        at += 1
    if size - at < 2 or not phrases.near[AT_START, pair_of(points[at], points[at + 1])]:
        return -1
    if _is(points[size - 1], _ENDS):
        return -1
    for row in range(phrases.places[AT_START], phrases.places[AT_START + 1]):
        chars = _equals(phrases, row, points, at, size)
        if chars and _starts_line(data, at, at + chars, points, places, size):
            return row
    return -1


@kernel
def _at_end(data, phrases, points, flags, places, size):  # type: ignore[no-untyped-def]
    """Return the phrase that a line ends in, -1 for none, and where it begins."""
    stop = size
    while stop > 1 and _is(points[stop - 1], _TRAILS):
        stop -= 1
    if stop < 2 or not phrases.near[AT_END, pair_of(points[stop - 2], points[stop - 1])]:
        return -1, 0
    if stop == size - 1 and _is(points[stop], _FULL_STOP):
        return -1, 0
    for row in range(phrases.places[AT_END], phrases.places[AT_END + 1]):
        at = stop - (phrases.first[row + 1] - phrases.first[row])
        if at >= 0 and _equals(phrases, row, points, at, size) and _ends_line(data, at, points, flags, places):
            while at and _is(points[at - 1], _OPENS):
                at -= 1
            return row, at
    return -1, 0


@kernel
def _anywhere(phrases, points, flags, size):  # type: ignore[no-untyped-def]
    """Return the phrase that a line has, -1 for none."""
    for at in range(size - 1):
        if phrases.near[ANYWHERE, pair_of(points[at], points[at + 1])]:
            for row in range(phrases.places[ANYWHERE], phrases.places[ANYWHERE + 1]):
                chars = _equals(phrases, row, points, at, size)
                if chars and _whole_words(flags, at, at + chars, size):
                    return row
    return -1


@kernel
def phrase_of(data, phrases, points, flags, places, size):  # type: ignore[no-untyped-def]
    """Return the kind of the first phrase that a short line has, and where what stays of the line ends."""
    row = _at_start(data, phrases, points, places, size)
    stop = 0
    if row < 0:
        row = _anywhere(phrases, points, flags, size)
    if row < 0:
        row, stop = _at_end(data, phrases, points, flags, places, size)
    return phrases.kind[row] if row >= 0 else np.uint8(NO_PHRASE), stop


@kernel
def _is_unit(points, flags, at, size):  # type: ignore[no-untyped-def]
    if at + 1 < size and _is_spaced(flags[at]) and _is_spaced(flags[at + 1]):
        return False
    return _is(points[at], _UNIT)


@kernel
def is_counter(phrases, points, flags, size):  # type: ignore[no-untyped-def]
    """Whether a line is nothing but words of counters, numbers with their units, and marks: "阅读 1.2万 · 3条评论"."""
    number = word = False
    at = 0
    while at < size:
        found = 0
        if flags[at] & _WORD and at + 1 < size and phrases.near[IN_COUNTER, pair_of(points[at], points[at + 1])]:
            for row in range(phrases.places[IN_COUNTER], phrases.places[IN_COUNTER + 1]):
                chars = _equals(phrases, row, points, at, size)
                if chars > found and _whole_words(flags, at, at + chars, size):
                    found = chars
        if found:
            word = True
            number |= 0x30 <= points[at] <= 0x39
        elif 0x30 <= points[at] <= 0x39:
            number = True
        elif _is(points[at], _CODE) or (flags[at] & _WORD and not (number and _is_unit(points, flags, at, size))):
            return False
        at += max(found, 1)
    return number and word and not _is(points[size - 1], _FULL_STOP)
