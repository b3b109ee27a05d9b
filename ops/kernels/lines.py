"""Lines and sentences of texts: where they are, and what they hash to.

A piece is a line, or a sentence of one, without its outer spaces. Its hash is of its folded characters: case and width
do not count, and a run of spaces is one. Punctuation and digits count: "3.1" and "4.7" may be two cells of a table.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.eight import HIGH, eight_bytes
from ops.kernels.folded import hash_folded
from ops.kernels.hashing import mix64
from ops.kernels.text_lines import before_spaces, past_spaces
from ops.kernels.unicode_tables import SPACE
from ops.kernels.utf8 import code_point, flags_of

# Columns of `Pieces.at`: bytes in the column's buffer. The line reaches from LINE to its line end at END, the next line
# begins at NEXT, and at BEFORE is the line end of the line before (where there is none, BEFORE is LINE).
START, STOP, BEFORE, LINE, END, NEXT = range(6)

_SPACE = np.uint8(SPACE)
# Set in a byte's high bit where `_FROM_BLANK` is added to an ASCII byte of at least 0x20.
_FROM_BLANK = np.uint64(0x6060606060606060)

# A full stop ends a sentence only before a space; then what may follow: more marks, quotes and brackets that close.
_MARKS_BEFORE_SPACE = tuple(map(ord, ".!?"))
_WIDE_MARKS = tuple(map(ord, "。！？｡"))
_CLOSERS = tuple(map(ord, "\"')]”’…」』）》】"))
# The first bytes of these marks, and of line ends.
_MAY_END_SENTENCE = np.isin(np.arange(256), [*_MARKS_BEFORE_SPACE, 0xE3, 0xEF])
_MAY_END_LINE = np.isin(np.arange(256), [0x0A, 0x0B, 0x0C, 0x0D, 0xC2, 0xE2])


class Pieces(NamedTuple):
    """The pieces of a column of texts, in order."""

    first: NDArray[np.int64]  # of each text, and one more: the number of its first piece
    at: NDArray[np.int64]  # pieces x 6
    hashes: NDArray[np.uint64]
    letters: NDArray[np.int64]  # letters and digits, counted until there are enough


@njit(cache=True, nogil=True)
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    """Return the bytes of the line end that starts here, 0 for none: the ones that `whitespace` knows, U+2028 too."""
    byte = data[at]
    if byte < 0x80:
        return 2 if byte == 0x0D and at + 1 < end and data[at + 1] == 0x0A else 1 if 0x0A <= byte <= 0x0D else 0
    if byte == 0xC2:
        return 2 if data[at + 1] == 0x85 else 0
    return 3 if byte == 0xE2 and data[at + 1] == 0x80 and data[at + 2] & 0xFE == 0xA8 else 0


@njit(cache=True, nogil=True)
def end_of_line(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the line stops, and the bytes of its line end: 0 at the end of the text."""
    while at < stop:
        byte = data[np.uint64(at)]
        if _MAY_END_LINE[byte]:
            width = _line_end(data, at, stop)
            if width:
                return at, width
            at += 1
        elif byte >= 0x80:
            at += 3 if 0xE3 <= byte < 0xF0 else 1
        else:
            at += 1
            while at + 8 <= stop:
                eight = eight_bytes(data, at)
                if (eight | ~(eight + _FROM_BLANK)) & HIGH:
                    break
                at += 8
    return at, 0


