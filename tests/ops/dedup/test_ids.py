"""Unique ids: the first in order of address stays."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.dedup.ids import UniqueId


@given(
    ids=st.lists(st.sampled_from(["a", "b", "今", "", "A", "a "]), max_size=30), partitions=st.sampled_from([1, 3, 16])
)
@settings(max_examples=60)
def test_the_first_stays(
    ids: list[str], partitions: int, make_corpus: Callable, sketch: Callable, phase: Callable
) -> None:
    op = UniqueId()
    table = sketch(op, make_corpus({"id": i} for i in ids), unit_rows=4)
    found = phase(op, table, partitions).to_pylist()
    addresses = table["at"].to_pylist()
    later = [(at, i) for n, (at, i) in enumerate(zip(addresses, ids, strict=True)) if i in ids[:n]]
    assert [(row["at"], row["kept_id"]) for row in found] == later
    assert {row["reason"] for row in found} <= {"duplicate_id"}


def test_arrival_does_not_matter(make_corpus: Callable, sketch: Callable, phase: Callable) -> None:
    """The same addresses, met in any order."""
    op = UniqueId()
    table = sketch(op, make_corpus({"id": f"id {n % 300}"} for n in range(1000)), unit_rows=100)
    expected = phase(op, table)
    assert expected.num_rows == 700
    for seed in range(3):
        mixed = table.take(pa.array(np.random.default_rng(seed).permutation(1000)))
        for partitions in (1, 3, 16):
            assert phase(op, mixed, partitions) == expected


def test_ids_are_compared_not_digests(make_corpus: Callable, sketch: Callable, phase: Callable) -> None:
    op = UniqueId()
    table = sketch(op, make_corpus({"id": i} for i in ("a", "b", "a")))
    collided = table.set_column(table.column_names.index("digest"), "digest", pa.array([7, 7, 7], pa.uint64()))
    assert phase(op, collided)["at"].to_pylist() == [2]


def test_no_documents(make_corpus: Callable, survey: Callable) -> None:
    assert survey(UniqueId(), make_corpus([])) == {}
