"""Lines and paragraphs of a text: how many are repeated, short, unended, bullets.

A line means three things here, as in the filters that the measures are of: a piece between runs of newlines (repeated
lines), such a piece with something on it (FineWeb), and what `str.splitlines` gives (bullets and ellipses).
"""

import numpy as np

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import bytes_below, eight_bytes, equal_bytes, starts, trailing_zeros
from ops.kernels.hashing import stir, stirred
from ops.kernels.ngrams import room_for
from ops.kernels.unicode_tables import FLAGS, KINDS, SPACE, TABLED, TERMINAL
from ops.kernels.utf8 import code_point, flags_of

_SPACE = np.uint8(SPACE)
_NEWLINES, _ALL_BLANK, _ALL_PRINTED, _ALL_C2, _ALL_E0, _ALL_E2, _UPPER_SIX = (
    np.uint64(byte * 0x0101010101010101) for byte in (0x0A, 0x20, 0x21, 0xC2, 0xE0, 0xE2, 0xFC)
)
_0 = np.uint64(0)
_1 = np.uint64(1)
_3 = np.uint64(3)
_7 = np.uint64(7)
_8 = np.uint64(8)
# Bytes that begin a space: ASCII, then U+0085 and U+00A0, U+1680, U+2000..205F, U+3000.
_MAY_BE_SPACE = np.isin(np.arange(256), [*np.flatnonzero(FLAGS[:128] & SPACE), 0xC2, 0xE1, 0xE2, 0xE3])
_MAY_END_LINE = np.isin(np.arange(256), [0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0xC2, 0xE2])
_LONG_FROM = 31  # characters: FineWeb's lines of 30 are short


