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
def _in_common(data, offsets, first, lines, least):  # type: ignore[no-untyped-def]
    keys = np.zeros(_SLOTS, np.uint64)
    last, runs = np.zeros(_SLOTS, np.int64), np.zeros(_SLOTS, np.int64)
    before = np.empty((_SLOTS, least, 3), np.int64)  # of each line of a run that is not long enough yet
    found, hashes = np.empty((64, 4), np.int64), np.empty(64, np.uint64)
    count = 0
    number = 1  # of a line: that of the one right above it and one, or more
    for row in range(len(first) - 1):
        number += 2
        for one in range(first[row], first[row + 1]):
            start, stop = lines[one, START], min(lines[one, STOP], np.int64(offsets[row + 1]))
            follows = one > first[row] and lines[one, LINE] == lines[one - 1, NEXT]
            number += 1 if follows and _LINE_BYTES_MIN <= stop - start <= _LINE_BYTES_MAX else 2
            if not _LINE_BYTES_MIN <= stop - start <= _LINE_BYTES_MAX:
                continue
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
                    found[count, 0], found[count, 1] = row, before[slot, i, 0]
                    found[count, 2], found[count, 3] = before[slot, i, 1], before[slot, i, 2]
                    hashes[count] = value
                    count += 1
    return found[:count], hashes[:count]


def in_common(text: pa.Array, pieces: Pieces, least: int) -> Stretches:
    r"""Return the stretches that so many lines have, each right below the other.

    >>> from ops.kernels.lines import split
    >>> texts = pa.array(["Ann reports on 3 mills from Oslo.\nTom reports on 28 farms from Bonn."])
    >>> found = in_common(texts, split(texts, 1, sentences=False), 2)
    >>> found.lines.tolist(), [texts[0].as_py()[start:stop] for start, stop in found.at.tolist()]
    ([0, 1], ['reports on 3', 'reports on 28'])
    """
    data, offsets = buffers_of(text)
    found, hashes = _in_common(data, offsets, pieces.first, pieces.at, least)
    order = np.argsort(found[:, 2], kind="stable")
    found = found[order]
    return Stretches(found[:, 0], found[:, 1], found[:, 2:], hashes[order])
