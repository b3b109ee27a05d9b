r"""Runs of lines that a text has twice: where the later copies are.

A line ends in "\n", and is compared without its outer spaces; blank lines do not count. Lines that are short, that
begin like items of lists and rows of tables, are indented by a tab or two spaces, or stand between lines of ```, may be
part of a run but do not make one.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.lines import longer
from ops.kernels.masks import newline, newlines, padded
from ops.kernels.ngrams import room_for
from ops.kernels.page_ends import ended_at
from ops.kernels.repeating import repeats_enough
from ops.kernels.text_lines import before_spaces, hash_bytes, last_start, past_spaces
from ops.kernels.utf8 import code_point

_TAB, _BLANK, _BRACKET, _BACKTICK = 0x09, 0x20, 0x5B, 0x60
_LISTED = np.isin(np.arange(256), [*b"|+-*#>=<[{`"])  # what rows of tables and items of lists begin with
# Of a line's earlier places, so many are tried, the latest first: of a million equal lines no million squared.
_PLACES_MAX = 32
# Of what stands before, for a copy of short lines at the end: a song's last verse that is its first is less, or shorter
# than twelve lines of 600 bytes together.
_MOST, _MUCH = 0.6, 0.2
_HEADING_ENDS = tuple(map(ord, ":：-—"))
_NO_HEADING = np.isin(np.arange(256), [*b".'`<{!"])  # what code, links and rules of markup begin with
_HEADING_BYTES = 60, 40  # of a line between a copy and the whole text; and between it and a part
# Columns of what is known of a line: its first byte, where its text ends, which line it equals, its bytes if it counts,
# its bytes, whether it looks like a heading, and whether it is between lines of ```.
_LINE, _END, _SAME, _BYTES, _SIZE, _HEADS, _FENCED = range(7)


class RunLimits(NamedTuple):
    """What makes a run, as the kernel reads it."""

    lines: int  # that count and differ from each other
    line_bytes: int  # of a line that counts
    bytes: int  # of all lines that count


@kernel
def _counted(data, line, at, stop, line_bytes):  # type: ignore[no-untyped-def]
    """Return the bytes of a line if it counts, else 0."""
    if (
        stop - at < line_bytes
        or _LISTED[data[at]]
        or data[line] == _TAB
        or (data[line] == _BLANK and data[line + 1] == _BLANK)
    ):
        return 0
    return stop - at


@kernel
def _is_heading(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a short line may head a copy: `Full text`, `Article:`, a rule."""
    if _NO_HEADING[data[at]] or (data[at] == _BRACKET and at + 1 < stop and 0x30 <= data[at + 1] <= 0x39):
        return False
    return not ended_at(data, at, stop) or code_point(data, last_start(data, at, stop))[0] in _HEADING_ENDS


