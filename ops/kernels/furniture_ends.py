"""The furniture at both ends of a page: spam and menus before its first prose, links and phrases after its last.

A page is a table of its lines, and which of them are left. What a line is by its words, Python tells.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inlined, kernel
from ops.kernels.line_table import (
    HAS_DIGIT,
    INDENTED,
    IS_DATED,
    IS_UNDERLINE,
    IS_WIDE,
    ITEM,
    LABEL,
    MAY_BE_HEADING,
    MAY_BE_PHRASE,
    PROSE,
)
from ops.kernels.page_ends import HEAD_LINES, ITEM_BYTES, TINY_BYTES
from ops.kernels.shared_grams import limit_chars, share_of
from ops.kernels.templates import Words

# What Python tells of a line by its words, among the flags of `line_table`.
PHRASE = MAY_BE_PHRASE << 8  # of furniture: share this, read more, copyright
HEADING = MAY_BE_HEADING << 8  # of a block of links: Related articles
IS_TOLD = 1 << 20  # what follows, of the first lines
IS_ADULT = 1 << 21  # has a word of adult sites
INVITES = 1 << 22  # to call, to write or to visit
IS_ADDRESS = 1 << 23  # of the web, and a few words
IS_LOWER_CASE = 1 << 24  # plain words and numbers

KEPT, SPAM, LINKS, TAIL, TEASERS = range(5)  # why a line goes

TITLE_BYTES = 12  # of a line that may be a title
_FEW_KEYWORDS = 4  # of so many, or fewer, the page must not speak of one
# A line says what its page speaks of if the page has so much of it: of an item or a keyword, and of a sentence.
KNOWN, KNOWN_OF_SENTENCE = 0.6, 0.5
_COMPARED = 30  # lines of a list, evenly spaced, that are compared with the prose
BODY_CHARS = 100_000  # of the prose, that lines are compared with
_VERSE_BYTES = 15, 21  # of a line of classical verse: five or seven characters
_LIST_OR_PHRASE = ITEM | PHRASE
_AT_END = ITEM | PHRASE | HEADING
NO_LINE = np.int64(-1)


class FurnitureLimits(NamedTuple):
    """What is looked for, as the kernel reads it."""

    spam_header: bool
    navigation: bool
    teasers: bool
    tails: bool
    list_lines: int
    teaser_lines: int
    teaser_likeness: float
    body_bytes: int
    cut_share: float


class Keywords(NamedTuple):
    """The keywords of lines, in small letters."""

    first: NDArray[np.int64]  # of each line that has some
    counts: NDArray[np.int64]  # of each line
    at: NDArray[np.int64]  # n x 2: from which byte to which
    bytes: Bytes


class Room(NamedTuple):
    """What the rules write while they look at one page."""

    left: NDArray[np.int64]  # lines that are left, by their numbers
    gone: NDArray[np.uint8]  # why each of those goes
    stretches: NDArray[np.int64]  # n x 2: from which byte to which of the lines in small letters a body is
    words: Words
    own: Bytes


@inlined
def has(page, i, flags):  # type: ignore[no-untyped-def]
    """Whether a line, by its number among those that are left, has any of these flags."""
    lines, room = page
    return lines.looks[room.left[i]] & np.uint32(flags) != 0


@inlined
def _size(page, i):  # type: ignore[no-untyped-def]
    lines, room = page
    line = room.left[i]
    return lines.inner[line, 1] - lines.inner[line, 0]


@kernel
def add_body(page, start, stop, count):  # type: ignore[no-untyped-def]
    """Write where lines are, those without others between as one stretch, behind so many; return how many there are."""
    lines, room = page
    last = np.int64(-2)
    for i in range(start, stop):
        line = room.left[i]
        if line != last + 1:
            room.stretches[count, 0] = lines.low_at[line, 0]
            count += 1
        room.stretches[count - 1, 1] = lines.low_at[line, 1]
        last = line
    return count


@kernel
def body_of(page, start, stop):  # type: ignore[no-untyped-def]
    """Write where the lines are that others are compared with."""
    lines, room = page
    count = add_body(page, start, stop, 0)
    limit_chars(lines.low, room.stretches, count, BODY_CHARS)
    return count


@kernel
def known_of(page, i, body):  # type: ignore[no-untyped-def]
    """Return which share of what a line is about the body speaks of; 0 where it is about nothing."""
    lines, room = page
    line = room.left[i]
    return share_of(lines.low, lines.low_at[line, 0], lines.low_at[line, 1], lines.low, room.stretches, body)


@kernel
def _is_spam(page, keywords, i, count):  # type: ignore[no-untyped-def]
    lines, room = page
    line = room.left[i]
    parts = keywords.counts[line]
    if not parts and not has(page, i, INVITES):
        return False
    body = body_of(page, i + 1, count)
    if not parts:
        return known_of(page, i, body) <= KNOWN_OF_SENTENCE
    known = 0
    for part in range(keywords.first[line], keywords.first[line] + parts):
        at, stop = keywords.at[part, 0], keywords.at[part, 1]
        known += share_of(keywords.bytes, at, stop, lines.low, room.stretches, body) >= KNOWN
    return known <= (parts / 3 if parts > _FEW_KEYWORDS or has(page, i, IS_ADULT) else 0)


@kernel
def mark_spam(page, keywords, count, last_prose):  # type: ignore[no-untyped-def]
    """Mark leading lines of keywords or invitations of which the page does not speak, and what is beside them.

    Return the line that Python is to tell of first, if there is one.
    """
    _, room = page
    head = min(HEAD_LINES, last_prose)
    first = NO_LINE
    stop = 0
    for i in range(head):
        if not has(page, i, IS_TOLD):
            return room.left[i]
        if not has(page, i, INDENTED) and _is_spam(page, keywords, i, count):
            room.gone[i] = SPAM
            first = np.int64(i) if first == NO_LINE else first
            stop = i + 1
        elif has(page, i, PROSE):
            break
    if first == NO_LINE:
        return NO_LINE
    # Beside spam, what is no title, no sentence and nothing that the page speaks of is more of it.
    while stop < head:
        if not has(page, stop, IS_TOLD):
            return room.left[stop]
        if not has(page, stop, IS_ADDRESS):
            break
        stop += 1
    body = body_of(page, stop, count)
    for i in range(stop):
        if (i > first or has(page, i, IS_LOWER_CASE)) and known_of(page, i, body) < KNOWN_OF_SENTENCE:
            room.gone[i] = SPAM
    return NO_LINE


@kernel
def _is_of_article(page, i, body, mean):  # type: ignore[no-untyped-def]
    """Whether a line beside an article is its title, subtitle, author or date, and not one more item of a list."""
    if has(page, i, PHRASE):
        return False
    size = _size(page, i)
    if size > max(2.5 * mean, ITEM_BYTES / 3) or has(page, i, IS_DATED):
        return True
    return size >= TITLE_BYTES and known_of(page, i, body) >= KNOWN_OF_SENTENCE


@kernel
def _is_link_list(page, start, stop, body, list_lines):  # type: ignore[no-untyped-def]
    """Whether lines are names and titles that the page does not speak of: no contents, verse, ingredients, table."""
    count = stop - start
    if count < list_lines:
        return False
    size = digits = labels = five = seven = 0
    for i in range(start, stop):
        own = _size(page, i)
        size += own
        digits += has(page, i, HAS_DIGIT)
        labels += has(page, i, LABEL)
        five += own == _VERSE_BYTES[0] and has(page, i, IS_WIDE)
        seven += own == _VERSE_BYTES[1] and has(page, i, IS_WIDE)
    if size > TINY_BYTES * count and count < 3 * list_lines:
        return False
    if digits > 0.3 * count or max(five, seven) > 0.6 * count or labels < 0.75 * count:
        return False
    compared = known = 0
    for i in range(start, stop, (count + _COMPARED - 1) // _COMPARED):
        compared += 1
        known += known_of(page, i, body) >= KNOWN
    return known <= 0.4 * compared


@inlined
def _mean(page, start, stop):  # type: ignore[no-untyped-def]
    size = 0
    for i in range(start, stop):
        size += _size(page, i)
    return size / max(stop - start, 1)


@kernel
def mark_leading(page, first, body, limits):  # type: ignore[no-untyped-def]
    """Mark the list of links that a page begins with, up to the title of its article; `first` is the first prose."""
    _, room = page
    size = phrases = 0
    while has(page, size, _LIST_OR_PHRASE) and not has(page, size, PROSE):
        size += 1
    while phrases < first + 1 and has(page, phrases, PHRASE):
        phrases += 1
    stop = size - 1 if size and has(page, size, IS_UNDERLINE) else size
    mean = _mean(page, 0, size)
    while stop and _is_of_article(page, stop - 1, body, mean):
        stop -= 1
    if limits.navigation and _is_link_list(page, 0, stop, body, limits.list_lines):
        room.gone[:stop] = LINKS
    elif limits.tails:
        room.gone[:phrases] = LINKS


@kernel
def mark_trailing(page, first, count, body, limits):  # type: ignore[no-untyped-def]
    """Mark what a heading of links begins behind the last prose, else the phrases at the end, else a long list.

    Return whether there is any.
    """
    _, room = page
    heading = count
    for i in range(count - 1, first - 1, -1):
        if has(page, i, INDENTED):
            break
        heading = i if i < count - 1 and has(page, i, HEADING) else heading
    if limits.navigation and heading < count:
        room.gone[heading:count] = LINKS
        return True
    start = phrases = count
    while start > first and has(page, start - 1, _AT_END):
        start -= 1
    while phrases > first and has(page, phrases - 1, PHRASE | HEADING):
        phrases -= 1
    if phrases < count:
        if limits.tails:
            room.gone[phrases:count] = TAIL
        return limits.tails
    mean = _mean(page, start, count)
    while start < count and _is_of_article(page, start, body, mean):
        start += 1
    if start < count and limits.navigation and _is_link_list(page, start, count, body, limits.list_lines):
        room.gone[start:count] = LINKS
        return True
    return False
