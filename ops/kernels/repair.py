"""Byte loops of the repairing edits: find what needs repair, find invisible characters."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.gbk import is_after_question, misread
from ops.kernels.glosses import lacks_bracket
from ops.kernels.masks import SIZE, between, equal, first_of, padded, up_to, without_first
from ops.kernels.misread import FIRST, NEXT, RARE, UNKNOWN, mark
from ops.kernels.pinyin import TONED
from ops.kernels.unicode_tables import FLAGS, INVISIBLE, MOJIBAKE, TABLED, UNCOMPOSED
from ops.kernels.utf8 import code_point, flags_of

HAS_INVISIBLE = INVISIBLE
HAS_UNCOMPOSED = UNCOMPOSED
HAS_MOJIBAKE = MOJIBAKE
HAS_MISREAD = 1  # UTF-8 that was read as GBK
HAS_LOST = 2  # characters whose bytes are gone

_TONED = 4  # a vowel with a tone mark
_NEXT = 8  # what may follow the first character of a misread one
_RARE = 16  # what hardly any text has
_INVISIBLE = np.uint8(INVISIBLE)
_MISREAD = np.uint8(HAS_MISREAD)
_MOJIBAKE = np.uint8(MOJIBAKE)
_LOST = np.uint8(HAS_LOST)
_ALONE = np.uint8(INVISIBLE | UNCOMPOSED | HAS_LOST)  # characters that tell by themselves
_TELLING = np.uint8(0xFF ^ _NEXT)
_BLANK = 0x20


def _flags() -> NDArray[np.uint8]:
    table: NDArray[np.uint8] = FLAGS & np.uint8(INVISIBLE | UNCOMPOSED | MOJIBAKE)
    mark(table, FIRST, HAS_MISREAD)
    mark(table, NEXT, _NEXT)
    mark(table, RARE | UNKNOWN, _RARE)
    mark(table, frozenset("\ufffd锟"), HAS_LOST)
    mark(table, frozenset(TONED), _TONED)
    return table


_OF = _flags()

_SEMICOLON = 0x3B
_QUESTION = 0x3F


@kernel
def _suspect(data, start, end):  # type: ignore[no-untyped-def]
    found = np.uint8(0)
    block = start
    while block < end:
        controls = between(data, block, 0x00, 0x1F) & ~between(data, block, 0x09, 0x0D)
        if up_to(controls | equal(data, block, 0x7F), block, end):
            found |= _INVISIBLE
        beginnings = up_to(between(data, block, 0xC2, 0xF4), block, end)  # of characters that are not ASCII
        while beginnings:
            at = block + first_of(beginnings)
            beginnings = without_first(beginnings)
            # "规范?;跇": a mark in the place of bytes that GBK has not.
            if at - start > 1 and data[at - 1] == _SEMICOLON and data[at - 2] == _QUESTION:
                found |= _LOST
            point, after = code_point(data, at)
            flags = _OF[point] if point < TABLED else np.uint8(0)
            if flags & _TELLING:
                found |= _told(data, start, at, after, end, flags, found)
        block += SIZE
    return found


@kernel
def _told(data, start, at, after, end, flags, found):  # type: ignore[no-untyped-def]
    """Return what a character tells beside what is found already."""
    told = flags & _ALONE
    # "Ã©", "â€™": a UTF-8 lead byte and a continuation byte, both read as Windows-1252. After a lead byte of three, of
    # "tiré—il", not another letter: that is none. What is lost may have become a blank or a mark.
    if flags & _MOJIBAKE and at - start > 1 and data[at - 2] == 0xC3 and 0x82 <= data[at - 1] <= 0xB4:
        third = data[after] if after < end else np.uint8(0)
        if data[at - 1] < 0xA0 or third >= 0x80 or third in (_BLANK, _QUESTION, 0x1A):
            told |= _MOJIBAKE
    if flags & _MISREAD and not found & _MISREAD and after < end and data[after] >= 0x80:
        following, _ = code_point(data, after)
        if following < TABLED and _OF[following] & _NEXT and misread(data, start, at, end)[0]:
            told |= _MISREAD
    # "鏄?", "?亰"
    if flags & _RARE and ((after < end and data[after] == _QUESTION) or (at > start and data[at - 1] == _QUESTION)):
        told |= _LOST
    # A gloss that lost its bracket: "跇?gòu)", and "?huò)".
    if flags & _TONED and (lacks_bracket(data, start, at) or is_after_question(data, start, at)):
        told |= _LOST
    return told


@kernel
def _suspect_all(data, offsets, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        out[row] = _suspect(data, np.int64(offsets[row]), np.int64(offsets[row + 1]))


@kernel
def _invisible_all(data, offsets, wanted, rows, cuts):  # type: ignore[no-untyped-def]
    """Write the runs of invisible characters while there is room, and return how many there are."""
    count = 0
    for row in range(len(offsets) - 1):
        at = np.int64(offsets[row]) if wanted[row] else np.int64(offsets[row + 1])
        last = np.int64(-1)
        while at < offsets[row + 1]:
            point, after = code_point(data, at)
            if flags_of(point) & _INVISIBLE:
                count += last != at
                if count <= len(rows):
                    rows[count - 1] = row
                    cuts[count - 1, 0] = at if last != at else cuts[count - 1, 0]
                    cuts[count - 1, 1] = after
                last = after
            at = after
    return count


def suspects(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.uint8]:
    r"""For each string, which repairs it may need: `HAS_INVISIBLE`, `HAS_UNCOMPOSED`, and so on, or-ed together.

    >>> suspects(pa.array(["plain", "cafÃ©", "e\u0301", "a\u200bb", "鍙樺法", "\ufffd", "机jī)"])).tolist()
    [0, 128, 64, 32, 1, 2, 2]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.uint8)
    _suspect_all(padded(data), offsets, out)
    return out


def invisible_runs(strings: pa.Array, wanted: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    r"""Find control and zero-width characters that carry no text; joiners and bidirectional marks do.

    Return the row of each run, and n x 2, from which byte to which of the buffer it goes, for rows that are wanted.

    >>> [found.tolist() for found in invisible_runs(pa.array(["a\u200b\x00b", "\ufeff中"]), np.ones(2, np.bool_))]
    [[0, 1], [[1, 5], [6, 9]]]
    """
    data, offsets = buffers_of(strings)
    none = np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
    count = _invisible_all(data, offsets, wanted, *none)
    rows, cuts = np.zeros(count, np.int64), np.zeros((count, 2), np.int64)
    _invisible_all(data, offsets, wanted, rows, cuts)
    return rows, cuts
