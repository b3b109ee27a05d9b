"""Where the furniture of pages is: before the first prose of each and after its last, and about something else.

The rules read a table of lines. What the words of a line are, regular expressions of Python tell; of the first lines
only those that come to be asked about: the kernel stops there, and goes on when it knows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inner, kernel
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
    Page,
    add_body,
    body_of,
    known_of,
    mark_leading,
    mark_spam,
    mark_trailing,
)
from ops.kernels.line_table import (
    BEGIN,
    COLUMNS,
    END,
    INDENTED,
    LINE,
    LOOK,
    LOW,
    LOW_END,
    NUMBER,
    PROSE,
    STOP,
    TITLE,
    WHY,
    Lines,
)
from ops.kernels.shared_grams import limit_chars, share_of
from ops.kernels.templates import (
    Words,
    are_framed_alike,
    count_shared,
    may_be_of_template,
    room_for_words,
    share_words,
    write_own,
)

_0 = np.int64(0)
_OWN_BYTES = 4096  # more than a line has that may be a teaser


class Gone(NamedTuple):
    """Stretches of pages that go, in order."""

    pages: NDArray[np.int64]
    at: NDArray[np.int64]  # n x 2: from which byte to which of the buffer
    why: NDArray[np.uint8]


class Room(NamedTuple):
    """What lines of one template are told by."""

    data: Bytes
    words: Words
    own: Bytes


@inner
def _alike(page, room, i, likeness_min):  # type: ignore[no-untyped-def]
    """Whether a line and the next one are sentences of one template: they begin or end alike, and share many words."""
    left = page.left
    if (left[i, LOOK] | left[i + 1, LOOK]) & INDENTED:
        return False
    at, stop, below, below_stop = left[i, BEGIN], left[i, END], left[i + 1, BEGIN], left[i + 1, END]
    if not (may_be_of_template(room.data, at, stop) and may_be_of_template(room.data, below, below_stop)):
        return False
    if not are_framed_alike(room.data, at, stop, below, below_stop):
        return False
    one, other = (left[i, LOW], left[i, LOW_END]), (left[i + 1, LOW], left[i + 1, LOW_END])
    return share_words(page.low, one, other, room.words, likeness_min)


@inner
def _go_on(page, i, heading):  # type: ignore[no-untyped-def]
    """Whether two lines below a heading, without a blank one between, are titles of which the page does not speak."""
    left = page.left
    if left[i, STOP] + 1 != left[i + 1, LINE] or not left[i, LOOK] & left[i + 1, LOOK] & TITLE:
        return False
    body = body_of(page, _0, heading)
    return known_of(page, i, body) < KNOWN and known_of(page, i + 1, body) < KNOWN


@inner
def _is_foreign(page, room, start, stop, count):  # type: ignore[no-untyped-def]
    """Whether a page does not speak of what some lines say beside the words that they all have."""
    left, low, stretches = page
    room.words.keys[:] = 0
    for i in range(start, stop):
        count_shared(low, left[i, LOW], left[i, LOW_END], i - start, room.words)
    body = add_body(page, stop, count, add_body(page, _0, start, _0))
    limit_chars(low, stretches, body, BODY_CHARS)
    known = 0
    for i in range(start, stop):
        size = write_own(low, left[i, LOW], left[i, LOW_END], stop - start, room.words, room.own)
        known += share_of(room.own, _0, size, low, stretches, body) >= KNOWN_OF_SENTENCE
    return known <= (stop - start) / 3


@inner
def _mark_teasers(page, room, count, limits):  # type: ignore[no-untyped-def]
    """Mark lines of one template, or behind a heading, of which the rest of the page does not speak."""
    left = page.left
    found = False
    for i in range(count - 2):
        if left[i, LOOK] & HEADING:
            stop = i + 2
            while stop < count and (_alike(page, room, stop - 1, limits.teaser_likeness) or _go_on(page, stop - 1, i)):
                stop += 1
            if stop > i + 2 and _is_foreign(page, room, i + 1, stop, count):
                left[i:stop, WHY] = TEASERS
                found = True
    start = count - 1
    while start > 0 and _alike(page, room, start - 1, limits.teaser_likeness):
        start -= 1
    if not found and count - start >= limits.teaser_lines and _is_foreign(page, room, start, count, count):
        left[start:count, WHY] = TEASERS


@inner
def _one_round(page, room, count, keywords, limits):  # type: ignore[no-untyped-def]
    """Mark what goes as far as one look at both ends tells; return the line that Python is to tell of, if any."""
    left = page.left
    first, last = _0, count - 1
    while first < count and not left[first, LOOK] & PROSE:
        first += 1
    while last >= first and (not left[last, LOOK] & PROSE or left[last, LOOK] & PHRASE):
        last -= 1
    if last < first:
        return NO_LINE
    is_spam = False
    if limits.spam_header:
        asked, is_spam = mark_spam(page, keywords, count, last)
        if asked != NO_LINE:
            return asked
    body = body_of(page, first, last + 1)
    if not is_spam:
        mark_leading(page, first, body, limits)
    if not mark_trailing(page, last + 1, count, body, limits) and limits.teasers:
        _mark_teasers(page, room, count, limits)
    return NO_LINE


@inner
def _is_too_little(table, start, stop, limits):  # type: ignore[no-untyped-def]
    """Whether too little prose is left of a page, or too much would go."""
    prose = whole = lost = 0
    for line in range(start, stop):
        size = table[line, END] - table[line, BEGIN]
        whole += size
        if table[line, WHY] != KEPT:
            lost += size
        elif table[line, LOOK] & PROSE:
            prose += size
    return prose < limits.body_bytes or lost > limits.cut_share * whole


@inner
def _take_left(table, start, stop, left):  # type: ignore[no-untyped-def]
    count = _0
    for line in range(start, stop):
        if table[line, WHY] == KEPT:
            for column in range(COLUMNS):
                left[count, column] = table[line, column]
            count += 1
    return count


@kernel
def _look_at_all(table, first, pages, page, room, keywords, limits, asked):  # type: ignore[no-untyped-def]
    """Look at each page until nothing more goes, or until Python is to tell of a line first."""
    for i in range(len(pages)):
        start, stop = first[pages[i]], first[pages[i] + 1]
        asked[i] = NO_LINE
        goes = True
        while goes:
            count = _take_left(table, start, stop, page.left)
            asked[i] = _one_round(page, room, count, keywords, limits)
            goes = False
            for one in range(count if asked[i] == NO_LINE else 0):
                goes |= page.left[one, WHY] != KEPT
                table[page.left[one, NUMBER], WHY] = page.left[one, WHY]
        if asked[i] == NO_LINE and _is_too_little(table, start, stop, limits):
            table[start:stop, WHY] = KEPT


@kernel
def _join(table, first_lines, pages, at, why):  # type: ignore[no-untyped-def]
    """Join lines that go for one reason: at the start with the blank lines behind, elsewhere with those before."""
    count = 0
    for page in range(len(first_lines) - 1):
        line, stop = first_lines[page], first_lines[page + 1]
        is_kept = False
        while line < stop:
            first = line
            while line < stop and table[line, WHY] == table[first, WHY]:
                line += 1
            if table[first, WHY] == KEPT:
                is_kept = True
                continue
            pages[count], why[count] = page, table[first, WHY]
            at[count, 0] = table[first - 1, STOP] if is_kept else table[first, LINE]
            at[count, 1] = table[line - 1, STOP] if is_kept or line == stop else table[line, LINE]
            count += 1
    return count


def look_for_furniture(
    lines: Lines, pages: NDArray[np.int64], keywords: Keywords, limits: FurnitureLimits
) -> NDArray[np.int64]:
    """Write in their table why lines of pages go; return for each page the line that is to be told of first, or -1.

    Call it again for those when that is told.
    """
    asked = np.empty(len(pages), np.int64)
    most = int(np.diff(lines.first).max(initial=0))
    page = Page(np.empty((most, COLUMNS), np.int64), lines.low, np.empty((most + 1, 2), np.int64))
    room = Room(lines.data, room_for_words(), np.empty(_OWN_BYTES, np.uint8))
    _look_at_all(lines.table, lines.first, pages, page, room, keywords, limits, asked)
    return asked


def stretches_of(lines: Lines) -> Gone:
    """Return the stretches that go."""
    most = np.count_nonzero(lines.table[:, WHY])
    pages, at, why = np.empty(most, np.int64), np.empty((most, 2), np.int64), np.empty(most, np.uint8)
    count = _join(lines.table, lines.first, pages, at, why)
    return Gone(pages[:count], at[:count], why[:count])
