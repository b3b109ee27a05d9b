"""Greedy choice of the documents that stay, over band buckets: who is similar to someone kept goes.

Documents come best ranked first. Each is compared with the kept ones ("leaders") that share a band key with it; if one
is similar enough, by the share of equal minima, the document goes and that leader is recorded; else it becomes a leader
itself. So nothing is removed for resembling a document that was removed: a chain A~B~C keeps C unless C resembles A.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_NONE = np.int64(-1)


@njit(cache=True, nogil=True)
def similarity(one, two):  # type: ignore[no-untyped-def]
    """Return how many minima of two signatures are equal."""
    equal = 0
    for k in range(len(one)):
        equal += one[k] == two[k]
    return equal


@njit(cache=True, nogil=True)
def _choose(buckets, bucket_count, signatures, least_equal, compare_max, leader, equal):  # type: ignore[no-untyped-def]
    rows, bands = buckets.shape
    first = np.full(bucket_count, _NONE, np.int64)
    last = np.full(bucket_count, _NONE, np.int64)
    after = np.full((rows, bands), _NONE, np.int64)
    compared = np.full(rows, _NONE, np.int64)
    capped = 0
    for row in range(rows):
        best = _NONE
        most = least_equal - 1
        comparisons = 0
        full = False  # met one more than it may be compared with
        for band in range(bands):
            other = first[buckets[row, band]]
            while other != _NONE and not full:
                if compared[other] != row and comparisons == compare_max:
                    full = True
                elif compared[other] != row:
                    compared[other] = row
                    comparisons += 1
                    same = similarity(signatures[row], signatures[other])
                    if same > most or (same == most and best != _NONE and other < best):
                        most = same
                        best = other
                other = after[other, band]
        capped += full
        leader[row] = best
        equal[row] = most
        if best == _NONE:
            for band in range(bands):
                bucket = buckets[row, band]
                if first[bucket] == _NONE:
                    first[bucket] = row
                else:
                    after[last[bucket], band] = row
                last[bucket] = row
    return capped


def choose_leaders(
    buckets: NDArray[np.int64], signatures: NDArray[np.uint32], least_equal: int, compare_max: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Choose who stays. Documents come best ranked first.

    Returns for each the leader it goes for, -1 where it stays; the number of equal minima; and how many documents had
    more leaders to compare with than `compare_max`.

    `buckets` is documents x bands of bucket numbers, distinct between bands; `signatures` documents x permutations.
    """
    leader = np.empty(len(buckets), np.int64)
    equal = np.empty(len(buckets), np.int64)
    bucket_count = int(buckets.max()) + 1 if buckets.size else 0
    capped = _choose(buckets, bucket_count, signatures, least_equal, compare_max, leader, equal)
    return leader, equal, int(capped)
