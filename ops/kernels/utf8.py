"""Reading code points from UTF-8 bytes inside kernels. The bytes must be valid: readers see to that."""

import numpy as np
from numba import njit

from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, HAN, HAN_ABOVE_END, SINGLE, TABLED, WORD

_1 = np.uint64(1)
_2 = np.uint64(2)
_3 = np.uint64(3)
_ABOVE = np.uint8(ALPHABETIC | WORD | SINGLE | HAN)


@njit(cache=True, nogil=True)
def code_point(data, at):  # type: ignore[no-untyped-def]
    """Return the code point that starts at a byte, and where the next one starts."""
    first = np.uint64(at)  # unsigned: see `eight_bytes`
    lead = np.int32(data[first])
    if lead < 0x80:
        return lead, at + 1
    one = np.int32(data[first + _1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | one, at + 2
    two = np.int32(data[first + _2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | one << 6 | two, at + 3
    three = np.int32(data[first + _3]) & 0x3F
    return (lead & 0x07) << 18 | one << 12 | two << 6 | three, at + 4


@njit(cache=True, nogil=True)
def flags_of(point):  # type: ignore[no-untyped-def]
    """Return the flags of `unicode_tables` for a code point."""
    if point < TABLED:
        return FLAGS[point]
    return _ABOVE if point < HAN_ABOVE_END else np.uint8(0)


@njit(cache=True, nogil=True)
def cut(data, start, end, bytes_max):  # type: ignore[no-untyped-def]
    """Return where a text ends that may have so many bytes: at a whole character."""
    if end - start <= bytes_max:
        return end
    end = start + bytes_max
    while end > start and data[end] & 0xC0 == 0x80:
        end -= 1
    return end


@njit(cache=True, nogil=True)
def put_point(out, at, point):  # type: ignore[no-untyped-def]
    """Write a code point as UTF-8, and return where the next one goes."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | point >> 6
        out[at + 1] = 0x80 | point & 0x3F
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | point >> 12
        out[at + 1] = 0x80 | point >> 6 & 0x3F
        out[at + 2] = 0x80 | point & 0x3F
        return at + 3
    out[at] = 0xF0 | point >> 18
    out[at + 1] = 0x80 | point >> 12 & 0x3F
    out[at + 2] = 0x80 | point >> 6 & 0x3F
    out[at + 3] = 0x80 | point & 0x3F
    return at + 4
