"""Key runs: which document has which keys, in order of key. They outlive a night: only new units' keys are added.

    sketches of units without a run -> key runs -> (compaction: many small runs into one) -> live runs

A run is never changed. It numbers the units that it was made of; entries of units that are not there any more, or are
in a larger run already, are skipped where it is read. What runs there are follows from the nights that were; what
they hold together does not, so neither does the answer.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import Commit, Unit, digest, read_commits
from jobs.outbox import Outbox
from jobs.sorted import LAST_KEY, Sorted, partition_units, range_of, read_range, sorted_files, windows, write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys.addresses import at_of, row_of, unit_of
from jobs.surveys.pieces import Piece, in_groups_of
from jobs.units import Run, Stage, map_units
from ops.kernels.order import Entries, merged, sorted_with_order
from ops.kernels.shared_keys import maybe_shared
from ops.surveys import HasKeys

KEYS = pa.schema([("key", pa.uint64()), ("unit", pa.uint32()), ("row", pa.uint32())])
_ENTRY_BYTES = 16

# An entry of 16 bytes is read, put together, ordered and looked at: about 80 bytes while it is worked on.
_WORKED_BYTES = 80

# Sketches that one run is made of: large sequential reads, few runs.
_SKETCHES_BYTES = 16 * 1024 * 1024

# Runs of about one size that are merged into one: every entry is rewritten once for each factor of 16 in size.
RUNS_MERGED = 16

# A run above it is merged no more: 4 GiB are a minute's work, and a thousandth of it a read worth making.
_ENTRIES_MERGED_MAX = 2**28

# Keys that a merge holds at once, as they lie in memory.
_MERGE_BYTES = 32 * 1024 * 1024

# Keys, units as their run numbers them, and rows.
_Stored = tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint32]]


@dataclass(frozen=True)
class LiveRun:
    """A run, and for each unit that it numbers, the unit's number now; -1 where its entries do not count."""

    sorted: tuple[Sorted, ...]
    numbers: tuple[int, ...]
    without_key: int  # documents of the units that count, which have no key at all

    def read(self, storage: Storage, first: int, last: int) -> Iterator[Entries]:
        """Give keys and addresses of the entries in a range of keys, some at a time and at least one."""
        entries = (self.addressed(*stored) for stored in self.stored(storage, first, last))
        return ((key, at) for key, at in entries if len(at))

    def stored(self, storage: Storage, first: int, last: int) -> Iterator[_Stored]:
        """Give the entries in a range of keys as they are stored."""
        for part in self.sorted:
            for table in read_range(storage, part, "key", first, last):
                yield np.asarray(table["key"]), np.asarray(table["unit"]), np.asarray(table["row"])

    def addressed(self, key: NDArray[np.uint64], unit: NDArray[np.uint32], row: NDArray[np.uint32]) -> Entries:
        """Return those of stored entries that count."""
        number = np.array(self.numbers, np.int64)[unit]
        at, counts = at_of(number, row), number >= 0
        return (key, at) if counts.all() else (key[counts], at[counts])


@dataclass(frozen=True)
class _KeyRun:
    """A committed run."""

    name: str
    sorted: tuple[Sorted, ...]
    units: tuple[tuple[str, int, int], ...]  # name, entries, documents without a key

    @property
    def entries(self) -> int:
        return sum(entries for _, entries, _ in self.units)


def key_runs(run: Run, stage: Stage, survey: HasKeys, pieces: Sequence[Piece]) -> list[LiveRun]:
    """Return runs that hold the keys of all pieces, after making those that are missing."""
    numbers = {piece.name: piece.number for piece in pieces}
    known = _known(run.storage, stage.folder)
    live, missing = _cover(known, numbers)
    run.uses(stage, (one.name for one, _ in live))
    if missing:
        new = [piece for piece in pieces if piece.name in missing]
        groups = {digest([piece.name for piece in group]): group for group in in_groups_of(new, _SKETCHES_BYTES)}
        units = [
            Unit(name, {"units": len(group)}, sum(piece.memory_bytes for piece in group))
            for name, group in groups.items()
        ]
        work = partial(_key_unit, groups=groups, survey=survey, storage_url=run.storage.url)
        known += [_key_run(commit) for commit in map_units(run, stage, units, work)]
        live, _ = _cover(known, numbers)
    while merges := _merges(live):
        known += _merged(run, stage, merges)
        before = len(live)
        live, _ = _cover(known, numbers)
        # What is merged may be worth no more than a run that it was made of, if that holds units of another, too.
        if len(live) >= before:
            break
    return [_live_run(one, counted) for one, counted in live]


