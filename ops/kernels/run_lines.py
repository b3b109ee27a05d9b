r"""Lines of a text, as runs of them are compared: a table of what is known of each that is not blank."""

from typing import NamedTuple

import numpy as np

from ops.kernels.compiled import kernel
from ops.kernels.masks import newline
from ops.kernels.ngrams import room_for
from ops.kernels.page_ends import before_closers, ended_at
from ops.kernels.text_lines import before_spaces, hash_bytes, last_start, past_spaces
from ops.kernels.utf8 import code_point

HEADING_BYTES = 60  # of a line between a copy and the whole text
_CLOSING = tuple(map(ord, ".!?:。！？…："))
_HEADING_ENDS = tuple(map(ord, ":：-—"))
_NO_HEADING = np.isin(np.arange(256), [*b".'`<{!"])  # what code, links and rules of markup begin with
_TAB, _BLANK, _STAR, _BRACKET, _BACKTICK = 0x09, 0x20, 0x2A, 0x5B, 0x60
_LISTED = np.isin(np.arange(256), [*b"|+-*#>=<[{`"])  # what rows of tables and items of lists begin with
# Columns of what is known of a line: its first byte, where its text ends, which line it equals, its bytes if it counts,
# its bytes, whether it looks like a heading, whether it is between lines of ```, whether it counts or is a sentence,
# whether it is of a list, a table or code, and whether a blank line stands above it.
LINE, END, SAME, BYTES, SIZE, HEADS, FENCED, PROSE, MARKED, APART = range(10)
CLOSED = 2  # of a sentence; 1 of another line that counts


class RunLimits(NamedTuple):
    """What makes a run, as the kernel reads it."""

    lines: int  # that count and differ from each other
    line_bytes: int  # of a line that counts
    bytes: int  # of all lines that count


@kernel
def is_marked(data, line, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line is indented, or begins like an item of a list or a row of a table; `*so*` is emphasis."""
    return (
        (_LISTED[data[at]] and (data[at] != _STAR or at + 1 == stop or data[at + 1] == _BLANK))
        or data[line] == _TAB
        or (data[line] == _BLANK and data[line + 1] == _BLANK)
    )


@kernel
def is_heading(data, line, at, stop):  # type: ignore[no-untyped-def]
    """Whether a short line may head a copy: `Full text`, `Article:`, a rule."""
    if _NO_HEADING[data[at]] or (data[at] == _BRACKET and at + 1 < stop and 0x30 <= data[at + 1] <= 0x39):
        return False
    if data[line] == _TAB or (data[line] == _BLANK and data[line + 1] == _BLANK):
        return False
    return not ended_at(data, at, stop) or code_point(data, last_start(data, at, stop))[0] in _HEADING_ENDS


@kernel
def read_lines(data, start, end, line_bytes, keys, first, lines):  # type: ignore[no-untyped-def]
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
            lines[count, FENCED] = fenced
            fenced ^= fence
            lines[count, LINE] = line
            lines[count, END] = stop
            lines[count, SAME] = first[slot]
            marked = fenced or fence or is_marked(data, line, at, stop)
            closed = before_closers(data, at, stop) in _CLOSING
            lines[count, BYTES] = 0 if marked or stop - at < line_bytes else stop - at
            lines[count, SIZE] = stop - at
            lines[count, HEADS] = stop - at <= HEADING_BYTES and is_heading(data, line, at, stop)
            lines[count, PROSE] = 0 if marked else CLOSED if closed else stop - at >= line_bytes
            lines[count, MARKED] = marked
            lines[count, APART] = apart
            count += 1
        apart = at == stop
        line = after + 1
    return count
