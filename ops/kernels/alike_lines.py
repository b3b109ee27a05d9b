"""Which texts have one string at the start, at the end or within most of their lines: a gate, a few bytes of each."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import up_to_eight
from ops.kernels.masks import SIZE, between, how_many, padded, up_to
from ops.kernels.stops import Stops

AT_START = 1
AT_END = 2
WITHIN = 4  # after an end mark

_BYTES = 6  # compared: two letters of Han; a blank and five letters of others
_WORD_BYTES = 8  # of what begins with a letter, after an end mark
_SLOTS = 512  # of counts, for each side
_TRIED = 8  # lines, after which a text goes on only where three of them are alike
_LEAST = 4  # lines
_ALIKE = 3
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_TOP = np.uint64(55)
_TITLE_BYTES = 4  # with its full stop
_LETTER = np.isin(np.arange(256), [*range(0x41, 0x5B), *range(0x61, 0x7B)])
_IN_NAME = np.isin(np.arange(256), [*range(0x30, 0x3A), *b"abcdefgijklmnopqrstuvxyz"])  # "www" and "http" are hosts
_CLOSES = np.isin(np.arange(256), [*b"\"')]/_.,"])  # what goes on with what is before
_E2 = 0xE2  # of …, which ends no sentence here


@inlined
def _counted(data, at, size, first_slot, before, number, counts, lines):  # type: ignore[no-untyped-def]
    """Count a string of a line, once a line; return how many lines of the text have it so far.

    Lines are numbered through all texts, those of this one after `before`: so no table is emptied for each text.
    """
    slot = first_slot + np.int64((up_to_eight(data, at, size) * _FACTOR) >> _TOP)
    counts[slot] = 1 if lines[slot] <= before else counts[slot] + (lines[slot] != number)
    lines[slot] = number
    return counts[slot]


@inlined
def _chars(data, at, stop):  # type: ignore[no-untyped-def]
    """Return how many characters a stretch has; 64 where it has more bytes than that."""
    if stop - at > SIZE:
        return SIZE
    return stop - at - np.int64(how_many(up_to(between(data, at, 0x80, 0xBF), at, stop)))


@inlined
def _is_title(data, first, place):  # type: ignore[no-untyped-def]
    """Whether a full stop is of Mr. or St., which a name follows."""
    at = place
    while at > first and place - at < _TITLE_BYTES and _LETTER[data[at - 1]]:
        at -= 1
    return 0 < place - at < _TITLE_BYTES and data[at] <= 0x5A


@inlined
def _within(data, at, stop, marks, before, number, counts, lines):  # type: ignore[no-untyped-def]
    """Count what stands after each end mark of a line; return the most lines that have it, and whether one ends."""
    most = 0
    ends = False
    for mark in marks:
        place = np.int64(mark)
        is_wide = data[place] >= 0x80
        after = place + (3 if is_wide else 1)
        if after >= stop or data[place] == _E2:
            continue
        byte = data[after]
        if is_wide or byte == 0x20:
            ends = True
        if not is_wide and _IN_NAME[byte]:
            continue
        if _CLOSES[byte] or (data[place] == 0x2E and _is_title(data, at, place)):
            continue
        while after < stop and data[after] == 0x20:
            after += 1
        size = _BYTES if data[after] >= 0x80 or data[after] < 0x41 else _WORD_BYTES
        if after + size <= stop:
            ends = True
            most = max(most, _counted(data, after, size, 2 * _SLOTS, before, number, counts, lines))
    return most, ends


@kernel
def _alike(data, start, end, stops, chars_min, share, before, counts, lines):  # type: ignore[no-untyped-def]
    """Return the sides at which so great a share of a text's lines have the same few bytes, and how many lines it has.

    `before` is how many lines the texts before have.
    """
    at_start = at_end = within = of = of_within = 0
    looks_within = True
    at = start
    one = 0
    while at < end:
        first = one
        while one < len(stops) and not 0x0A <= data[stops[one]] <= 0x0D:
            one += 1
        stop = line = np.int64(stops[one]) if one < len(stops) else end
        while stop > at and data[stop - 1] in (0x20, 0x09):
            stop -= 1
        while at < stop and data[at] in (0x20, 0x09):
            at += 1
        if stop - at >= chars_min and _chars(data, at, stop) >= chars_min:
            of += 1
            at_start = max(at_start, _counted(data, at, _BYTES, 0, before, before + of, counts, lines))
            at_end = max(at_end, _counted(data, stop - _BYTES, _BYTES, _SLOTS, before, before + of, counts, lines))
            if looks_within:
                most, ends = _within(data, at, stop, stops[first:one], before, before + of, counts, lines)
                within = max(within, most)
                of_within += ends
                looks_within = of_within != _TRIED or within >= _ALIKE
            if of >= _TRIED and not looks_within and at_start < _ALIKE and at_end < _ALIKE:
                return 0, of
        one += 1
        at = line + 1
    least, least_within = max(share * of, _LEAST), max(share * of_within, _LEAST)
    found = AT_START if at_start >= least else 0
    found |= AT_END if at_end >= least else 0
    return found | (WITHIN if within >= least_within else 0), of


@kernel
def _all_alike(data, offsets, stops, chars_min, share, counts, lines, out):  # type: ignore[no-untyped-def]
    before = np.int64(0)
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        own = stops.at[stops.first[row] : stops.first[row + 1]]
        out[row], of = _alike(data, start, end, own, chars_min, share, before, counts, lines)
        before += of


def alike_sides(strings: pa.ChunkedArray | pa.Array, stops: Stops, chars_min: int, share: float) -> NDArray[np.uint8]:
    r"""Say at which sides such a share of a text's lines, four at least, begin, end or go on after an end mark alike.

    Lines of fewer characters do not count. What is alike are five bytes; the share within lines is of those that have
    an end mark before their end.

    >>> from ops.kernels.stops import stops_of
    >>> lines = ["One of it. 【Mill】", "Two are there! 【Mill】", "Three farms. 【Mill】", "Fourth road? 【Mill】"]
    >>> texts = pa.array(["\n".join(lines), "\n".join(lines[:3]), "\n".join(["x" * 40, *lines])])
    >>> alike_sides(texts, stops_of(texts), 12, 0.8).tolist()
    [6, 0, 6]
    """
    data, offsets = buffers_of(strings)
    out = np.zeros(len(offsets) - 1, np.uint8)
    counts, lines = np.zeros(3 * _SLOTS, np.int32), np.zeros(3 * _SLOTS, np.int32)
    _all_alike(padded(data), offsets, stops, chars_min, share, counts, lines, out)
    return out