_Live = list[tuple[_KeyRun, tuple[int, ...]]]


def _live_run(one: _KeyRun, numbers: tuple[int, ...]) -> LiveRun:
    without = sum(none for (_, _, none), number in zip(one.units, numbers, strict=True) if number >= 0)
    return LiveRun(one.sorted, numbers, without)


def _known(storage: Storage, folder: str) -> list[_KeyRun]:
    names = [entry.key.rpartition("/")[2].removesuffix(".json") for entry in storage.list(f"{folder}/commits")]
    return [_key_run(commit) for commit in read_commits(storage, folder, names).values()]


def _key_run(commit: Commit) -> _KeyRun:
    units = tuple((str(name), int(entries), int(none)) for name, entries, none in commit.facts["units"])
    return _KeyRun(commit.unit, tuple(sorted_files([commit])), units)


def _cover(known: Sequence[_KeyRun], numbers: dict[str, int]) -> tuple[_Live, set[str]]:
    """Choose runs that hold each unit once, those first that hold most; return them and the names of units in none."""
    left = set(numbers)
    live: _Live = []

    def order(one: _KeyRun) -> tuple[int, int, str]:
        # By units that are there: with others, a run would come before what was merged of it, which has none. Of two
        # that hold as much, the one of more units: runs without a key are merged, too.
        there = [entries for name, entries, _ in one.units if name in numbers]
        return -sum(there), -len(there), one.name

    for one in sorted(known, key=order):
        counted = tuple(numbers[name] if name in left else -1 for name, _, _ in one.units)
        alive = sum(entries for (_, entries, _), number in zip(one.units, counted, strict=True) if number >= 0)
        # A run that is mostly dead is made anew of what lives in it, which costs less than it does every night.
        if any(number >= 0 for number in counted) and 2 * alive >= one.entries:
            live.append((one, counted))
            left -= {name for name, _, _ in one.units}
    return live, left


def _merges(live: _Live) -> list[_Live]:
    """Choose what to merge: wherever there are 16 runs of about one size, those."""
    tiers: dict[int, _Live] = {}
    for one, counted in live:
        if one.entries < _ENTRIES_MERGED_MAX:
            tiers.setdefault(int(np.log(max(1, one.entries)) / np.log(RUNS_MERGED)), []).append((one, counted))
    return [
        tier[first : first + RUNS_MERGED]
        for _, tier in sorted(tiers.items())
        for first in range(0, len(tier) - RUNS_MERGED + 1, RUNS_MERGED)
    ]


def _merged(run: Run, stage: Stage, merges: list[_Live]) -> list[_KeyRun]:
    groups = {digest("merged", [(one.name, _alive(counted)) for one, counted in group]): group for group in merges}
    units = [
        Unit(name, {"runs": [one.name for one, _ in group]}, _ENTRY_BYTES * sum(one.entries for one, _ in group))
        for name, group in groups.items()
    ]
    work = partial(_merge_unit, groups=groups, storage_url=run.storage.url)
    commits = map_units(run, Stage(stage.folder, f"{stage.label}: merge"), units, work)
    return [_key_run(commit) for commit in commits]


def _alive(counted: Sequence[int]) -> list[bool]:
    return [number >= 0 for number in counted]


def _key_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[Piece]], survey: HasKeys, storage_url: str
) -> dict[str, Any]:
    """Sort the keys of a group of sketches."""
    storage = open_storage(storage_url)
    keys: list[NDArray[np.uint64]] = []
    places: list[NDArray[np.uint32]] = []
    told = []
    for number, piece in enumerate(groups[unit.name]):
        sketch = piece.load_keyed(storage, list(survey.keyed_by))
        found = survey.keys(sketch)
        found = found[:, None] if found.ndim == 1 else found
        row, nth = np.nonzero(found)
        keys.append(found[row, nth])
        rows = np.asarray(sketch["row"])
        places.append(np.column_stack([np.full(len(row), number), rows[row]]).astype(np.uint32))
        told.append([piece.name, len(row), len(np.unique(rows)) - len(np.unique(rows[row]))])
    key, order = sorted_with_order(np.concatenate(keys))
    place = np.concatenate(places)[order]
    columns = [pa.array(key), pa.array(place[:, 0]), pa.array(place[:, 1])]
    return {"sorted": write_sorted(outbox, "keys", pa.table(columns, schema=KEYS), "key"), "units": told}


