r"""The beginning of a text that stands in it once more: the second copy, byte by byte but for spaces and line ends.

Runs of whole lines are for `repeated_runs`. Here a copy may begin or end within a line, have other line ends, and be of
one paragraph, where nothing stands between it and the first, or where one of them is cut short: `The mill stands...`.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.lines import longer
from ops.kernels.masks import SIZE, equal, first_of, newline, padded, up_to, without_first
from ops.kernels.run_lines import HEADING_BYTES, RunLimits, is_heading, is_marked
from ops.kernels.text_lines import before_spaces, past_spaces
from ops.kernels.utf8 import code_point

_TITLE_BYTES = 6
_LINES_MAX = 20  # within which the first long line must be, from where on is compared
_CUT_BYTES = 40  # of what stands where a copy is cut short
_CUT_MARKS = tuple(map(ord, ".…[【(（"))
_NEWLINE = 0x0A
_INDENTS = tuple(b" \t")


@kernel
def _past_alike(data, one, other, bound, end):  # type: ignore[no-untyped-def]
    """Return how far two stretches are the same but for spaces: behind their last character; the first to a bound."""
    begin, other_begin = one, other
    last, other_last = one, other
    while True:
        while one + 8 <= bound and other + 8 <= end and eight_bytes(data, one) == eight_bytes(data, other):
            one += 8
            other += 8
        while data[one] & 0xC0 == 0x80 and one > last:  # within a character
            one -= 1
            other -= 1
        if one > last:
            last, other_last = one, other
        one, other = past_spaces(data, one, bound), past_spaces(data, other, end)
        if one >= bound or other >= end:
            break
        point, after = code_point(data, one)
        other_point, other_after = code_point(data, other)
        if point != other_point or after > bound or other_after > end:
            break
        one, other = after, other_after
        last, other_last = one, other
    return before_spaces(data, begin, last), before_spaces(data, other_begin, other_last)


@kernel
def _lines_before(data, one, other, start):  # type: ignore[no-untyped-def]
    """Return from which line of the first copy on, and from where in the second, they are the same but for spaces."""
    first, second = one, other
    low = one
    while True:
        a, b = before_spaces(data, start, one), before_spaces(data, low, other)
        if a == start or b == low or data[a - 1] != data[b - 1]:
            return first, second
        one, other = a - 1, b - 1
        if one == start or data[one - 1] == _NEWLINE:
            first, second = one, other


@kernel
def _is_cut_mark(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a few bytes say that a text goes on elsewhere: `...`, `…[more]`, `（未完）`."""
    return at < stop <= at + _CUT_BYTES and code_point(data, at)[0] in _CUT_MARKS


@kernel
def _is_inset(data, first, second):  # type: ignore[no-untyped-def]
    """Whether the second copy is indented by blanks, as quotations and code are, and the first is not."""
    line, other = first, second
    while line > 0 and data[line - 1] in _INDENTS:
        line -= 1
    while data[other - 1] in _INDENTS:
        other -= 1
    return data[other - 1] == _NEWLINE and second - other > first - line


@kernel
def _second_of(data, first, second, text_end, limits):  # type: ignore[no-untyped-def]
    """Return from where to where a second copy is to be cut; nothing if it is none, at the end if there can be none."""
    one, other = _past_alike(data, first, second, second, text_end)
    rest = past_spaces(data, other, text_end)
    gap, gap_end = past_spaces(data, one, second), before_spaces(data, one, second)
    none = second, second
    size = other - second
    if 3 * size >= limits.line_bytes and newline(data, one, gap_end) == gap_end and _is_cut_mark(data, gap, gap_end):
        return one, other  # the first is cut short
    if gap >= gap_end and size < limits.line_bytes:
        return text_end, text_end  # a few words over and over
    if size < limits.line_bytes or _is_inset(data, first, second):
        return none
    is_short = newline(data, other, rest) == rest and _is_cut_mark(data, rest, text_end)
    if gap >= gap_end:  # nothing stands between them
        return one, text_end if is_short else other
    is_line = newline(data, gap, gap_end) == gap_end and data[gap - 1] == _NEWLINE
    if rest == text_end and gap_end - gap <= HEADING_BYTES and is_line and is_heading(data, gap, gap, gap_end):
        return one, text_end
    if is_short and 2 * (other - second) >= limits.bytes:
        return before_spaces(data, one, second), text_end
    return none


