"""Sorted files: any range gives its rows, windows cover a range once, and merging equals one global sort."""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import sorted as sorted_module
from jobs.commits import Commit
from jobs.outbox import Outbox
from jobs.sorted import (
    LAST_KEY,
    Sorted,
    by_digest,
    merged,
    partition_range,
    read_range,
    sorted_files,
    windows,
    write_sorted,
)
from jobs.storage import Storage, open_storage

ROW_BYTES = 16


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(str(tmp_path))


@pytest.fixture(autouse=True)
def short_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_module, "_ROW_GROUP_BYTES", 10 * ROW_BYTES)


def stored(storage: Storage, *lists: list[int], kind: pa.DataType | None = None) -> list[Sorted]:
    """One sorted file for each list of keys; `value` numbers the rows of all of them."""
    outbox = Outbox(storage, "stage")
    told: dict = {}
    first = 0
    for number, keys in enumerate(lists):
        values = pa.array(range(first, first + len(keys)), pa.int64())
        table = pa.table({"key": pa.array(sorted(keys), kind or pa.uint64()), "value": values})
        told |= write_sorted(outbox, f"file-{number:03d}", table, "key")
        first += len(keys)
    outbox.store()
    return sorted_files([Commit("unit", {}, {"sorted": told}, outbox.files)])


