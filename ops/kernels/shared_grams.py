"""How much of what a line is about its page speaks of: its words of four letters, its pairs of Han characters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inlined, inner, kernel
from ops.kernels.eight import HIGH, eight_bytes, lowered, put_eight
from ops.kernels.masks import SIZE, equal, first_of, up_to, without_first
from ops.kernels.unicode_tables import FOLDED, TABLED
from ops.kernels.utf8 import code_point, put_point

_WORD_MIN = 4  # letters
# What only joins, between words of Chinese.
JOINING = "的之与和及或在是了"
_JOINING = tuple(map(ord, JOINING))
# İ has a small letter of two characters.
_NEWLINE, _CAPITAL_I, _SMALL_I, _DOT_ABOVE = 0x0A, 0x130, 0x69, 0x307
_WIDTHS, _WIDE_CAPITALS, _WIDE_BLANK = (0xFF00, 0xFFEF), (0xFF21, 0xFF3A), 0x3000


@inlined
def _is_letter(point):  # type: ignore[no-untyped-def]
    return 0x61 <= point <= 0x7A or 0xDF <= point <= 0x24F or 0x370 <= point <= 0x52F


@inlined
def _is_han(point):  # type: ignore[no-untyped-def]
    is_han = 0x3400 <= point <= 0x4DBF or 0x4E00 <= point <= 0x9FFF or 0x20000 <= point <= 0x323AF
    return is_han and point not in _JOINING


@inlined
def _small(point):  # type: ignore[no-untyped-def]
    """Return the small letter of a capital one; of others, the character. FOLDED makes wide ones narrow, too."""
    if _WIDTHS[0] <= point <= _WIDTHS[1]:
        return point + 0x20 if _WIDE_CAPITALS[0] <= point <= _WIDE_CAPITALS[1] else point
    return FOLDED[point] if point < TABLED and point != _WIDE_BLANK else point


@kernel
def _lower(data, lines, out, at):  # type: ignore[no-untyped-def]
    """Write lines in small letters, each with a newline behind, and from where to where each then is."""
    written = np.int64(0)
    for line in range(len(lines)):
        place, stop = lines[line, 0], lines[line, 1]
        at[line, 0] = written
        while place < stop:
            if place + 8 <= stop:
                eight = eight_bytes(data, place)
                if not eight & HIGH:
                    put_eight(out, written, lowered(eight))
                    place += 8
                    written += 8
                    continue
            point, place = code_point(data, place)
            if point == _CAPITAL_I:
                out[written] = _SMALL_I
                written = put_point(out, written + 1, np.int64(_DOT_ABOVE))
            else:
                written = put_point(out, written, _small(point))
        at[line, 1] = written
        out[written] = _NEWLINE
        written += 1
    return written


@inlined
def _has(own, gram, size, data, at, end):  # type: ignore[no-untyped-def]
    """Whether some bytes stand in a stretch: sought by two of them, of Han those that differ most."""
    low = 2 if own[gram] >= 0xE0 else 0
    first, last = own[gram + low], own[gram + size - 1]
    end -= size - 1
    while at < end:
        found = up_to(equal(data, at + low, first) & equal(data, at + size - 1, last), at, end)
        while found:
            place = at + first_of(found)
            same = 0
            while same < size and data[place + same] == own[gram + same]:
                same += 1
            if same == size:
                return True
            found = without_first(found)
        at += SIZE
    return False


@inner
def _stands(own, gram, size, data, stretches, count):  # type: ignore[no-untyped-def]
    for i in range(count):
        if _has(own, gram, size, data, stretches[i, 0], stretches[i, 1]):
            return True
    return False


@kernel
def limit_chars(data, stretches, count, chars_max):  # type: ignore[no-untyped-def]
    """Make stretches, of lines with a newline between, end where they have so many characters."""
    size = np.int64(0)
    for i in range(count):
        size += stretches[i, 1] - stretches[i, 0]
    if size > chars_max:
        for i in range(count):
            at, end = stretches[i, 0], stretches[i, 1]
            while at < end and (chars_max or data[at] & 0xC0 == 0x80):
                chars_max -= data[at] & 0xC0 != 0x80
                at += 1
            stretches[i, 1] = at
            chars_max = max(chars_max - 1, 0)


@kernel
def share_of(own, at, stop, data, stretches, count):  # type: ignore[no-untyped-def]
    """Return which share of the words and pairs of a line stand anywhere in stretches of other bytes; 0 of none.

    All are in small letters, as `lower_lines` makes them.
    """
    grams = known = 0
    begin = before = at  # of a word, and of the last character of Han
    run = 0  # characters: of a word more than 0, of Han less
    while at <= stop:
        point, after = (np.int32(0), at + 1) if at == stop else code_point(own, at)
        if _is_letter(point):
            begin, run = (at, 1) if run <= 0 else (begin, run + 1)
        else:
            if run >= _WORD_MIN:
                grams += 1
                known += _stands(own, begin, at - begin, data, stretches, count)
            if _is_han(point):
                run = min(run, 0) - 1
                if run < -1:
                    grams += 1
                    known += _stands(own, before, after - before, data, stretches, count)
                before = at
            else:
                run = 0
        at = after
    return known / grams if grams else 0.0


@kernel
def _shares(low, lines, out):  # type: ignore[no-untyped-def]
    last = len(lines) - 1
    for line in range(last):
        out[line] = share_of(low, lines[line, 0], lines[line, 1], low, lines[last:], 1)


def lower_lines(data: Bytes, lines: NDArray[np.int64]) -> tuple[Bytes, NDArray[np.int64]]:
    r"""Return lines in small letters, with a newline behind each, and n x 2, from which byte to which each is.

    A capital sigma becomes the small one that no word ends with.

    >>> low, at = lower_lines(np.frombuffer(b"One  Two", np.uint8), np.array([[0, 3], [5, 8]]))
    >>> low[:8].tobytes(), at.tolist()
    (b'one\ntwo\n', [[0, 3], [4, 7]])
    """
    # A letter of two bytes may become one of three; of what is no text, a last character may reach beyond its line.
    sizes = lines[:, 1] - lines[:, 0]
    low, at = np.zeros(int((2 * sizes + 4).sum()) + SIZE, np.uint8), np.empty((len(lines), 2), np.int64)
    _lower(data, lines, low, at)
    return low, at


def shares_of(parts: Sequence[str], body: str) -> list[float]:
    """Return for each string which share of its words of four letters, and of its pairs of Han, a text has.

    >>> shares_of(["The Mill on the road", "水车和山"], "a mill, 水车边")
    [0.5, 1.0]
    """
    low, at = lower_lines(*joined([part.encode() for part in (*parts, body)]))
    out = np.empty(len(parts))
    _shares(low, at, out)
    found: list[float] = out.tolist()
    return found


def joined(pieces: Sequence[bytes]) -> tuple[Bytes, NDArray[np.int64]]:
    """Return strings as one buffer, and n x 2, from which byte to which each is."""
    ends = np.cumsum([0, *map(len, pieces)])
    return np.frombuffer(bytearray().join(pieces), np.uint8), np.stack([ends[:-1], ends[1:]], axis=1)
