"""Keys that may occur again among lists of them, each in order: those that are alone are told apart before a merge.

Each list is looked through twice, with two bits for each of many ranges of keys: 2 ns a key, where merging five lists
takes 10.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Ranges for each key, at least, and at most twice that: of 16 to 32 keys that are alone one has a neighbour in its
# range, and is told as if it were not. A range takes two bits: at most 8 bytes a key.
_RANGES_A_KEY = 16


@njit(cache=True, nogil=True)
def _mark(keys, first, shift, once, again):  # type: ignore[no-untyped-def]
    """Set the bits of ranges in which a key is, and of those in which another one was."""
    for key in keys:
        at = (key - first) >> shift
        word, bit = at >> np.uint64(6), np.uint64(1) << (at & np.uint64(63))
        again[word] |= once[word] & bit
        once[word] |= bit


@njit(cache=True, nogil=True)
def _marked(keys, first, shift, again, found):  # type: ignore[no-untyped-def]
    """Write where the keys of marked ranges are; return how many."""
    count = np.int64(0)
    for n in range(len(keys)):
        at = (keys[n] - first) >> shift
        found[count] = n
        count += np.int64((again[at >> np.uint64(6)] >> (at & np.uint64(63))) & np.uint64(1))
    return count


def maybe_shared(lists: Sequence[NDArray[np.uint64]]) -> list[NDArray[np.int64]]:
    """Return, of each list, where the keys are that may be there again.

    All that are, in whichever list, and by chance a few that are not.

    >>> apart = np.array([0, 2**62, 2**63], np.uint64), np.array([2**61, 2**63], np.uint64)
    >>> [found.tolist() for found in maybe_shared(apart)]
    [[2], [1]]
    """
    there = [keys for keys in lists if len(keys)]
    if not there:
        return [np.empty(0, np.int64) for _ in lists]
    first, last = min(keys[0] for keys in there), max(keys[-1] for keys in there)
    bits = (sum(map(len, there)) * _RANGES_A_KEY).bit_length()
    shift = np.uint64(max(0, int(last - first).bit_length() - bits))
    once, again = np.zeros((2, max(1, (1 << bits) // 64)), np.uint64)
    looked = [_read_only(keys) for keys in lists]
    for keys in looked:
        _mark(keys, first, shift, once, again)
    found = [np.empty(len(keys), np.int64) for keys in lists]
    counts = [_marked(keys, first, shift, again, at) for keys, at in zip(looked, found, strict=True)]
    return [at[:count].copy() for at, count in zip(found, counts, strict=True)]


def _read_only(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """See keys as what Arrow lends, whoever owns them: kernels are compiled for each of the two."""
    seen = keys.view()
    seen.flags.writeable = False
    return seen
