"""A shuffled release: its shards, planned by exact sums over small columns of runs, and written from them.

A shard holds the documents whose places begin with certain bits: as few bits as leave at most `shard_bytes` of text. So
a document that comes or goes is felt by its shard alone, which, as the corpus grows, is cut in two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import Commit, Unit, digest
from jobs.documents import TEXT_BYTES, release_schema
from jobs.formats.settings import Release
from jobs.held import Held
from jobs.outbox import Outbox
from jobs.phases import find_cuts
from jobs.places import PLACE, order_seed
from jobs.runs import MARK, Lot, Shuffle, cut_evenly, in_order, write_runs
from jobs.shards import write_documents
from jobs.sorted import LAST_KEY, Sorted, partition_units, range_of, read_range
from jobs.spec import JobSpec
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units

# What is put in order and written at once; of Parquet, a row group.
_WINDOW_BYTES = 16 * 1024 * 1024

_SMALL = [PLACE.name, TEXT_BYTES.name, MARK.name]

# The three are read, put together and ordered.
_ROW_BYTES = 3 * 8 * 4


@dataclass(frozen=True)
class Leaf:
    """The documents of a range of places."""

    first: int
    last: int
    rows: int
    bytes: int  # of text
    mark: int  # a sum over the documents' marks: tells whether they are the same as on another night


@dataclass(frozen=True)
class Spread:
    """One shard: a leaf, and the runs that hold its documents among others."""

    leaf: Leaf
    parts: list[Sorted]


def shuffled_shards(
    run: Run, folder: str, spec: JobSpec, columns: tuple[pa.Field, ...], held: Sequence[Held]
) -> list[Commit]:
    """Write the shards of a shuffled release, lot by lot; return their commits in order."""
    release, chunk_bytes = spec.release, spec.run.partition_bytes
    prefix = folder.rpartition("-")[0]
    seed = order_seed(spec.seed)
    cuts = find_cuts(run, prefix, seed, release, held, columns, chunk_bytes)
    shuffle = Shuffle(seed, columns, cuts)
    lots = write_runs(run, prefix, shuffle, held, shard_bytes=release.shard_bytes, chunk_bytes=chunk_bytes)
    rows = sum(part.file.rows for parts in lots.values() for part in parts)
    partitions = 1 << max(0, (rows * _ROW_BYTES // chunk_bytes).bit_length())
    stage = Stage(f"{prefix}.sizes-{digest(shuffle.name, release.shard_bytes)}", "release: sizes")
    leaves = _leaves(run, stage, lots, release.shard_bytes, partitions)
    spread: dict[str, Spread] = {}
    units = []
    for lot, parts in lots.items():
        for leaf in plan_leaves(leaves[lot], release.shard_bytes):
            name = digest(shuffle.order, lot.name, str(leaf))
            spread[name] = Spread(leaf, parts)
            reads = {"places": [f"{leaf.first:016x}", f"{leaf.last:016x}"]} | lot.told(phases=bool(release.phases))
            units.append(Unit(name, reads, leaf.bytes))
    work = partial(_write_shard, spread=spread, release=release, columns=shuffle.columns, storage_url=run.storage.url)
    return map_units(run, Stage(folder, "release"), units, work)


def plan_leaves(leaves: Sequence[Leaf], shard_bytes: int) -> list[Leaf]:
    """Put leaves, in order, together to shards: each the largest aligned range that holds at most so much text."""
    return list(_joined(0, LAST_KEY, leaves, shard_bytes))


def cut_leaves(
    place: NDArray[np.uint64], sizes: NDArray[np.int64], marks: NDArray[np.uint64], first: int, last: int, most: int
) -> list[Leaf]:
    """Cut documents, in order of place, within a range that is aligned, into aligned ranges of at most so much text.

    A document that is larger is alone in its own.
    """
    bytes_before = np.append(0, np.cumsum(sizes))
    marks_before = np.append(np.uint64(0), np.cumsum(marks))
    leaves = []
    stack = [(first, last, 0, len(place))]
    while stack:
        first, last, begin, end = stack.pop()
        size = int(bytes_before[end] - bytes_before[begin])
        if begin == end:
            continue
        if size <= most or end - begin == 1 or first == last:
            mark = (int(marks_before[end]) - int(marks_before[begin])) % 2**64
            leaves.append(Leaf(first, last, end - begin, size, mark))
            continue
        middle = (first + last) // 2
        at = int(np.searchsorted(place, np.uint64(middle), side="right"))
        stack += [(middle + 1, last, at, end), (first, middle, begin, at)]
    return leaves


def _joined(first: int, last: int, leaves: Sequence[Leaf], most: int) -> Iterator[Leaf]:
    if not leaves:
        return
    rows, size = sum(leaf.rows for leaf in leaves), sum(leaf.bytes for leaf in leaves)
    if size <= most or rows == 1 or (first, last) == (leaves[0].first, leaves[0].last):
        yield Leaf(first, last, rows, size, sum(leaf.mark for leaf in leaves) % 2**64)
        return
    middle = (first + last) // 2
    yield from _joined(first, middle, [leaf for leaf in leaves if leaf.last <= middle], most)
    yield from _joined(middle + 1, last, [leaf for leaf in leaves if leaf.first > middle], most)


def _leaves(
    run: Run, stage: Stage, lots: dict[Lot, list[Sorted]], shard_bytes: int, partitions: int
) -> dict[Lot, list[Leaf]]:
    """Sum up the text of every lot, each in partitions of all places."""
    units = []
    of_unit: dict[str, Lot] = {}
    for lot, parts in lots.items():
        inputs = digest([part.file.sha256 for part in parts])
        size = sum(part.file.rows for part in parts) * _ROW_BYTES
        some = partition_units(partitions, inputs, size, f"{lot.name}-")
        units += some
        of_unit |= {unit.name: lot for unit in some}
    work = partial(_leaves_unit, lots=lots, of_unit=of_unit, shard_bytes=shard_bytes, storage_url=run.storage.url)
    leaves: dict[Lot, list[Leaf]] = {lot: [] for lot in lots}
    for commit in map_units(run, stage, units, work):
        leaves[of_unit[commit.unit]] += [Leaf(*told) for told in commit.facts["leaves"]]
    return leaves


def _leaves_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    lots: dict[Lot, list[Sorted]],
    of_unit: dict[str, Lot],
    shard_bytes: int,
    storage_url: str,
) -> dict[str, Any]:
    del outbox
    storage = open_storage(storage_url)
    first, last = range_of(unit)
    parts = lots[of_unit[unit.name]]
    tables = [table for part in parts for table in read_range(storage, part, PLACE.name, first, last, columns=_SMALL)]
    if not tables:
        return {"leaves": []}
    place, sizes, marks = (np.asarray(pa.concat_tables(tables)[name]) for name in _SMALL)
    order = np.argsort(place)
    leaves = cut_leaves(place[order], sizes[order], marks[order], first, last, shard_bytes)
    return {"leaves": [[leaf.first, leaf.last, leaf.rows, leaf.bytes, leaf.mark] for leaf in leaves]}


def _write_shard(
    unit: Unit,
    outbox: Outbox,
    *,
    spread: dict[str, Spread],
    release: Release,
    columns: tuple[pa.Field, ...],
    storage_url: str,
) -> dict[str, Any]:
    """Write one shard, a window of places at a time: how many follows from its text, so that its bytes do, too."""
    leaf, parts = spread[unit.name].leaf, spread[unit.name].parts
    schema = release_schema(columns)
    windows = cut_evenly(leaf.first, leaf.last, 1 + leaf.bytes // _WINDOW_BYTES)
    batches = in_order(open_storage(storage_url), parts, windows)
    return write_documents(outbox, schema, release, (batch.combine_chunks() for batch in batches))
