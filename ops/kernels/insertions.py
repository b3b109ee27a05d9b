"""Strings that stand within words, letters on both sides, and that a page has several times: a gate.

What begins alike is compared byte by byte, before and after, which tells from where to where a string reaches. Most of
what recurs is of the page: parts of addresses, of names in code, terms of Chinese. What is next to these tells it.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.masks import SIZE, padded
from ops.kernels.recurring import Groups, add_groups, all_groups, slots_for
from ops.kernels.word_insides import BYTES_MAX, BYTES_MIN, beginnings, is_in, three_bytes
from ops.kernels.word_places import HAN, IS_LETTER, KIND

_TRIED_MAX = 64  # places whose neighbours are compared
_OF_ADDRESSES = np.isin(np.arange(256), [*b"./@=&?%\\"])  # what stands before a part of an address or a path
# Characters that a word rarely begins with, where more follows, and those that one rarely ends with.
_AFTER_NO_WORD = np.array(
    [int.from_bytes(char.encode()) for char in "的是了和在與与及或也都而被把一個个有这這我你他"], np.int64
)
_BEFORE_NO_WORD = np.array([int.from_bytes(char.encode()) for char in "的了和與与及或是一"], np.int64)


class Insertion(NamedTuple):
    """A string between letters that a text has several times."""

    row: int
    at: NDArray[np.int64]  # from which bytes in the column's buffer, of most of its places: those after a letter
    size: int  # bytes


@kernel
def _repeated(data, offsets, least, seen, slots, groups, row, made):  # type: ignore[no-untyped-def]
    """Add the groups of texts from `row` on; return how many texts and groups are done when there is no more room."""
    while row < len(offsets) - 1:
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        count = beginnings(data, start, end, least, seen, slots.places, slots.keys)
        if groups.first[made] + count > len(groups.at):
            break
        made = add_groups(count, least, row, slots, groups, made)
        row += 1
    return row, made


@inlined
def _is_between_letters(data, start, stop, begin, end):  # type: ignore[no-untyped-def]
    if start <= begin or stop >= end:
        return False
    at = start - 1
    while at > begin and data[at] & 0xC0 == 0x80:
        at -= 1
    return IS_LETTER[data[at]] and IS_LETTER[data[stop]]


@inlined
def _may_part_han(data, start, stop, begin, end):  # type: ignore[no-untyped-def]
    """Whether a string between Han may part a word, by what is next to it: 的 and its kin rarely are in words."""
    if start - 3 < begin or stop + 3 > end:
        return False
    before, after = three_bytes(data, start - 3), three_bytes(data, stop)
    return not is_in(before, _AFTER_NO_WORD) and not is_in(after, _BEFORE_NO_WORD)


@inlined
def _may_part_latin(data, start, begin):  # type: ignore[no-untyped-def]
    """Whether what is before a string may be the first letters of a word, and not a part of an address."""
    at = start - 1
    while at >= begin and (data[at] >= 0x80 or IS_LETTER[data[at]]):
        at -= 1
    return at < begin or not _OF_ADDRESSES[data[at]]


@inlined
def _is_first_between(data, at, one, before, after, begin, end):  # type: ignore[no-untyped-def]
    """Whether a string between Han has other characters next to it than at the places before, of those looked at."""
    if one >= _TRIED_MAX:
        return False
    first, last = three_bytes(data, at[one] - before - 3), three_bytes(data, at[one] + after)
    for other in range(one):
        start, stop = at[other] - before - 3, at[other] + after
        if begin <= start and stop + 3 <= end and three_bytes(data, start) == first and three_bytes(data, stop) == last:
            return False
    return True


@kernel
def _reach(data, at, begin, end, least, share):  # type: ignore[no-untyped-def]
    """Return from where to where around its first place most of the places are alike: nothing where that is no string.

    All places are of one text, from `begin` to `end`; those that are not alike go.
    """
    need = max(least, np.int64(np.ceil(share * len(at))))
    count = len(at)
    before = after = np.int64(0)
    # Of the characters of a string of Han, each may be a beginning: the first one stands for it.
    is_inner = KIND[data[at[0]]] == HAN and at[0] - begin >= 3 and KIND[data[at[0] - 3]] == HAN
    for side in range(2):
        while before + after < BYTES_MAX:
            step = -before - 1 if side == 0 else after
            if not begin <= at[0] + step < end:
                break
            byte = data[at[0] + step]
            left = 0
            for one in range(count):
                place = at[one] + step
                left += begin <= place < end and data[place] == byte
            if left < need or 0x0A <= byte <= 0x0D:
                break
            kept = 0
            for one in range(count if left < count else 0):
                place = at[one] + step
                if begin <= place < end and data[place] == byte:
                    at[kept] = at[one]
                    kept += 1
            count = left
            if side == 0:
                before += 1
                if is_inner and before == 3:
                    return np.int64(0), np.int64(0), np.int64(0)
            else:
                after += 1
    while before > 0 and data[at[0] - before] & 0xC0 == 0x80:
        before -= 1
    while after > 0 and at[0] + after < end and data[at[0] + after] & 0xC0 == 0x80:
        after -= 1
    start, stop = at[0] - before, at[0] + after
    if stop - start < BYTES_MIN or data[start] <= 0x20 or data[stop - 1] <= 0x20:
        return np.int64(0), np.int64(0), np.int64(0)
    is_han = KIND[data[start]] == HAN and stop - start >= 6 and KIND[data[stop - 3]] == HAN
    if is_han and (
        is_in(three_bytes(data, start), _AFTER_NO_WORD) or is_in(three_bytes(data, stop - 3), _BEFORE_NO_WORD)
    ):
        return np.int64(0), np.int64(0), np.int64(0)
    within = parted = different = 0
    for one in range(count):
        start, stop = at[one] - before, at[one] + after
        if not _is_between_letters(data, start, stop, begin, end):
            continue
        within += 1
        if not is_han:
            parted += data[start - 1] >= 0x80 or _may_part_latin(data, start, begin)
        elif _may_part_han(data, start, stop, begin, end):
            parted += 1
            different += _is_first_between(data, at, one, before, after, begin, end)
    if within < need or parted == 0 or (is_han and (different < least or 2 * parted <= count)):
        return np.int64(0), np.int64(0), np.int64(0)
    return before, after, np.int64(count)


@kernel
def _reaches(data, offsets, groups, least, share, reach):  # type: ignore[no-untyped-def]
    for group in range(len(reach)):
        row = groups.rows[group]
        at = groups.at[groups.first[group] : groups.first[group + 1]]
        reach[group, 0], reach[group, 1], reach[group, 2] = _reach(
            data, at, offsets[row], offsets[row + 1], least, share
        )


def insertions(strings: pa.ChunkedArray | pa.Array, least: int, share: float) -> list[Insertion]:
    """Find strings between letters that a text has at least so many times: in brackets, Latin in Han, domains.

    >>> found = insertions(pa.array(["首席《某网》官和经《某网》济", "首席《某网》官"]), 2, 0.8)
    >>> [(one.row, one.at.tolist(), one.size) for one in found]
    [(0, [6, 27], 12)]
    """
    data, offsets = buffers_of(strings)
    sizes = np.diff(offsets)
    longest = int(sizes.max(initial=0))
    places_max = longest + 2 * SIZE
    slots = slots_for(places_max)
    seen = np.empty(2 * len(slots.table), np.uint8)
    data = padded(data)

    def add(row: int, groups: Groups, made: int) -> tuple[int, int]:
        done: tuple[int, int] = _repeated(data, offsets, least, seen, slots, groups, row, made)
        return done

    groups = all_groups(add, len(sizes), places_max)
    reach = np.empty((len(groups.rows), 3), np.int64)
    _reaches(data, offsets, groups, least, share, reach)
    found = []
    for group in np.flatnonzero(reach[:, 2]).tolist():
        before, after, count = reach[group].tolist()
        one = groups.first[group]
        found.append(Insertion(int(groups.rows[group]), groups.at[one : one + count] - before, before + after))
    return found
