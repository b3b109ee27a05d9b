"""Text that was read in the wrong encoding, read again: what the ways to do that have in common.

What characters were is told by the bytes that the other encoding has for them. Where these are UTF-8, so was the text.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of, strings_from

# Rows, n x 2 places in the buffer of bytes, and what is to stand there instead.
Undone = tuple[NDArray[np.int64], NDArray[np.int64], pa.Array]

# States of reading UTF-8: how many bytes are to come, and after E0, ED, F0 and F4, which not every byte may follow.
BROKEN = 8


def _steps() -> NDArray[np.uint8]:
    """Return the state after a byte, by the state before it; 0 is between characters."""
    table = np.full((9, 256), BROKEN, np.uint8)
    table[0, :0x80] = 0
    for first, last, state in ((0xC2, 0xDF, 1), (0xE0, 0xEF, 2), (0xF0, 0xF4, 3)):
        table[0, first : last + 1] = state
    table[0, [0xE0, 0xED, 0xF0, 0xF4]] = [4, 5, 6, 7]
    for state, first, last, after in (
        (1, 0x80, 0xBF, 0), (2, 0x80, 0xBF, 1), (3, 0x80, 0xBF, 2),
        (4, 0xA0, 0xBF, 1), (5, 0x80, 0x9F, 1), (6, 0x90, 0xBF, 2), (7, 0x80, 0x8F, 2),
    ):  # fmt: skip
        table[state, first : last + 1] = after
    return table


STEPS = _steps()


def undone(
    find: Callable[..., tuple[int, int]], strings: pa.Array, wanted: NDArray[np.bool_], *tables: NDArray[np.generic]
) -> Undone:
    """Return what a kernel finds in the strings that are wanted.

    It writes rows, places, bytes and where those of each place end while there is room, and returns how many places
    there are, and how many bytes.
    """
    data, offsets = buffers_of(strings)
    count, size = 0, 0
    for _ in range(2):
        rows, cuts = np.zeros(count, np.int64), np.zeros((count, 2), np.int64)
        puts, starts = np.zeros(size, np.uint8), np.zeros(count + 1, np.int32)
        count, size = find(data, offsets, wanted, *tables, rows, cuts, puts, starts)
    return rows, cuts, strings_from(puts, starts)
