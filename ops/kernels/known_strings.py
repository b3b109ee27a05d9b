"""Where strings stand that are known by their hashes alone: where lines begin or end, and after the ends of sentences.

A string's hash is a polynomial of its bytes, so that it can be told of each prefix of what begins at a place, and of
each suffix of what ends there, byte by byte. Most places are done with after a few bytes, whose hash is known, too.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import Offsets, buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.hashing import mix64
from ops.kernels.masks import SIZE, equal, first_of, line_end, padded, up_to
from ops.kernels.word_places import IS_LETTER

BYTES_MAX = 160  # of a string
EDGE_BYTES = 4  # by which a place is looked at closely: of Han one letter and a byte
AT_START, WITHIN, AT_END, IN_WORD = range(4)

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_EDGE = np.uint64(0x5851F42D4C957F2C)
_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)
_TOP = np.uint64(52)  # of a hash: twelve bits tell whether any key begins with them
_LEVELS_BELOW = 1  # level: seven in ten of the documents
_CLOSERS = np.isin(np.arange(256), [*b"\"')]*_"])
_WIDE_CLOSERS = tuple(int.from_bytes(closer.encode()) for closer in "”’」』】》）")


class KnownStrings(NamedTuple):
    """Places of known strings: in order of lines; of one, that at its end first."""

    rows: NDArray[np.int64]
    at: NDArray[np.int64]  # n x 2, from which byte to which in the column's buffer, without blanks around
    sides: NDArray[np.uint8]  # AT_START of a line, WITHIN it after an end mark, AT_END of a line; IN_WORD
    keys: NDArray[np.uint64]


@inlined
def _added(value, byte):  # type: ignore[no-untyped-def]
    return value * _FACTOR + np.uint64(byte) + _1


@inlined
def _key(value, source):  # type: ignore[no-untyped-def]
    """Return a hash that is odd where the source's is, and never 0."""
    key = (mix64(value ^ source) & ~_1) | (source & _1)
    return key or _2


@kernel
def _string_keys(data, offsets, sources, keys):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        start, stop = np.int64(offsets[row]), np.int64(offsets[row + 1])
        value = np.uint64(0)
        for at in range(start, stop):
            value = _added(value, data[at])
        keys[row, 0] = _key(value, sources[row])
        for side in range(2):
            value = np.uint64(0)
            first = start if side == 0 else max(stop - EDGE_BYTES, start)
            for at in range(first, min(first + EDGE_BYTES, stop)):
                value = _added(value, data[at])
            keys[row, 1 + side] = _key(value, sources[row] ^ (_EDGE ^ (np.uint64(side) << _1)))


