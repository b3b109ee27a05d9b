"""Tables in order of a key: written by one unit, read by range of keys by others. How small columns meet.

A sorted file is its rows in row groups of half a megabyte, and the first key of each, so that a reader of a range
reads only the row groups that hold some of it.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.commits import Commit, File, Unit, digest
from jobs.outbox import Outbox, open_parquet
from jobs.storage import Storage
from ops.kernels.order import sorted_with_order

# What one read brings. A slice of a run of 4 GiB for one of 22,000 partitions is 200 KB long.
_ROW_GROUP_BYTES = 512 * 1024

# Where a range is long, as many are read at once: a read takes 0.4 ms beside what it brings.
_GROUPS_AT_ONCE = 16

# The rows of a group of units are read, put together and ordered.
_COPIES_IN_MEMORY = 4

LAST_KEY = 2**64 - 1


@dataclass(frozen=True)
class Sorted:
    """A committed file in order of a key."""

    file: File
    firsts: tuple[int, ...]  # key of the first row of each row group
    last: int  # key of the last row
    memory_bytes: int


def by_digest(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Put a table in order of some columns, the first of which is digests of 64 bits.

    These seldom are equal, and then the others need not be looked at: a third of the time.
    """
    keys, order = sorted_with_order(np.asarray(table[names[0]]))
    if (keys[1:] == keys[:-1]).any():
        return table.sort_by([(name, "ascending") for name in names])
    return table.combine_chunks().take(pa.array(order))


def write_sorted(
    outbox: Outbox, role: str, table: pa.Table, key: str, group_bytes: int | None = None
) -> dict[str, Any]:
    """Write a table that is in order of `key`; return the facts that `sorted_files` finds it by. None for no rows."""
    return write_sorted_tables(outbox, role, [table], key, group_bytes) if table.num_rows else {}


