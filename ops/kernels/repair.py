"""Byte loops of the repairing edits: find what needs repair, drop invisible characters, tidy whitespace."""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of, strings_from
from ops.kernels.unicode_tables import FLAGS, INVISIBLE, MOJIBAKE, UNCOMPOSED
from ops.kernels.utf8 import code_point, flags_of

HAS_INVISIBLE = INVISIBLE
HAS_UNCOMPOSED = UNCOMPOSED
HAS_MOJIBAKE = MOJIBAKE

_INVISIBLE = np.uint8(INVISIBLE)
_UNCOMPOSED = np.uint8(UNCOMPOSED)
_MOJIBAKE = np.uint8(MOJIBAKE)
_ASCII_INVISIBLE = (FLAGS[:128] & INVISIBLE) != 0

_TAB = 0x09
_NEWLINE = 0x0A
_RETURN = 0x0D
_BLANK = 0x20


@njit(cache=True, nogil=True)
def _suspect(data, start, end):  # type: ignore[no-untyped-def]
    found = np.uint8(0)
    before = np.int32(0)
    at = start
    while at < end:
        if data[at] < 0x80:
            before = np.int32(data[at])
            if _ASCII_INVISIBLE[before]:
                found |= _INVISIBLE
            at += 1
            continue
        point, at = code_point(data, at)
        flags = flags_of(point)
        found |= flags & (_INVISIBLE | _UNCOMPOSED)
        # "Ã" before "©", "â" before "€": a UTF-8 lead byte followed by a continuation byte, both read as Windows-1252.
        if flags & _MOJIBAKE and 0xC2 <= before <= 0xF4:
            found |= _MOJIBAKE
        before = point
    return found


@njit(cache=True, nogil=True)
def _suspect_all(data, offsets, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        out[row] = _suspect(data, offsets[row], offsets[row + 1])


@njit(cache=True, nogil=True)
def _drop_invisible_all(data, offsets, out, out_offsets):  # type: ignore[no-untyped-def]
    to = 0
    for row in range(len(offsets) - 1):
        at = offsets[row]
        while at < offsets[row + 1]:
            point, after = code_point(data, at)
            if not flags_of(point) & _INVISIBLE:
                out[to : to + after - at] = data[at:after]
                to += after - at
            at = after
        out_offsets[row + 1] = to
    return to


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


def suspects(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.uint8]:
    r"""For each string, which repairs it may need: `HAS_INVISIBLE`, `HAS_UNCOMPOSED`, `HAS_MOJIBAKE`, or-ed together.

    >>> suspects(pa.array(["plain", "cafÃ©", "e\u0301", "a\u200bb"])).tolist()
    [0, 128, 64, 32]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.uint8)
    _suspect_all(data, offsets, out)
    return out


def drop_invisible(strings: pa.ChunkedArray | pa.Array) -> pa.Array:
    r"""Remove control and zero-width characters that carry no text; joiners and bidirectional marks stay.

    >>> drop_invisible(pa.array(["a\u200bb\x00", "\ufeff中"])).to_pylist()
    ['ab', '中']
    """
    data, offsets = buffers_of(strings)
    out, starts = _room(offsets)
    return strings_from(out[: _drop_invisible_all(data, offsets, out, starts)], starts)


def tidy_whitespace(strings: pa.ChunkedArray | pa.Array, blank_lines_max: int) -> pa.Array:
    r"""Make every line end LF, cut spaces at line ends and at both ends of the text, and cap blank lines in a row.

    Spaces within and before a line's text stay: they are code, tables and paragraphs' indents.

    >>> tidy_whitespace(pa.array(["  a  b \r\n\r\n\r\n\r\n\u3000c  "]), 1).to_pylist()
    ['a  b\n\n\u3000c']
    """
    data, offsets = buffers_of(strings)
    out, starts = _room(offsets)
    return strings_from(out[: _tidy_all(data, offsets, blank_lines_max + 1, out, starts)], starts)


def _room(offsets: NDArray[np.int32]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    return np.empty(int(offsets[-1] - offsets[0]), np.uint8), np.zeros(len(offsets), np.int32)
