"""Connected components of links: union-find in memory, and the two star operations that find them in rounds.

Rounds: alternating large-star and small-star (Kiveris et al. 2014, Connected Components in MapReduce and Beyond). Each
operation looks at one node and its neighbours alone, so any number of workers can do it, and keeps what is connected.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ops.kernels.groups import groups_of
from ops.kernels.order import sorted_with_order

Numbers = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _union(one, other, parent):  # type: ignore[no-untyped-def]
    for n in range(len(one)):
        a, b = one[n], other[n]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    for n in range(len(parent)):  # a parent is never above its child: those before are at their root already
        parent[n] = parent[parent[n]]


def components(one: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
    """Return all nodes that links name, in order, and the smallest node that each is connected with; none is below 0.

    >>> [found.tolist() for found in components(np.array([9, 5, 7]), np.array([5, 2, 8]))]
    [[2, 5, 7, 8, 9], [2, 2, 7, 7, 2]]
    """
    ends, order = sorted_with_order(np.concatenate([one, other]).view(np.uint64))
    starts, group = groups_of(ends)
    number = np.empty(len(ends), np.int64)
    number[order] = group
    nodes, parent = ends[starts].view(np.int64), np.arange(len(starts))
    _union(number[: len(one)], number[len(one) :], parent)
    return nodes, nodes[parent]


def small_star(node: Numbers, neighbour: Numbers) -> tuple[Numbers, Numbers]:
    """Link each node, and its neighbours, with the smallest of them; all neighbours are below their node.

    Links come grouped by node, each group in order of neighbour. Returned as (above, below).

    >>> [found.tolist() for found in small_star(np.array([9, 9, 9]), np.array([2, 5, 7]))]
    [[9, 5, 7], [2, 2, 2]]
    """
    starts, group = groups_of(node)
    least = neighbour[starts]
    rest = neighbour != least[group]
    return np.concatenate([node[starts], neighbour[rest]]), np.concatenate([least, least[group][rest]])


def large_star(node: Numbers, neighbour: Numbers) -> tuple[Numbers, Numbers, int]:
    """Link the neighbours above each node with the smallest of the node and all its neighbours, as (above, below).

    Also returns how many nodes are not yet part of a star: they have neighbours on both sides, or several below.

    >>> above, below, unfinished = large_star(np.array([5, 5, 5]), np.array([2, 7, 9]))
    >>> above.tolist(), below.tolist(), unfinished
    ([7, 9], [2, 2], 1)
    """
    starts, group = groups_of(node)
    least = np.minimum(node[starts], neighbour[starts])
    above = neighbour > node
    several = np.bincount(group, weights=~above) > 1 if len(node) else np.empty(0, np.bool_)
    both = (neighbour[starts] < node[starts]) & (np.bincount(group, weights=above) > 0) if len(node) else several
    return neighbour[above], least[group][above], int(np.count_nonzero(several | both))
