"""UTF-8 that was read as Latin-1 or Windows-1252, read again by the line, as ftfy does it."""

from functools import cache

import numpy as np
import pyarrow as pa
from ftfy.badness import is_bad
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.read_again import BROKEN, STEPS, Undone, undone
from ops.kernels.utf8 import code_point

_NEWLINE = 0x0A
_SUBSTITUTE = 0x1A  # what ftfy has for a byte that is lost
_LATIN, _WINDOWS = 1, 2
_WINDOWS_ONLY = {
    ord(bytes([byte]).decode("cp1252")): byte for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"
}
# A line that is UTF-8 as a whole, and has so many continuation bytes, is beyond doubt, however it looks.
_SURE_BYTES = 16


def _windows() -> NDArray[np.uint8]:
    """Return the byte that Windows-1252 has for a character, as browsers read it; 0 where it is ASCII or has none."""
    table = np.zeros(max(_WINDOWS_ONLY) + 1, np.uint8)
    table[0xA0:0x100] = range(0xA0, 0x100)
    table[[0x81, 0x8D, 0x8F, 0x90, 0x9D]] = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
    table[[*_WINDOWS_ONLY]] = [*_WINDOWS_ONLY.values()]
    return table


_WINDOWS_BYTES = _windows()


@kernel
def _byte_in(char, encoding):  # type: ignore[no-untyped-def]
    """Return the byte that an encoding has for a character that is not ASCII; 0 for none."""
    if encoding == _LATIN:
        return np.int64(char) if char <= 0xFF else np.int64(0)
    return np.int64(_WINDOWS_BYTES[char]) if char < len(_WINDOWS_BYTES) else np.int64(0)


@kernel
def _latin_line(data, at, end, encoding, bad, is_misread):  # type: ignore[no-untyped-def]
    """Return from where to where a line is UTF-8 that was read in an encoding, and how many bytes it was; zeros: not.

    All of its characters that are not ASCII must be, and beyond doubt, unless it is of a text of which some are.
    """
    state = np.uint8(0)
    first, last = np.int64(0), np.int64(0)
    size, last_size, continued = 0, 0, 0
    is_bad = False
    before = 0
    while at < end:
        if data[at] < 0x80:
            if state or (data[at] == _SUBSTITUTE and encoding == _WINDOWS):
                return np.int64(0), np.int64(0), 0
            before = 0
            size += 1
            at += 1
            continue
        char, after = code_point(data, at)
        byte = _byte_in(char, encoding)
        state = STEPS[state, byte] if byte else np.uint8(BROKEN)
        if state == BROKEN:
            return np.int64(0), np.int64(0), 0
        is_bad |= before != 0 and bad[encoding - 1, before & 0x7F, byte & 0x7F]
        continued += byte < 0xC0
        if not last:
            first, size = at, 0
        size += 1
        last, last_size = np.int64(after), size
        before = byte
        at = after
    if state or not (is_misread or is_bad or continued >= _SURE_BYTES):
        return np.int64(0), np.int64(0), 0
    return first, last, last_size


@kernel
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    while at < end and data[at] != _NEWLINE:
        at += 1
    return at


@kernel
def _is_misread(data, at, stop, bad):  # type: ignore[no-untyped-def]
    """Say whether a text has a line that was misread beyond doubt."""
    while at < stop:
        end = _line_end(data, at, stop)
        for encoding in (_LATIN, _WINDOWS):
            if _latin_line(data, at, end, encoding, bad, 0)[1]:
                return True
        at = end + 1
    return False


@kernel
def _latin_all(data, offsets, wanted, bad, rows, cuts, puts, starts):  # type: ignore[no-untyped-def]
    """Write stretches of lines and what they are, as `undone` asks."""
    count = 0
    size = 0
    for row in range(len(offsets) - 1):
        begin, stop = np.int64(offsets[row]), np.int64(offsets[row + 1])
        if not wanted[row] or not _is_misread(data, begin, stop, bad):
            continue
        while begin < stop:
            end = _line_end(data, begin, stop)
            encoding = _LATIN
            at, last, bytes_ = _latin_line(data, begin, end, encoding, bad, 1)
            if not last:
                encoding = _WINDOWS
                at, last, bytes_ = _latin_line(data, begin, end, encoding, bad, 1)
            begin = end + 1
            if not last:
                continue
            if count < len(rows):
                rows[count], cuts[count, 0], cuts[count, 1] = row, at, last
                to = size
                while at < last:
                    char, at = code_point(data, at)
                    puts[to] = _byte_in(char, encoding) if char >= 0x80 else char
                    to += 1
                starts[count + 1] = to
            size += bytes_
            count += 1
    return count, size


@cache
def _bad_pairs() -> NDArray[np.bool_]:
    """Return which pairs of characters ftfy takes for mojibake wherever they stand, by the bytes that they were."""
    latin = [chr(byte) for byte in range(0x80, 0x100)]
    point_of = {byte: chr(point) for point, byte in _WINDOWS_ONLY.items()}
    windows = [point_of.get(byte, chr(byte)) for byte in range(0x80, 0x100)]
    return np.array([[[is_bad(one + other) for other in chars] for one in chars] for chars in (latin, windows)])


def read_as_latin(strings: pa.Array, wanted: NDArray[np.bool_]) -> Undone:
    r"""Find lines that were read as Latin-1, or as Windows-1252, likewise: all that is not ASCII in them.

    >>> rows, cuts, puts = read_as_latin(pa.array(["fine\n1. ä¸\xadæ–‡ â€™.", "été"]), np.ones(2, np.bool_))
    >>> cuts.tolist(), puts.to_pylist()
    ([[8, 31]], ['中文 ’'])
    """
    return undone(_latin_all, strings, wanted, _bad_pairs())
