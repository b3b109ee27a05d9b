"""Rounds of a search for what was withdrawn: what is found so far, and how each round works on it by ranges of keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.commits import Commit, Unit, digest
from jobs.lineage import keys_of
from jobs.sorted import Sorted, partition_units, read_range
from jobs.storage import Storage
from jobs.units import Run, Stage, map_units
from jobs.withdrawal.withdrawn import FOUND, STEP

ROUND = "round"
_RANK = "rank"
_COPIES_IN_MEMORY = 4  # of a window of rows


@dataclass(frozen=True)
class Closure:
    """What one search works with."""

    run: Run
    folder: str
    partition_bytes: int

    def stage(self, name: str) -> Stage:
        """Return a stage of this search."""
        return Stage(f"stages/01-{STEP}.{name}-{self.folder}", f"{STEP}: {name}")

    @property
    def window_bytes(self) -> int:
        """Of rows that are looked at together."""
        return self.partition_bytes // _COPIES_IN_MEMORY

    def ranges(
        self,
        name: str,
        work: Callable[..., dict[str, Any]],
        parts: Sequence[Sequence[Sorted]],
        *,
        looked_up: Sequence[Sorted] = (),
        **given: Any,
    ) -> list[Commit]:
        """Do work on some files, each range of keys in a unit of its own; in files `looked_up` few rows are sought."""
        read = [*parts, looked_up]
        inputs = digest(name, [[part.file.sha256 for part in some] for some in read], self.partition_bytes)
        size = sum(part.memory_bytes for some in parts for part in some)
        partitions = max(1, -(-size * _COPIES_IN_MEMORY // self.partition_bytes))
        units: list[Unit] = partition_units(partitions, inputs, size)
        return map_units(self.run, self.stage(name), units, partial(work, **given))


@dataclass(frozen=True)
class Rounds:
    """What was found so far, by round, and how to look on."""

    found: Sequence[Sequence[Sorted]]
    latest: int  # release
    numbers: tuple[int, ...]  # of the withdrawals
    with_copies: tuple[int, ...]  # of those that take copies with them
    window_bytes: int
    storage_url: str

    @property
    def files(self) -> list[Sorted]:
        """All that was found, in files in order of ids' digests."""
        return [part for some in self.found for part in some]

    def first_found(self, storage: Storage, window: tuple[int, int]) -> pa.Table:
        """Return what was found in a range of keys, each id once, with the round.

        As the first round found it, of withdrawals that take copies with them before others: those go further.
        """
        tables = [read_window(storage, parts, window, FOUND) for parts in self.found]
        tables = [
            table.append_column(ROUND, pa.array(np.full(table.num_rows, number))) for number, table in enumerate(tables)
        ]
        found = pa.concat_tables(tables)
        # What an earlier release listed for a withdrawal that was taken back since is not in the list any more.
        found = found.filter(pc.is_in(found["withdrawal"], pa.array(self.numbers, pa.int64())))
        found = found.append_column(_RANK, pc.invert(self.takes_copies(found)))
        order = ("key", "id", _RANK, ROUND, "after_release", "withdrawal", "ancestor", "reason")
        found = found.sort_by([(name, "ascending") for name in order]).drop_columns(_RANK)
        ids = found["id"].combine_chunks()
        is_first = np.ones(len(ids), np.bool_)
        is_first[1:] = np.asarray(pc.not_equal(ids[1:], ids[:-1]))
        return found.filter(pa.array(is_first))

    def newly_found(self, storage: Storage, window: tuple[int, int]) -> pa.Table:
        """Return what the last round found first."""
        found = self.first_found(storage, window)
        return found.filter(pc.equal(found[ROUND], len(self.found) - 1))

    def takes_copies(self, found: pa.Table) -> pa.ChunkedArray:
        """Say of each document whether its withdrawal takes copies with it."""
        return pc.is_in(found["withdrawal"], pa.array(self.with_copies, pa.int64()))


def found_of(
    ids: pa.Array | pa.ChunkedArray,
    numbers: Sequence[int] | NDArray[np.int64],
    latest: int,
    reason: str,
    ancestors: pa.Array | pa.ChunkedArray | None = None,
) -> pa.Table:
    """Return documents that go, in order."""
    count = len(ids)
    from_ = pa.repeat("", count) if ancestors is None else ancestors
    columns = [
        keys_of(ids),
        ids,
        pa.repeat(latest, count),
        pa.array(numbers, pa.int64()),
        from_,
        pa.repeat(reason, count),
    ]
    return pa.table(columns, schema=FOUND).sort_by([(name, "ascending") for name in FOUND.names])


def ancestors_of(found: pa.Table) -> pa.ChunkedArray:
    """Return the withdrawn document that each one goes for: itself, or what it goes for itself."""
    return pc.if_else(pc.equal(found["ancestor"], ""), found["id"], found["ancestor"])


def read_window(storage: Storage, parts: Sequence[Sorted], window: tuple[int, int], schema: pa.Schema) -> pa.Table:
    """Read the rows of a range of keys."""
    tables = [table for part in parts for table in read_range(storage, part, "key", *window, columns=schema.names)]
    return pa.concat_tables([schema.empty_table(), *tables])
