"""Unique ids: the first in order of address stays."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.dedup.ids import UniqueId


@given(
    ids=st.lists(st.sampled_from(["a", "b", "今", "", "A", "a "]), max_size=30),
    partitions=st.sampled_from([1, 3, 16]),
    table_rows=st.sampled_from([None, 1, 2, 7]),
)
@settings(max_examples=100)
def test_the_first_stays(
    ids: list[str], partitions: int, table_rows: int | None, make_corpus: Callable, sketch: Callable, decide: Callable
) -> None:
    op = UniqueId()
    table = sketch(op, make_corpus({"id": i} for i in ids), unit_rows=4)
    found = decide(op, table, partitions, table_rows)
    addresses = table["at"].to_pylist()
    later = [(at, i) for n, (at, i) in enumerate(zip(addresses, ids, strict=True)) if i in ids[:n]]
    assert [(row["at"], row["kept_id"]) for row in found.goes.to_pylist()] == later
    assert set(found.goes["reason"].to_pylist()) <= {"duplicate_id"}
    counts = {addresses[ids.index(i)]: ids.count(i) - 1 for i in set(ids) if ids.count(i) > 1}
    assert {row["at"]: row["copies"] for row in found.stays.to_pylist()} == counts


def test_arrival_does_not_matter(make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    """The same addresses, met in any order."""
    op = UniqueId()
    table = sketch(op, make_corpus({"id": f"id {n % 300}"} for n in range(1000)), unit_rows=100)
    expected = decide(op, table)
    assert expected.goes.num_rows == 700
    for seed in range(3):
        mixed = table.take(pa.array(np.random.default_rng(seed).permutation(1000)))
        for partitions in (1, 3, 16):
            assert decide(op, mixed, partitions, table_rows=3 + 10 * seed) == expected


@pytest.mark.parametrize("table_rows", [None, 1, 2])
def test_ids_are_compared_not_digests(
    table_rows: int | None, make_corpus: Callable, sketch: Callable, decide: Callable
) -> None:
    op = UniqueId()
    table = sketch(op, make_corpus({"id": i} for i in ("a", "b", "a")))
    collided = table.set_column(table.column_names.index("digest"), "digest", pa.array([7, 7, 7], pa.uint64()))
    assert decide(op, collided, table_rows=table_rows).goes["at"].to_pylist() == [2]


def test_an_id_whose_digest_is_zero_is_unique_too(make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    op = UniqueId()
    table = sketch(op, make_corpus({"id": i} for i in ("a", "b", "a")))
    nothing = table.set_column(table.column_names.index("digest"), "digest", pa.array([0, 5, 0], pa.uint64()))
    assert decide(op, nothing).goes["at"].to_pylist() == [2]


def test_no_documents(make_corpus: Callable, survey: Callable) -> None:
    assert survey(UniqueId(), make_corpus([])) == {}
