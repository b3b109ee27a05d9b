"""Which of the places of a text recur, by a key of each: in groups of equal keys."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.ngrams import room_for


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


def room_of(places_max: int, all_places_max: int) -> tuple[Slots, Groups]:
    """Return room for a text of so many places, and for all groups. What is never written takes no memory."""
    room = int(room_for(places_max)[0])
    numbers, keys = (np.empty(room, np.int64) for _ in range(2)), (np.empty(room, np.uint64) for _ in range(2))
    rows, first, at = (np.empty(all_places_max + 1, np.int64) for _ in range(3))
    return Slots(next(numbers), next(keys), next(keys), next(numbers)), Groups(
        rows, np.empty(all_places_max + 1, np.uint64), first, at
    )


def trimmed(groups: Groups, made: int) -> Groups:
    """Return the groups that were made, without the room that is left."""
    rows, keys, first, at = groups
    return Groups(rows[:made].copy(), keys[:made].copy(), first[: made + 1].copy(), at[: first[made]].copy())


@kernel
def add_groups(count, least, row, slots, groups, made):  # type: ignore[no-untyped-def]
    """Put the first `count` of a text's places whose key `least` of them have behind the groups that are made.

    Returns how many groups are made then. `groups.first` tells where the next one begins.
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
