"""Strings that stand within words or sentences, letters on both sides, and that a page has several times: a gate."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.hashing import stir, stirred
from ops.kernels.ngrams import room_for
from ops.kernels.repeats import add_repeated

_BYTES_MAX = 96  # of an insertion, with its brackets
_LEAST_BYTES = 4
_NONE, _LATIN, _HAN = range(3)


def _letters() -> NDArray[np.uint8]:
    """Return of each first byte of a character whether it is a letter, near enough: those that words are made of."""
    kinds = np.zeros(256, np.uint8)
    kinds[0xC3:0xE0] = _LATIN
    kinds[[*range(0x41, 0x5B), *range(0x61, 0x7B)]] = _LATIN
    kinds[0xE4:0xEA] = _HAN
    return kinds


_LETTER = _letters()
_WIDTH = np.array(
    [1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4 for byte in range(256)], np.uint8
)
# ( [ { <, by which a stretch is closed; then 〈 《 「 『 【 〔 〖 and （ ［, whose closers follow by one and by two.
_ASCII_CLOSER = np.zeros(256, np.uint8)
_ASCII_CLOSER[[*b"([{<"]] = [*b")]}>"]
_IN_RUN = np.isin(np.arange(256), [*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *b".-_/:@"])
_IS_ALNUM = np.isin(np.arange(256), [*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B)])
# Where to look: at brackets, full stops, and after Han.
_STOPS = np.isin(np.arange(256), [*b"([{<.", 0xE3, *range(0xE4, 0xEA), 0xEF])


class Insertions(NamedTuple):
    """Where strings begin that stand between letters, and that a text has several times."""

    rows: NDArray[np.int64]  # in order
    at: NDArray[np.int64]  # the byte in the column's buffer; of a domain between Latin letters, that of its full stop
    keys: NDArray[np.uint64]  # equal where the strings are


@inlined
def _closer(data, at):  # type: ignore[no-untyped-def]
    """Return the last byte of what closes the bracket that opens here, and its width; 0 where none does."""
    byte = data[at]
    if byte < 0x80:
        return np.int64(_ASCII_CLOSER[byte]), 1
    last = np.int64(data[at + 2])
    if byte == 0xE3 and data[at + 1] == 0x80 and 0x88 <= last <= 0x96 and not last & 1 and last != 0x92:
        return last + 1, 3
    if byte == 0xEF and data[at + 1] == 0xBC and last in (0x88, 0xBB):
        return last + (1 if last == 0x88 else 2), 3
    return np.int64(0), 3


@inlined
def _bracketed_until(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the bracket that opens here has closed, if a letter follows; else 0."""
    closer, width = _closer(data, at)
    if not closer:
        return np.int64(0)
    first, second = data[at], data[at + width - 2]
    stop = min(end, at + _BYTES_MAX)
    place = at + width
    while place + width < stop and not 0x0A <= data[place] <= 0x0D:
        if width == 1:
            closed = data[place] == closer
        else:
            closed = data[place] == first and data[place + 1] == second and data[place + 2] == closer
        if closed:
            return np.int64(place + width) if _LETTER[data[place + width]] else np.int64(0)
        place += _WIDTH[data[place]]
    return np.int64(0)


@inlined
def _is_top_level(data, at, end):  # type: ignore[no-untyped-def]
    """Whether `.com`, `.net`, `.org` or `.cn` begins at a full stop."""
    if at + 4 >= end or data[at] != 0x2E:
        return False
    three = np.int64(data[at + 1]) << 16 | np.int64(data[at + 2]) << 8 | np.int64(data[at + 3])
    return three in (0x636F6D, 0x6E6574, 0x6F7267) or three >> 8 == 0x636E


@inlined
def _key(data, at, stop):  # type: ignore[no-untyped-def]
    value = word = np.uint64(0)
    size = 0
    while at < stop:
        word = word << np.uint64(8) | np.uint64(data[at])
        size += 1
        at += 1
        if size & 7 == 0:
            value = stir(value, word)
            word = np.uint64(0)
    return stirred(value, word, np.uint64(size)) | np.uint64(1)


@inlined
def _run_until(data, at, end):  # type: ignore[no-untyped-def]
    """Return where a run of Latin letters and marks of a URL ends, if it is long enough and Han follows."""
    stop = at
    while stop < end and _IN_RUN[data[stop]]:
        stop += 1
    return np.int64(stop) if stop < end and stop - at >= _LEAST_BYTES and _LETTER[data[stop]] == _HAN else np.int64(0)


@inlined
def _previous(data, start, at):  # type: ignore[no-untyped-def]
    at -= 1
    while at > start and data[at] & 0xC0 == 0x80:
        at -= 1
    return at


@kernel
def _candidates(data, start, end, places, keys):  # type: ignore[no-untyped-def]
    """Write where strings begin that stand between letters, and their hashes; return how many."""
    count = 0
    at = np.int64(start)
    while at < end:
        byte = data[np.uint64(at)]
        if not _STOPS[byte]:
            at += 1
            continue
        stop = np.int64(0)
        if _LETTER[byte] == _HAN:
            at += 3
            if at < end and _IS_ALNUM[data[at]]:
                stop = _run_until(data, at, end)
                if not stop:
                    at += 1
                    continue
        else:
            before = _LETTER[data[_previous(data, start, at)]] if at > start else _NONE
            if byte == 0x2E:
                if before == _LATIN and at - start >= 3 and _is_top_level(data, at, end):
                    places[count] = at
                    keys[count] = _key(data, at - 3, at + 3)
                    count += 1
            elif before:
                stop = _bracketed_until(data, at, end)
        if stop:
            places[count] = at
            keys[count] = _key(data, at, stop)
            count += 1
        if _LETTER[byte] != _HAN:
            at += _WIDTH[byte]
    return count


@kernel
def _repeated(data, offsets, least, places, keys, table, counts, rows, at, out):  # type: ignore[no-untyped-def]
    total = 0
    for row in range(len(offsets) - 1):
        count = _candidates(data, offsets[row], offsets[row + 1], places, keys)
        total = add_repeated(count, least, row, total, places, keys, table, counts, rows, at, out)
    return total


def insertions(strings: pa.ChunkedArray | pa.Array, least: int) -> Insertions:
    """Find strings between letters that a text has at least so many times: in brackets, Latin in Han, domains.

    >>> found = insertions(pa.array(["首席《某网》官和经《某网》济", "首席《某网》官"]), 2)
    >>> found.rows.tolist(), found.at.tolist()
    ([0, 0], [6, 27])
    """
    data, offsets = buffers_of(strings)
    sizes = np.diff(offsets)
    room = int(room_for(int(sizes.max(initial=0)) + 1)[0])
    most = int(sizes.sum()) + 1  # never touched beyond what is found
    rows, at, keys = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.uint64)
    places, own = np.empty(room, np.int64), np.empty(room, np.uint64)
    table, counts = np.empty(room, np.uint64), np.empty(room, np.int64)
    found = _repeated(data, offsets, least, places, own, table, counts, rows, at, keys)
    return Insertions(rows[:found].copy(), at[:found].copy(), keys[:found].copy())
