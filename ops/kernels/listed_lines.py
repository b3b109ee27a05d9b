"""Short lines of a page that begin with listed words or have them: of the first lines, the last one, and headings.

A gate: what a line is, its caller looks at. Words are compared with capital letters of ASCII made small; those of
letters are found only where no letter of ASCII stands before them.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, inner, kernel
from ops.kernels.masks import SIZE, between, equal, first_of, padded, up_to, without_first
from ops.kernels.text_lines import before_spaces, count_chars, past_spaces
from ops.kernels.utf8 import cut

# Where a word makes a line one to look at: a heading of a block, the first or last line that begins with it or has it,
# one of the first lines that has it, that has it and a digit, that begins with it and has a full stop or a colon.
HEADS, BEGINS, IN_END, IN_HEAD, WITH_DIGIT, BEGINS_WITH_DOT = (1 << bit for bit in range(6))
_AT_START = HEADS | BEGINS | BEGINS_WITH_DOT
_BUCKETS = 4096
_NEWLINE = np.uint8(0x0A)
_1 = np.uint64(1)
_63 = np.uint64(63)
# Typed, so that what looks for them is compiled once.
_A, _Z, _SMALL_A, _SMALL_Z, _ZERO, _NINE, _DOT, _COLON, _ARROW = np.frombuffer(b"AZaz09.:>", np.uint8)
_C0, _FF, _C2, _BB, _E2, _80, _BA = np.array([0xC0, 0xFF, 0xC2, 0xBB, 0xE2, 0x80, 0xBA], np.uint8)
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[0x41:0x5B] += 0x20
_ALPHABETIC = np.isin(np.arange(256), [*range(0x41, 0x5B), *range(0x61, 0x7B)])
_DIGIT = np.isin(np.arange(256), [*b"0123456789"])
# What a line's first word may follow: marks of ASCII, and characters that may be marks by their first byte, or follow.
_MARK = ~(_ALPHABETIC | _DIGIT | np.isin(np.arange(256), [*range(0xC3, 0xE1), *range(0xE4, 0xEF)]))
# The first bytes of spaces, and of a mark that a heading may begin with: [ | · » 【
_BEFORE_HEADING = np.isin(np.arange(256), [*b" \t[|", 0xC2, 0xE2, 0xE3])


class Words(NamedTuple):
    """Words of two bytes at least, in order of their bucket."""

    bytes: NDArray[np.uint8]  # one word after the other
    first: NDArray[np.int64]  # of each word, and one more
    places: NDArray[np.uint8]
    bucket: NDArray[np.int64]  # from which word on those of each bucket are, and one more
    heading: NDArray[np.bool_]  # of each byte: whether a line that begins with it may be a heading


class LineLimits(NamedTuple):
    """Which lines are short, as the kernel reads it."""

    head_lines: int  # first lines of a text that are looked at, without blank ones
    head_bytes: int  # of a text that they lie in
    head_chars: int  # of such a line
    end_bytes: int  # of the first or last line
    heading_bytes: int


class Found(NamedTuple):
    """Lines with such words, in order of their text."""

    rows: NDArray[np.int64]
    at: NDArray[np.int64]  # n x 2: from which byte to which of the column's buffer
    places: NDArray[np.uint8]


@inlined
def _bucket(one, other):  # type: ignore[no-untyped-def]
    return (np.int64(_LOWER[one]) * 61 + np.int64(_LOWER[other])) & (_BUCKETS - 1)


@inlined
def _equals(data, at, stop, words, word):  # type: ignore[no-untyped-def]
    begin = words.first[word]
    size = words.first[word + 1] - begin
    if at + size > stop:
        return False
    for i in range(size):
        if _LOWER[data[at + i]] != words.bytes[begin + i]:
            return False
    return True


@inlined
def _places_at(data, at, stop, words, wanted):  # type: ignore[no-untyped-def]
    """Return the places of all words that begin here, of those that are wanted."""
    places = np.uint8(0)
    if at + 1 < stop:
        bucket = _bucket(data[at], data[at + 1])
        for word in range(words.bucket[bucket], words.bucket[bucket + 1]):
            if words.places[word] & wanted and _equals(data, at, stop, words, word):
                places |= words.places[word] & wanted
    return places


@inlined
def _word_starts(data, at, before):  # type: ignore[no-untyped-def]
    """Return at which of 64 bytes a word may start, and which are letters of ASCII; `before`: of the 64 before."""
    letters = between(data, at, _A, _Z) | between(data, at, _SMALL_A, _SMALL_Z)
    starts = letters | between(data, at, _ZERO, _NINE) | between(data, at, _C0, _FF)
    return starts & ~(letters & (letters << _1 | before >> _63)), letters


@inlined
def _has_between(data, at, stop, low, high):  # type: ignore[no-untyped-def]
    while at < stop:
        if up_to(between(data, at, low, high), at, stop):
            return True
        at += SIZE
    return False


@inlined
def is_path(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line has two arrows: Home > News » World."""
    arrows = 0
    while at < stop and arrows < 2:
        wide = equal(data, at, _E2) & equal(data, at + 1, _80) & equal(data, at + 2, _BA)
        wide |= equal(data, at, _C2) & equal(data, at + 1, _BB)
        found = up_to(equal(data, at, _ARROW) | wide, at, stop)
        arrows += 0 if not found else 1 if not without_first(found) else 2
        at += SIZE
    return arrows > 1


