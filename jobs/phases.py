"""Phases of a shuffled release: which documents are in which, by exact sums over small columns.

    units -> ranks and sizes, in order -> sums of ranges of ranks -> the one range that the cut is in -> the cut

From the last phase to the second: each takes the highest ranks of what later ones leave, until it has its share; the
first gets the rest. A rank is the number in the phase's column, and among equal ones, or without a column, a hash.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.commits import Unit, digest
from jobs.documents import TEXT_BYTES
from jobs.formats.settings import Release
from jobs.held import Held, read_held
from jobs.outbox import Outbox
from jobs.places import has_phases, has_splits, places_of, splits_of
from jobs.sorted import LAST_KEY, Sorted, read_range, sorted_files, windows, write_sorted
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import COPIES, COPY
from ops.kernels.hashing import mix64, mix64_all

_RANK = pa.field("rank", pa.uint64(), nullable=False)
_SIZE = pa.field("size", pa.int64(), nullable=False)

# Of a rank; the rest are the number's: its sign, its exponent and 28 bits of 52 of its fraction.
_HASH_BITS = 24

# Ranks and sizes of a range are read, put together and ordered.
_COPIES_IN_MEMORY = 4


@dataclass(frozen=True)
class Cut:
    """The lowest rank that is in a phase, of those that no later phase has."""

    phase: int
    column: str | None
    rank: int


def phase_of(table: pa.Table, place: NDArray[np.uint64], cuts: Sequence[Cut]) -> NDArray[np.int64]:
    """Return each document's phase; `cuts` are of the last phases, the last one first. 0 where none has it."""
    phase = np.zeros(table.num_rows, np.int64)
    may = trained_with(table)
    for cut in cuts:
        phase[may & (phase == 0) & (ranks(table, place, cut.column, cut.phase) >= np.uint64(cut.rank))] = cut.phase
    return phase


def trained_with(table: pa.Table) -> NDArray[np.bool_]:
    """Say which documents are in phases: those of the training split, where there are splits."""
    some = [here for split, here in splits_of(table).items() if has_phases(split)]
    return some[0] if some else np.zeros(table.num_rows, np.bool_)


def ranks(table: pa.Table, place: NDArray[np.uint64], column: str | None, phase: int) -> NDArray[np.uint64]:
    """Rank documents for a phase: by a column's numbers, and else by chance. What has no number is lowest."""
    chance = mix64_all(place ^ np.uint64(mix64(np.uint64(phase))))
    if column is None:
        return chance
    numbers = np.asarray(pc.fill_null(table[column].cast(pa.float64()), np.nan)) + 0.0  # no negative zero
    bits = numbers.view(np.uint64)
    # As unsigned integers, floats are in order of size, and negative ones in the opposite one.
    ordered = np.where(bits >> np.uint64(63) == 0, bits | np.uint64(1 << 63), ~bits)
    ordered = np.where(np.isnan(numbers), np.uint64(0), ordered)
    low = np.uint64(2**_HASH_BITS - 1)
    return (ordered & ~low) | (chance & low)


def find_cuts(
    run: Run,
    folder: str,
    seed: int,
    release: Release,
    held: Sequence[Held],
    columns: tuple[pa.Field, ...],
    chunk_bytes: int,
) -> tuple[Cut, ...]:
    """Find where each phase but the first begins."""
    left = [one for one in held if one.rows]
    repeats, splits = COPY in columns, has_splits(columns)
    cuts: tuple[Cut, ...] = ()
    total = 0
    for number in range(len(release.phases) - 1, 0, -1):
        phase = release.phases[number]
        reader = _Reader(seed, phase.highest, number, release.phases_by or TEXT_BYTES.name, cuts, repeats, splits)
        prefix, label = f"{folder}.phase-{number + 1}", f"release: phase {number + 1}"
        parts = _rank(run, Stage(f"{prefix}-ranks-{digest(str(reader))}", label), reader, left)
        if not parts:
            break
        sums = _sums(run, Stage(f"{prefix}-sums-{digest(str(reader))}", label), parts, chunk_bytes)
        total = total or sum(size for *_, size in sums)
        rank = _rank_of_cut(run, Stage(f"{prefix}-cut-{digest(str(reader))}", label), parts, sums, total * phase.share)
        cuts = (*cuts, Cut(number, phase.highest, rank))
    return cuts


@dataclass(frozen=True)
class _Reader:
    """What the ranks of a phase follow from."""

    seed: int
    column: str | None
    phase: int
    size: str  # the column of sizes
    cuts: tuple[Cut, ...]  # of later phases
    repeats: bool
    splits: bool


