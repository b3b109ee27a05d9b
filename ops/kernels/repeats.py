"""Strings that a page repeats where sentences begin or lines end: a gate, before anything is looked at closely."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes, up_to_eight
from ops.kernels.hashing import stir, stirred
from ops.kernels.masks import SIZE, between, equal, first_of, padded, up_to, without_first
from ops.kernels.recurring import Groups, add_groups, all_groups, slots_for

# Bytes of a window: what begins with a letter is a watermark in plain words only if it is long (24 letters, eight
# of Han), what begins with a bracket, a dash or a domain may be short.
_PLAIN_BYTES = 16
_ODD_BYTES = 12
_HOST_BYTES = 9  # www.a.com
_LEAST_BYTES = 6
_LONG_BYTES = 30  # of a line that counts as a paragraph: ten Han characters
_2 = np.uint64(2)
_ORDINARY, _SPACE, _LINE_END, _MARK, _WIDE = range(5)


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    kinds[[0x09, 0x20]] = _SPACE
    kinds[0x0A:0x0E] = _LINE_END
    kinds[[*b".!?"]] = _MARK
    kinds[[0xE2, 0xE3, 0xEF]] = _WIDE
    return kinds


_KIND = _kinds()
_WIDTH = np.array(
    [1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4 for byte in range(256)], np.uint8
)
_WIDE_MARKS = (0xE38082, 0xEFBC81, 0xEFBC9F, 0xE280A6)  # 。 ！ ？ …
_WIDE_CLOSERS = (0xE2809D, 0xE28099, 0xE3808D, 0xE3808F, 0xE38091, 0xE3808B, 0xEFBC89)  # ” ’ 」 』 】 》 ）
_CLOSERS = np.isin(np.arange(256), [*b"\"')]"])
_LETTER = np.isin(
    np.arange(256), [*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xC3, 0xE2), *range(0xE4, 0xEF)]
)


class Repeats(NamedTuple):
    """Where sentences begin whose first bytes a text has several times, and where lines end whose last bytes it has."""

    # At the first byte of a sentence, the one after a line. Keys are odd of a sentence's first, even of a line's last.
    groups: Groups
    lines: NDArray[np.int64]  # of each text, without short ones
    blocks: NDArray[np.int64]  # of each text: of lines between blank ones, without those that are short


@inlined
def _three(data, at):  # type: ignore[no-untyped-def]
    return np.int64(data[at]) << 16 | np.int64(data[at + 1]) << 8 | np.int64(data[at + 2])


@inlined
def _past_closers(data, at, end):  # type: ignore[no-untyped-def]
    while at < end:
        byte = data[at]
        if _CLOSERS[byte]:
            at += 1
        elif byte in (0xE2, 0xE3, 0xEF) and _three(data, at) in _WIDE_CLOSERS:
            at += 3
        else:
            break
    return at


@inlined
def _joins(data, at, end):  # type: ignore[no-untyped-def]
    """Whether the mark before this byte is within a number, a URL or code: `end.www.` and `end.Visit` are not."""
    if at >= end:
        return False
    byte = data[at]
    if 0x30 <= byte <= 0x39:
        return True
    if byte < 0x61 or byte > 0x7A or at + 3 >= end:
        return 0x61 <= byte <= 0x7A
    first = _three(data, at)
    return first not in (0x777777, 0x687474)


@inlined
def _stops(data, at, end):  # type: ignore[no-untyped-def]
    """Return which of 64 bytes may be line ends or end marks."""
    found = between(data, at, 0x0A, 0x0D) | equal(data, at, 0x2E) | equal(data, at, 0x21) | equal(data, at, 0x3F)
    if between(data, at, 0xE2, 0xEF):
        wide = (equal(data, at, 0xE3) | equal(data, at, 0xE2)) & equal(data, at + 1, 0x80)
        wide |= equal(data, at, 0xEF) & equal(data, at + 1, 0xBC)
        found |= wide & between(data, at + 2, 0x81, 0xA6)
    return up_to(found, at, end)


@inlined
def _next_stop(data, at, end, block, stops):  # type: ignore[no-untyped-def]
    """Return where the next line end or end mark is, the end where there is none; and the block it is in, its stops."""
    while at < end:
        if at >= block + SIZE:
            block = at
            stops = _stops(data, at, end)
        stops &= ~np.uint64(0) << np.uint64(at - block)
        while stops:
            place = block + first_of(stops)
            if data[place] < 0x80 or _three(data, place) in _WIDE_MARKS:
                return place, block, stops
            stops = without_first(stops)
        at = block + SIZE
    return end, block, stops


@inlined
def _window(data, at, end):  # type: ignore[no-untyped-def]
    """Return the hash of the first bytes of a sentence, 0 where its line has too few."""
    size = _ODD_BYTES
    if _LETTER[data[at]]:
        first = _three(data, at) if at + 3 < end else np.int64(0)
        size = _HOST_BYTES if first == 0x777777 else _ODD_BYTES if first == 0x687474 else _PLAIN_BYTES
    size = min(size, end - at)
    line_ends = up_to(between(data, at, 0x0A, 0x0D), at, at + size)
    if line_ends:
        size = first_of(line_ends)
    if size < _LEAST_BYTES:
        return np.uint64(0)
    value = stir(np.uint64(0), up_to_eight(data, at, min(size, 8)))
    word = up_to_eight(data, at + 8, size - 8) if size > 8 else np.uint64(0)
    return stirred(value, word, np.uint64(size)) | np.uint64(1)


@inlined
def _last_window(data, line, at):  # type: ignore[no-untyped-def]
    """Return where a line ends without its spaces, and the hash of its last bytes, 0 where it has too few."""
    while at > line and (data[at - 1] == 0x20 or data[at - 1] == 0x09):
        at -= 1
    if at - line < 2 * _ODD_BYTES:
        return at, np.uint64(0)
    value = stir(np.uint64(0), eight_bytes(data, at - 8))
    return at, max(stirred(value, eight_bytes(data, at - _ODD_BYTES), np.uint64(_ODD_BYTES)) & ~np.uint64(1), _2)


@kernel
def _windows(data, start, end, places, keys):  # type: ignore[no-untyped-def]
    """Write where sentences begin and lines end, and the hashes of their bytes; return how many, lines and blocks."""
    count = lines = blocks = 0
    begins = new_line = new_block = True
    line = at = np.int64(start)
    block, stops = at - SIZE, np.uint64(0)
    while at <= end:
        if not begins:
            at, block, stops = _next_stop(data, at, end, block, stops)
        if at == end or 0x0A <= data[at] <= 0x0D:
            after, key = _last_window(data, line, at)
            if key:
                places[count] = after
                keys[count] = key
                count += 1
            if after - line >= _LONG_BYTES:
                lines += 1
                blocks += new_block
                new_block = False
            elif after == line and not (data[at - 1] == 0x0D and line > start):
                new_block = True
            if at == end:
                break
            line = at + 1
        byte = data[np.uint64(at)]
        kind = _KIND[byte]
        if kind == _WIDE:
            three = _three(data, at)
            kind = _MARK if three in _WIDE_MARKS else _SPACE if three == 0xE38080 else _ORDINARY
        width = _WIDTH[byte]
        if kind == _ORDINARY or (kind == _MARK and new_line):
            if begins:
                new_line = False
                key = _window(data, at, end)
                if key:
                    places[count] = at
                    keys[count] = key
                    count += 1
                begins = False
        elif kind == _MARK:
            after = at + width
            if byte >= 0x80 or not _joins(data, after, end):
                begins = True
                at = _past_closers(data, after, end)
                continue
        elif kind == _LINE_END:
            begins = new_line = True
        at += width
    return count, lines, blocks


@kernel
def _repeated(data, offsets, least, slots, groups, lines, blocks, row, made):  # type: ignore[no-untyped-def]
    """Add the groups of texts from `row` on; return how many texts and groups are done when there is no more room."""
    while row < len(offsets) - 1:
        count, lines[row], blocks[row] = _windows(data, offsets[row], offsets[row + 1], slots.places, slots.keys)
        if groups.first[made] + count > len(groups.at):
            break
        made = add_groups(count, least, row, slots, groups, made)
        row += 1
    return row, made


def repeats(strings: pa.ChunkedArray | pa.Array, least: int) -> Repeats:
    r"""Find where sentences begin and lines end whose first or last bytes a text has at least so many times.

    A sentence begins a line, or follows an end mark and what closes after it: quotes, brackets, spaces.

    >>> texts = pa.array(["One page of it. (a page)\nTwo pages of it. (a page)", "一。【某网】\n二。"])
    >>> found = repeats(texts, 2).groups
    >>> found.rows.tolist(), found.first.tolist(), found.at.tolist(), (found.keys % 2).tolist()
    ([0, 0], [0, 2, 4], [16, 42, 24, 50], [1, 0])
    """
    data, offsets = buffers_of(strings)
    sizes = np.diff(offsets)
    lines, blocks = np.zeros(len(sizes), np.int64), np.zeros(len(sizes), np.int64)
    # A sentence begins at every other byte at most, and lines that are too short have no end that counts.
    places_max = int(sizes.max(initial=0)) * 5 // 8 + 2
    slots = slots_for(places_max)
    data = padded(data)

    def add(row: int, groups: Groups, made: int) -> tuple[int, int]:
        found: tuple[int, int] = _repeated(data, offsets, least, slots, groups, lines, blocks, row, made)
        return found

    return Repeats(all_groups(add, len(sizes), places_max), lines, blocks)
