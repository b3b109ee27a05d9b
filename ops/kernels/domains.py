"""Domains: a set of millions of them, and which hosts lie within one. Hosts are canonical: lower case, ASCII.

A domain is kept as a hash of 64 bits, from its end to its beginning, so that one pass over a host meets the hash of
every domain that it lies in. A host that is in none of five million is taken for one once in 10^12.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.hashing import mix64, stir

DomainSet = NDArray[np.uint64]

_DOT = ord(".")
_NONE = np.uint64(0)
_1 = np.uint64(1)


@njit(cache=True, nogil=True)
def _place(slots, value):  # type: ignore[no-untyped-def]
    """Return the slot that holds a hash, or the free one that it would be put into."""
    key = max(mix64(value), _1)
    last = np.uint64(len(slots) - 1)
    slot = key & last
    while slots[slot] != _NONE and slots[slot] != key:
        slot = (slot + _1) & last
    return slot, key


@njit(cache=True, nogil=True)
def _fill(data, offsets, slots):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        value = _NONE
        for at in range(offsets[row + 1] - 1, offsets[row] - 1, -1):
            value = stir(value, np.uint64(data[at]))
        slot, key = _place(slots, value)
        slots[slot] = key


@njit(cache=True, nogil=True)
def _look(data, offsets, slots, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        value = _NONE
        start = offsets[row]
        for at in range(offsets[row + 1] - 1, start - 1, -1):
            value = stir(value, np.uint64(data[at]))
            if at == start or data[at - 1] == _DOT:
                slot, key = _place(slots, value)
                if slots[slot] == key:
                    out[row] = True
                    break


def domain_set(domains: pa.Array) -> DomainSet:
    """Return the set of some domains: 13 to 27 bytes for each.

    >>> within(pa.array(["a.example.com", "example.com", "notexample.com", ""]), domain_set(pa.array(["example.com"])))
    array([ True,  True, False, False])
    """
    data, offsets = buffers_of(domains)
    # At most three fifths are taken: a search ends after a slot or two.
    slots = np.zeros(1 << max(1, int(len(domains) * 5 // 3).bit_length()), np.uint64)
    _fill(data, offsets, slots)
    return slots


def within(hosts: pa.Array, domains: DomainSet) -> NDArray[np.bool_]:
    """Say which hosts are a domain of the set, or lie below one."""
    data, offsets = buffers_of(hosts)
    out = np.zeros(len(offsets) - 1, np.bool_)
    _look(data, offsets, domains, out)
    return out