def _rank(run: Run, stage: Stage, reader: _Reader, held: Sequence[Held]) -> list[Sorted]:
    """Return the ranks and sizes of what later phases leave, in order of rank."""
    by_name = {digest(one.unit, one.identity()): one for one in held}
    units = [Unit(name, {"unit": one.unit}, one.rows * 16) for name, one in by_name.items()]
    work = partial(_rank_unit, held=by_name, reader=reader, storage_url=run.storage.url)
    return sorted_files(map_units(run, stage, units, work))


def _rank_unit(
    unit: Unit, outbox: Outbox, *, held: dict[str, Held], reader: _Reader, storage_url: str
) -> dict[str, Any]:
    tables = list(_ranked(_small(open_storage(storage_url), held[unit.name], reader), reader))
    table = pa.concat_tables(tables) if tables else pa.schema([_RANK, _SIZE]).empty_table()
    return {"sorted": write_sorted(outbox, "ranks", table.sort_by(_RANK.name), _RANK.name)}


def _small(storage: Storage, held: Held, reader: _Reader) -> Iterator[pa.Table]:
    """Read the columns that a phase is chosen by."""
    columns = {
        "id",
        reader.size,
        *(column for column in (reader.column, *(cut.column for cut in reader.cuts)) if column),
    }
    copies = {field.name for field in COPIES}
    counted = bool(columns & copies)
    stored = columns - copies | (copies if counted and held.counted else set())
    return read_held(storage, held, sorted(stored), with_copies=counted, with_repeats=reader.repeats)


def _ranked(batches: Iterator[pa.Table], reader: _Reader) -> Iterator[pa.Table]:
    for batch in batches:
        place = places_of(batch, reader.seed)
        left = trained_with(batch) & (phase_of(batch, place, reader.cuts) == 0)
        rank = ranks(batch, place, reader.column, reader.phase)
        sizes = np.asarray(pc.fill_null(batch[reader.size].cast(pa.int64()), 0))
        yield pa.table([pa.array(rank[left]), pa.array(sizes[left])], schema=pa.schema([_RANK, _SIZE]))


def _sums(run: Run, stage: Stage, parts: Sequence[Sorted], chunk_bytes: int) -> list[tuple[int, int, int]]:
    """Return ranges of ranks, in order, that a worker can hold, each with the sum of its sizes."""
    ranges = list(windows(parts, 0, LAST_KEY, chunk_bytes // _COPIES_IN_MEMORY))
    inputs = [part.file.sha256 for part in parts]
    by_name = {digest(inputs, *ends): ends for ends in ranges}
    work = partial(_sum_unit, parts=parts, ranges=by_name, storage_url=run.storage.url)
    commits = map_units(run, stage, [Unit(name, {}) for name in by_name], work)
    return [(*ends, commit.facts["size"]) for ends, commit in zip(ranges, commits, strict=True)]


def _sum_unit(
    unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], ranges: dict[str, tuple[int, int]], storage_url: str
) -> dict[str, Any]:
    del outbox
    return {"size": int(_in_range(open_storage(storage_url), parts, *ranges[unit.name])[1].sum())}


def _rank_of_cut(
    run: Run, stage: Stage, parts: Sequence[Sorted], sums: Sequence[tuple[int, int, int]], wanted: float
) -> int:
    """Find the highest rank from which on there is as much as is wanted, within the range of ranks that it is in."""
    from_here = np.cumsum([size for *_, size in reversed(sums)])[::-1]  # each range and all above it
    at = max(0, int(np.count_nonzero(from_here >= wanted)) - 1)
    first, last, size = sums[at]
    above = int(from_here[at]) - size
    unit = Unit(digest([part.file.sha256 for part in parts], first, last, wanted), {})
    work = partial(_cut_unit, parts=parts, ends=(first, last), wanted=wanted - above, storage_url=run.storage.url)
    return int(map_units(run, stage, [unit], work)[0].facts["rank"])


def _cut_unit(
    unit: Unit,  # noqa: ARG001 - there is one
    outbox: Outbox,
    *,
    parts: Sequence[Sorted],
    ends: tuple[int, int],
    wanted: float,
    storage_url: str,
) -> dict[str, Any]:
    """The document that brings the sum to what is wanted is in."""
    del outbox
    rank, size = _in_range(open_storage(storage_url), parts, *ends)
    if not len(rank):
        return {"rank": ends[1]}
    order = np.argsort(rank)[::-1]
    at = int(np.searchsorted(np.cumsum(size[order]), wanted))
    return {"rank": int(rank[order[min(at, len(order) - 1)]])}


def _in_range(
    storage: Storage, parts: Sequence[Sorted], first: int, last: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Read ranks and sizes."""
    tables = [table for part in parts for table in read_range(storage, part, _RANK.name, first, last)]
    table = pa.concat_tables([pa.schema([_RANK, _SIZE]).empty_table(), *tables])
    return np.asarray(table[_RANK.name]), np.asarray(table[_SIZE.name])
