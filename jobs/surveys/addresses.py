"""Addresses: `at = unit << 32 | row`, a number for each document of a run. In their order, a unit's lie together."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_ROW_BITS = 32
_LAST_ROW = (1 << _ROW_BITS) - 1

_At = TypeVar("_At", int, NDArray[np.int64])


def at_of(unit: int | NDArray[np.int64], row: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the addresses of rows of a unit, or of a unit for each row.

    >>> at_of(1, np.array([0, 7], np.uint32)).tolist()
    [4294967296, 4294967303]
    """
    return (unit << _ROW_BITS) | row.astype(np.int64)


def unit_of(at: _At) -> _At:
    """Return the number of the unit that a document is in."""
    return at >> _ROW_BITS


def row_of(at: _At) -> _At:
    """Return the row of its unit that a document is."""
    return at & _LAST_ROW


def at_range(first_unit: int, last_unit: int) -> tuple[int, int]:
    """Return the first and the last address that documents of some units in a row may have.

    >>> [(unit_of(at), row_of(at)) for at in at_range(3, 4)]
    [(3, 0), (4, 4294967295)]
    """
    return first_unit << _ROW_BITS, (last_unit << _ROW_BITS) | _LAST_ROW
