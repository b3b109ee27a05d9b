"""What a stage holds: each unit's documents as they lie in storage, less those that surveys have dropped since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import File
from jobs.outbox import open_parquet, read_rows, read_table
from jobs.sorted import Sorted, read_range
from jobs.storage import Storage
from ops.columns import COPIES, COPY

# What documents of a unit stand for; those that are not named stand for themselves alone.
ROW = pa.field("row", pa.int64(), nullable=False)
COPIES_ROWS = pa.schema([ROW, *COPIES])
_COPIES_NAMES = [field.name for field in COPIES]

# How often a document is written; those that are not named are written once.
TIMES_ROWS = pa.schema([pa.field("row", pa.int64(), nullable=False), pa.field("times", pa.int32(), nullable=False)])

NOTHING_FOUND = pa.table({"key": pa.array([], pa.uint64()), "level": pa.array([], pa.uint8())})


@dataclass(frozen=True)
class Found:
    """What a survey found in a unit: what its edit in the next pass works on."""

    label: str
    number: int  # of the unit when it was found
    name: str  # a hash of it
    part: Sorted

    def load(self, storage: Storage) -> pa.Table:
        """Read the unit's rows, in order."""
        tables = read_range(storage, self.part, "number", self.number, self.number)
        return pa.concat_tables(tables).drop_columns("number")


@dataclass(frozen=True)
class Sums:
    """What a summing or tabulating survey found in the whole corpus, for its edit in the next pass."""

    label: str
    file: File

    @property
    def name(self) -> str:
        """What tells this from what it found on other nights."""
        return self.file.sha256[:16]

    def load(self, storage: Storage) -> pa.Table:
        """Read it."""
        return read_table(storage, self.file)


@dataclass(frozen=True)
class Held:
    """The documents of one unit at one point of a job."""

    unit: str
    source: str
    data: File  # all rows that the pass over text kept
    drops: tuple[File, ...]  # ledgers of the surveys since; their `row` counts within `data`
    rows: int  # documents left
    bytes: int  # of their text
    copies: File | None = None  # what documents stand for, where surveys counted it since the pass
    reference: bool = False  # compared with, and not released
    counted: bool = False  # whether `data` itself has the columns of `COPIES`
    found: tuple[Found | Sums, ...] = ()  # for the edits that the next pass begins with
    times: File | None = None  # how often documents are written, where a mix takes some more than once
    repeated: int = 0  # rows that this adds to `rows`

    @staticmethod
    def all_of(held: "Held") -> "Held":
        """The same unit before any survey."""
        return replace(held, drops=(), rows=held.data.rows, copies=None, found=(), times=None, repeated=0)

    def identity(self) -> list[str]:
        """What the documents left follow from: names units that read them."""
        files = [*self.drops, *(file for file in (self.copies, self.times) if file)]
        return [self.data.sha256, *(file.sha256 for file in files), *(f"{one.label} {one.name}" for one in self.found)]


def dropped_rows(storage: Storage, held: Held) -> NDArray[np.int64]:
    """Rows of `data` that surveys have dropped, in order."""
    columns = [np.asarray(read_table(storage, file, ["row"])["row"]) for file in held.drops]
    return np.sort(np.concatenate([np.empty(0, np.int64), *columns]))


def copies_of(storage: Storage, held: Held, rows: NDArray[np.int64]) -> pa.Table:
    """Return the `COPIES_ROWS` of some rows, which come in ascending order."""
    before = read_rows(storage, held.data, rows, _COPIES_NAMES) if held.counted else None
    return _counted(rows, before, _since(storage, held))


def times_of(storage: Storage, held: Held, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often some rows, which come in ascending order, are written."""
    told = read_table(storage, held.times) if held.times else TIMES_ROWS.empty_table()
    place = np.searchsorted(np.asarray(told["row"]), rows)
    found = np.append(np.asarray(told["row"]), -1)[place] == rows
    return np.where(found, np.append(np.asarray(told["times"], np.int64), 1)[place], 1)


def _since(storage: Storage, held: Held) -> pa.Table:
    """Return what surveys counted since the pass."""
    return read_table(storage, held.copies) if held.copies else COPIES_ROWS.empty_table()


def _counted(rows: NDArray[np.int64], before: pa.Table | None, since: pa.Table) -> pa.Table:
    """Put what surveys counted since the pass in the place of what was counted before it: nothing, where None."""
    if before is None:
        nothing = pa.ListArray.from_arrays(pa.array(np.zeros(len(rows) + 1, np.int32)), pa.array([], pa.string()))
        before = pa.table([pa.array(np.zeros(len(rows), np.int64)), nothing], names=_COPIES_NAMES)
    table = pa.table([pa.array(rows), *before.columns], names=COPIES_ROWS.names).cast(COPIES_ROWS)
    place = np.searchsorted(np.asarray(since["row"]), rows)
    found = np.append(np.asarray(since["row"]), -1)[place] == rows
    chosen = np.where(found, table.num_rows + place, np.arange(len(rows)))
    return pa.concat_tables([table, since]).take(pa.array(chosen))


def _with_copies(batch: pa.Table, rows: NDArray[np.int64], since: pa.Table, *, counted: bool) -> pa.Table:
    """Give documents the columns of `COPIES`."""
    now = _counted(rows, batch.select(_COPIES_NAMES) if counted else None, since)
    rest = batch.drop_columns(_COPIES_NAMES) if counted else batch
    return pa.table(
        {name: (now if name in _COPIES_NAMES else rest)[name] for name in (*rest.column_names, *_COPIES_NAMES)}
    )


def read_held(
    storage: Storage,
    held: Held,
    columns: list[str] | None = None,
    *,
    with_rows: bool = False,
    with_copies: bool = False,
    with_repeats: bool = False,
    within: range | None = None,
) -> Iterator[pa.Table]:
    """Read the documents left, a row group at a time; `with_rows` adds their `row` in `data`.

    `with_copies` gives them the columns of `COPIES`, whether or not `data` has them. `with_repeats` gives each as often
    as it is to be written, one after the other, with a column `COPY`: 0, 1, ... With `within`, only those whose row is
    in that range; row groups outside are not read.
    """
    gone = dropped_rows(storage, held)
    since = _since(storage, held) if with_copies else COPIES_ROWS.empty_table()
    wanted = range(held.data.rows) if within is None else within
    with open_parquet(storage, held.data) as file:
        end = 0
        for number in range(file.num_row_groups):
            first, end = end, end + file.metadata.row_group(number).num_rows
            begin, until = max(first, wanted.start), min(end, wanted.stop)
            if begin >= until:
                continue
            batch = file.read_row_group(number, columns=columns, use_threads=False).slice(begin - first, until - begin)
            rows = np.arange(begin, until)
            stays = ~np.isin(rows, gone[np.searchsorted(gone, begin) : np.searchsorted(gone, until)])
            left = batch if stays.all() else batch.filter(pa.array(stays))
            if not left.num_rows:
                continue
            if with_copies:
                left = _with_copies(left, rows[stays], since, counted=held.counted)
            left = left.append_column("row", pa.array(rows[stays])) if with_rows else left
            yield _repeated(left, times_of(storage, held, rows[stays])) if with_repeats else left


def _repeated(batch: pa.Table, times: NDArray[np.int64]) -> pa.Table:
    """Give each document as often as it is to be written, with the number of the copy."""
    of = np.repeat(np.arange(len(times)), times)
    copy = np.arange(len(of)) - (np.cumsum(times) - times)[of]
    whole = batch if len(of) == len(times) else batch.take(pa.array(of))
    return whole.append_column(COPY, pa.array(copy, COPY.type))
