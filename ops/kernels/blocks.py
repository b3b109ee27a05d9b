"""Blocks of lines that a site repeats: where they stand in a page, and from which byte to which they go."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ops.kernels.block_rules import (
    before_blanks,
    goes_on,
    introduces,
    is_code,
    is_definition,
    is_heading,
    is_spoken_of,
    next_line,
    past_blanks,
)
from ops.kernels.buffers import Bytes, Offsets
from ops.kernels.lines import LINE, NEXT, START, STOP, Pieces

# How frequent a line is in its source: shared by a few documents, by enough of them, by a great share.
SHARED, FREQUENT, CERTAIN = range(1, 4)

_TEMPLATE_BYTES_MIN = 40  # of a sentence
_ALIKE_BYTES_MIN = 15
_BEFORE_MIN = 3  # lines of a block before one that only this page has
_INNER_LINES_MIN = 3  # of a block between paragraphs: a heading and two links
_OWN_PARTS = 4  # a page of whose other text a quarter is shared is a near copy


@njit(cache=True, nogil=True)
def _has_blank_line(data, at, stop):  # type: ignore[no-untyped-def]
    for i in range(at, stop - 1):
        if data[i] == 0x0A and data[i + 1] == 0x0A:
            return True
    return False


@njit(cache=True, nogil=True)
def _alike(data, at, one):  # type: ignore[no-untyped-def]
    """Say whether a line is made from the template of the next: as long, and the ends of the two are alike."""
    size = at[one, STOP] - at[one, START]
    other = at[one + 1, STOP] - at[one + 1, START]
    least = min(size, other)
    begin = end = 0
    while begin < least and data[at[one, START] + begin] == data[at[one + 1, START] + begin]:
        begin += 1
    while begin + end < least and data[at[one, STOP] - 1 - end] == data[at[one + 1, STOP] - 1 - end]:
        end += 1
    alike = begin + end
    is_as_long = least >= _TEMPLATE_BYTES_MIN and 3 * max(size, other) <= 4 * least
    return is_as_long and alike >= max(_ALIKE_BYTES_MIN, least // 5)


@njit(cache=True, nogil=True)
def _is_among(data, at, level, one, stop):  # type: ignore[no-untyped-def]
    """Say whether a line above a text is one of a list: right between two that others have, or like the one above."""
    if at[one, LINE] != at[one - 1, NEXT]:
        return False
    if _alike(data, at, one - 1):
        return True
    return level[one] and one + 1 < stop and level[one + 1] and at[one + 1, LINE] == at[one, NEXT]


@njit(cache=True, nogil=True)
def _run_end(data, at, level, one, stop, is_first, least):  # type: ignore[no-untyped-def]
    """Return where the lines that other documents have, too, come to an end."""
    longest = np.int64(0)
    end = one
    while end < stop:
        size = at[end, STOP] - at[end, START]
        if is_definition(data, at[end, START], at[end, STOP]):
            break
        if is_first and level[end] < least and not _is_among(data, at, level, end, stop):
            break
        # One line that no other page has may stand among those that others have: the newest link.
        is_newest = end >= one + _BEFORE_MIN and end + 1 < stop and level[end + 1] and size <= longest
        if not level[end] and not is_newest and not _alike(data, at, end - 1):
            break
        longest = max(longest, size)
        end += 1
    return end


@njit(cache=True, nogil=True)
def _above(data, at, level, one, end, least, right):  # type: ignore[no-untyped-def]
    """Return the lines of a run above a text that are a block, but for the title of the text.

    It ends with a frequent line, or those made from its template: the next may be the title, which other pages link to.
    """
    stop = one
    for i in range(one, end):
        if level[i] >= least:
            stop = i + 1
    while one < stop < end and at[stop, LINE] == at[stop - 1, NEXT] and _alike(data, at, stop - 1):
        stop += 1
    if stop > one and is_spoken_of(data, at[stop - 1, START], at[stop - 1, STOP], at[stop - 1, STOP], right):
        stop -= 1
    return one, stop


@njit(cache=True, nogil=True)
def _below(data, at, level, free, one, end, least, right):  # type: ignore[no-untyped-def]
    """Return the lines of a run below a text that are a block.

    It begins with a frequent line, or those above made from its template, and not within a paragraph or a record: of
    those it begins below. Of sections it is the last. Lines that are only shared go with it where no blank line parts
    them from its last frequent one.
    """
    begin, stop = end, one
    for i in range(one, end):
        if level[i] >= least:
            begin, stop = min(begin, i), i + 1
    while begin < stop < end and at[stop, LINE] == at[stop - 1, NEXT]:
        stop += 1
    while free < begin - 1 < stop and at[begin - 1, NEXT] == at[begin, LINE] and _alike(data, at, begin - 1):
        begin -= 1
    is_within = 0 < begin < stop and at[begin - 1, NEXT] == at[begin, LINE]
    if is_within and goes_on(data, at[begin - 1, START], at[begin - 1, STOP], at[begin, START], at[begin, STOP]):
        begin += 1
        while begin < stop and at[begin - 1, NEXT] == at[begin, LINE]:
            begin += 1
    for i in range(stop - 1, begin, -1):
        if is_heading(data, at[i, LINE] != at[i - 1, NEXT], at[i, START], at[i, STOP], right):
            return i, stop
    return begin, stop


@njit(cache=True, nogil=True)
def _goes(data, left, right, at, level, start, stop, is_first, least, bytes_min):  # type: ignore[no-untyped-def]
    """Say whether the lines of a block are furniture where they stand."""
    size = np.int64(0)
    most = 0
    for i in range(start, stop):
        if level[i] >= least:
            size += at[i, STOP] - at[i, START]
            most = max(most, level[i])
    if start >= stop or size < bytes_min:
        return False
    begin, until = at[start, LINE], at[stop - 1, STOP]
    is_parted = stop - 1 == start or at[stop - 1, LINE] != at[stop - 2, NEXT]
    if is_heading(data, is_parted, at[stop - 1, START], until, right):
        return False
    if is_code(data, left, begin, until, right) or introduces(data, at[stop - 1, START], until, right):
        return False
    is_last = past_blanks(data, until, right) == right
    if is_first or is_last:
        return not is_first or not is_last
    # Within a paragraph, a table or a record, lines that others have too are its own.
    parted = _has_blank_line(data, before_blanks(data, left, begin), begin) or not _has_blank_line(data, left, right)
    return stop - start >= _INNER_LINES_MIN and most >= CERTAIN and parted


@njit(cache=True, nogil=True)
def _page(data, left, right, at, level, low, high, least, bytes_min, cuts, count):  # type: ignore[no-untyped-def]
    """Write the blocks of one page, whose lines are from `low` to `high`, and return how many there are with these.

    `least` is how frequent a line is that makes a block.
    """
    one = free = low
    done = left
    while one < high:
        if not level[one] or is_definition(data, at[one, START], at[one, STOP]):
            one += 1
            continue
        is_first = one == low and level[one] >= least and past_blanks(data, left, right) >= at[one, START]
        end = _run_end(data, at, level, one, high, is_first, least)
        if is_first:
            start, stop = _above(data, at, level, one, end, least, right)
        else:
            start, stop = _below(data, at, level, free, one, end, least, right)
        one = end
        if not _goes(data, left, right, at, level, start, stop, is_first, least, bytes_min):
            continue
        # What parts lines goes with them, so that what stood between the two around them is left.
        begin, until = at[start, LINE], at[stop - 1, STOP]
        cuts[count, 0] = left if is_first else max(before_blanks(data, left, begin), done)
        cuts[count, 1] = next_line(data, until, right) if is_first else until
        done, free = cuts[count, 1], stop
        count += 1
    return count


@njit(cache=True, nogil=True)
def _is_copy(at, level, low, high, cuts, one, count):  # type: ignore[no-untyped-def]
    """Say whether the lines of a page, but for those cut, are to a quarter those of others."""
    shared = own = np.int64(0)
    for i in range(low, high):
        while one < count and cuts[one, 1] <= at[i, START]:
            one += 1
        if one < count and cuts[one, 0] <= at[i, START]:
            continue
        size = at[i, STOP] - at[i, START]
        own += size
        shared += size if level[i] else 0
    return _OWN_PARTS * shared > own


@njit(cache=True, nogil=True)
def _blocks(data, offsets, first, at, level, bytes_min, rows, cuts):  # type: ignore[no-untyped-def]
    count = np.int64(0)  # typed, as the levels are: of a literal, all that is called would be compiled once more
    for row in range(len(first) - 1):
        left, right = np.int64(offsets[row]), np.int64(offsets[row + 1])
        low, high = first[row], first[row + 1]
        after = _page(data, left, right, at, level, low, high, np.int64(FREQUENT), bytes_min, cuts, count)
        # What near copies share is their text: on these a block is of lines that far more pages have.
        if after > count and _is_copy(at, level, low, high, cuts, count, after):
            after = _page(data, left, right, at, level, low, high, np.int64(CERTAIN), bytes_min, cuts, count)
        rows[count:after] = row
        count = after
    return count


def blocks(
    data: Bytes, offsets: Offsets, pieces: Pieces, level: NDArray[np.uint8], bytes_min: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, of each block that goes, the number of its text, and from which byte to which it goes (n x 2).

    `level` says how frequent each line is, 0 where no other document has it; `bytes_min` are those of frequent lines.
    """
    # Of a text that ends within a character, the last line stops beyond it.
    at = pieces.at.copy()
    at[:, STOP] = np.minimum(at[:, STOP], np.repeat(offsets[1:], np.diff(pieces.first)))
    rows = np.empty(len(level), np.int64)
    cuts = np.empty((len(level), 2), np.int64)
    count = _blocks(data, offsets, pieces.first, at, level, bytes_min, rows, cuts)
    return rows[:count], cuts[:count]