def _merge_unit(unit: Unit, outbox: Outbox, *, groups: dict[str, _Live], storage_url: str) -> dict[str, Any]:
    """Write the living entries of some runs as one, a window of keys at a time."""
    storage = open_storage(storage_url)
    group = groups[unit.name]
    kept = [told for one, counted in group for told, number in zip(one.units, counted, strict=True) if number >= 0]
    places = {name: n for n, (name, _, _) in enumerate(kept)}
    runs = [
        _live_run(one, tuple(places[told[0]] if n >= 0 else -1 for told, n in zip(one.units, counted, strict=True)))
        for one, counted in group
    ]
    told: dict[str, Any] = {}
    for key, at in _windows_of(storage, runs):
        columns = [pa.array(key), pa.array(unit_of(at).astype(np.uint32)), pa.array(row_of(at).astype(np.uint32))]
        # A file of its own for each window, so that a reader of a few keys reads the index of a small file.
        told |= write_sorted(outbox, f"keys-{len(told):05d}", pa.table(columns, schema=KEYS), "key")
    return {"sorted": told, "units": [list(one) for one in kept]}


def _windows_of(storage: Storage, runs: Sequence[LiveRun]) -> Iterator[Entries]:
    """Give the entries of some runs in order of key, as many at a time as a merge holds."""
    parts = [part for one in runs for part in one.sorted]
    for first, last in windows(parts, 0, LAST_KEY, _MERGE_BYTES):
        if first < last:
            yield read_window(storage, runs, first, last)
        else:
            for one in runs:
                yield from one.read(storage, first, last)


def entry_units(runs: Sequence[LiveRun], partition_bytes: int, told: object = None) -> list[Unit]:
    """Name a unit for each range of keys; as many as let a worker hold the entries of one, if their keys are even.

    `told` is what the work depends on besides the keys.
    """
    entries = sum(part.file.rows for one in runs for part in one.sorted)
    partitions = max(1, math.ceil(entries * _WORKED_BYTES / partition_bytes))
    files = [[[part.file.sha256 for part in one.sorted], one.numbers] for one in runs]
    inputs = digest(files, partition_bytes) if told is None else digest(files, partition_bytes, told)
    return partition_units(partitions, inputs, entries * _ENTRY_BYTES)


def entry_windows(unit: Unit, runs: Sequence[LiveRun], window_bytes: int) -> Iterator[tuple[int, int]]:
    """Cut a unit's range of keys into ranges that take a worker at most about `window_bytes` each, or a single key."""
    parts = [part for one in runs for part in one.sorted]
    return windows(parts, *range_of(unit), window_bytes * _ENTRY_BYTES // _WORKED_BYTES)


def read_window(storage: Storage, runs: Sequence[LiveRun], first: int, last: int) -> Entries:
    """Return all entries in a range of keys, in order of key."""
    return merged([_joined(list(one.read(storage, first, last))) for one in runs])


def read_shared(storage: Storage, runs: Sequence[LiveRun], first: int, last: int) -> Entries:
    """Return the entries in a range whose keys others have, too, in order of key, and a few that are alone.

    Most documents are alone with their keys, and are neither addressed nor merged.
    """
    stored = [(n, part) for n, one in enumerate(runs) for part in one.stored(storage, first, last)]
    chosen = maybe_shared([part[0] for _, part in stored])
    found: list[list[Entries]] = [[] for _ in runs]
    for (n, (key, unit, row)), at in zip(stored, chosen, strict=True):
        found[n].append(runs[n].addressed(key[at], unit[at], row[at]))
    return merged([_joined(parts) for parts in found])


def _joined(parts: Sequence[Entries]) -> Entries:
    """Put the entries of a run together, which come in order."""
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    return np.concatenate([key for key, _ in parts]), np.concatenate([at for _, at in parts])
