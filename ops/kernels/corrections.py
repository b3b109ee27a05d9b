"""Where the rules of `line_rules` and the phrases of `phrases` cut texts: the lines that go, and the ends of lines.

Headings of Markdown, lines between lines of ``` or ~~~, and those indented by a tab or two spaces stay. What is left of
a text has nothing that would go.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.line_rules import KEPT, LINE_CHARS_MAX, Rules, halves_of, read_line, rule_of
from ops.kernels.lines import BEFORE, END, LINE, NEXT, START, STOP, end_of_line, longer
from ops.kernels.phrases import NO_PHRASE, phrase_of
from ops.kernels.text_lines import before_spaces, past_spaces
from ops.kernels.unicode_tables import WORD

_WORD = np.uint8(WORD)
_BACKTICK, _TILDE, _BLANK, _TAB, _HASH = 0x60, 0x7E, 0x20, 0x09, 0x23
_UNDERLINES = tuple(map(ord, "=-~^"))


class Corrections(NamedTuple):
    """The pieces of lines that something is cut from, in order: a line, or what stays of one and the end that goes."""

    first: NDArray[np.int64]  # of each text, and one more: the number of its first piece
    at: NDArray[np.int64]  # pieces x 6, as of `lines.Pieces`
    kind: NDArray[np.int64]  # `KEPT` for what stays of a line
    halves: NDArray[np.int64]  # of words that go with the piece


@kernel
def _is_fence(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line opens or closes a block of code; "```x```" is code in a line of text."""
    if stop - at < 3 or (data[at] != _BACKTICK and data[at] != _TILDE):
        return False
    mark = data[at]
    begin = at
    while at < stop and data[at] == mark:
        at += 1
    if at - begin < 3:
        return False
    while at < stop and data[at] != _BACKTICK:
        at += 1
    return at == stop


@kernel
def _is_indented(data, at, stop):  # type: ignore[no-untyped-def]
    if data[at] == _TAB:
        return True
    return data[at] == _BLANK and at + 1 < stop and (data[at + 1] == _BLANK or data[at + 1] == _TAB)


@kernel
def _is_heading(data, at, stop, following, end):  # type: ignore[no-untyped-def]
    """Whether a line of Markdown is a heading: `## Title`, or one with a line of `=` or `-` below."""
    if data[at] == _HASH:
        while at < stop and data[at] == _HASH:
            at += 1
        return at == stop or data[at] == _BLANK
    if following == end or data[following] not in _UNDERLINES:
        return False
    mark = data[following]
    below = following
    while below < end and data[below] == mark:
        below += 1
    end = end_of_line(data, below, end)[0]
    return below - following >= 3 and past_spaces(data, below, end) == end


@kernel
def _has_word(flags, size):  # type: ignore[no-untyped-def]
    for at in range(size):
        if flags[at] & _WORD:
            return True
    return False


@kernel
def _judge(data, start, last, rules, points, flags, places):  # type: ignore[no-untyped-def]
    """Return why something of a line goes, and where what stays of it ends: `start` where the whole line goes."""
    stop = last
    kind = np.uint8(KEPT)
    while True:
        size, halves = read_line(data, start, stop, rules.short_halves, points, flags, places)
        found, kept = phrase_of(data, rules.phrases, points, flags, places, size)
        if found != NO_PHRASE:
            kind = found
            if not _has_word(flags, kept):
                return kind, start
            stop = before_spaces(data, start, places[kept])
            continue
        whole = rule_of(data, start, stop, size, halves, rules, points, flags, places)
        return (np.uint8(whole), start) if whole != KEPT else (kind, stop)


@kernel
def _put(at, piece, start, stop, before, line, end, following):  # type: ignore[no-untyped-def]
    at[piece, START] = start
    at[piece, STOP] = stop
    at[piece, BEFORE] = before
    at[piece, LINE] = line
    at[piece, END] = end
    at[piece, NEXT] = following


@njit(cache=True, nogil=True)
def _correct(data, offsets, rules, first):  # type: ignore[no-untyped-def]
    points = np.empty(LINE_CHARS_MAX, np.int32)
    flags = np.empty(LINE_CHARS_MAX, np.uint8)
    places = np.empty(LINE_CHARS_MAX, np.int64)
    at = np.empty((16, 6), np.int64)
    kinds = np.empty(16, np.int64)
    words = np.empty(16, np.int64)
    count = 0
    for row in range(len(offsets) - 1):
        first[row] = count
        stop = np.int64(offsets[row + 1])
        before = following = np.int64(offsets[row])
        fenced = False
        while following < stop:
            line = following
            end, width = end_of_line(data, line, stop)
            end = min(end, stop)  # bytes that are no UTF-8 may lead beyond it
            following = end + width
            start = min(past_spaces(data, line, end), end)
            last = before_spaces(data, start, end)
            fence = _is_fence(data, start, last)
            fenced ^= fence
            if start < last and not fence and not fenced and not _is_indented(data, line, end):
                kind, kept = _judge(data, start, last, rules, points, flags, places)
                if kind != KEPT and not _is_heading(data, start, last, following, stop):
                    if count + 2 > len(kinds):
                        at, kinds, words = longer(at), longer(kinds), longer(words)
                    halves = halves_of(data, start, last)
                    if kept > start:
                        _put(at, count, start, kept, before, line, end, following)
                        kinds[count] = KEPT
                        words[count] = 0
                        halves -= halves_of(data, start, kept)
                        count += 1
                    _put(at, count, kept, last, before, line, end, following)
                    kinds[count] = kind
                    words[count] = halves
                    count += 1
            before = end
    first[-1] = count
    return at[:count], kinds[:count], words[:count]


@njit(cache=True, nogil=True)
def _count_halves(data, offsets, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        out[row] = halves_of(data, offsets[row], offsets[row + 1])


def corrections(strings: pa.ChunkedArray | pa.Array, rules: Rules) -> Corrections:
    """Find what the rules take out of each text."""
    data, offsets = buffers_of(strings)
    first = np.zeros(len(offsets), np.int64)
    return Corrections(first, *_correct(data, offsets, rules, first))


def count_half_words(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Count words by halves: two for what lies between spaces, one for a character of a script without spaces.

    >>> count_half_words(pa.array(["It's well-known - 3.14", "今天很好。 OK", ""])).tolist()
    [6, 6, 0]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.int64)
    _count_halves(data, offsets, out)
    return out
