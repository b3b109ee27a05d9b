"""Numbers for equal things: 64-bit keys in, the number of each among the different ones out. By hash, not by order."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ops.kernels.hashing import mix64

_32 = np.uint64(32)


@njit(cache=True, nogil=True)
def _number(keys, places, firsts, out):  # type: ignore[no-untyped-def]
    size = np.uint64(len(places))
    count = 0
    for at in range(len(keys)):
        place = np.int64(((mix64(keys[at]) >> _32) * size) >> _32)
        while places[place] >= 0 and keys[firsts[places[place]]] != keys[at]:
            place += np.int64(1)
            if place == len(places):
                place -= np.int64(len(places))
        if places[place] < 0:
            places[place] = count
            firsts[count] = at
            count += 1
        out[at] = places[place]
    return count


def numbered(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the number of each key, counted from 0 as they come, and where each different one is first.

    Different ones are fewer than 2^31.

    >>> [found.tolist() for found in numbered(np.array([7, 5, 7, 9], np.uint64))]
    [[0, 1, 0, 2], [0, 1, 3]]
    """
    places = np.full(len(keys) * 3 // 2 + 1, -1, np.int32)
    out, firsts = np.empty(len(keys), np.int32), np.empty(len(keys), np.int64)
    count = _number(keys, places, firsts, out)
    return out, firsts[:count].copy()
