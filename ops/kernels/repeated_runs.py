r"""Runs of lines that a text has twice: where the later copies are.

A line ends in "\n", and is compared without its outer spaces; blank lines do not count. Lines that are short, that
begin like items of lists and rows of tables, are indented by a tab or two spaces, or stand between lines of ```, may be
part of a run but do not make one.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.copied_lines import copied_lines, is_changed
from ops.kernels.lines import longer
from ops.kernels.masks import newlines, padded
from ops.kernels.ngrams import room_for
from ops.kernels.repeating import repeats_enough
from ops.kernels.run_lines import (
    APART,
    BYTES,
    CLOSED,
    END,
    FENCED,
    HEADING_BYTES,
    HEADS,
    PROSE,
    SAME,
    SIZE,
    RunLimits,
    read_lines,
)  # fmt: skip

# Of a line's earlier places, so many are tried, the latest first: of a million equal lines no million squared.
_PLACES_MAX = 32
# Of what stands before, for a copy of short lines at the end: a song's last verse that is its first is less, or shorter
# than twelve lines of 600 bytes together. Of sentences a little is enough: no clean page of the benches has a tenth.
_MOST, _MUCH, _LITTLE = 0.6, 0.2, 0.12
_PART_HEADING_BYTES = 40  # of a line between a copy of a part and the text


@kernel
def _run_at(data, i, j, left, count, kept, place, lines, limits, before_bytes, seen, may_change):  # type: ignore[no-untyped-def]
    """Return how many lines from `i` on are those from the kept line `j` on; 0 if they are too few to be a run.

    The copy may lack lines here and there, or have changed ones. And whether they are a run only if they stand in one
    place before, as a refrain stands in more; and whether any is changed.
    """
    run, changed, whole, different, counted, size, prose, closed, marked = copied_lines(
        data, i, j, left, count, kept, place, lines, seen, may_change
    )
    if changed and 2 * whole < before_bytes:
        return 0, False, True
    if counted >= limits.lines and size >= limits.bytes:
        return run, False, changed
    # At the end of the text two lines are enough, if there is much of them, or a heading stands above them; and what is
    # a copy of most of the text may be of shorter ones, unless these are all the same.
    if run < 2 or i + run < count or 4 * whole < limits.bytes or 3 * different < run:
        return 0, False, changed
    above = left[i - 1]
    # Between lines of ``` it is one more example of the same code.
    headed = (
        lines[above, HEADS]
        and not lines[left[i], FENCED]
        and lines[above, SIZE] <= _PART_HEADING_BYTES
        and lines[above, SAME] == above
    )
    if 2 * whole >= limits.bytes:
        two = size >= limits.bytes or (counted >= 2 and 3 * whole >= before_bytes)
        many = run >= 4 * limits.lines and whole >= 2 * limits.bytes
        if two or headed or whole >= (_MUCH if many else _MOST) * before_bytes:
            return run, False, changed
    # What follows is no verse, whose lines are short and seldom end as sentences do.
    sentences = closed == run and 3 * whole >= limits.bytes and (counted >= 2 or run >= 3)
    little = 3 * prose >= 2 * run and (headed or whole >= _LITTLE * before_bytes)
    much = 3 * (prose + marked) >= 2 * run and whole >= _MUCH * before_bytes
    much = much and whole >= limits.bytes / (2 if prose else 1)
    return run if sentences or little or much or (headed and not j) else 0, True, changed


@kernel
def _longest_run(data, i, left, count, kept, place, lines, limits, kept_bytes, latest, before, seen):  # type: ignore[no-untyped-def]
    """Return how many lines from `i` on are a later copy, and of which kept line on."""
    longest = only = onlys = tried = 0
    of = only_of = -1
    j = latest[lines[left[i], SAME]]
    while j >= 0:
        # What is the rest of a run that was too short is not looked at again.
        if not j or lines[kept[j - 1], SAME] != lines[kept[place - 1], SAME]:
            for may_change in (True, False):
                run, is_only, changed = _run_at(
                    data, i, j, left, count, kept, place, lines, limits, kept_bytes, seen, may_change
                )
                if run or not changed:
                    break
            if is_only and run:
                only, only_of = run, j
                onlys += 1
            elif run > longest:
                longest, of = run, j
        tried += 1
        # At last the first line of the text, with which a copy of all of it begins.
        is_first = lines[kept[0], SAME] == lines[left[i], SAME]
        j = before[j] if tried < _PLACES_MAX or not j else 0 if is_first else -1
    return (only, only_of) if onlys == 1 and only > longest else (longest, of)


@kernel
def _without_runs(data, left, count, lines, limits, kept, latest, before, seen):  # type: ignore[no-untyped-def]
    """Write to `kept` the lines of `left` that are in no later copy; return how many."""
    latest[:] = -1
    place = i = kept_bytes = 0
    while i < count:
        longest, of = _longest_run(data, i, left, count, kept, place, lines, limits, kept_bytes, latest, before, seen)
        if longest:
            # The first line of the text may be changed in its copy, too.
            if of == 1 and place > 1 and is_changed(data, lines, kept[place - 1], kept[0]):
                place -= 1
                latest[lines[kept[place], SAME]] = before[place]
                kept_bytes -= lines[kept[place], SIZE]
            i += longest
            continue
        same = lines[left[i], SAME]
        if place and same == lines[kept[place - 1], SAME] and lines[left[i], BYTES] and lines[left[i], PROSE] == CLOSED:
            i += 1  # a paragraph below itself
            continue
        kept[place] = left[i]
        kept_bytes += lines[left[i], SIZE]
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
    if n < 1 or following == line + 1 or lines[line, SAME] == lines[left[n - 1], SAME]:
        return False
    ends_alike = lines[following - 1, SAME] == left[n - 1]
    if not after and ends_alike and lines[line + 1, SAME] == left[0]:  # all of the text again
        return lines[line, SIZE] <= HEADING_BYTES and (lines[line, HEADS] or lines[line, PROSE] != CLOSED)
    # The last line of a block of lines is none, nor one that stands above, or in the copy, too.
    if lines[line, SAME] != line or lines[line, APART] < lines[line + 1, APART]:
        return False
    for one in range(line + 1, following):
        if lines[one, SAME] == line:
            return False
    is_below = ends_alike or 2 * after <= before
    most = HEADING_BYTES if ends_alike else _PART_HEADING_BYTES
    return is_below and lines[line, HEADS] and lines[line, SIZE] <= most


@kernel
def _without_headings(left, remain, total, lines, kept):  # type: ignore[no-untyped-def]
    """Write to `kept` the lines that are no headings of copies; return how many."""
    after = np.int64(0)
    for n in range(remain):
        after += lines[left[n], SIZE]
    place = before = 0
    for n in range(remain):
        after -= lines[left[n], SIZE]
        if _heads_copy(left, n, remain, total, lines, before, after):
            continue
        before += lines[left[n], SIZE]
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
        total = count = read_lines(data, start, end, limits.line_bytes, keys[:slots], np.empty(slots, np.int64), lines)
        left = np.arange(count)
        # Lines that a copy stood between may be a run together: only what has no run any more is done.
        kept = np.empty(count, np.int64)
        remain = _without_runs(data, left, count, lines, limits, kept, latest, before, seen)
        while remain < count:
            count = remain
            left = kept
            kept = np.empty(count, np.int64)
            remain = _without_runs(data, left, count, lines, limits, kept, latest, before, seen)
        left, remain = kept, _without_headings(left, remain, total, lines, kept)
        for n in range(remain):
            following = left[n + 1] if n + 1 < remain else total
            if following > left[n] + 1:
                if found == len(rows):
                    rows, cuts = longer(rows), longer(cuts)
                rows[found] = row
                cuts[found, 0] = lines[left[n], END]
                cuts[found, 1] = lines[following - 1, END]
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
