"""Links of similar documents: every two that share a key and are similar enough are connected, by as few as will do.

Other than the choice of leaders (ops/kernels/leaders.py) it follows chains: A~B~C connects all three.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ops.kernels.clusters import Numbers
from ops.kernels.groups import begins
from ops.kernels.leaders import agreement


@njit(cache=True, nogil=True)
def _root(parent, node):  # type: ignore[no-untyped-def]
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True, nogil=True)
def _link(order, starts, signatures, least, compare_max, parent, one, other, found):  # type: ignore[no-untyped-def]
    for bucket in range(len(starts) - 1):
        start, end = starts[bucket], starts[bucket + 1]
        for place in range(start + 1, end):
            row = order[place]
            for before in order[start : min(place, start + compare_max)]:
                a, b = _root(parent, row), _root(parent, before)
                if a != b and agreement(signatures[row], signatures[before]) >= least:
                    parent[max(a, b)] = min(a, b)
                    one[found], other[found] = row, before
                    found += 1
    return found


def similar_links(
    keys: NDArray[np.uint64], signatures: NDArray[np.uint32], least: float, compare_max: int
) -> tuple[Numbers, Numbers]:
    """Return links that connect documents as all pairs would that share a key and agree on `least` of their minima.

    `keys` are documents x bands; 0 is none. In each band a document is compared with the first `compare_max` that have
    its key, in the order in which they come: which are connected does not depend on the order of comparisons.

    >>> keys = np.array([[7], [7], [7], [0]], np.uint64)
    >>> signatures = np.array([[1, 2, 3, 4], [1, 2, 3, 5], [9, 2, 3, 5], [1, 2, 3, 4]], np.uint32)
    >>> [ends.tolist() for ends in similar_links(keys, signatures, 0.75, 1000)]
    [[1, 2], [0, 1]]
    """
    rows = len(keys)
    parent = np.arange(rows)
    one, other = np.empty(rows, np.int64), np.empty(rows, np.int64)
    found = 0
    for band in range(keys.shape[1]):
        order = np.argsort(keys[:, band], kind="stable")
        order = order[keys[order, band] > 0]
        starts = np.append(np.flatnonzero(begins(keys[order, band])), len(order))
        found = _link(order, starts, signatures, least, compare_max, parent, one, other, found)
    return one[:found], other[:found]
