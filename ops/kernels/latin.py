"""UTF-8 that was read as Latin-1 or Windows-1252, read again as ftfy does it: lines as wholes, or stretches of them."""

from functools import cache

import numpy as np
import pyarrow as pa
from ftfy.badness import is_bad
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
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


@inlined
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
def _read(data, at, end, bad, is_misread):  # type: ignore[no-untyped-def]
    """Return the encoding in which a line or a part of one was read, 0 for none, and what `_latin_line` says."""
    for encoding in (_LATIN, _WINDOWS):
        first, last, size = _latin_line(data, at, end, encoding, bad, is_misread)
        if last:
            return encoding, first, last, size
    return 0, np.int64(0), np.int64(0), 0


@inlined
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    """Return where a line ends, and whether all of it is ASCII."""
    bits = np.uint8(0)
    while at < end and data[at] != _NEWLINE:
        bits |= data[at]
        at += 1
    return at, bits < 0x80


@inlined
def _part_end(data, at, end):  # type: ignore[no-untyped-def]
    """Return where what is not ASCII ends, next."""
    while at < end and data[at] < 0x80:
        at += 1
    while at < end and data[at] >= 0x80:
        at += 1
    return at


@kernel
def _is_misread(data, at, stop, bad):  # type: ignore[no-untyped-def]
    """Say whether a text has a line that was misread beyond doubt."""
    while at < stop:
        end, is_ascii = _line_end(data, at, stop)
        if not is_ascii and _read(data, at, end, bad, False)[0]:  # noqa: FBT003 - kernels take no names
            return True
        at = end + 1
    return False


@kernel
def _latin_all(data, offsets, wanted, bad, rows, cuts, puts, starts):  # type: ignore[no-untyped-def]
    """Write parts of lines and what they are, as `undone` asks."""
    count = 0
    size = 0
    for row in range(len(offsets) - 1):
        at, stop = np.int64(offsets[row]), np.int64(offsets[row + 1])
        is_misread = wanted[row] and _is_misread(data, at, stop, bad)
        while wanted[row] and at < stop:
            end, is_ascii = _line_end(data, at, stop)
            is_whole = is_ascii or _read(data, at, end, bad, is_misread)[0] != 0
            at = end if is_ascii else at
            while at < end:
                upto = end if is_whole else _part_end(data, at, end)
                encoding, first, last, bytes_ = _read(data, at, upto, bad, is_misread and is_whole)
                at = upto
                if not encoding:
                    continue
                if count < len(rows):
                    rows[count], cuts[count, 0], cuts[count, 1] = row, first, last
                    to = size
                    while first < last:
                        char, first = code_point(data, first)
                        puts[to] = _byte_in(char, encoding) if char >= 0x80 else char
                        to += 1
                    starts[count + 1] = to
                size += bytes_
                count += 1
            at = end + 1
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

    Of other lines, stretches without ASCII, one by one.

    >>> rows, cuts, puts = read_as_latin(pa.array(["1. ä¸\xadæ–‡ â€™.\né Ã©", "été"]), np.ones(2, np.bool_))
    >>> cuts.tolist(), puts.to_pylist()
    ([[3, 26], [31, 35]], ['中文 ’', 'é'])
    """
    return undone(_latin_all, strings, wanted, _bad_pairs())