def write_sorted_tables(
    outbox: Outbox, role: str, tables: Iterable[pa.Table], key: str, group_bytes: int | None = None
) -> dict[str, Any]:
    """As `write_sorted`, a table that comes in parts, none of which is empty."""
    rest = iter(tables)
    first = next(rest, None)
    if first is None:
        return {}
    firsts: list[int] = []
    last = size = 0
    with outbox.parquet(role, first.schema) as write:
        for table in chain([first], rest):
            rows = max(1, (group_bytes or _ROW_GROUP_BYTES) * table.num_rows // max(1, table.nbytes))
            keys = np.asarray(table[key])
            for start in range(0, table.num_rows, rows):
                write(table.slice(start, rows))
                firsts.append(int(keys[start]))
            last, size = int(keys[-1]), size + table.nbytes
    return {role: {"firsts": firsts, "last": last, "memory_bytes": size}}


def sorted_files(commits: Iterable[Commit], told: str = "sorted") -> list[Sorted]:
    """Return the sorted files of some commits, whose facts hold them under this name."""
    return [
        Sorted(commit.files[role], tuple(one["firsts"]), one["last"], one["memory_bytes"])
        for commit in commits
        for role, one in sorted(commit.facts[told].items())
    ]


def read_range(
    storage: Storage,
    part: Sorted,
    key: str,
    first: int,
    last: int,
    *,
    columns: list[str] | None = None,
    beside: int = 0,
) -> Iterator[pa.Table]:
    """Read the rows whose key is from `first` to `last`, both included, some row groups at a time.

    One at a time where it is a single key, which may have more rows than a worker should hold. Fewer at a time where
    as many files as `beside` are read at once.
    """
    at_once = 1 if first == last else max(1, _GROUPS_AT_ONCE // (beside + 1))
    begin, end = _groups(part, first, last)
    if begin >= end:
        return
    with open_parquet(storage, part.file) as file:
        for number in range(begin, end, at_once):
            table = file.read_row_groups(range(number, min(number + at_once, end)), columns, use_threads=False)
            keys = np.asarray(table[key])
            low = np.searchsorted(keys, keys.dtype.type(first))
            high = np.searchsorted(keys, keys.dtype.type(last), side="right")
            if low < high:
                yield _own(table.slice(low, high - low), of=table.num_rows)


def read_keys(
    storage: Storage, part: Sorted, keys: NDArray[np.uint64], columns: list[str] | None = None
) -> Iterator[pa.Table]:
    """Read the rows of some values of `key`, which come in order, from the row groups that may hold them."""
    groups = sorted({group for key in keys.tolist() for group in range(*_groups(part, key, key))})
    if not groups:
        return
    with open_parquet(storage, part.file) as file:
        for group in groups:
            table = file.read_row_group(group, columns, use_threads=False)
            found = np.isin(np.asarray(table["key"]), keys)
            if found.any():
                yield table.filter(pa.array(found))


def _own(part: pa.Table, of: int) -> pa.Table:
    """Copy a small part of a row group: a slice would hold all of it in memory."""
    return part.take(pa.array(np.arange(part.num_rows))) if 2 * part.num_rows < of else part


def partition_units(partitions: int, inputs: str, size: int, prefix: str = "") -> list[Unit]:
    """Name a unit for each of some partitions of all keys, of `size` bytes in all; `inputs` says what they read."""
    return [Unit(f"{prefix}{n:06d}-of-{partitions:06d}-{inputs}", {}, size // partitions) for n in range(partitions)]


def range_of(unit: Unit) -> tuple[int, int]:
    """Return the first and the last key of a unit's partition.

    >>> range_of(partition_units(2, "inputs", 0)[1]) == (2**63, LAST_KEY)
    True
    """
    number, _, partitions, _ = unit.name.split("-")[-4:]
    return partition_range(int(number), int(partitions))


def partition_range(number: int, partitions: int) -> tuple[int, int]:
    """Return the first and the last key of a partition of all 64-bit keys.

    >>> partition_range(0, 1) == (0, LAST_KEY), partition_range(1, 2)[0] == 2**63
    (True, True)
    """
    return number * 2**64 // partitions, (number + 1) * 2**64 // partitions - 1


def unit_groups(parts: Sequence[Sorted], count: int, partition_bytes: int) -> tuple[list[Unit], dict[str, range]]:
    """Cut numbers of `count` units into groups whose rows fit a worker: for files that have rows of each unit.

    Returns a unit of work for each group, and by its name the numbers that are in it; none where there are no files.
    """
    if not parts:
        return [], {}
    size = sum(part.memory_bytes for part in parts)
    groups = max(1, min(count, math.ceil(_COPIES_IN_MEMORY * size / partition_bytes)))
    inputs = digest([part.file.sha256 for part in parts], groups, count)
    numbers = {f"{n:06d}-{inputs}": range(count * n // groups, count * (n + 1) // groups) for n in range(groups)}
    return [Unit(name, {}, size // groups) for name in numbers], numbers


def windows(parts: Sequence[Sorted], first: int, last: int, bytes_max: int) -> Iterator[tuple[int, int]]:
    """Cut a range of keys into ranges that hold at most about `bytes_max` each, or a single key."""
    if first == last or sum(_bytes_between(part, first, last) for part in parts) <= bytes_max:
        yield first, last
        return
    middle = (first + last) // 2
    yield from windows(parts, first, middle, bytes_max)
    yield from windows(parts, middle + 1, last, bytes_max)


def merged(
    streams: Sequence[Iterator[pa.Table]], order: Callable[[pa.Table], list[tuple[str, str]]]
) -> Iterator[pa.Table]:
    """Merge streams of tables, each in the order that `order` names, into one, holding a table or two of each."""
    heads = [_Head(stream, table) for stream in streams if (table := next(stream, None)) is not None]
    keys = order(heads[0].table) if heads else []
    while len(heads) > 1:
        # Rows up to the earliest of the heads' ends are complete: what is not read yet comes after them.
        ends = pa.concat_tables([head.table.slice(head.table.num_rows - 1) for head in heads])
        earliest = int(pc.sort_indices(ends, sort_keys=keys)[0].as_py())
        tagged = [
            head.table.append_column("_head", pa.array(np.full(head.table.num_rows, n, np.int32)))
            for n, head in enumerate(heads)
        ]
        ordered = pa.concat_tables(tagged).sort_by([*keys, ("_head", "ascending")])
        of_head = np.asarray(ordered["_head"])
        complete = int(np.flatnonzero(of_head == earliest)[-1]) + 1
        yield ordered.slice(0, complete).drop_columns("_head")
        taken = np.bincount(of_head[:complete], minlength=len(heads))
        heads = [left for head, count in zip(heads, taken, strict=True) if (left := head.after(int(count)))]
    for head in heads:
        yield head.table
        yield from head.rest


@dataclass(frozen=True)
class _Head:
    """What of a stream is read and not given on yet; never empty."""

    rest: Iterator[pa.Table]
    table: pa.Table

    def after(self, rows: int) -> "_Head | None":
        """What follows these rows; None at the stream's end."""
        if rows < self.table.num_rows:
            return _Head(self.rest, self.table.slice(rows))
        table = next(self.rest, None)
        return None if table is None else _Head(self.rest, table)


def _groups(part: Sorted, first: int, last: int) -> tuple[int, int]:
    """Numbers of the row groups that may hold keys of a range."""
    if first > part.last:
        return 0, 0
    return max(0, bisect_left(part.firsts, first) - 1), bisect_right(part.firsts, last)


def _bytes_between(part: Sorted, first: int, last: int) -> float:
    """Estimate the bytes of a range, taking keys to be even within a row group."""
    share = 0.0
    for number in range(*_groups(part, first, last)):
        low = part.firsts[number]
        high = part.firsts[number + 1] if number + 1 < len(part.firsts) else part.last
        if low == high:
            share += first <= low <= last
        else:
            share += max(0.0, (min(last, high) - max(first, low)) / (high - low))
    return share * part.memory_bytes / len(part.firsts)
