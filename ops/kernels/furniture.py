"""Where the furniture of pages is: before the first prose of each and after its last, and about something else.

The rules read a table of lines. What the words of a line are, regular expressions of Python tell; of the first lines
only those that come to be asked about: the kernel stops there, and goes on when it knows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.furniture_ends import (
    BODY_CHARS,
    HEADING,
    KEPT,
    KNOWN,
    KNOWN_OF_SENTENCE,
    NO_LINE,
    PHRASE,
    TEASERS,
    FurnitureLimits,
    Keywords,
    Room,
    add_body,
    body_of,
    has,
    known_of,
    mark_leading,
    mark_spam,
    mark_trailing,
)
from ops.kernels.line_table import INDENTED, PROSE, TITLE, Lines
from ops.kernels.shared_grams import limit_chars, share_of
from ops.kernels.templates import (
    are_framed_alike,
    count_shared,
    may_be_of_template,
    room_for_words,
    share_words,
    write_own,
)

_OWN_BYTES = 4096  # more than a line has that may be a teaser


class Gone(NamedTuple):
    """Stretches of pages that go, in order."""

    pages: NDArray[np.int64]
    at: NDArray[np.int64]  # n x 2: from which byte to which of the buffer
    why: NDArray[np.uint8]


@kernel
def _alike(page, i, likeness_min):  # type: ignore[no-untyped-def]
    """Whether a line and the next one are sentences of one template: they begin or end alike, and share many words."""
    lines, room = page
    one, other = room.left[i], room.left[i + 1]
    if has(page, i, INDENTED) or has(page, i + 1, INDENTED):
        return False
    one_at, other_at = lines.inner[one], lines.inner[other]
    if not (may_be_of_template(lines.data, one_at) and may_be_of_template(lines.data, other_at)):
        return False
    if not are_framed_alike(lines.data, one_at, other_at):
        return False
    return share_words(lines.low, lines.low_at[one], lines.low_at[other], room.words, likeness_min)


@kernel
def _go_on(page, i, heading):  # type: ignore[no-untyped-def]
    """Whether two lines below a heading, without a blank one between, are titles of which the page does not speak."""
    lines, room = page
    if lines.at[room.left[i], 1] + 1 != lines.at[room.left[i + 1], 0]:
        return False
    if not has(page, i, TITLE) or not has(page, i + 1, TITLE):
        return False
    body = body_of(page, 0, heading)
    return known_of(page, i, body) < KNOWN and known_of(page, i + 1, body) < KNOWN


@kernel
def _is_foreign(page, start, stop, count):  # type: ignore[no-untyped-def]
    """Whether a page does not speak of what some lines say beside the words that they all have."""
    lines, room = page
    words = room.words
    words.keys[:] = 0
    for i in range(start, stop):
        count_shared(lines.low, lines.low_at[room.left[i]], i - start, words)
    body = add_body(page, stop, count, add_body(page, 0, start, 0))
    limit_chars(lines.low, room.stretches, body, BODY_CHARS)
    known = 0
    for i in range(start, stop):
        size = write_own(lines.low, lines.low_at[room.left[i]], stop - start, words, room.own)
        known += share_of(room.own, 0, size, lines.low, room.stretches, body) >= KNOWN_OF_SENTENCE
    return known <= (stop - start) / 3


@kernel
def _mark_teasers(page, count, limits):  # type: ignore[no-untyped-def]
    """Mark lines of one template, or behind a heading, of which the rest of the page does not speak."""
    _, room = page
    found = False
    for i in range(count - 2):
        if has(page, i, HEADING):
            stop = i + 2
            while stop < count and (_alike(page, stop - 1, limits.teaser_likeness) or _go_on(page, stop - 1, i)):
                stop += 1
            if stop > i + 2 and _is_foreign(page, i + 1, stop, count):
                room.gone[i:stop] = TEASERS
                found = True
    start = count - 1
    while start > 0 and _alike(page, start - 1, limits.teaser_likeness):
        start -= 1
    if not found and count - start >= limits.teaser_lines and _is_foreign(page, start, count, count):
        room.gone[start:count] = TEASERS


@kernel
def _one_round(page, count, keywords, limits):  # type: ignore[no-untyped-def]
    """Mark what goes as far as one look at both ends tells; return the line that Python is to tell of, if any."""
    _, room = page
    room.gone[:count] = KEPT
    first, last = 0, count - 1
    while first < count and not has(page, first, PROSE):
        first += 1
    while last >= first and (not has(page, last, PROSE) or has(page, last, PHRASE)):
        last -= 1
    if last < first:
        return NO_LINE
    if limits.spam_header:
        asked = mark_spam(page, keywords, count, last)
        if asked != NO_LINE:
            return asked
    body = body_of(page, first, last + 1)
    if not room.gone[:last].any():
        mark_leading(page, first, body, limits)
    if not mark_trailing(page, last + 1, count, body, limits) and limits.teasers:
        _mark_teasers(page, count, limits)
    return NO_LINE


@kernel
def _is_too_little(lines, start, stop, why, limits):  # type: ignore[no-untyped-def]
    """Whether too little prose is left of a page, or too much would go."""
    prose = whole = lost = 0
    for line in range(start, stop):
        size = lines.inner[line, 1] - lines.inner[line, 0]
        whole += size
        lost += size if why[line] != KEPT else 0
        prose += size if why[line] == KEPT and lines.looks[line] & np.uint32(PROSE) else 0
    return prose < limits.body_bytes or lost > limits.cut_share * whole


@kernel
def _look_at(page, start, stop, keywords, limits, why):  # type: ignore[no-untyped-def]
    """Look at a page until nothing more goes; return the line that Python is to tell of first, if there is one."""
    lines, room = page
    goes = True
    while goes:
        count = 0
        for line in range(start, stop):
            if why[line] == KEPT:
                room.left[count] = line
                count += 1
        asked = _one_round(page, count, keywords, limits)
        if asked != NO_LINE:
            return asked
        goes = False
        for i in range(count):
            goes |= room.gone[i] != KEPT
            why[room.left[i]] = room.gone[i]
    if _is_too_little(lines, start, stop, why, limits):
        why[start:stop] = KEPT
    return NO_LINE


@kernel
def _look_at_all(lines, pages, room, keywords, limits, why, asked):  # type: ignore[no-untyped-def]
    for i in range(len(pages)):
        start, stop = lines.first[pages[i]], lines.first[pages[i] + 1]
        asked[i] = _look_at((lines, room), start, stop, keywords, limits, why)


@kernel
def _join(lines, why, pages, at, reasons):  # type: ignore[no-untyped-def]
    """Join lines that go for one reason: at the start with the blank lines behind, elsewhere with those before."""
    count = 0
    for page in range(len(lines.first) - 1):
        line, stop = lines.first[page], lines.first[page + 1]
        is_kept = False
        while line < stop:
            first = line
            while line < stop and why[line] == why[first]:
                line += 1
            if why[first] == KEPT:
                is_kept = True
                continue
            pages[count], reasons[count] = page, why[first]
            at[count, 0] = lines.at[first - 1, 1] if is_kept else lines.at[first, 0]
            at[count, 1] = lines.at[line - 1, 1] if is_kept or line == stop else lines.at[line, 0]
            count += 1
    return count


def room_for(lines: Lines) -> Room:
    """Return what the rules write into, for the longest of some pages."""
    most = int(np.diff(lines.first).max(initial=0))
    stretches = np.empty((most + 1, 2), np.int64)
    own = np.empty(_OWN_BYTES, np.uint8)
    return Room(np.empty(most, np.int64), np.empty(most, np.uint8), stretches, room_for_words(), own)


def look_for_furniture(
    lines: Lines, pages: NDArray[np.int64], keywords: Keywords, limits: FurnitureLimits, why: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Write why each line of pages goes; return for each page the line that is to be told of first, or -1.

    Call it again for those when that is told: `why` is then what it was left at.
    """
    asked = np.empty(len(pages), np.int64)
    _look_at_all(lines, pages, room_for(lines), keywords, limits, why, asked)
    return asked


def stretches_of(lines: Lines, why: NDArray[np.uint8]) -> Gone:
    """Return the stretches that go."""
    most = np.count_nonzero(why)
    pages, at, reasons = np.empty(most, np.int64), np.empty((most, 2), np.int64), np.empty(most, np.uint8)
    count = _join(lines, why, pages, at, reasons)
    return Gone(pages[:count], at[:count], reasons[:count])
