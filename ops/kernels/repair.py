"""Byte loops of the repairing edits: find what needs repair, find invisible characters."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.glosses import follows_han
from ops.kernels.misread import NEXT, RARE, mark
from ops.kernels.pinyin import TONED
from ops.kernels.unicode_tables import FLAGS, INVISIBLE, MOJIBAKE, TABLED, UNCOMPOSED
from ops.kernels.utf8 import code_point, flags_of

HAS_INVISIBLE = INVISIBLE
HAS_UNCOMPOSED = UNCOMPOSED
HAS_MOJIBAKE = MOJIBAKE
HAS_MISREAD = 1  # UTF-8 that was read as GBK
HAS_LOST = 2  # characters whose bytes are gone
HAS_GLOSS = 4  # a syllable with a tone mark after a Han character

_NEXT = 8
_INVISIBLE = np.uint8(INVISIBLE)
_MISREAD = np.uint8(HAS_MISREAD)
_MOJIBAKE = np.uint8(MOJIBAKE)
_LOST = np.uint8(HAS_LOST)
_GLOSS = np.uint8(HAS_GLOSS)
_OF_BRACKET = np.array([0, HAS_LOST, HAS_GLOSS], np.uint8)  # by `follows_han`: a gloss may have lost its bracket
_OF_GLOSS = np.uint8(HAS_LOST | HAS_GLOSS)
_ALONE = np.uint8(INVISIBLE | UNCOMPOSED | HAS_LOST)  # characters that tell by themselves
_ASCII_INVISIBLE = (FLAGS[:128] & INVISIBLE) != 0


def _flags() -> NDArray[np.uint8]:
    table: NDArray[np.uint8] = FLAGS & np.uint8(INVISIBLE | UNCOMPOSED | MOJIBAKE)
    mark(table, RARE, HAS_MISREAD)
    mark(table, NEXT, _NEXT)
    mark(table, frozenset("\ufffd锟"), HAS_LOST)
    mark(table, frozenset(TONED), HAS_GLOSS)
    return table


_OF = _flags()

_SEMICOLON = 0x3B
_QUESTION = 0x3F


@kernel
def _suspect(data, start, end):  # type: ignore[no-untyped-def]
    found = np.uint8(0)
    before = np.int32(0)
    was = np.uint8(0)
    at = start
    while at < end:
        if data[at] < 0x80:
            before = np.int32(data[at])
            was = np.uint8(0)
            if _ASCII_INVISIBLE[before]:
                found |= _INVISIBLE
            at += 1
            continue
        point, after = code_point(data, at)
        flags = _OF[point] if point < TABLED else np.uint8(0)
        found |= flags & _ALONE
        # "Ã" before "©", "â" before "€": a UTF-8 lead byte followed by a continuation byte, both read as Windows-1252.
        if flags & _MOJIBAKE and 0xC2 <= before <= 0xF4:
            found |= _MOJIBAKE
        if was & _MISREAD and flags & _NEXT:
            found |= _MISREAD
        # "鏄?" and "规范?;跇": a mark in the place of bytes that GBK has not.
        if flags & _MISREAD and after < end and data[after] == _QUESTION:
            found |= _LOST
        if before == _SEMICOLON and at - start > 1 and data[at - 2] == _QUESTION:
            found |= _LOST
        if flags & _GLOSS and found & _OF_GLOSS != _OF_GLOSS:
            found |= _OF_BRACKET[follows_han(data, start, at)]
        before = point
        was = flags
        at = after
    return found


@kernel
def _suspect_all(data, offsets, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        out[row] = _suspect(data, offsets[row], offsets[row + 1])


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

    >>> suspects(pa.array(["plain", "cafÃ©", "e\u0301", "a\u200bb", "鍙樺法", "\ufffd", "机(jī)"])).tolist()
    [0, 128, 64, 32, 1, 2, 4]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.uint8)
    _suspect_all(data, offsets, out)
    return out


def invisible_runs(strings: pa.Array, wanted: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    r"""Find control and zero-width characters that carry no text; joiners and bidirectional marks do.

    Return the row of each run of them, and n x 2, from which byte to which of the buffer it goes, for rows that are
    wanted.

    >>> [found.tolist() for found in invisible_runs(pa.array(["a\u200b\x00b", "\ufeff中"]), np.ones(2, np.bool_))]
    [[0, 1], [[1, 5], [6, 9]]]
    """
    data, offsets = buffers_of(strings)
    none = np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
    count = _invisible_all(data, offsets, wanted, *none)
    rows, cuts = np.zeros(count, np.int64), np.zeros((count, 2), np.int64)
    _invisible_all(data, offsets, wanted, rows, cuts)
    return rows, cuts