@njit(cache=True, nogil=True)
def _sentence_end(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the sentence that starts here stops: after `.!?` before a space, or after `。！？`, and closers.

    Abbreviations end sentences too: they do so in every document alike.
    """
    ended = wide = False
    while at < stop:
        if not ended and not wide:
            while at < stop and not _MAY_END_SENTENCE[data[np.uint64(at)]]:
                at += 1
            if at == stop:
                break
        point, after = code_point(data, at)
        if point in _WIDE_MARKS:
            wide = True
        elif point in _MARKS_BEFORE_SPACE:
            ended = True
        elif wide or (ended and flags_of(point) & _SPACE):
            if point not in _CLOSERS:
                break
        elif point not in _CLOSERS:
            ended = False
        at = after
    return at


@njit(cache=True, nogil=True)
def longer(array):  # type: ignore[no-untyped-def]
    """Return an array with room for twice as many rows."""
    return np.concatenate((array, np.empty_like(array)))


@njit(cache=True, nogil=True)
def _split(data, offsets, enough, sentences, first):  # type: ignore[no-untyped-def]
    room = 16 + (offsets[-1] - offsets[0]) // 64
    found = np.empty((room, 6), np.int64)
    hashes = np.empty(room, np.uint64)
    sizes = np.empty(room, np.int64)
    count = 0
    for row in range(len(offsets) - 1):
        first[row] = count
        stop = np.int64(offsets[row + 1])
        before = following = np.int64(offsets[row])
        while following < stop:
            line = following
            end, width = end_of_line(data, line, stop)
            following = end + width
            at = past_spaces(data, line, end)
            last = before_spaces(data, at, end)
            while at < last:
                piece_stop = _sentence_end(data, at, last) if sentences else last
                value, letters = hash_folded(data, at, piece_stop, enough)
                # A line of too few letters is never looked for; a sentence is part of a longer span.
                if sentences or letters >= enough:
                    if count == len(hashes):
                        found, hashes, sizes = longer(found), longer(hashes), longer(sizes)
                    found[count, START] = at
                    found[count, STOP] = piece_stop
                    found[count, BEFORE] = before
                    found[count, LINE] = line
                    found[count, END] = end
                    found[count, NEXT] = following
                    hashes[count] = value
                    sizes[count] = letters
                    count += 1
                at = past_spaces(data, piece_stop, last)
            before = end
    first[-1] = count
    return found[:count], hashes[:count], sizes[:count]


@njit(cache=True, nogil=True)
def span_hash(hashes, letters, at, span, enough):  # type: ignore[no-untyped-def]
    """Return the hash of `span` pieces in a row, 0 where they have too few letters."""
    if span == 1:
        return hashes[at] if letters[at] >= enough else np.uint64(0)
    value = np.uint64(0)
    total = 0
    for i in range(at, at + span):
        value = mix64(value ^ hashes[i])
        total += letters[i]
    return max(value, np.uint64(1)) if total >= enough else np.uint64(0)


@njit(cache=True, nogil=True)
def _distinct(first, hashes, letters, span, enough, rows, out):  # type: ignore[no-untyped-def]
    count = 0
    seen = np.empty(64, np.uint64)  # an open-addressed set, at most half full
    for row in range(len(first) - 1):
        room = 2
        while room < 2 * (first[row + 1] - first[row]):
            room *= 2
        if room > len(seen):
            seen = np.empty(room, np.uint64)
        seen[:room] = 0
        for at in range(first[row], first[row + 1] - span + 1):
            value = span_hash(hashes, letters, at, span, enough)
            slot = np.int64(value & np.uint64(room - 1))
            while seen[slot] and seen[slot] != value:
                slot = (slot + 1) & (room - 1)
            if value and not seen[slot]:
                seen[slot] = value
                rows[count] = row
                out[count] = value
                count += 1
    return count


def split(strings: pa.ChunkedArray | pa.Array, enough: int, *, sentences: bool) -> Pieces:
    r"""Find the lines of each text that have at least `enough` letters, or all of its sentences.

    >>> found = split(pa.array(["One two. Three!\nfour", "ＯＮＥ  Two."]), 1, sentences=True)
    >>> found.first.tolist(), found.letters.tolist(), bool(found.hashes[0] == found.hashes[3])
    ([0, 3, 4], [6, 5, 4, 6], True)
    """
    data, offsets = buffers_of(strings)
    first = np.zeros(len(offsets), np.int64)
    return Pieces(first, *_split(data, offsets, max(enough, 1), sentences, first))


def distinct_spans(pieces: Pieces, span: int, enough: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return text number and hash of the spans of so many pieces and at least so many letters, each once a text."""
    rows = np.empty(len(pieces.hashes), np.int64)
    hashes = np.empty(len(pieces.hashes), np.uint64)
    count = _distinct(pieces.first, pieces.hashes, pieces.letters, span, max(enough, 1), rows, hashes)
    return rows[:count], hashes[:count]
