"""Runs: documents in the order of a shuffle, sorted through storage. What is left of units in, sorted files out.

    units' documents -> runs, each of what a worker holds -> longer runs, where shards are many

The one place where text is laid anew. A document's place is a hash of its id and of which copy of it it is, so that it
depends on nothing else. Documents of other lots (phases of training) are in other runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.commits import Unit, digest
from jobs.documents import TEXT_BYTES, release_schema
from jobs.held import Held, read_held
from jobs.outbox import Outbox
from jobs.phases import Cut, phase_of
from jobs.places import PLACE, has_phases, places_of, split_rank, splits_of
from jobs.sorted import LAST_KEY, Sorted, read_range, sorted_files, write_sorted_tables
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import COPIES, COPY
from ops.kernels.hashing import mix64_all

# Tells one row of a release from every other: of which data, row and copy.
MARK = pa.field("_mark", pa.uint64(), nullable=False)

# A row group of a run. What a shard takes of a run is at least as much: else it would read more than it writes.
_SLICE_BYTES = 128 * 1024


@dataclass(frozen=True)
class Lot:
    """Documents that are shuffled among themselves: those of a phase of a split."""

    split: str  # empty where there are none
    phase: int

    @classmethod
    def of(cls, name: str) -> "Lot":
        """Read a lot's name."""
        split, _, phase = name.rpartition(".")
        return cls(split, int(phase))

    @property
    def name(self) -> str:
        """Name the lot in roles of files and names of units."""
        return f"{self.split}.{self.phase}"

    @property
    def rank(self) -> tuple[tuple[int, str], int]:
        """Order lots as a release does."""
        return split_rank(self.split), self.phase

    def told(self, *, phases: bool) -> dict[str, Any]:
        """Tell of the lot in the manifest, which counts phases from 1."""
        split = {"split": self.split} if self.split else {}
        return split | ({"phase": self.phase + 1} if phases and has_phases(self.split) else {})


@dataclass(frozen=True)
class Shuffle:
    """What the order of a release follows from."""

    seed: int
    columns: tuple[pa.Field, ...]  # of a released document, beyond every document's own
    cuts: tuple[Cut, ...] = ()  # between phases

    @property
    def order(self) -> str:
        """Name what shards depend on beside the documents that they hold: not the cuts, which move every night."""
        return digest([str(field) for field in self.columns], str(self.seed))

    @property
    def name(self) -> str:
        """Name the stages of runs."""
        return digest(self.order, str(self.cuts))


def write_runs(
    run: Run, folder: str, shuffle: Shuffle, held: Sequence[Held], *, shard_bytes: int, chunk_bytes: int
) -> dict[Lot, list[Sorted]]:
    """Return the documents left as runs of each lot; from one of them a shard takes at least a row group or so."""
    by_name = {digest(one.unit, one.identity()): one for one in held if one.rows}
    units = [Unit(name, {"unit": one.unit}, one.bytes) for name, one in by_name.items()]
    work = partial(_run_unit, held=by_name, shuffle=shuffle, chunk_bytes=chunk_bytes, storage_url=run.storage.url)
    commits = map_units(run, Stage(f"{folder}.runs-{shuffle.name}", "release: runs"), units, work)
    lots: dict[Lot, list[Sorted]] = {}
    for commit in commits:
        for role, part in zip(sorted(commit.facts["sorted"]), sorted_files([commit]), strict=True):
            lots.setdefault(Lot.of(role.rpartition("-")[0]), []).append(part)
    stage = Stage(f"{folder}.merged-{shuffle.name}", "release: merge")
    return {
        lot: _merged(run, stage, lots[lot], shard_bytes, chunk_bytes) for lot in sorted(lots, key=lambda lot: lot.rank)
    }


def in_order(storage: Storage, parts: Sequence[Sorted], windows: Sequence[tuple[int, int]]) -> Iterator[pa.Table]:
    """Read runs in order, a window of places at a time; windows come one after the other, and may bring nothing.

    A row group or two of each run are held beside a window.
    """
    streams = [_Stream(storage, part, windows[0][0], windows[-1][1], beside=len(parts) - 1) for part in parts]
    for _, last in windows:
        tables = [table for stream in streams for table in stream.up_to(last)]
        if tables:
            yield _by_place(pa.concat_tables(tables))


