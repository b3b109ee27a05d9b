"""Of members of a cluster that are equal, the first stays: what exact dedup and unique ids have in common."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.dedup.outcome import replaced
from ops.kernels.groups import groups_of

_CARRIED = ["id", "at", "source", "sourced", "cluster"]


def first_stays(
    members: Iterable[pa.Table], equal: Callable[[pa.Table], NDArray[np.int64]], equal_columns: list[str], reason: str
) -> Iterator[pa.Table]:
    """Give verdicts for every member but the first of those that have one number in `equal` and one cluster."""
    open_cluster: pa.Table | None = None  # its first members: it may go on in the next table
    for table in members:
        have = list(dict.fromkeys([*_CARRIED, *equal_columns]))
        joined = table if open_cluster is None else pa.concat_tables([open_cluster.select(have), table.select(have)])
        before = joined.num_rows - table.num_rows
        cluster, number = np.asarray(joined["cluster"]), equal(joined)
        order = np.lexsort((number, cluster))  # stable: within a group the members stay in their order
        starts, group = groups_of(cluster[order], number[order])
        keeper = np.empty(len(order), np.int64)
        keeper[order] = order[starts[group]]
        lost = np.flatnonzero((keeper != np.arange(len(keeper))) & (np.asarray(joined["sourced"]) == 1))
        yield replaced(
            table.take(pa.array(lost - before)), joined.select(_CARRIED).take(pa.array(keeper[lost])), reason
        )
        stays = (keeper == np.arange(len(keeper))) & (cluster == cluster[-1])
        open_cluster = joined.filter(pa.array(stays))
