"""Links: key runs in, pairs of documents that have a key in common out. One unit for each range of keys.

Linking is star-wise: of n documents with one key, n - 1 are linked with the first. So a hot key costs no more than its
documents do; that some of them have nothing else in common is for those who compare them to find out.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import Commit, Unit
from jobs.outbox import Outbox
from jobs.sorted import write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys.keys import LiveRun, entry_units, entry_windows, read_shared
from jobs.units import Run, Stage, map_units
from ops.kernels.groups import begins
from ops.kernels.hashing import mix64_all
from ops.kernels.order import sorted_with_order

# A link lies under the mixed address of one of its ends: evenly spread, as partitions want their keys.
LINK = pa.schema([("key", pa.uint64()), ("one", pa.int64()), ("other", pa.int64())])


def link(run: Run, stage: Stage, runs: Sequence[LiveRun], partition_bytes: int) -> list[Commit]:
    """Return commits whose sorted files are the links, each once a partition, with `one` above `other`."""
    work = partial(_link_unit, runs=runs, window_bytes=partition_bytes, storage_url=run.storage.url)
    return map_units(run, stage, entry_units(runs, partition_bytes), work)


def link_table(one: NDArray[np.int64], other: NDArray[np.int64]) -> pa.Table:
    """Make a table of links, in order of the mixed address of `one`, each pair once."""
    _, by_other = sorted_with_order(other.astype(np.uint64))
    key, order = sorted_with_order(mix64_all(one[by_other].astype(np.uint64)))
    order = by_other[order]
    one, other = one[order], other[order]
    new = begins(key, other)
    return pa.table([pa.array(key[new]), pa.array(one[new]), pa.array(other[new])], schema=LINK)


def star(key: NDArray[np.uint64], at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Link the entries of each key, which come in order of key, with the first of it: (one, other), one above other.

    >>> one, other = star(np.array([5, 5, 5, 7], np.uint64), np.array([30, 10, 20, 40]))
    >>> one.tolist(), other.tolist()
    ([30, 30], [10, 20])
    """
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    first = np.searchsorted(key, key[again])
    one, other = at[again], at[first]
    apart = one != other
    return np.maximum(one, other)[apart], np.minimum(one, other)[apart]


def _link_unit(
    unit: Unit, outbox: Outbox, *, runs: Sequence[LiveRun], window_bytes: int, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    for window in entry_windows(unit, runs, window_bytes):
        for one, other in _stars(storage, runs, *window):
            told |= write_sorted(outbox, f"links-{len(told):05d}", link_table(one, other), "key")
    return {"sorted": told}


def _stars(
    storage: Storage, runs: Sequence[LiveRun], first: int, last: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    if first < last:
        yield star(*read_shared(storage, runs, first, last))
        return
    # One key that more documents have than a worker should hold: all are linked with whichever is read first.
    hub = None
    for _, at in (entries for one in runs for entries in one.read(storage, first, last)):
        hub = at[0] if hub is None else hub
        yield star(np.zeros(len(at) + 1, np.uint64), np.concatenate([[hub], at]))