@kernel
def places_of(data, at, stop, words, wanted):  # type: ignore[no-untyped-def]
    """Return the places of the words that a line has, as far as they are wanted."""
    places = np.uint8(0)
    place = at
    while place < stop:
        if data[place] & 0xC0 != 0x80:
            places |= _places_at(data, place, stop, words, wanted)
            if not _MARK[data[place]]:
                break
        place += 1
    wanted = np.uint8(wanted & ~np.uint8(_AT_START))
    block = place if wanted else stop
    letters = np.uint64(0)
    while block < stop:
        starts, letters = _word_starts(data, block, letters)
        found = up_to(starts, block, stop)
        while found:
            places |= _places_at(data, block + first_of(found), stop, words, wanted)
            found = without_first(found)
        block += SIZE
    if places & np.uint8(WITH_DIGIT) and not _has_between(data, at, stop, _ZERO, _NINE):
        places &= ~np.uint8(WITH_DIGIT)
    if places & np.uint8(BEGINS_WITH_DOT) and not (
        _has_between(data, at, stop, _DOT, _DOT) or _has_between(data, at, stop, _COLON, _COLON)
    ):
        places &= ~np.uint8(BEGINS_WITH_DOT)
    return places


@inner
def _wanted_of(data, at, stop, lines, limits):  # type: ignore[no-untyped-def]
    """Return the places of words that are looked for in a line, of which so many are before."""
    wanted = HEADS if lines and stop - at <= limits.heading_bytes else 0
    if not lines and stop - at <= limits.end_bytes:
        wanted |= BEGINS | IN_END
    if lines < limits.head_lines and stop - at <= 4 * limits.head_chars:
        is_short = count_chars(data, at, stop) <= limits.head_chars
        wanted |= IN_HEAD | WITH_DIGIT | BEGINS_WITH_DOT if is_short else 0
    return np.uint8(wanted)


@kernel
def _look(data, offsets, words, limits, rows, spans, places):  # type: ignore[no-untyped-def]
    count = 0
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        head_end = cut(data, start, end, limits.head_bytes)
        lines = 0
        last = last_end = start  # of the last line that is not blank
        line = block = start
        newlines = np.uint64(0)
        while line < end:
            while not newlines and block < end:
                newlines = up_to(equal(data, block, _NEWLINE), block, end)
                block += SIZE
            after = block - SIZE + first_of(newlines) if newlines else end
            newlines = without_first(newlines)
            in_head = lines < limits.head_lines and line < head_end
            if not in_head and (after - line > 4 * limits.heading_bytes or not words.heading[data[line]]):
                last, last_end = (line, after) if line < after else (last, last_end)
                line = after + 1
                continue
            begin = past_spaces(data, line, after)
            stop = before_spaces(data, begin, after)
            if begin < stop:
                last, last_end = line, after
                stop = min(stop, head_end) if in_head else stop
                wanted = _wanted_of(data, begin, stop, lines if in_head else limits.head_lines, limits)
                found = places_of(data, begin, stop, words, wanted) if wanted else wanted
                if not lines and stop - begin <= limits.end_bytes and is_path(data, begin, stop):
                    found |= np.uint8(IN_END)
                if found:
                    rows[count], spans[count, 0], spans[count, 1], places[count] = row, line, stop, found
                    count += 1
                lines += 1
            line = after + 1
        begin = past_spaces(data, last, last_end)
        stop = before_spaces(data, begin, last_end)
        if stop - begin <= limits.end_bytes:
            found = places_of(data, begin, stop, words, np.uint8(BEGINS | IN_END))
            if found:
                rows[count], spans[count, 0], spans[count, 1], places[count] = row, last, stop, found
                count += 1
    return count


def words_of(listed: Mapping[int, Iterable[str]]) -> Words:
    """Return words, each with its places: small letters, and at least two bytes."""
    places: dict[bytes, int] = {}
    for place, some in listed.items():
        for word in some:
            places[word.encode()] = places.get(word.encode(), 0) | place
    short = [word.decode() for word in places if len(word) < 2 or word != word.lower()]
    if short:
        raise ValueError(f"words must have two bytes or more, in small letters: {short}")
    ordered = sorted(places, key=lambda word: (_bucket.py_func(word[0], word[1]), word))
    buckets = np.array([_bucket.py_func(word[0], word[1]) for word in ordered], np.int64)
    return Words(
        np.frombuffer(b"".join(ordered), np.uint8),
        np.cumsum([0, *map(len, ordered)]).astype(np.int64),
        np.array([places[word] for word in ordered], np.uint8),
        np.searchsorted(buckets, np.arange(_BUCKETS + 1)).astype(np.int64),
        _BEFORE_HEADING | np.isin(_LOWER, [word[0] for word in ordered if places[word] & HEADS]),
    )


def listed_lines(strings: pa.Array, words: Words, limits: LineLimits) -> Found:
    r"""Find short lines with such words, at the ends of texts, and headings anywhere but in the first line.

    >>> words = words_of({HEADS: ["related"], BEGINS: ["share"], IN_HEAD: ["casino"], WITH_DIGIT: ["call"]})
    >>> text = "Best Casino\nCall us\nRelated links\nOne.\nShare this"
    >>> found = listed_lines(pa.array([text]), words, LineLimits(3, 500, 150, 150, 60))
    >>> [text[at:stop] for at, stop in found.at]
    ['Best Casino', 'Related links', 'Share this']
    """
    data, offsets = buffers_of(strings)
    most = int(offsets[-1] - offsets[0]) // 2 + 2 * len(offsets)  # never touched beyond what is found
    rows, at, places = np.empty(most, np.int64), np.empty((most, 2), np.int64), np.empty(most, np.uint8)
    count = _look(padded(data), offsets, words, limits, rows, at, places)
    return Found(rows[:count].copy(), at[:count].copy(), places[:count].copy())
