"""Lines that are made from one template, such as teasers: what words of a line those right above it have, too.

A stretch begins with a word, or with any character that is not ASCII, and has so many bytes, of a number but one.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.hashing import mix64
from ops.kernels.lines import LINE, NEXT, START, STOP, Pieces, longer

_BYTES = 12  # of a stretch: two or three words, four characters of Han
_LINE_BYTES_MIN = 24
_LINE_BYTES_MAX = 400  # of a teaser; of long paragraphs about one thing, many have the same words
_SLOTS = 1 << 11
_PRIME = np.uint64(0x100000001B3)
_DIGIT = np.isin(np.arange(256), [*b"0123456789"])
_LETTER = np.isin(np.arange(256), [*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"])
_FIRST = 0xC0  # byte of a character that is not ASCII


class Stretches(NamedTuple):
    """Stretches that lines in a row have in common, in order."""

    rows: NDArray[np.int64]  # the text of each
    lines: NDArray[np.int64]  # the number of its line among the pieces
    at: NDArray[np.int64]  # from which byte to which
    hashes: NDArray[np.uint64]


@njit(cache=True, nogil=True)
def _stretch(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where a stretch stops and its hash; 0 where the line is over before."""
    value = np.uint64(0xCBF29CE484222325)
    size = 0
    while size < _BYTES and at < stop:
        byte = data[at]
        if _DIGIT[byte]:
            byte = np.uint8(0x30)
            while at + 1 < stop and _DIGIT[data[at + 1]]:
                at += 1
        value = (value ^ np.uint64(byte)) * _PRIME
        size += 1
        at += 1
    return at, (max(mix64(value), np.uint64(1)) if size == _BYTES else np.uint64(0))


@njit(cache=True, nogil=True)
def _begins(data, at, start):  # type: ignore[no-untyped-def]
    byte = data[at]
    return byte >= _FIRST or (_LETTER[byte] and (at == start or not _LETTER[data[at - 1]]))


@njit(cache=True, nogil=True)
def _in_common(data, lines, starts, stops, numbers, least):  # type: ignore[no-untyped-def]
    keys = np.zeros(_SLOTS, np.uint64)
    last, runs = np.zeros(_SLOTS, np.int64), np.zeros(_SLOTS, np.int64)
    before = np.empty((_SLOTS, least, 3), np.int64)  # of each line of a run that is not long enough yet
    found, hashes = np.empty((64, 3), np.int64), np.empty(64, np.uint64)
    count = 0
    for one in lines:
        start, stop, number = starts[one], stops[one], numbers[one]
        for at in range(start, stop):
            if not _begins(data, at, start):
                continue
            end, value = _stretch(data, at, stop)
            if not value:
                break
            slot = np.int64(value & np.uint64(_SLOTS - 1))
            if keys[slot] == value and last[slot] == number:
                continue
            runs[slot] = runs[slot] + 1 if keys[slot] == value and last[slot] == number - 1 else 1
            keys[slot], last[slot] = value, number
            place = min(runs[slot], least) - 1
            before[slot, place, 0], before[slot, place, 1], before[slot, place, 2] = one, at, end
            if runs[slot] < least:
                continue
            for i in range(0 if runs[slot] == least else place, least):
                if count == len(hashes):
                    found, hashes = longer(found), longer(hashes)
                found[count] = before[slot, i]
                hashes[count] = value
                count += 1
    return found[:count], hashes[:count]


def in_common(text: pa.Array, pieces: Pieces, least: int) -> Stretches:
    r"""Return the stretches that so many lines have, two at least, each right below the other.

    >>> from ops.kernels.lines import split
    >>> texts = pa.array(["Ann reports on 3 mills from Oslo.\nTom reports on 28 farms from Bonn."])
    >>> found = in_common(texts, split(texts, 1, sentences=False), 2)
    >>> found.lines.tolist(), [texts[0].as_py()[start:stop] for start, stop in found.at.tolist()]
    ([0, 1], ['reports on 3', 'reports on 28'])
    """
    data, offsets = buffers_of(text)
    rows = np.repeat(np.arange(len(text)), np.diff(pieces.first))
    # Of a text that ends within a character, the last line stops beyond it.
    starts, stops = pieces.at[:, START].copy(), np.minimum(pieces.at[:, STOP], offsets[1:][rows])
    fits = (stops - starts >= _LINE_BYTES_MIN) & (stops - starts <= _LINE_BYTES_MAX)
    is_below = np.zeros(len(rows) + 1, np.bool_)  # the line before it; one more that is below none
    is_below[1:-1] = (pieces.at[1:, LINE] == pieces.at[:-1, NEXT]) & (rows[1:] == rows[:-1]) & fits[1:] & fits[:-1]
    numbers = np.cumsum(np.where(is_below[:-1], 1, 2))
    in_runs = np.flatnonzero(is_below[:-1] | is_below[1:])
    found, hashes = _in_common(data, in_runs, starts, stops, numbers, least)
    order = np.argsort(found[:, 1], kind="stable")
    lines = found[order, 0]
    return Stretches(rows[lines], lines, found[order, 1:], hashes[order])