@kernel
def _read_lines(data, start, end, line_bytes, keys, first, lines):  # type: ignore[no-untyped-def]
    """Tell of each line that is not blank where it is, which it equals and its bytes if it counts; return how many."""
    room, bits = room_for(len(keys) // 2)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    count = 0
    fenced = False
    line = start
    while line < end:
        after = newline(data, line, end)
        at = past_spaces(data, line, after)
        stop = before_spaces(data, at, after)
        if at < stop:
            key = hash_bytes(data, at, stop)
            slot = np.int64(key >> shift)
            while keys[slot] and keys[slot] != key:
                slot = (slot + 1) & (room - 1)
            if not keys[slot]:
                keys[slot] = key
                first[slot] = count
            fence = stop - at >= 3 and data[at] == _BACKTICK == data[at + 1] == data[at + 2]
            lines[count, _FENCED] = fenced
            fenced ^= fence
            lines[count, _LINE] = line
            lines[count, _END] = stop
            lines[count, _SAME] = first[slot]
            lines[count, _BYTES] = 0 if fenced or fence else _counted(data, line, at, stop, line_bytes)
            lines[count, _SIZE] = stop - at
            lines[count, _HEADS] = stop - at <= _HEADING_BYTES[0] and _is_heading(data, at, stop)
            count += 1
        line = after + 1
    return count


@kernel
def _run_at(i, j, left, count, kept, place, lines, limits, before_bytes, seen):  # type: ignore[no-untyped-def]
    """Return how many lines from `i` on equal those from the kept line `j` on; 0 if they are too few to be a run."""
    seen[-1] += 1
    size = different = run = whole = 0
    while i + run < count and j + run < place and lines[left[i + run], _SAME] == lines[kept[j + run], _SAME]:
        line = left[i + run]
        same = lines[line, _SAME]
        whole += lines[line, _SIZE]
        if lines[line, _BYTES] and seen[same] != seen[-1]:
            seen[same] = seen[-1]
            different += 1
            size += lines[line, _BYTES]
        run += 1
    if different >= limits.lines and size >= limits.bytes:
        return run
    # At the end of the text two lines are enough, if there is much of them, or a heading stands above them; and what is
    # a copy of most of the text may be of shorter ones.
    if run < 2 or i + run < count or 2 * whole < limits.bytes:
        return 0
    two = size >= limits.bytes or (different >= 2 and 3 * whole >= before_bytes)
    many = run >= 4 * limits.lines and whole >= 2 * limits.bytes
    above = left[i - 1]
    # Between lines of ``` it is one more example of the same code.
    headed = (
        lines[above, _HEADS]
        and not lines[left[i], _FENCED]
        and lines[above, _SIZE] <= _HEADING_BYTES[1]
        and lines[above, _SAME] == above
    )
    return run if two or headed or whole >= (_MUCH if many else _MOST) * before_bytes else 0


@kernel
def _without_runs(left, count, lines, limits, kept, latest, before, seen):  # type: ignore[no-untyped-def]
    """Write to `kept` the lines of `left` that are in no later copy; return how many."""
    latest[:] = -1
    place = i = kept_bytes = 0
    while i < count:
        longest = 0
        j = latest[lines[left[i], _SAME]]
        for _ in range(_PLACES_MAX):
            if j < 0:
                break
            # What is the rest of a run that was too short is not looked at again.
            if not j or lines[kept[j - 1], _SAME] != lines[kept[place - 1], _SAME]:
                longest = max(longest, _run_at(i, j, left, count, kept, place, lines, limits, kept_bytes, seen))
            j = before[j]
        if longest:
            i += longest
            continue
        same = lines[left[i], _SAME]
        kept[place] = left[i]
        kept_bytes += lines[left[i], _SIZE]
        before[place] = latest[same]
        latest[same] = place
        place += 1
        i += 1
    return place


@kernel
def _heads_copy(left, n, remain, total, lines, before, after):  # type: ignore[no-untyped-def]
    """Whether a line that stays is the heading of a copy that goes from below it: `Full text`.

    `before` and `after` are the bytes of lines that stay. A copy that does not end as what stands above the heading may
    be of the first lines of a section that goes on: not where less than half an article stands below, as furniture may.
    """
    line = left[n]
    following = left[n + 1] if n + 1 < remain else total
    if n < 1 or following == line + 1 or lines[line, _SAME] != line:
        return False
    for one in range(line + 1, following):
        if lines[one, _SAME] == line:
            return False
    ends_alike = lines[following - 1, _SAME] == left[n - 1]
    if not after and ends_alike and lines[line + 1, _SAME] == left[0]:  # all of the text again
        return lines[line, _SIZE] <= _HEADING_BYTES[0]
    is_below = ends_alike or 2 * after <= before
    return is_below and lines[line, _HEADS] and lines[line, _SIZE] <= _HEADING_BYTES[0 if ends_alike else 1]


@kernel
def _without_headings(left, remain, total, lines, kept):  # type: ignore[no-untyped-def]
    """Write to `kept` the lines that are no headings of copies; return how many."""
    after = np.int64(0)
    for n in range(remain):
        after += lines[left[n], _SIZE]
    place = before = 0
    for n in range(remain):
        after -= lines[left[n], _SIZE]
        if _heads_copy(left, n, remain, total, lines, before, after):
            continue
        before += lines[left[n], _SIZE]
        kept[place] = left[n]
        place += 1
    return place


@njit(cache=True, nogil=True)
def _find(data, offsets, limits):  # type: ignore[no-untyped-def]
    keys = np.empty(64, np.uint64)
    places = np.empty(64, np.int64)
    rows = np.empty(16, np.int64)
    cuts = np.empty((16, 2), np.int64)
    found = 0
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        if end - start < limits.bytes:
            continue
        room = newlines(data, start, end) + 1
        if room < 2 * limits.lines:
            continue
        slots = room_for(room)[0]
        if slots > len(keys):
            keys = np.empty(slots, np.uint64)
            places = np.empty(slots, np.int64)
        if not repeats_enough(data, start, end, limits, keys[:slots], places):
            continue
        lines = np.empty((room, 7), np.int64)
        latest, before, seen = np.empty(room, np.int64), np.empty(room, np.int64), np.zeros(room + 1, np.int64)
        total = count = _read_lines(data, start, end, limits.line_bytes, keys[:slots], np.empty(slots, np.int64), lines)
        left = np.arange(count)
        # Lines that a copy stood between may be a run together: only what has no run any more is done.
        kept = np.empty(count, np.int64)
        remain = _without_runs(left, count, lines, limits, kept, latest, before, seen)
        while remain < count:
            count = remain
            left = kept
            kept = np.empty(count, np.int64)
            remain = _without_runs(left, count, lines, limits, kept, latest, before, seen)
        left, remain = kept, _without_headings(left, remain, total, lines, kept)
        for n in range(remain):
            following = left[n + 1] if n + 1 < remain else total
            if following > left[n] + 1:
                if found == len(rows):
                    rows, cuts = longer(rows), longer(cuts)
                rows[found] = row
                cuts[found, 0] = lines[left[n], _END]
                cuts[found, 1] = lines[following - 1, _END]
                found += 1
    return rows[:found], cuts[:found]


def repeated_runs(
    strings: pa.ChunkedArray | pa.Array, limits: RunLimits
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    r"""Return text number and bytes (from, to) of each later copy of a run of lines, with the line ends before it.

    >>> twice = pa.array(["one\ntwo\n\nONE\none\n\ntwo\nend", "one\ntwo"])
    >>> rows, cuts = repeated_runs(twice, RunLimits(lines=2, line_bytes=3, bytes=6))
    >>> rows.tolist(), cuts.tolist()
    ([0], [[7, 21]])
    """
    data, offsets = buffers_of(strings)
    return _find(padded(data), offsets, limits)  # type: ignore[no-any-return]
