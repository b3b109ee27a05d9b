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
from ops.kernels.page_ends import before_closers, ended_at
from ops.kernels.repeating import repeats_enough
from ops.kernels.text_lines import before_spaces, hash_bytes, last_start, past_spaces
from ops.kernels.utf8 import code_point

_TAB, _BLANK, _STAR, _BRACKET, _BACKTICK = 0x09, 0x20, 0x2A, 0x5B, 0x60
_LISTED = np.isin(np.arange(256), [*b"|+-*#>=<[{`"])  # what rows of tables and items of lists begin with
# Of a line's earlier places, so many are tried, the latest first: of a million equal lines no million squared.
_PLACES_MAX = 32
# Of what stands before, for a copy of short lines at the end: a song's last verse that is its first is less, or shorter
# than twelve lines of 600 bytes together. Of sentences a little is enough: no clean page of the benches has a tenth.
_MOST, _MUCH, _LITTLE = 0.6, 0.2, 0.12
_CLOSING = tuple(map(ord, ".!?:。！？…："))
_HEADING_ENDS = tuple(map(ord, ":：-—"))
_NO_HEADING = np.isin(np.arange(256), [*b".'`<{!"])  # what code, links and rules of markup begin with
_HEADING_BYTES = 60, 40  # of a line between a copy and the whole text; and between it and a part
# Columns of what is known of a line: its first byte, where its text ends, which line it equals, its bytes if it counts,
# its bytes, whether it looks like a heading, whether it is between lines of ```, whether it counts or is a sentence,
# whether it is of a list, a table or code, and whether a blank line stands above it.
_LINE, _END, _SAME, _BYTES, _SIZE, _HEADS, _FENCED, _PROSE, _MARKED, _APART = range(10)
_CLOSED = 2  # of a sentence; 1 of another line that counts


class RunLimits(NamedTuple):
    """What makes a run, as the kernel reads it."""

    lines: int  # that count and differ from each other
    line_bytes: int  # of a line that counts
    bytes: int  # of all lines that count


@kernel
def _is_marked(data, line, at):  # type: ignore[no-untyped-def]
    """Whether a line is indented, or begins like an item of a list or a row of a table; `*so*` is emphasis."""
    return (
        (_LISTED[data[at]] and (data[at] != _STAR or data[at + 1] == _BLANK))
        or data[line] == _TAB
        or (data[line] == _BLANK and data[line + 1] == _BLANK)
    )


@kernel
def _is_heading(data, line, at, stop):  # type: ignore[no-untyped-def]
    """Whether a short line may head a copy: `Full text`, `Article:`, a rule."""
    if _NO_HEADING[data[at]] or (data[at] == _BRACKET and at + 1 < stop and 0x30 <= data[at + 1] <= 0x39):
        return False
    if data[line] == _TAB or (data[line] == _BLANK and data[line + 1] == _BLANK):
        return False
    return not ended_at(data, at, stop) or code_point(data, last_start(data, at, stop))[0] in _HEADING_ENDS


