"""Strings that a page repeats where sentences begin or lines end: a gate, before anything is looked at closely."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes, up_to_eight
from ops.kernels.hashing import stir, stirred
from ops.kernels.masks import between, first_of, padded, up_to
from ops.kernels.ngrams import room_for
from ops.kernels.recurring import Groups, add_groups, all_groups, slots_for
from ops.kernels.stops import WIDE_MARKS, Stops

# Bytes of a window: what begins with a letter is a watermark in plain words only if it is long (24 letters, eight
# of Han), what begins with a bracket, a dash or a domain may be short.
_PLAIN_BYTES = 16
_ODD_BYTES = 12
_HOST_BYTES = 9  # www.a.com
_LEAST_BYTES = 6
_LONG_BYTES = 30  # of a line that counts as a paragraph: ten Han characters
_1, _2 = np.uint64(1), np.uint64(2)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MANY = 255  # of places, as many as a byte counts
_ORDINARY, _SPACE, _LINE_END, _MARK, _WIDE = range(5)


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    kinds[[0x09, 0x20]] = _SPACE
    kinds[0x0A:0x0E] = _LINE_END
    kinds[[*b".!?"]] = _MARK
    kinds[[0xE2, 0xE3, 0xEF]] = _WIDE
    return kinds


_KIND = _kinds()
_WIDE_SPACE = 0xE38080
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
def _first_of_line(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the text of a line begins; the end where it has none."""
    while at < end:
        kind = _KIND[data[at]]
        if kind == _SPACE:
            at += 1
        elif kind == _WIDE and _three(data, at) == _WIDE_SPACE:
            at += 3
        else:
            return end if kind == _LINE_END else at
    return end


@inlined
def _first_after(data, at, end):  # type: ignore[no-untyped-def]
    """Return where a sentence begins after an end mark; the end where another mark or a line end comes first."""
    at = _past_closers(data, at, end)
    while at < end:
        kind = _KIND[data[at]]
        if kind == _ORDINARY:
            return at
        width = 1
        if kind == _WIDE:
            three = _three(data, at)
            if three != _WIDE_SPACE:
                return end if three in WIDE_MARKS else at
            width = 3
        elif kind == _LINE_END or (kind == _MARK and not _joins(data, at + 1, end)):
            return end
        at += width
    return end


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
def _without_blanks(data, line, at):  # type: ignore[no-untyped-def]
    """Return where a line ends without the blanks at its end."""
    while at > line and (data[at - 1] == 0x20 or data[at - 1] == 0x09):
        at -= 1
    return at


@inlined
def _last_window(data, at):  # type: ignore[no-untyped-def]
    """Return the hash of the last bytes of a line that has enough."""
    value = stir(np.uint64(0), eight_bytes(data, at - 8))
    return max(stirred(value, eight_bytes(data, at - _ODD_BYTES), np.uint64(_ODD_BYTES)) & ~_1, _2)


@kernel
def _places(data, start, end, stops, places, keys):  # type: ignore[no-untyped-def]
    """Write where sentences begin and lines end, and hashes of six bytes; return how many, lines and blocks.

    These tell most places that are like no others. Hashes are odd of a sentence's first bytes, even of a line's last.
    """
    count = lines = blocks = 0
    new_block = True
    line = start
    first = at = _first_of_line(data, line, end)
    for one in range(len(stops) + 1):
        if at + _LEAST_BYTES <= end:
            places[count] = at
            keys[count] = up_to_eight(data, at, _LEAST_BYTES) * _GOLDEN | _1
            count += 1
        stop = np.int64(stops[one]) if one < len(stops) else end
        at = end
        if stop < end and not 0x0A <= data[stop] <= 0x0D:
            after = stop + (1 if data[stop] < 0x80 else 3)
            # A mark that a line begins with is text.
            if stop != first and (data[stop] >= 0x80 or not _joins(data, after, end)):
                at = _first_after(data, after, end)
            continue
        last = _without_blanks(data, line, stop)
        if last - line >= 2 * _ODD_BYTES:
            places[count] = last
            keys[count] = eight_bytes(data, last - 8) * _GOLDEN & ~_1
            count += 1
        if last - line >= _LONG_BYTES:
            lines += 1
            blocks += new_block
            new_block = False
        elif last == line and not (line > start and data[stop - 1] == 0x0D):
            new_block = True
        line = stop + 1
        first = at = _first_of_line(data, line, end)
    return count, lines, blocks


@kernel
def _windows(data, end, count, least, seen, places, keys):  # type: ignore[no-untyped-def]
    """Keep the places that may be alike, with the hashes of all their bytes; return how many."""
    room, bits = room_for(2 * count)  # few of them meet by chance
    shift = np.uint64(64 - bits)
    seen[:room] = 0
    for one in range(count):
        slot = np.int64(keys[one] >> shift)
        seen[slot] += seen[slot] < _MANY
    kept = 0
    for one in range(count):
        if seen[np.int64(keys[one] >> shift)] >= least:
            at = places[one]
            places[kept] = at
            keys[kept] = _window(data, at, end) if keys[one] & _1 else _last_window(data, at)
            kept += keys[kept] != 0
    return kept


@kernel
def _repeated(data, offsets, least, share, stops, seen, slots, groups, lines, blocks, row, made):  # type: ignore[no-untyped-def]
    """Add the groups of texts from `row` on; return how many texts and groups are done when there is no more room."""
    while row < len(offsets) - 1:
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        own = stops.at[stops.first[row] : stops.first[row + 1]]
        count, lines[row], blocks[row] = _places(data, start, end, own, slots.places, slots.keys)
        needed = max(least, np.int64(np.ceil(share * blocks[row])))
        count = _windows(data, end, count, min(needed, _MANY), seen, slots.places, slots.keys)
        if groups.first[made] + count > len(groups.at):
            break
        made = add_groups(count, needed, row, slots, groups, made)
        row += 1
    return row, made


def repeats(strings: pa.ChunkedArray | pa.Array, stops: Stops, least: int, share: float) -> Repeats:
    r"""Find where sentences begin and lines end whose first or last bytes a text has at least so many times.

    That is `least`, and such a share of its blocks. A sentence begins a line, or follows an end mark and what closes
    after it: quotes, brackets, spaces.

    >>> from ops.kernels.stops import stops_of
    >>> texts = pa.array(["One page of it. (a page)\nTwo pages of it. (a page)", "一。【某网】\n二。"])
    >>> found = repeats(texts, stops_of(texts), 2, 0.0).groups
    >>> found.rows.tolist(), found.first.tolist(), found.at.tolist(), (found.keys % 2).tolist()
    ([0, 0], [0, 2, 4], [16, 42, 24, 50], [1, 0])
    """
    data, offsets = buffers_of(strings)
    sizes = np.diff(offsets)
    lines, blocks = np.zeros(len(sizes), np.int64), np.zeros(len(sizes), np.int64)
    # A sentence begins at every other byte at most, and lines that are too short have no end that counts.
    places_max = int(sizes.max(initial=0)) * 5 // 8 + 2
    slots, seen = slots_for(places_max), np.empty(int(room_for(2 * places_max)[0]), np.uint8)
    data = padded(data)

    def add(row: int, groups: Groups, made: int) -> tuple[int, int]:
        found: tuple[int, int] = _repeated(
            data, offsets, least, share, stops, seen, slots, groups, lines, blocks, row, made
        )
        return found

    return Repeats(all_groups(add, len(sizes), places_max), lines, blocks)
