"""Rows of a table nearest to other rows: exactly, each with each, some numbers at a time."""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel

# Rows that one is compared with at a time, so that their distances stay in the nearest cache.
_BLOCK = 1024


@kernel
def _add_column(value, column, begin, size, is_number, distances):  # type: ignore[no-untyped-def]
    """Add a column's part of the distances to a block of rows."""
    at = np.uint64(begin)
    if is_number:
        for row in range(np.uint64(size)):
            distances[row] += min(abs(column[at + row] - value), np.float32(1))
    else:
        for row in range(np.uint64(size)):
            distances[row] += np.float32(column[at + row] != value)


@kernel
def _nearest_all(rows, columns, are_numbers, second, documents, distances, ties, least, credit):  # type: ignore[no-untyped-def]
    for row in range(len(rows)):
        best, count = np.float32(np.inf), 0
        begin = 0
        while begin < len(documents):
            side = np.int64(begin >= second)
            size = min(_BLOCK, (second if begin < second else len(documents)) - begin)
            distances[:size] = 0
            for column in range(len(columns)):
                _add_column(rows[row, column], columns[column], begin, size, are_numbers[column], distances)
            here = distances[0]
            for other in range(1, size):
                here = min(here, distances[other])
            least[row, side] = min(least[row, side], here)
            if here <= best:
                count = 0 if here < best else count
                best = here
                for other in range(size):
                    if distances[other] == best:
                        ties[count] = begin + other
                        count += 1
            begin += size
        total = 0
        for tie in range(count):
            total += documents[ties[tie]]
        for tie in range(count):
            credit[ties[tie]] += documents[ties[tie]] / total


def nearest_rows(
    rows: NDArray[np.float32],
    columns: NDArray[np.float32],
    are_numbers: NDArray[np.bool_],
    second: int,
    documents: NDArray[np.int64],
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return each row's least distance to either side, and how many rows each row of the sides is the nearest of.

    The distance of two rows is the sum over columns: of numbers their difference, at most 1; of others 1 where they
    differ. A row that several are equally near to counts for each in proportion to its documents.

    rows: n x k; columns: k x N, of the first side and from `second` on of the other; documents: how many of each row
    Returns n x 2 distances, infinite where a side has no rows, and N counts.

    >>> one = np.zeros((1, 1), np.float32)
    >>> nearest_rows(one, np.array([[0.5, 0.25, 0.25]], np.float32), np.array([True]), 2, np.array([1, 1, 3]))
    (array([[0.25, 0.25]], dtype=float32), array([0.  , 0.25, 0.75]))
    """
    least = np.full((len(rows), 2), np.inf, np.float32)
    credit = np.zeros(len(documents))
    ties = np.empty(len(documents), np.int64)
    distances = np.empty(_BLOCK, np.float32)
    _nearest_all(rows, columns, are_numbers, second, documents, distances, ties, least, credit)
    return least, credit