def cut_evenly(first: int, last: int, count: int) -> list[tuple[int, int]]:
    """Cut a range of places into so many of one length.

    >>> cut_evenly(0, 9, 3)
    [(0, 2), (3, 5), (6, 9)]
    """
    bounds = [first + (last - first + 1) * n // count for n in range(count + 1)]
    return [(begin, end - 1) for begin, end in pairwise(bounds) if begin < end]


class _Stream:
    """The rows of a run that are not given on yet."""

    def __init__(self, storage: Storage, part: Sorted, first: int, last: int, beside: int) -> None:
        self._rest = read_range(storage, part, PLACE.name, first, last, beside=beside)
        self._read: pa.Table | None = None

    def up_to(self, last: int) -> Iterator[pa.Table]:
        """Give the rows up to a place."""
        while (table := self._read or next(self._rest, None)) is not None:
            rows = int(np.searchsorted(np.asarray(table[PLACE.name]), np.uint64(last), side="right"))
            self._read = table.slice(rows) if rows < table.num_rows else None
            if rows:
                yield table.slice(0, rows)
            if self._read is not None:
                return


def _by_place(table: pa.Table) -> pa.Table:
    """Bring rows into order; of equal places, which are two among 6 * 10^9 documents, by id."""
    order = np.argsort(np.asarray(table[PLACE.name]), kind="stable")
    place = np.asarray(table[PLACE.name])[order]
    if (place[1:] == place[:-1]).any():
        return table.sort_by([(PLACE.name, "ascending"), ("id", "ascending")])
    return table.take(pa.array(order))


def _run_unit(
    unit: Unit, outbox: Outbox, *, held: dict[str, Held], shuffle: Shuffle, chunk_bytes: int, storage_url: str
) -> dict[str, Any]:
    told: dict[str, Any] = {}
    tables = _placed(open_storage(storage_url), held[unit.name], shuffle)
    for number, chunk in enumerate(_chunks(tables, chunk_bytes)):
        for lot, table in _lots(_by_place(chunk), shuffle):
            told |= write_sorted_tables(outbox, f"{lot}-{number:05d}", [table], PLACE.name, _SLICE_BYTES)
    return {"sorted": told}


def _lots(table: pa.Table, shuffle: Shuffle) -> Iterator[tuple[str, pa.Table]]:
    """Take documents of different lots apart."""
    phases = phase_of(table, np.asarray(table[PLACE.name]), shuffle.cuts)
    for split, of_split in splits_of(table).items():
        for phase in np.unique(phases[of_split]):
            here = of_split & (phases == phase)
            yield Lot(split, int(phase)).name, table if here.all() else table.filter(pa.array(here))


def _placed(storage: Storage, held: Held, shuffle: Shuffle) -> Iterator[pa.Table]:
    """Read the documents left of a unit, with their place and their mark."""
    schema = pa.schema([*release_schema(shuffle.columns), TEXT_BYTES])
    of_data = np.uint64(int(digest(held.data.sha256, held.copies.sha256 if held.copies else ""), 16))
    copies, repeats = COPIES[0] in shuffle.columns, COPY in shuffle.columns
    for batch in read_held(storage, held, with_rows=True, with_copies=copies, with_repeats=repeats):
        mark = np.asarray(batch["row"]).astype(np.uint64)
        if repeats:
            mark ^= np.asarray(batch[COPY.name]).astype(np.uint64) << np.uint64(40)
        columns = [
            *batch.select(schema.names).cast(schema).columns,
            pa.array(places_of(batch, shuffle.seed)),
            pa.array(mix64_all(mark ^ of_data)),
        ]
        yield pa.table(columns, schema=pa.schema([*schema, PLACE, MARK]))


def _chunks(tables: Iterator[pa.Table], chunk_bytes: int) -> Iterator[pa.Table]:
    """Put tables together until they are as large as a worker should hold."""
    some: list[pa.Table] = []
    size = 0
    for table in tables:
        if some and size + table.nbytes > chunk_bytes:
            yield pa.concat_tables(some)
            some, size = [], 0
        some.append(table)
        size += table.nbytes
    if some:
        yield pa.concat_tables(some)


def _merged(run: Run, stage: Stage, parts: list[Sorted], shard_bytes: int, chunk_bytes: int) -> list[Sorted]:
    """Merge runs that are so short that what a shard takes of one is much less than a row group.

    Which are merged is said by their hashes: a night's new run makes one of the longer runs anew.
    """
    total = sum(part.memory_bytes for part in parts)
    wanted = _SLICE_BYTES * total // shard_bytes
    if len(parts) * wanted <= total or len(parts) == 1:
        return parts
    count = 1 << max(0, (total // wanted).bit_length() - 1)
    groups: dict[int, list[Sorted]] = {}
    for part in parts:
        groups.setdefault(int(part.file.sha256[:15], 16) % count, []).append(part)
    named = {digest([part.file.sha256 for part in group]): group for group in groups.values()}
    units = [Unit(name, {}, sum(part.memory_bytes for part in group)) for name, group in named.items()]
    work = partial(_merge_unit, groups=named, chunk_bytes=chunk_bytes, storage_url=run.storage.url)
    return sorted_files(map_units(run, stage, units, work))


def _merge_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[Sorted]], chunk_bytes: int, storage_url: str
) -> dict[str, Any]:
    windows = cut_evenly(0, LAST_KEY, 1 + unit.bytes // chunk_bytes)
    tables = in_order(open_storage(storage_url), groups[unit.name], windows)
    return {"sorted": write_sorted_tables(outbox, "run", tables, PLACE.name, _SLICE_BYTES)}