def string_keys(strings: pa.Array, sources: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return for each string, of a source, its key, and the keys of its first and of its last bytes: n x 3.

    They are odd where the hash of the source is.

    >>> one, two, other = string_keys(pa.array(["a mill", "a mile", "a mill"]), np.array([7, 7, 8], np.uint64))
    >>> (one == two).tolist(), (one == other).tolist()
    ([False, True, False], [False, False, False])
    """
    data, offsets = buffers_of(strings)
    keys = np.empty((len(offsets) - 1, 3), np.uint64)
    _string_keys(data, offsets, sources, keys)
    return keys


@inlined
def _place_of(key, known, starts):  # type: ignore[no-untyped-def]
    """Return where a key is among those known, which are in order; -1 where it is not."""
    top = np.int64(key >> _TOP)
    low, high = starts[top], starts[top + 1]
    while low < high:
        middle = (low + high) // 2
        if known[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < starts[top + 1] and known[low] == key else np.int64(-1)


@kernel
def _best(data, at, limit, is_end, source, known, levels, starts):  # type: ignore[no-untyped-def]
    """Return how many bytes the known string has that begins here, or ends here, and its place among those known.

    Of several, it is the longest that is in nearly as many documents as any.
    """
    value = np.uint64(0)
    power = _1
    size = place = np.int64(0)
    most = np.int64(0)
    for step in range(min(BYTES_MAX, limit)):
        byte = data[at - 1 - step] if is_end else data[at + step]
        if is_end:
            value += (np.uint64(byte) + _1) * power
            power *= _FACTOR
        else:
            value = _added(value, byte)
        if step + 1 == EDGE_BYTES and _place_of(_key(value, source ^ (_EDGE ^ (is_end << _1))), known, starts) < 0:
            return np.int64(0), np.int64(0)
        if step + 1 < EDGE_BYTES or (is_end and byte & 0xC0 == 0x80) or byte == 0x20:
            continue
        if not is_end and step + 1 < limit and data[at + step + 1] & 0xC0 == 0x80:
            continue
        found = _place_of(_key(value, source), known, starts)
        if found >= 0:
            level = np.int64(levels[found])
            most = max(most, level)
            if level + _LEVELS_BELOW >= most:
                size, place = np.int64(step + 1), found
    return size, place


@inlined
def _past_blanks(data, at, end):  # type: ignore[no-untyped-def]
    while at < end and (data[at] == 0x20 or data[at] == 0x09):
        at += 1
    return at


@inlined
def _mark_after(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the next end mark of a sentence is; the end where there is none."""
    while at < end:
        marks = equal(data, at, 0x2E) | equal(data, at, 0x21) | equal(data, at, 0x3F)
        wide = equal(data, at, 0xE3) & equal(data, at + 1, 0x80) & equal(data, at + 2, 0x82)
        third = equal(data, at + 2, 0x81) | equal(data, at + 2, 0x9F)
        wide |= equal(data, at, 0xEF) & equal(data, at + 1, 0xBC) & third
        found = up_to(marks | wide, at, end)
        if found:
            return at + first_of(found)
        at += SIZE
    return end


@inlined
def _closer(data, at, end):  # type: ignore[no-untyped-def]
    """Return how many bytes the quote or bracket has that closes here; 0 where none does."""
    if at >= end:
        return 0
    if data[at] < 0x80:
        return 1 if _CLOSERS[data[at]] else 0
    if at + 2 < end:
        three = np.int64(data[at]) << 16 | np.int64(data[at + 1]) << 8 | np.int64(data[at + 2])
        for closer in _WIDE_CLOSERS:
            if three == closer:
                return 3
    return 0


@kernel
def _known(data, offsets, sources, known, levels, starts, rows, at, sides, keys):  # type: ignore[no-untyped-def]
    """Write where known strings stand, those at the end of a line before the others of it; return how many."""
    total = 0
    for row in range(len(offsets) - 1):
        source = sources[row]
        line, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        while line < end:
            line_stop = line_end(data, line, end)
            place, last, side = line, line_stop, AT_START
            while last > place and (data[last - 1] == 0x20 or data[last - 1] == 0x09):
                last -= 1
            size, which = _best(data, last, last - place, _1, source, known, levels, starts)
            if size:
                last -= size
                rows[total], at[total, 0], at[total, 1] = row, last, last + size
                sides[total], keys[total] = AT_END, known[which]
                total += 1
            while place < last:
                place = _past_blanks(data, place, last)
                size, which = _best(data, place, last - place, _0, source, known, levels, starts)
                if size:
                    rows[total], at[total, 0], at[total, 1] = row, place, place + size
                    sides[total], keys[total] = side, known[which]
                    total += 1
                    place += size
                elif side == WITHIN:
                    width = _closer(data, place, last)
                    if width:
                        place += width
                        continue
                place = _mark_after(data, place, last)
                place += 3 if place < last and data[place] >= 0x80 else 1
                while place < last and data[place] == 0x2E:
                    place += 1
                side = WITHIN
            line = line_stop + 1
    return total


@kernel
def _known_within(data, offsets, sources, known, levels, starts, rows, at, keys):  # type: ignore[no-untyped-def]
    total = 0
    for row in range(len(offsets) - 1):
        source = sources[row]
        begin, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        place = begin + 1
        while place + EDGE_BYTES < end:
            before = data[place - 1]
            if data[place] & 0xC0 != 0x80 and (before >= 0x80 or IS_LETTER[before]):
                size, which = _best(data, place, end - place - 1, _0, source, known, levels, starts)
                if size and IS_LETTER[data[place + size]]:
                    rows[total], at[total, 0], at[total, 1] = row, place, place + size
                    keys[total] = known[which]
                    total += 1
                    place += size
                    continue
            place += 1
    return total


def known_strings(
    texts: pa.Array, sources: NDArray[np.uint64], known: NDArray[np.uint64], levels: NDArray[np.uint8]
) -> KnownStrings:
    r"""Find the strings whose keys are known, in order, where lines begin or end and after end marks.

    >>> sources = np.array([7], np.uint64)
    >>> known = np.sort(string_keys(pa.array(["(a page)"]), sources)[0])
    >>> texts = pa.array(["(a page) One. Two.(a page)Three. Four (a page)"])
    >>> found = known_strings(texts, sources, known, np.ones(3, np.uint8))
    >>> found.at.tolist(), found.sides.tolist()
    ([[38, 46], [0, 8], [18, 26]], [2, 0, 1])
    """
    data, offsets = buffers_of(texts)
    starts, rows, at, keys = _room(offsets, known)
    sides = np.empty(len(rows), np.uint8)
    found = _known(padded(data), offsets, sources, known, levels, starts, rows, at, sides, keys) if len(known) else 0
    return KnownStrings(rows[:found].copy(), at[:found].copy(), sides[:found].copy(), keys[:found].copy())


def known_within(
    texts: pa.Array, sources: NDArray[np.uint64], known: NDArray[np.uint64], levels: NDArray[np.uint8]
) -> KnownStrings:
    r"""Find the strings whose keys are known, in order, between letters.

    >>> sources, levels = np.array([7], np.uint64), np.ones(3, np.uint8)
    >>> known = np.sort(string_keys(pa.array(["《某网》"]), sources)[0])
    >>> known_within(pa.array(["首席《某网》官，《某网》"]), sources, known, levels).at.tolist()
    [[6, 18]]
    """
    data, offsets = buffers_of(texts)
    starts, rows, at, keys = _room(offsets, known)
    found = _known_within(padded(data), offsets, sources, known, levels, starts, rows, at, keys) if len(known) else 0
    return KnownStrings(rows[:found].copy(), at[:found].copy(), np.full(found, IN_WORD, np.uint8), keys[:found].copy())


def _room(
    offsets: Offsets, known: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Return where those known begin that have the same highest bits, and room, never touched beyond what is found."""
    tops = np.arange(1 << 12).astype(np.uint64)
    starts = np.append(np.searchsorted(known, tops << _TOP), len(known))
    most = int(offsets[-1] - offsets[0]) + 2 * len(offsets) if len(known) else 0
    return starts, np.empty(most, np.int64), np.empty((most, 2), np.int64), np.empty(most, np.uint64)
