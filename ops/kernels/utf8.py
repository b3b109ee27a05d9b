"""Reading code points from UTF-8 bytes inside kernels. The bytes must be valid: readers see to that."""

import numpy as np
from numba import njit

from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, HAN, HAN_ABOVE_END, SINGLE, TABLED, WORD

_ABOVE = np.uint8(ALPHABETIC | WORD | SINGLE | HAN)


@njit(cache=True, nogil=True)
def code_point(data, at):  # type: ignore[no-untyped-def]
    """Return the code point that starts at a byte, and where the next one starts."""
    lead = np.int32(data[at])
    if lead < 0x80:
        return lead, at + 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | (data[at + 1] & 0x3F), at + 2
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | np.int32(data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), at + 3
    high = (lead & 0x07) << 18 | np.int32(data[at + 1] & 0x3F) << 12
    return high | np.int32(data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F), at + 4


@njit(cache=True, nogil=True)
def flags_of(point):  # type: ignore[no-untyped-def]
    """Return the flags of `unicode_tables` for a code point."""
    if point < TABLED:
        return FLAGS[point]
    return _ABOVE if point < HAN_ABOVE_END else np.uint8(0)
