"""Tallies of hashed keys: open-addressed tables that are never cleared, for each row has the stamp of its text."""

import numpy as np

from ops.kernels.compiled import kernel
from ops.kernels.page_tables import ABOVE_HAN, ABOVE_PRIVATE, ABOVE_REST, PRIVATE_ABOVE, STOPS
from ops.kernels.unicode_tables import HAN_ABOVE_END, TABLED

COUNT = np.uint64(0xFFFFFFFF)  # the lower half of a row's second number; the upper is the stamp
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_1 = np.uint64(1)
_32 = np.uint64(32)
_STOP_SHIFT = np.uint64(54)
_STOP_MASK = len(STOPS) - 1


@kernel
def class_of(point, classes):  # type: ignore[no-untyped-def]
    """Return what `page_tables` tells of a character."""
    if point < TABLED:
        return np.int64(classes[point])
    if point < HAN_ABOVE_END:
        return ABOVE_HAN
    return ABOVE_PRIVATE if point >= PRIVATE_ABOVE else ABOVE_REST


@kernel
def mixed(value):  # type: ignore[no-untyped-def]
    """Spread a hash over its upper bits, which choose a slot."""
    return (value ^ (value >> _32)) * _GOLDEN


@kernel
def is_stop_word(value):  # type: ignore[no-untyped-def]
    """Whether a word of this hash is of grammar."""
    slot = np.int64(value >> _STOP_SHIFT)
    while STOPS[slot] and STOPS[slot] != value:
        slot = (slot + 1) & _STOP_MASK
    return STOPS[slot] == value


@kernel
def count_key(table, bits, stamp, order, distinct, value):  # type: ignore[no-untyped-def]
    """Count a key once more; return how many distinct ones there are. Rows of another stamp are free."""
    slot = np.int64(value >> np.uint64(64 - bits))
    while table[slot, 1] >> _32 == stamp:
        if table[slot, 0] == value:
            table[slot, 1] += _1
            return distinct
        slot = (slot + 1) & ((1 << bits) - 1)
    table[slot, 0] = value
    table[slot, 1] = stamp << _32 | _1
    order[distinct] = slot
    return distinct + 1


@kernel
def count_of(table, bits, stamp, value):  # type: ignore[no-untyped-def]
    """Return how often a key was counted."""
    slot = np.int64(value >> np.uint64(64 - bits))
    while table[slot, 1] >> _32 == stamp:
        if table[slot, 0] == value:
            return np.int64(table[slot, 1] & COUNT)
        slot = (slot + 1) & ((1 << bits) - 1)
    return 0
