r"""Which texts may begin or end with what is no part of them: lists of short lines, keywords, lines of one template.

It is a sieve: what it lets pass is looked at with more care. It reads a few lines at each end of a text, and no more.
A line ends in "\n"; blank lines do not count.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inner, kernel
from ops.kernels.templates import IS_LISTED, TEASER_BYTES, are_framed_alike
from ops.kernels.text_lines import before_spaces, last_start, next_newline, past_spaces
from ops.kernels.utf8 import code_point

ITEM_BYTES = 90
TINY_BYTES = 20  # of the items of a menu; a list of longer ones is three times as long
PHRASE_BYTES = 150
HEAD_LINES = 6
_KEYWORDS_BYTES = 600  # of a line of keywords
_PHRASES_MAX = 3  # lines of a list that are no items: phrases of furniture may have an end mark
_END_MARKS = tuple(map(ord, ".!?。！？…:：;；，,、—-"))
_CLOSERS = tuple(map(ord, "\"'”’」』）)】》]"))
_SEPARATORS = tuple(map(ord, ",，、|｜;；·•"))
_MORE_SEPARATORS = tuple(map(ord, "_/-"))  # of Chinese keywords
_NEWLINE, _BLANK, _COLON, _WIDE_COLON, _HYPHEN = 0x0A, 0x20, 0x3A, 0xFF1A, 0x2D


@kernel
def before_closers(data, at, stop):  # type: ignore[no-untyped-def]
    """Return the last character that is no closing quote or bracket; 0 where there is none."""
    while at < stop:
        last = last_start(data, at, stop)
        point = code_point(data, last)[0]
        if point not in _CLOSERS:
            return point
        stop = last
    return 0


@kernel
def ended_at(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether the last character that is no closing quote or bracket is an end mark."""
    return before_closers(data, at, stop) in _END_MARKS


@kernel
def is_labelled(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line is of the form `Author: Ann`, as in a header or a glossary."""
    while at < stop:
        point, after = code_point(data, at)
        if point == _WIDE_COLON or (point == _COLON and (after == stop or data[after] == _BLANK)):
            return True
        at = after
    return False


@inner
def _may_be_spam(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line has as many separators as a list of keywords has, or is of plain long words."""
    marks = more = parted = spaces = wide = short = others = 0
    before = last = -1
    begin = i = at
    while i < stop:
        point, after = code_point(data, i)
        marks += point in _SEPARATORS or (point == _HYPHEN and last == _BLANK)
        more += point in _MORE_SEPARATORS
        if point == _BLANK:
            spaces += 1
            short += i - begin <= 2
            begin = after
        elif point >= 0x3400:
            wide += 1
            parted += last == _BLANK and before >= 0x3400
        others += not (0x61 <= point <= 0x7A or point in (_BLANK, 0x27))
        before, last = last, point
        i = after
    if others or spaces < 6 or short:
        many = max(marks, more, parted) if wide >= 8 else marks
        if many < 2 or spaces > 5 * (many + 1) or wide > 16 * (many + 1):
            return False
    return True


@inner
def _is_list(items, size, list_lines):  # type: ignore[no-untyped-def]
    return items >= list_lines and (size <= TINY_BYTES * items or items >= 3 * list_lines)


@inner
def _may_lead(data, start, end, list_lines, keywords):  # type: ignore[no-untyped-def]
    """Whether a text may begin with a list of links; writes from where to where each first line is of keywords."""
    items = size = phrases = lines = 0
    listed = True
    line = start
    while line < end and (listed or lines < HEAD_LINES):
        after = next_newline(data, line, end)
        at = past_spaces(data, line, after)
        stop = before_spaces(data, at, after)
        if at < stop:
            ended = ended_at(data, at, stop)
            is_first = lines < HEAD_LINES and stop - at < _KEYWORDS_BYTES and not ended and not IS_LISTED[data[at]]
            if is_first and _may_be_spam(data, at, stop):
                keywords[lines, 0] = at
                keywords[lines, 1] = stop
            if stop - at >= PHRASE_BYTES or (stop - at >= 60 and ended):
                break
            item = stop - at <= ITEM_BYTES and not ended and not IS_LISTED[data[at]] and not is_labelled(data, at, stop)
            items += item
            size += item * (stop - at)
            phrases += not item
            listed &= phrases <= _PHRASES_MAX
            if listed and _is_list(items, size, list_lines):
                return True
            lines += 1
        line = after + 1
    return False


@inner
def _may_trail(data, start, end, list_lines, teasers):  # type: ignore[no-untyped-def]
    """Whether a text may end with a list of links, or with lines of one template."""
    items = size = phrases = alike = 0
    listed = templated = True
    below = below_stop = np.int64(-1)
    after = end
    while after > start and (listed or templated):
        line = after
        while line > start and data[line - 1] != _NEWLINE:
            line -= 1
        at = past_spaces(data, line, after)
        stop = before_spaces(data, at, after)
        if at < stop:
            ended = ended_at(data, at, stop)
            item = stop - at <= ITEM_BYTES and not ended and not IS_LISTED[data[at]] and not is_labelled(data, at, stop)
            items += item
            size += item * (stop - at)
            phrases += not item
            listed &= phrases <= _PHRASES_MAX and stop - at <= PHRASE_BYTES
            templated &= TEASER_BYTES[0] <= stop - at <= TEASER_BYTES[1] and not IS_LISTED[data[at]]
            if templated and below >= 0:
                templated = are_framed_alike(data, at, stop, below, below_stop)
                alike += templated
            if (listed and _is_list(items, size, list_lines)) or (templated and alike + 1 >= teasers):
                return True
            below = at
            below_stop = stop
        after = line - 1
    return False


@kernel
def _look(data, offsets, list_lines, teasers, lists, keywords):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        lists[row] = _may_lead(data, start, end, list_lines, keywords[row])
        lists[row] |= _may_trail(data, start, end, list_lines, teasers)


def may_have_furniture(
    strings: pa.ChunkedArray | pa.Array, list_lines: int, teasers: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    r"""Say which texts may begin or end with a list of so many short lines, or end with so many lines alike.

    And from which byte to which of the buffer each of their first lines is that may be keywords; 0 to 0 of others.

    >>> texts = pa.array(["Home\nNews\nOne. Two.", "One. Two.\nHome\nNews", "One.\nTwo", "one, two, three, four\nOne."])
    >>> lists, keywords = may_have_furniture(texts, 2, 2)
    >>> lists.tolist(), keywords.any(axis=2).nonzero()
    ([True, True, False, False], (array([3]), array([0])))
    """
    data, offsets = buffers_of(strings)
    lists, keywords = np.empty(len(offsets) - 1, np.bool_), np.zeros((len(offsets) - 1, HEAD_LINES, 2), np.int64)
    _look(data, offsets, list_lines, max(teasers, 2), lists, keywords)
    return lists, keywords