@kernel
def _read_lines(data, start, end, line_bytes, keys, first, lines):  # type: ignore[no-untyped-def]
    """Tell of each line that is not blank where it is, which it equals and its bytes if it counts; return how many."""
    room, bits = room_for(len(keys) // 2)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    count = 0
    fenced = apart = False
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
            marked = fenced or fence or _is_marked(data, line, at)
            closed = before_closers(data, at, stop) in _CLOSING
            lines[count, _BYTES] = 0 if marked or stop - at < line_bytes else stop - at
            lines[count, _SIZE] = stop - at
            lines[count, _HEADS] = stop - at <= _HEADING_BYTES[0] and _is_heading(data, line, at, stop)
            lines[count, _PROSE] = 0 if marked else _CLOSED if closed else stop - at >= line_bytes
            lines[count, _MARKED] = marked
            lines[count, _APART] = apart
            count += 1
        apart = at == stop
        line = after + 1
    return count


@kernel
def _run_at(i, j, left, count, kept, place, lines, limits, before_bytes, seen):  # type: ignore[no-untyped-def]
    """Return how many lines from `i` on equal those from the kept line `j` on; 0 if they are too few to be a run.

    And whether they are a run only if they stand in one place before: a refrain stands in more.
    """
    seen[-1] += 1
    size = different = counted = run = whole = prose = marked = closed = 0
    while i + run < count and j + run < place and lines[left[i + run], _SAME] == lines[kept[j + run], _SAME]:
        line = left[i + run]
        same = lines[line, _SAME]
        whole += lines[line, _SIZE]
        prose += lines[line, _PROSE] > 0
        closed += lines[line, _PROSE] == _CLOSED
        marked += lines[line, _MARKED]
        if seen[same] != seen[-1]:
            seen[same] = seen[-1]
            different += 1
            counted += lines[line, _BYTES] > 0
            size += lines[line, _BYTES]
        run += 1
    if counted >= limits.lines and size >= limits.bytes:
        return run, False
    # At the end of the text two lines are enough, if there is much of them, or a heading stands above them; and what is
    # a copy of most of the text may be of shorter ones, unless these are all the same.
    if run < 2 or i + run < count or 4 * whole < limits.bytes or 3 * different < run:
        return 0, False
    above = left[i - 1]
    # Between lines of ``` it is one more example of the same code.
    headed = (
        lines[above, _HEADS]
        and not lines[left[i], _FENCED]
        and lines[above, _SIZE] <= _HEADING_BYTES[1]
        and lines[above, _SAME] == above
    )
    if 2 * whole >= limits.bytes:
        two = size >= limits.bytes or (counted >= 2 and 3 * whole >= before_bytes)
        many = run >= 4 * limits.lines and whole >= 2 * limits.bytes
        if two or headed or whole >= (_MUCH if many else _MOST) * before_bytes:
            return run, False
    # What follows is no verse, whose lines are short and seldom end as sentences do.
    sentences = closed == run and 3 * whole >= limits.bytes and (counted >= 2 or run >= 3)
    little = 3 * prose >= 2 * run and (headed or whole >= _LITTLE * before_bytes)
    much = 3 * (prose + marked) >= 2 * run and whole >= _MUCH * before_bytes
    much = much and whole >= limits.bytes / (2 if prose else 1)
    return run if sentences or little or much or (headed and not j) else 0, True


@kernel
def _without_runs(left, count, lines, limits, kept, latest, before, seen):  # type: ignore[no-untyped-def]
    """Write to `kept` the lines of `left` that are in no later copy; return how many."""
    latest[:] = -1
    place = i = kept_bytes = 0
    while i < count:
        longest = only = onlys = 0
        j = latest[lines[left[i], _SAME]]
        tried = 0
        while j >= 0:
            # What is the rest of a run that was too short is not looked at again.
            if not j or lines[kept[j - 1], _SAME] != lines[kept[place - 1], _SAME]:
                run, is_only = _run_at(i, j, left, count, kept, place, lines, limits, kept_bytes, seen)
                if is_only and run:
                    only = run
                    onlys += 1
                elif run > longest:
                    longest = run
            tried += 1
            if tried < _PLACES_MAX or not j:
                j = before[j]
            else:  # at last the first line of the text, with which a copy of all of it begins
                j = 0 if lines[kept[0], _SAME] == lines[left[i], _SAME] else -1
        if onlys == 1:
            longest = max(longest, only)
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
    if n < 1 or following == line + 1 or lines[line, _SAME] == lines[left[n - 1], _SAME]:
        return False
    ends_alike = lines[following - 1, _SAME] == left[n - 1]
    if not after and ends_alike and lines[line + 1, _SAME] == left[0]:  # all of the text again
        return lines[line, _SIZE] <= _HEADING_BYTES[0] and (lines[line, _HEADS] or lines[line, _PROSE] != _CLOSED)
    # The last line of a block of lines is none, nor one that stands above, or in the copy, too.
    if lines[line, _SAME] != line or lines[line, _APART] < lines[line + 1, _APART]:
        return False
    for one in range(line + 1, following):
        if lines[one, _SAME] == line:
            return False
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
        lines = np.empty((room, 10), np.int64)
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