@kernel
def _title_twice(data, at, stop, after, end):  # type: ignore[no-untyped-def]
    """Return where the first line of a text, which more lines follow, stands again below itself; nothing if not."""
    other = past_spaces(data, after, end)
    other_end = newline(data, other, end)
    other_stop = before_spaces(data, other, other_end)
    if stop - at < _TITLE_BYTES or other_stop - other != stop - at or past_spaces(data, other_end, end) == end:
        return stop, stop
    last, _ = _past_alike(data, at, other, stop, other_stop)
    return (stop, other_stop) if last == stop else (stop, stop)


@kernel
def _copy_of(data, at, start, end, limits):  # type: ignore[no-untyped-def]
    """Return from where to where the copy is that begins as the line at a place does; nothing where there is none."""
    anchor = eight_bytes(data, at)
    from_byte = at + 2
    while from_byte < end - 8:
        found = up_to(
            equal(data, from_byte, data[at + 1])
            & equal(data, from_byte + 3, data[at + 4])
            & equal(data, from_byte + 6, data[at + 7]),
            from_byte,
            end - 7,
        )
        while found:
            place = from_byte + first_of(found) - 1
            found = without_first(found)
            if eight_bytes(data, place) == anchor:
                first, second = _lines_before(data, at, place, start)
                cut_from, cut_to = _second_of(data, first, second, end, limits)
                if cut_from < cut_to or cut_from == end:
                    return cut_from, cut_to
        from_byte += SIZE
    return end, end


@kernel
def _second_copy(data, start, end, limits):  # type: ignore[no-untyped-def]
    """Return from where to where the second copy of a text's beginning is; nothing where there is none.

    It begins as the first line or as the first long one below it does; as that of markup only where there is no other.
    """
    line, looked_for = start, 0
    for number in range(_LINES_MAX):
        after = newline(data, line, end)
        at = past_spaces(data, line, after)
        stop = before_spaces(data, at, after)
        if at < stop and (not is_marked(data, line, at, stop) or after == end):
            if not number:
                from_byte, to_byte = _title_twice(data, at, stop, after, end)
                if from_byte < to_byte:
                    return from_byte, to_byte
            if (stop - at) * (1 if looked_for else 3) >= limits.line_bytes:
                from_byte, to_byte = _copy_of(data, at, start, end, limits)
                looked_for += 1
                if from_byte < to_byte or looked_for == 2:
                    return from_byte, to_byte
        line = after + 1
        if line >= end:
            break
    return _copy_of(data, start, start, end, limits) if not looked_for else (end, end)


@njit(cache=True, nogil=True)
def _find(data, offsets, limits):  # type: ignore[no-untyped-def]
    rows = np.empty(16, np.int64)
    cuts = np.empty((16, 2), np.int64)
    found = 0
    for row in range(len(offsets) - 1):
        start = np.int64(offsets[row])
        end = before_spaces(data, start, np.int64(offsets[row + 1]))
        start = past_spaces(data, start, end)
        if end - start < 2 * _TITLE_BYTES:
            continue
        from_byte, to_byte = _second_copy(data, start, end, limits)
        if from_byte < to_byte:
            if found == len(rows):
                rows, cuts = longer(rows), longer(cuts)
            rows[found] = row
            cuts[found, 0] = from_byte
            cuts[found, 1] = to_byte
            found += 1
    return rows[:found], cuts[:found]


def second_copies(
    strings: pa.ChunkedArray | pa.Array, limits: RunLimits
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    r"""Return text number and bytes (from, to) of a second copy of each text's beginning, where it has one.

    >>> line = "The mill stands where the river leaves the valley."
    >>> rows, cuts = second_copies(pa.array([line + line, line]), RunLimits(lines=2, line_bytes=40, bytes=100))
    >>> rows.tolist(), cuts.tolist()
    ([0], [[50, 100]])
    """
    data, offsets = buffers_of(strings)
    return _find(padded(data), offsets, limits)  # type: ignore[no-any-return]
