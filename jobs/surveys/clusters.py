"""Clusters: links in, the cluster of each linked document out. Exact at any size.

While links fit a worker's memory one unit joins them. Beyond that, rounds of two star operations over partitions, each
round a stage of its own in storage, until every document is linked with the first of its cluster and nothing else.
"""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from jobs.commits import Commit, Unit, digest
from jobs.outbox import Outbox, read_table
from jobs.sorted import Sorted, partition_units, range_of, read_range, sorted_files, windows, write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys.links import LINK, link_table
from jobs.units import Run, Stage, map_units
from ops.kernels.clusters import Numbers, components, large_star, small_star

CLUSTER = pa.schema([("at", pa.int64()), ("cluster", pa.int64())])
_ENDS = ["one", "other"]

# Sorting links and numbering their ends takes about this much for each at once (tests/bench/bench_dedup.py).
_BYTES_A_LINK = 128

# Rounds grow with the logarithm of the longest chain; a path of a million documents took 21.
_ROUNDS_MAX = 100


def clusters(run: Run, stage: Stage, links: Sequence[Commit], partition_bytes: int) -> list[Sorted]:
    """Return sorted files of (at, cluster), in order of `at`: every linked document, with the first of its cluster."""
    parts = sorted_files(links)
    rows = sum(part.file.rows for part in parts)
    inputs = digest([part.file.sha256 for part in parts], partition_bytes)
    if rows * _BYTES_A_LINK <= partition_bytes:
        work = partial(_join_unit, parts=parts, storage_url=run.storage.url)
        size = sum(part.memory_bytes for part in parts)
        return sorted_files(map_units(run, stage, [Unit(inputs, {}, size)], work))
    return _in_rounds(run, stage, parts, inputs, partition_bytes)


def _join_unit(unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], storage_url: str) -> dict[str, Any]:  # noqa: ARG001
    """Join all links at once."""
    storage = open_storage(storage_url)
    tables = [read_table(storage, part.file, _ENDS) for part in parts]
    links = pa.concat_tables([LINK.empty_table().select(_ENDS), *tables])
    at, cluster = components(np.asarray(links["one"]), np.asarray(links["other"]))
    return {"sorted": write_sorted(outbox, "clusters", _table(at, cluster), "at")}


def _in_rounds(run: Run, stage: Stage, parts: list[Sorted], inputs: str, partition_bytes: int) -> list[Sorted]:
    rows = sum(part.file.rows for part in parts)
    # Both directions of a link are there while its star is made larger.
    partitions = math.ceil(2 * rows * _BYTES_A_LINK / partition_bytes)
    window_bytes = partition_bytes * 24 // _BYTES_A_LINK
    for number in range(_ROUNDS_MAX):
        for kind in ("small", "large"):
            name = f"{number:03d}-{kind}"
            units = partition_units(partitions, inputs, 24 * rows, prefix=f"{name}-")
            work = partial(_star_unit, kind=kind, parts=parts, window_bytes=window_bytes, storage_url=run.storage.url)
            commits = map_units(run, Stage(stage.folder, f"{stage.label}: round {number + 1}"), units, work)
            parts = sorted_files(commits)
        if not sum(commit.facts["unfinished"] for commit in commits):
            return _by_address(run, stage, parts, inputs)
    raise AssertionError(f"clusters are not joined after {_ROUNDS_MAX} rounds: {stage.folder}")


def _star_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    kind: Literal["small", "large"],
    parts: Sequence[Sorted],
    window_bytes: int,
    storage_url: str,
) -> dict[str, Any]:
    """Do one star operation on the nodes of one partition."""
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    unfinished = 0
    for window in windows(parts, *range_of(unit), window_bytes):
        for above, below, left in _stars(storage, kind, parts, *window):
            unfinished += left
            # A large star looks at links from both ends, a small star from the upper end alone.
            table = link_table(above, below) if kind == "large" else link_table(*_both_ways(above, below))
            told |= write_sorted(outbox, f"links-{len(told):05d}", table, "key")
    return {"sorted": told, "unfinished": unfinished}


def _both_ways(above: Numbers, below: Numbers) -> tuple[Numbers, Numbers]:
    return np.concatenate([above, below]), np.concatenate([below, above])


def _stars(
    storage: Storage, kind: str, parts: Sequence[Sorted], first: int, last: int
) -> Iterator[tuple[Numbers, Numbers, int]]:
    """Give what one operation makes of the nodes in a range of keys: links (above, below), and nodes unfinished."""
    if first < last:
        tables = [table for part in parts for table in read_range(storage, part, "key", first, last)]
        if tables:
            links = pa.concat_tables(tables)
            whole = link_table(np.asarray(links["one"]), np.asarray(links["other"]))
            yield _star(kind, np.asarray(whole["one"]), np.asarray(whole["other"]))
        return
    # One node with more neighbours than a worker should hold: its smallest is found first, then each is linked.
    node, least = -1, np.iinfo(np.int64).max
    for one, other in _neighbours(storage, parts, first):
        node, least = one, min(least, int(other.min()))
    for _, other in _neighbours(storage, parts, first):
        others = np.setdiff1d(other, [least])
        yield _star(kind, np.full(len(others) + 1, node), np.concatenate([[least], others]))


def _neighbours(storage: Storage, parts: Sequence[Sorted], key: int) -> Iterator[tuple[int, Numbers]]:
    for part in parts:
        for table in read_range(storage, part, "key", key, key):
            yield int(np.asarray(table["one"])[0]), np.asarray(table["other"])


def _star(kind: str, node: Numbers, neighbour: Numbers) -> tuple[Numbers, Numbers, int]:
    return (*small_star(node, neighbour), 0) if kind == "small" else large_star(node, neighbour)


def _by_address(run: Run, stage: Stage, parts: Sequence[Sorted], inputs: str) -> list[Sorted]:
    """Bring the finished stars into order of address."""
    by_name = {f"ordered-{n:06d}-{inputs}": part for n, part in enumerate(parts)}
    units = [Unit(name, {}, part.memory_bytes) for name, part in by_name.items()]
    work = partial(_ordered_unit, parts=by_name, storage_url=run.storage.url)
    return sorted_files(map_units(run, Stage(stage.folder, f"{stage.label}: order"), units, work))


def _ordered_unit(unit: Unit, outbox: Outbox, *, parts: dict[str, Sorted], storage_url: str) -> dict[str, Any]:
    storage = open_storage(storage_url)
    whole = read_table(storage, parts[unit.name].file, _ENDS)
    first = np.unique(np.asarray(whole["other"]))  # the first of a cluster is linked with nothing below it
    at, cluster = np.concatenate([np.asarray(whole["one"]), first]), np.concatenate([np.asarray(whole["other"]), first])
    order = np.argsort(at)
    return {"sorted": write_sorted(outbox, "clusters", _table(at[order], cluster[order]), "at")}


def _table(at: Numbers, cluster: Numbers) -> pa.Table:
    return pa.table([pa.array(at), pa.array(cluster)], schema=CLUSTER)
