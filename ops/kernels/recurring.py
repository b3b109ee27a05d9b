"""Which of the places of a text recur, by a key of each: in groups of equal keys."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.ngrams import room_for

PLACES_AT_FIRST = 1 << 12  # of groups, of all texts, that there is room for


class Groups(NamedTuple):
    """Places of equal keys, of many texts: the texts in order, of each its groups by their first places."""

    rows: NDArray[np.int64]  # of each group
    keys: NDArray[np.uint64]  # of each group
    first: NDArray[np.int64]  # group n has the places `at[first[n] : first[n + 1]]`, in order
    at: NDArray[np.int64]


class Slots(NamedTuple):
    """Room for one text: its places and their keys, and tables that tell which keys are equal."""

    places: NDArray[np.int64]
    keys: NDArray[np.uint64]
    table: NDArray[np.uint64]
    counts: NDArray[np.int64]


def slots_for(places_max: int) -> Slots:
    """Return room for a text of so many places."""
    room = int(room_for(places_max)[0])
    return Slots(
        np.empty(places_max, np.int64),
        np.empty(places_max, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room, np.int64),
    )


def all_groups(add: Callable[[int, Groups, int], tuple[int, int]], texts: int, places_max: int) -> Groups:
    """Return the groups of all texts, none of which has more than so many places.

    `add` goes on from a text, and with so many groups that are made, until all texts are done or there is no room for
    the places of the next one; it returns how far it came. There is room for few at first: most texts have no groups,
    and to get memory for what all places might be took as long as to find them.
    """
    room = max(places_max, PLACES_AT_FIRST)
    groups = Groups(
        np.empty(room, np.int64), np.empty(room, np.uint64), np.zeros(room + 1, np.int64), np.empty(room, np.int64)
    )
    row = made = 0
    while True:
        row, made = add(row, groups, made)
        if row == texts:
            rows, keys, first, at = groups
            return Groups(rows[:made].copy(), keys[:made].copy(), first[: made + 1].copy(), at[: first[made]].copy())
        groups = Groups(*(np.concatenate([one, np.empty_like(one)]) for one in groups))


@kernel
def add_groups(count, least, row, slots, groups, made):  # type: ignore[no-untyped-def]
    """Put the first `count` of a text's places whose key `least` of them have behind the groups that are made.

    Returns how many groups are made then. `groups.first` tells where the next one begins. There is room for `count`.
    """
    places, keys, table, counts = slots
    if count < least:
        return made
    # Most keys are met once: those that share a slot with too few others go, without a look at which these are.
    room, bits = room_for(count)
    shift = np.uint64(64 - bits)
    counts[:room] = 0
    for one in range(count):
        counts[np.int64(keys[one] >> shift)] += 1
    kept = 0
    for one in range(count):
        places[kept] = places[one]
        keys[kept] = keys[one]
        kept += counts[np.int64(keys[one] >> shift)] >= least
    if kept < least:
        return made
    room, bits = room_for(kept)
    shift = np.uint64(64 - bits)
    table[:room] = 0
    counts[:room] = 0
    for one in range(kept):
        slot = np.int64(keys[one] >> shift)
        while table[slot] and table[slot] != keys[one]:
            slot = (slot + 1) & (room - 1)
        table[slot] = keys[one]
        counts[slot] += 1
    total = groups.first[made]
    for one in range(kept):
        slot = np.int64(keys[one] >> shift)
        while table[slot] != keys[one]:
            slot = (slot + 1) & (room - 1)
        held = counts[slot]
        if held >= least:
            groups.rows[made] = row
            groups.keys[made] = keys[one]
            groups.at[total] = places[one]
            counts[slot] = -total - 1  # from now on where the next place of the group goes
            total += held
            made += 1
            groups.first[made] = total
        elif held < 0:
            groups.at[-held] = places[one]
            counts[slot] = held - 1
    return made