@inlined
def next_newline(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the next newline is; the end where there is none."""
    while at + 8 <= end:
        found = equal_bytes(eight_bytes(data, at), _NEWLINES)
        if found:
            return at + np.int64((trailing_zeros(found) - _7) >> _3)
        at += 8
    while at < end and data[at] != 0x0A:
        at += 1
    return at


@kernel
def count_newlines(data, at, end):  # type: ignore[no-untyped-def]
    """Return how many newlines there are."""
    count = 0
    while True:
        at = next_newline(data, at, end) + 1
        if at > end:
            return count
        count += 1


@kernel
def count_chars(data, at, end):  # type: ignore[no-untyped-def]
    """Return how many characters some bytes are."""
    count = 0
    while at + 8 <= end:
        count += starts(eight_bytes(data, at))
        at += 8
    while at < end:
        count += data[at] & 0xC0 != 0x80
        at += 1
    return count


@inlined
def hash_bytes(data, at, end):  # type: ignore[no-untyped-def]
    """Return a hash of some bytes that is not 0."""
    value = _0
    size = np.uint64(end - at)
    while at + 8 <= end:
        value = stir(value, eight_bytes(data, at))
        at += 8
    word = _0
    filled = _0
    while at < end:
        word |= np.uint64(data[at]) << filled
        filled += _8
        at += 1
    return stirred(value, word, size) | _1


@inlined
def past_spaces(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the first character is that is no space."""
    while at < stop and _MAY_BE_SPACE[data[at]]:
        point, after = code_point(data, at)
        if not flags_of(point) & _SPACE:
            break
        at = after
    return at


@kernel
def past_word(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the next space is; the end where there is none."""
    while at < stop:
        if at + 8 <= stop:
            eight = eight_bytes(data, at)
            may = (
                bytes_below(eight, _ALL_PRINTED)
                | equal_bytes(eight, _ALL_C2)
                | equal_bytes(eight & _UPPER_SIX, _ALL_E0)
            )
            if not may:
                at += 8
                continue
            at += np.int64((trailing_zeros(may) - _7) >> _3)
        if _MAY_BE_SPACE[data[np.uint64(at)]] and flags_of(code_point(data, at)[0]) & _SPACE:
            break
        at += 1
    return at


@inlined
def last_start(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the last character begins."""
    last = stop - 1
    while last > at and data[last] & 0xC0 == 0x80:
        last -= 1
    return last


@inlined
def before_spaces(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the last character ends that is no space."""
    while at < stop:
        last = last_start(data, at, stop)
        if not _MAY_BE_SPACE[data[last]] or not flags_of(code_point(data, last)[0]) & _SPACE:
            break
        stop = last
    return stop


@inlined
def _is_new(keys, mask, shift, key):  # type: ignore[no-untyped-def]
    slot = np.int64(key >> shift)
    while keys[slot] and keys[slot] != key:
        slot = (slot + 1) & mask
    if keys[slot]:
        return False
    keys[slot] = key
    return True


@kernel
def lines_between_newlines(data, start, end, newlines, keys):  # type: ignore[no-untyped-def]
    """Return how many pieces lie between runs of newlines, how many of them are repeated, and the characters of those.

    Then, of pieces that are not blank: how many, how many end a sentence, how many are short, and the characters of
    repeated ones.
    """
    room, bits = room_for(newlines + 1)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    pieces = repeated = repeated_chars = lines = ended = short = line_chars = 0
    at = start
    while True:
        stop = next_newline(data, at, end)
        new = _is_new(keys, room - 1, shift, hash_bytes(data, at, stop))
        blank = past_spaces(data, at, stop) == stop
        chars = -1
        pieces += 1
        if not new:
            chars = count_chars(data, at, stop)
            repeated += 1
            repeated_chars += chars
        if not blank:
            lines += 1
            point = code_point(data, last_start(data, at, stop))[0]
            ended += point < TABLED and KINDS[point] & np.uint8(TERMINAL) != 0
            if stop - at < _LONG_FROM or (stop - at < 4 * _LONG_FROM and count_chars(data, at, stop) < _LONG_FROM):
                short += 1
            if not new:
                line_chars += chars
        if stop == end:
            break
        at = stop + 1
        while at < end and data[at] == 0x0A:
            at += 1
    return pieces, repeated, repeated_chars, lines, ended, short, line_chars


@kernel
def paragraphs(data, start, end, newlines, keys):  # type: ignore[no-untyped-def]
    """Return the paragraphs of a text without its outer spaces, the repeated ones of them and their characters."""
    at = past_spaces(data, start, end)
    end = before_spaces(data, at, end)
    room, bits = room_for(newlines + 1)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    pieces = repeated = repeated_chars = 0
    while True:
        stop = next_newline(data, at, end)
        while stop + 1 < end and data[stop + 1] != 0x0A:
            stop = next_newline(data, stop + 1, end)
        new = _is_new(keys, room - 1, shift, hash_bytes(data, at, stop))
        pieces += 1
        if not new:
            repeated += 1
            repeated_chars += count_chars(data, at, stop)
        if stop == end:
            break
        at = stop
        while at < end and data[at] == 0x0A:
            at += 1
    return pieces, repeated, repeated_chars


@kernel
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    """Return the bytes of the line end that starts here, 0 for none: those of `str.splitlines`."""
    byte = data[at]
    if byte < 0x80:
        if byte == 0x0D:
            return 2 if at + 1 < end and data[at + 1] == 0x0A else 1
        return 1
    if byte == 0xC2:
        return 2 if data[at + 1] == 0x85 else 0
    return 3 if data[at + 1] == 0x80 and data[at + 2] & 0xFE == 0xA8 else 0


@inlined
def end_of_line(data, at, end):  # type: ignore[no-untyped-def]
    """Return where a line stops, and the bytes of its line end: 0 at the end of the text."""
    while at < end:
        if at + 8 <= end:
            eight = eight_bytes(data, at)
            may = bytes_below(eight, _ALL_BLANK) | equal_bytes(eight, _ALL_C2) | equal_bytes(eight, _ALL_E2)
            if not may:
                at += 8
                continue
            at += np.int64((trailing_zeros(may) - _7) >> _3)
        if _MAY_END_LINE[data[np.uint64(at)]]:
            width = _line_end(data, at, end)
            if width:
                return at, width
        at += 1
    return at, 0


@inlined
def is_bullet(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line without its outer spaces begins with a bullet or a hyphen."""
    if at == stop:
        return False
    return data[at] == 0x2D or (data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == 0xA2)


@inlined
def ends_in_dots(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line without its outer spaces ends in three full stops."""
    return stop - at >= 3 and data[stop - 3] == 0x2E and data[stop - 2] == 0x2E and data[stop - 1] == 0x2E


@inlined
def ends_in_ellipsis(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line without its outer spaces ends in three full stops or in `…`."""
    if ends_in_dots(data, at, stop):
        return True
    return stop - at >= 3 and data[stop - 3] == 0xE2 and data[stop - 2] == 0x80 and data[stop - 1] == 0xA6
