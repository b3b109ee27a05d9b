"""Where lines end, and where sentences may: the places that a string stands beside which lines have in common."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.masks import SIZE, between, equal, padded, put_places, up_to

WIDE_MARKS = (0xE38082, 0xEFBC81, 0xEFBC9F, 0xE280A6)  # 。 ！ ？ …


class Stops(NamedTuple):
    """Line ends (LF, VT, FF, CR) and end marks of texts: text `n` has those from `first[n]` to `first[n + 1]`."""

    at: NDArray[np.int32]  # in the column's buffer, in order
    first: NDArray[np.int64]


@kernel
def _stops(data, offsets, at, first):  # type: ignore[no-untyped-def]
    count = np.int64(0)
    for row in range(len(offsets) - 1):
        place, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        while place < end:
            found = between(data, place, 0x0A, 0x0D) | equal(data, place, 0x2E)
            found |= equal(data, place, 0x21) | equal(data, place, 0x3F)
            if between(data, place, 0xE2, 0xEF):
                second, third = equal(data, place + 1, 0x80), place + 2
                found |= equal(data, place, 0xE3) & second & equal(data, third, 0x82)
                found |= equal(data, place, 0xE2) & second & equal(data, third, 0xA6)
                wide = equal(data, third, 0x81) | equal(data, third, 0x9F)
                found |= equal(data, place, 0xEF) & equal(data, place + 1, 0xBC) & wide
            count = put_places(up_to(found, place, end), place, at, count)
            place += SIZE
        first[row + 1] = count


def stops_of(strings: pa.ChunkedArray | pa.Array) -> Stops:
    r"""Find line ends and end marks: full stops, marks of questions and exclamations, ellipses; Chinese ones, too.

    >>> stops = stops_of(pa.array(["One. 二。\n", "v.1"]))
    >>> stops.at.tolist(), stops.first.tolist()
    ([3, 8, 11, 13], [0, 3, 4])
    """
    data, offsets = buffers_of(strings)
    # As many as there are bytes, at most; what is never written takes no memory.
    at, first = np.empty(int(offsets[-1] - offsets[0]) + 2, np.int32), np.zeros(len(offsets), np.int64)
    _stops(padded(data), offsets, at, first)
    return Stops(at[: first[-1]], first)
