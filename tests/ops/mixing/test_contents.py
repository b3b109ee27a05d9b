"""Copies of one content, dealt out to the documents that have it, in tables cut anywhere."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.mixing.contents import EPOCHS_MAX, Contents


def slots_of(groups: list[tuple[int, int]], most: list[int], table_rows: int) -> dict[int, int]:
    """Return the slots of members of groups (cluster, digest), in order; the row's number is its address."""
    members = pa.table(
        {
            "cluster": pa.array([cluster for cluster, _ in groups], pa.int64()),
            "rank_content": pa.array([digest for _, digest in groups], pa.uint64()),
            "at": pa.array(range(len(groups)), pa.int64()),
            "most": pa.array(most, pa.int64()),
        }
    )
    tables = (members.slice(first, table_rows) for first in range(0, len(groups), table_rows))
    told = [*Contents(lambda table: np.asarray(table["most"])).resolve(tables)]
    rows = pa.concat_tables(told).to_pylist() if told else []
    assert len({row["at"] for row in rows}) == len(rows)
    return {row["at"]: row["slots"] for row in rows}


@given(
    sizes=st.lists(st.integers(1, 9), max_size=8),
    most=st.integers(1, EPOCHS_MAX),
    table_rows=st.integers(1, 12),
)
@settings(max_examples=100)
def test_every_copy_is_some_documents_and_none_is_two(sizes: list[int], most: int, table_rows: int) -> None:
    groups = [(number // 2, number) for number, size in enumerate(sizes) for _ in range(size)]
    found = slots_of(groups, [most] * len(groups), table_rows)
    assert len(found) == len(groups)
    of_group: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        of_group[group].append(found[at])
    for slots in of_group.values():
        assert sum(slots) == 2**most - 1  # as bits: each copy once
        assert sum(one.bit_count() for one in slots) == most


@pytest.mark.parametrize("table_rows", [1, 50, 70, 1_000])
def test_a_content_of_very_many_documents_is_that_of_the_first(table_rows: int) -> None:
    groups = [(1, 5)] * 300 + [(1, 6)] * 2
    found = slots_of(groups, [EPOCHS_MAX] * 302, table_rows)
    assert [found[n] for n in range(300)] == [1 << n for n in range(64)] + [0] * 236
    assert found[300] + found[301] == 2**64 - 1


def test_each_document_keeps_to_what_its_own_source_allows() -> None:
    found = slots_of([(1, 5)] * 3, [1, 4, 4], 10)
    assert [bin(found[n]) for n in range(3)] == ["0b1", "0b10", "0b100"]
    assert slots_of([], [], 5) == {}
