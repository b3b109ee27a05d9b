"""Whitespace: which texts are tidy, sixty-four bytes at a time, and the others tidied."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ops.kernels.buffers import buffers_of, one_chunk, strings_from
from ops.kernels.compiled import inlined, kernel
from ops.kernels.masks import SIZE, between, equal, first_of, padded, up_to, without_first

_TAB = 0x09
_NEWLINE = 0x0A
_RETURN = 0x0D
_BLANK = 0x20


@kernel
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    """Return the bytes of the line end that starts here, 0 for none: LF, CR, CRLF, VT, FF, NEL, LS, PS."""
    byte = data[at]
    if byte == _RETURN:
        return 2 if at + 1 < end and data[at + 1] == _NEWLINE else 1
    if _NEWLINE <= byte < _RETURN:
        return 1
    if byte == 0xC2 and data[at + 1] == 0x85:
        return 2
    if byte == 0xE2 and data[at + 1] == 0x80 and (data[at + 2] == 0xA8 or data[at + 2] == 0xA9):
        return 3
    return 0


@kernel
def _space(data, at):  # type: ignore[no-untyped-def]
    """Return the bytes of the space that starts here, 0 for none: blank, tab, no-break, ideographic, U+2000..200A."""
    byte = data[at]
    if byte in (_BLANK, _TAB):
        return 1
    if byte == 0xC2 and data[at + 1] == 0xA0:
        return 2
    if byte == 0xE3 and data[at + 1] == 0x80 and data[at + 2] == 0x80:
        return 3
    if byte == 0xE2 and data[at + 1] == 0x80 and (0x80 <= data[at + 2] <= 0x8A or data[at + 2] == 0xAF):
        return 3
    return 0


@inlined
def _ends_in_space(data, start, stop):  # type: ignore[no-untyped-def]
    """Whether the last character before `stop` is a space, as `_space` has it."""
    if data[stop - 1] < 0x80:
        return data[stop - 1] == _BLANK or data[stop - 1] == _TAB
    return (stop - start >= 2 and _space(data, stop - 2) == 2) or (stop - start >= 3 and _space(data, stop - 3) == 3)


@inlined
def _other_line_ends(data, at):  # type: ignore[no-untyped-def]
    """Return at which of 64 bytes a line end begins that is no LF."""
    after = equal(data, at + 1, 0x80) & between(data, at + 2, 0xA8, 0xA9)
    wide = (equal(data, at, 0xE2) & after) | (equal(data, at, 0xC2) & equal(data, at + 1, 0x85))
    return between(data, at, _NEWLINE + 1, _RETURN) | wide


@kernel
def _is_tidy(data, start, end, most_newlines):  # type: ignore[no-untyped-def]
    if start == end:
        return True
    if data[start] == _NEWLINE or data[end - 1] == _NEWLINE:
        return False
    if _space(data, start) or _ends_in_space(data, start, end):
        return False
    newlines = 0
    at = start
    while at < end:
        if up_to(_other_line_ends(data, at), at, end):
            return False
        found = up_to(equal(data, at, _NEWLINE), at, end)
        while found:
            newline = at + first_of(found)
            newlines = newlines + 1 if data[newline - 1] == _NEWLINE else 1
            if newlines > most_newlines or _ends_in_space(data, start, newline):
                return False
            found = without_first(found)
        at += SIZE
    return True


@kernel
def _untidy_all(data, offsets, most_newlines, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        out[row] = not _is_tidy(data, offsets[row], offsets[row + 1], most_newlines)


@kernel
def _tidy_all(data, offsets, most_newlines, out, out_offsets):  # type: ignore[no-untyped-def]
    to = 0
    for row in range(len(offsets) - 1):
        end = offsets[row + 1]
        first = to
        newlines = 0  # line ends met since the last text, not yet written
        spaces = offsets[row]  # where the spaces that precede the next text begin
        at = offsets[row]
        while at < end:
            if data[at] > _BLANK and data[at] < 0x80:
                width = 0
            else:
                width = _line_end(data, at, end)
                if width:
                    newlines += 1
                    at += width
                    spaces = at
                    continue
                width = _space(data, at)
            if width:
                at += width
                continue
            if to > first:
                for _ in range(min(newlines, most_newlines)):
                    out[to] = _NEWLINE
                    to += 1
                while spaces < at:
                    out[to] = data[spaces]
                    to += 1
                    spaces += 1
            newlines = 0
            while True:
                out[to] = data[at]
                to += 1
                at += 1
                if at >= end or data[at] & 0xC0 != 0x80:
                    break
            spaces = at
        out_offsets[row + 1] = to
    return to


def tidy_whitespace(strings: pa.ChunkedArray | pa.Array, blank_lines_max: int) -> pa.Array:
    r"""Make every line end LF, cut spaces at line ends and at both ends of the text, and cap blank lines in a row.

    Spaces within and before a line's text stay: they are code, tables and paragraphs' indents.

    >>> tidy_whitespace(pa.array(["  a  b \r\n\r\n\r\n\r\n\u3000c  "]), 1).to_pylist()
    ['a  b\n\n\u3000c']
    """
    text = one_chunk(strings)
    data, offsets = buffers_of(text)
    untidy = np.empty(len(text), np.bool_)
    _untidy_all(padded(data), offsets, blank_lines_max + 1, untidy)
    if not untidy.any():
        return text
    changed = text.filter(pa.array(untidy))
    data, offsets = buffers_of(changed)
    out, starts = np.empty(int(offsets[-1] - offsets[0]), np.uint8), np.zeros(len(offsets), np.int32)
    size = _tidy_all(data, offsets, blank_lines_max + 1, out, starts)
    return pc.replace_with_mask(text, pa.array(untidy), strings_from(out[:size], starts))