def many_keys(chosen: random.Random, rows: int) -> list[int]:
    """Keys of all magnitudes, with repeats of every length and the two ends."""
    some = [chosen.randrange(2 ** chosen.choice([4, 20, 64])) for _ in range(rows // 4)] + [0, LAST_KEY]
    hot = chosen.choice(some)
    return [hot if chosen.random() < 0.3 else chosen.choice(some) for _ in range(rows)]


def rows_of(storage: Storage, parts: list[Sorted], first: int, last: int) -> list[tuple[int, int]]:
    tables = [table for part in parts for table in read_range(storage, part, "key", first, last)]
    return [pair for table in tables for pair in zip(table["key"].to_pylist(), table["value"].to_pylist(), strict=True)]


def test_a_file_without_rows_is_not_written(storage: Storage) -> None:
    assert stored(storage, []) == []
    assert storage.list("stage") == []


@pytest.mark.parametrize("seed", range(6))
def test_any_range_gives_exactly_its_rows(storage: Storage, seed: int) -> None:
    chosen = random.Random(seed)
    keys = many_keys(chosen, chosen.choice([1, 9, 10, 11, 300]))
    parts = stored(storage, keys)
    everything = list(zip(sorted(keys), range(len(keys)), strict=True))
    edges = [0, LAST_KEY, *keys, *(min(LAST_KEY, key + 1) for key in keys), *(max(0, key - 1) for key in keys)]
    ranges = [(0, LAST_KEY), (0, 0), (LAST_KEY, LAST_KEY)]
    ranges += [tuple(sorted((chosen.choice(edges), chosen.choice(edges)))) for _ in range(40)]
    for first, last in ranges:
        assert rows_of(storage, parts, first, last) == [pair for pair in everything if first <= pair[0] <= last]


def test_a_range_beyond_a_narrower_key_type(storage: Storage) -> None:
    parts = stored(storage, [-(2**40), 0, 3 << 32, (3 << 32) + 1, 2**62], kind=pa.int64())
    assert [key for key, _ in rows_of(storage, parts, 3 << 32, (4 << 32) - 1)] == [3 << 32, (3 << 32) + 1]
    assert [key for key, _ in rows_of(storage, parts, -(2**62), -1)] == [-(2**40)]


def test_only_row_groups_that_may_hold_some_are_read(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    (part,) = stored(storage, list(range(1000)))
    assert len(part.firsts) == 100
    groups: list[int] = []
    read = pq.ParquetFile.read_row_groups

    def watched(self: object, numbers: range, *columns: object, **options: object) -> pa.Table:
        groups.extend(numbers)
        return read(self, numbers, *columns, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", watched)
    assert len(rows_of(storage, [part], 505, 514)) == 10
    assert groups == [50, 51]


@given(st.lists(st.tuples(st.integers(0, 30) | st.integers(0, LAST_KEY), st.text(max_size=2)), max_size=30))
def test_digests_come_in_order_and_equal_ones_by_what_follows(rows: list[tuple[int, str]]) -> None:
    keys, ids = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [])
    table = pa.table({"key": pa.array(keys, pa.uint64()), "id": pa.array(ids, pa.string())})
    chunked = pa.concat_tables([table.slice(0, 3), table.slice(3)])
    found = by_digest(chunked, ["key", "id"])
    assert list(zip(found["key"].to_pylist(), found["id"].to_pylist(), strict=True)) == sorted(rows)


@given(st.integers(1, 1000))
@settings(max_examples=30)
def test_partitions_cover_all_keys_once(count: int) -> None:
    bounds = [partition_range(n, count) for n in range(count)]
    assert (bounds[0][0], bounds[-1][1]) == (0, LAST_KEY)
    assert all(one[1] + 1 == other[0] for one, other in pairwise(bounds))


@pytest.mark.parametrize("seed", range(6))
def test_windows_cover_a_range_once_and_are_small(storage: Storage, seed: int) -> None:
    chosen = random.Random(seed)
    lists = [many_keys(chosen, 200) for _ in range(3)]
    # Evenly spread keys, as hashes are: the estimate of a window is good to a row group of each file.
    lists.append([chosen.randrange(2**64) for _ in range(500)])
    parts = stored(storage, *lists)
    everything = sorted(key for keys in lists for key in keys)
    first, last = sorted((chosen.choice([0, everything[20]]), chosen.choice([LAST_KEY, everything[-20]])))
    most = 40 * ROW_BYTES
    cut = list(windows(parts, first, last, most))
    assert (cut[0][0], cut[-1][1]) == (first, last)
    assert all(one[1] + 1 == other[0] for one, other in pairwise(cut))
    found = [rows_of(storage, parts, low, high) for low, high in cut]
    assert sorted(pair[0] for rows in found for pair in rows) == [k for k in everything if first <= k <= last]
    slack = len(parts) * 10 * ROW_BYTES
    for (low, high), rows in zip(cut, found, strict=True):
        assert low == high or len(rows) * ROW_BYTES <= most + slack


def test_a_giant_key_is_a_window_of_its_own(storage: Storage) -> None:
    parts = stored(storage, [7] * 500 + list(range(100)), [7] * 300)
    cut = list(windows(parts, 0, LAST_KEY, 20 * ROW_BYTES))
    assert (7, 7) in cut
    assert len(rows_of(storage, parts, 7, 7)) == 801
    assert len(cut) < 200  # halving finds it in 64 steps, and no more


def test_no_files_are_one_window() -> None:
    assert list(windows([], 3, 9, 1)) == [(3, 9)]


ORDER = [("key", "ascending"), ("id", "ascending")]


def in_chunks(table: pa.Table, chosen: random.Random) -> Iterator[pa.Table]:
    """Cut a table into tables of one to a few rows."""
    at = 0
    while at < table.num_rows:
        size = chosen.randrange(1, 8)
        yield table.slice(at, size)
        at += size


@given(st.data())
@settings(max_examples=60)
def test_merging_equals_a_global_sort(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 60))
    chosen = random.Random(data.draw(st.integers(0, 2**32)))
    keys = [chosen.randrange(data.draw(st.sampled_from([1, 3, 100]))) for _ in range(count)]
    ids = [str(chosen.randrange(5)) for _ in range(count)]
    table = pa.table({"key": pa.array(keys, pa.uint64()), "id": pa.array(ids, pa.string()), "n": list(range(count))})
    streams = data.draw(st.integers(1, 6))
    of = np.array([chosen.randrange(streams) for _ in range(count)], np.int64)
    parts = [table.filter(pa.array(of == n)).sort_by(ORDER) for n in range(streams)]
    given_on = list(merged([in_chunks(part, chosen) for part in parts], lambda _: ORDER))
    assert all(one.num_rows for one in given_on)
    whole = pa.concat_tables(given_on) if given_on else table
    assert whole.select(["key", "id"]).to_pylist() == table.sort_by(ORDER).select(["key", "id"]).to_pylist()
    assert sorted(whole["n"].to_pylist()) == list(range(count))


def test_merging_holds_no_more_than_it_needs() -> None:
    taken: list[int] = []

    def stream(first: int) -> Iterator[pa.Table]:
        for n in range(100):
            taken.append(n)
            yield pa.table({"key": [first + 2 * n]})

    got = merged([stream(0), stream(1)], lambda _: [("key", "ascending")])
    assert next(got)["key"].to_pylist() == [0]
    assert len(taken) <= 4


def test_streams_without_a_table() -> None:
    assert list(merged([], lambda _: ORDER)) == []
    assert list(merged([iter(())], lambda _: ORDER)) == []
