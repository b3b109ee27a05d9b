"""Blocks of lines that a site repeats: where they stand in a page, and from which byte to which they go."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, Offsets
from ops.kernels.lines import LINE, NEXT, START, STOP, Pieces

# How frequent a line is in its source: shared by a few documents, by enough of them, by a great share.
SHARED, FREQUENT, CERTAIN = range(1, 4)

_TEMPLATE_BYTES_MIN = 40  # of a sentence
_ALIKE_BYTES_MIN = 15
_BEFORE_MIN = 3  # lines of a block before one that only this page has
_INNER_LINES_MIN = 3  # of a block between paragraphs: a heading and two links
_RULES = tuple(b"=-~^*")
_BLANKS = (0x20, 0x09, 0x0A, 0x0D)


@njit(cache=True, nogil=True)
def _past_blanks(data, at, stop):  # type: ignore[no-untyped-def]
    while at < stop and data[at] in _BLANKS:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _before_blanks(data, start, at):  # type: ignore[no-untyped-def]
    while at > start and data[at - 1] in _BLANKS:
        at -= 1
    return at


@njit(cache=True, nogil=True)
def _has_blank_line(data, at, stop):  # type: ignore[no-untyped-def]
    for i in range(at, stop - 1):
        if data[i] == 0x0A and data[i + 1] == 0x0A:
            return True
    return False


@njit(cache=True, nogil=True)
def _has_fence(data, at, stop):  # type: ignore[no-untyped-def]
    """Say whether one of the lines from `at` begins with three backticks: those around it are a document's own code."""
    begins = True
    for i in range(at, stop - 2):
        if begins and data[i] == data[i + 1] == data[i + 2] == 0x60:
            return True
        begins = data[i] == 0x0A
    return False


@njit(cache=True, nogil=True)
def _is_heading(data, at, right):  # type: ignore[no-untyped-def]
    """Say whether the line that stops here is underlined: a heading."""
    return (
        at + 3 < right and data[at] == 0x0A and data[at + 1] in _RULES and data[at + 1] == data[at + 2] == data[at + 3]
    )


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
def _run_end(data, at, level, one, stop, is_first):  # type: ignore[no-untyped-def]
    """Return where the lines that other documents have, too, come to an end."""
    longest = np.int64(0)
    end = one
    while end < stop:
        size = at[end, STOP] - at[end, START]
        if is_first and level[end] < FREQUENT and not _is_among(data, at, level, end, stop):
            break
        # One line that no other page has may stand among those that others have: the newest link.
        is_newest = end >= one + _BEFORE_MIN and end + 1 < stop and level[end + 1] and size <= longest
        if not level[end] and not is_newest and not _alike(data, at, end - 1):
            break
        longest = max(longest, size)
        end += 1
    return end


@njit(cache=True, nogil=True)
def _block(data, at, level, one, end, is_first):  # type: ignore[no-untyped-def]
    """Return the lines of a run that are a block, the bytes of the frequent ones, and how frequent any is.

    It begins with a frequent line. Lines that are only shared go with it where no blank line parts them from its last
    frequent one; above a page's text those like it: the next line may be its title, which other pages link to.
    """
    begin, stop = end, one
    size = np.int64(0)
    most = 0
    for i in range(one, end):
        if level[i] >= FREQUENT:
            begin, stop = min(begin, i), i + 1
            size += at[i, STOP] - at[i, START]
            most = max(most, level[i])
    while begin < end and stop < end and at[stop, LINE] == at[stop - 1, NEXT]:
        if is_first and not _alike(data, at, stop - 1):
            break
        stop += 1
    return begin, stop, size, most


@njit(cache=True, nogil=True)
def _goes(data, left, right, begin, until, is_first, is_inner, lines, most):  # type: ignore[no-untyped-def]
    """Say whether a block of so many lines, the most frequent one of them so frequent, is furniture where it stands."""
    if _has_fence(data, begin, until) or _is_heading(data, until, right):
        return False
    if is_first and _past_blanks(data, until, right) == right:
        return False
    if not is_inner:
        return True
    # Within a paragraph, a table or a record, lines that others have too are its own.
    parted = _has_blank_line(data, _before_blanks(data, left, begin), begin) or not _has_blank_line(data, left, right)
    return lines >= _INNER_LINES_MIN and most >= CERTAIN and parted


@njit(cache=True, nogil=True)
def _blocks(data, offsets, first, at, level, bytes_min, rows, cuts):  # type: ignore[no-untyped-def]
    count = 0
    for row in range(len(first) - 1):
        left, right = np.int64(offsets[row]), np.int64(offsets[row + 1])
        one = free = first[row]
        done = left
        while one < first[row + 1]:
            if not level[one]:
                one += 1
                continue
            is_first = (
                one == first[row] and level[one] >= FREQUENT and _past_blanks(data, left, right) >= at[one, START]
            )
            end = _run_end(data, at, level, one, first[row + 1], is_first)
            start, stop, size, most = _block(data, at, level, one, end, is_first)
            while not is_first and free < start - 1 < stop and at[start - 1, NEXT] == at[start, LINE]:
                if not _alike(data, at, start - 1):
                    break
                start -= 1
            one = end
            if size < bytes_min:
                continue
            begin, until = at[start, LINE], min(at[stop - 1, STOP], right)
            is_inner = not is_first and _past_blanks(data, until, right) < right
            if not _goes(data, left, right, begin, until, is_first, is_inner, stop - start, most):
                continue
            # What parts lines goes with them, so that what stood between the two around them is left.
            rows[count] = row
            cuts[count, 0] = left if is_first else max(_before_blanks(data, left, begin), done)
            cuts[count, 1] = _past_blanks(data, until, right) if is_first else until
            done, free = cuts[count, 1], stop
            count += 1
    return count


def blocks(
    data: Bytes, offsets: Offsets, pieces: Pieces, level: NDArray[np.uint8], bytes_min: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, of each block that goes, the number of its text, and from which byte to which it goes (n x 2).

    `level` says how frequent each line is, 0 where no other document has it; `bytes_min` are those of frequent lines.
    """
    rows = np.empty(len(level), np.int64)
    cuts = np.empty((len(level), 2), np.int64)
    count = _blocks(data, offsets, pieces.first, pieces.at, level, bytes_min, rows, cuts)
    return rows[:count], cuts[:count]
