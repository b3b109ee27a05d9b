"""The furniture at both ends of a page: spam and menus before its first prose, links and phrases after its last.

A page is a table of its lines, and which of them are left. What a line is by its words, Python tells.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inner
from ops.kernels.line_table import (
    BEGIN,
    END,
    HAS_DIGIT,
    INDENTED,
    IS_DATED,
    IS_UNDERLINE,
    IS_WIDE,
    ITEM,
    KEYWORD,
    KEYWORD_END,
    LABEL,
    LOOK,
    LOW,
    LOW_END,
    MAY_BE_HEADING,
    MAY_BE_PHRASE,
    NUMBER,
    PROSE,
    WHY,
)
from ops.kernels.page_ends import HEAD_LINES, ITEM_BYTES, TINY_BYTES
from ops.kernels.shared_grams import limit_chars, share_of

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
_0 = np.int64(0)


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

    bytes: Bytes
    at: NDArray[np.int64]  # n x 2: from which byte to which


class Page(NamedTuple):
    """A page while the rules look at it."""

    left: NDArray[np.int64]  # the lines that are left: rows of `Lines.table`
    low: Bytes  # of `Lines`
    stretches: NDArray[np.int64]  # n x 2: from which byte to which of `low` a body is


@inner
def add_body(page, start, stop, count):  # type: ignore[no-untyped-def]
    """Write where lines are, those without others between as one stretch, behind so many; return how many there are."""
    left, _, stretches = page
    last = np.int64(-2)
    for i in range(start, stop):
        if left[i, NUMBER] != last + 1:
            stretches[count, 0] = left[i, LOW]
            count += 1
        stretches[count - 1, 1] = left[i, LOW_END]
        last = left[i, NUMBER]
    return count


@inner
def body_of(page, start, stop):  # type: ignore[no-untyped-def]
    """Write where the lines are that others are compared with."""
    count = add_body(page, start, stop, _0)
    limit_chars(page.low, page.stretches, count, BODY_CHARS)
    return count


@inner
def known_of(page, i, body):  # type: ignore[no-untyped-def]
    """Return which share of what a line is about the body speaks of; 0 where it is about nothing."""
    left, low, stretches = page
    return share_of(low, left[i, LOW], left[i, LOW_END], low, stretches, body)


@inner
def _is_spam(page, keywords, i, count):  # type: ignore[no-untyped-def]
    left, low, stretches = page
    parts = left[i, KEYWORD_END] - left[i, KEYWORD]
    if not parts and not left[i, LOOK] & INVITES:
        return False
    body = body_of(page, i + 1, count)
    if not parts:
        return known_of(page, i, body) <= KNOWN_OF_SENTENCE
    known = 0
    for part in range(left[i, KEYWORD], left[i, KEYWORD_END]):
        at, stop = keywords.at[part, 0], keywords.at[part, 1]
        known += share_of(keywords.bytes, at, stop, low, stretches, body) >= KNOWN
    return known <= (parts / 3 if parts > _FEW_KEYWORDS or left[i, LOOK] & IS_ADULT else 0)


@inner
def mark_spam(page, keywords, count, last_prose):  # type: ignore[no-untyped-def]
    """Mark leading lines of keywords or invitations of which the page does not speak, and what is beside them.

    Return the line that Python is to tell of first, if there is one, and whether any is marked.
    """
    left = page.left
    head = min(HEAD_LINES, last_prose)
    first = NO_LINE
    stop = _0
    for i in range(head):
        if not left[i, LOOK] & IS_TOLD:
            return left[i, NUMBER], False
        if not left[i, LOOK] & INDENTED and _is_spam(page, keywords, i, count):
            left[i, WHY] = SPAM
            first = np.int64(i) if first == NO_LINE else first
            stop = np.int64(i + 1)
        elif left[i, LOOK] & PROSE:
            break
    if first == NO_LINE:
        return NO_LINE, False
    # Beside spam, what is no title, no sentence and nothing that the page speaks of is more of it.
    while stop < head:
        if not left[stop, LOOK] & IS_TOLD:
            return left[stop, NUMBER], False
        if not left[stop, LOOK] & IS_ADDRESS:
            break
        stop += 1
    body = body_of(page, stop, count)
    for i in range(stop):
        if (i > first or left[i, LOOK] & IS_LOWER_CASE) and known_of(page, i, body) < KNOWN_OF_SENTENCE:
            left[i, WHY] = SPAM
    return NO_LINE, True


@inner
def _is_of_article(page, i, body, mean):  # type: ignore[no-untyped-def]
    """Whether a line beside an article is its title, subtitle, author or date, and not one more item of a list."""
    left = page.left
    if left[i, LOOK] & PHRASE:
        return False
    size = left[i, END] - left[i, BEGIN]
    if size > max(2.5 * mean, ITEM_BYTES / 3) or left[i, LOOK] & IS_DATED:
        return True
    return size >= TITLE_BYTES and known_of(page, i, body) >= KNOWN_OF_SENTENCE


@inner
def _is_link_list(page, start, stop, body, list_lines):  # type: ignore[no-untyped-def]
    """Whether lines are names and titles that the page does not speak of: no contents, verse, ingredients, table."""
    left = page.left
    count = stop - start
    if count < list_lines:
        return False
    size = digits = labels = five = seven = 0
    for i in range(start, stop):
        own = left[i, END] - left[i, BEGIN]
        size += own
        digits += left[i, LOOK] & HAS_DIGIT != 0
        labels += left[i, LOOK] & LABEL != 0
        five += own == _VERSE_BYTES[0] and left[i, LOOK] & IS_WIDE != 0
        seven += own == _VERSE_BYTES[1] and left[i, LOOK] & IS_WIDE != 0
    if size > TINY_BYTES * count and count < 3 * list_lines:
        return False
    if digits > 0.3 * count or max(five, seven) > 0.6 * count or labels < 0.75 * count:
        return False
    compared = known = 0
    for i in range(start, stop, (count + _COMPARED - 1) // _COMPARED):
        compared += 1
        known += known_of(page, i, body) >= KNOWN
    return known <= 0.4 * compared


@inner
def _mean(left, start, stop):  # type: ignore[no-untyped-def]
    size = 0
    for i in range(start, stop):
        size += left[i, END] - left[i, BEGIN]
    return size / max(stop - start, 1)


@inner
def mark_leading(page, first, body, limits):  # type: ignore[no-untyped-def]
    """Mark the list of links that a page begins with, up to the title of its article; `first` is the first prose."""
    left = page.left
    size = phrases = _0
    while left[size, LOOK] & _LIST_OR_PHRASE and not left[size, LOOK] & PROSE:
        size += 1
    while phrases < first + 1 and left[phrases, LOOK] & PHRASE:
        phrases += 1
    stop = size - 1 if size and left[size, LOOK] & IS_UNDERLINE else size
    mean = _mean(left, _0, size)
    while stop and _is_of_article(page, stop - 1, body, mean):
        stop -= 1
    if limits.navigation and _is_link_list(page, _0, stop, body, limits.list_lines):
        left[:stop, WHY] = LINKS
    elif limits.tails:
        left[:phrases, WHY] = LINKS


@inner
def mark_trailing(page, first, count, body, limits):  # type: ignore[no-untyped-def]
    """Mark what a heading of links begins behind the last prose, else the phrases at the end, else a long list.

    Return whether there is any.
    """
    left = page.left
    heading = count
    for i in range(count - 1, first - 1, -1):
        if left[i, LOOK] & INDENTED:
            break
        heading = i if i < count - 1 and left[i, LOOK] & HEADING else heading
    if limits.navigation and heading < count:
        left[heading:count, WHY] = LINKS
        return True
    start = phrases = count
    while start > first and left[start - 1, LOOK] & _AT_END:
        start -= 1
    while phrases > first and left[phrases - 1, LOOK] & (PHRASE | HEADING):
        phrases -= 1
    if phrases < count:
        if limits.tails:
            left[phrases:count, WHY] = TAIL
        return limits.tails
    mean = _mean(left, start, count)
    while start < count and _is_of_article(page, start, body, mean):
        start += 1
    if start < count and limits.navigation and _is_link_list(page, start, count, body, limits.list_lines):
        left[start:count, WHY] = LINKS
        return True
    return False
