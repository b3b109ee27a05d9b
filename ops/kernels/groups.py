"""Groups: rows of columns in order, whose equal rows lie together. Where each begins, and which row is in which."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def begins(*columns: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Say of each row whether a group begins with it: whether it differs from the row before it in any column.

    >>> begins(np.array([5, 5, 5, 7]), np.array([1, 1, 2, 2])).tolist()
    [True, False, True, True]
    """
    new = np.zeros(len(columns[0]), np.bool_)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def groups_of(*columns: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the row that each group begins with, and the number of the group that each row is in.

    >>> [found.tolist() for found in groups_of(np.array([5, 5, 7]))]
    [[0, 2], [0, 0, 1]]
    """
    new = begins(*columns)
    return np.flatnonzero(new), np.cumsum(new) - 1


def each_value(column: NDArray[np.integer]) -> Iterator[tuple[int, int, int]]:
    """Give each value of a column that is in order, the row that it begins with, and the first one after it.

    >>> list(each_value(np.array([5, 5, 7]))), list(each_value(np.empty(0, int)))
    ([(5, 0, 2), (7, 2, 3)], [])
    """
    bounds = [*np.flatnonzero(begins(column)).tolist(), len(column)]
    return ((int(column[begin]), begin, end) for begin, end in pairwise(bounds))
