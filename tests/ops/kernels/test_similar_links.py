"""Links of similar documents: what they connect is what all pairs would, whatever order these are looked at in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.clusters import components
from ops.kernels.similar_links import similar_links


def twin(keys: list[list[int]], signatures: list[list[int]], least: float, compare_max: int) -> list[int]:
    """Return the first document that each is connected with: all pairs, joined until nothing changes."""
    rows = len(keys)
    pairs = []
    for band in range(len(keys[0]) if keys else 0):
        for key in {row[band] for row in keys} - {0}:
            bucket = [n for n in range(rows) if keys[n][band] == key]
            pairs += [(a, b) for place, b in enumerate(bucket) for a in bucket[: min(place, compare_max)]]
    alike = [(a, b) for a, b in pairs if np.equal(signatures[a], signatures[b]).mean() >= least]
    root = list(range(rows))
    for _ in range(rows):
        for a, b in alike:
            root[a] = root[b] = min(root[a], root[b])
    return root


@given(
    rows=st.lists(
        st.tuples(
            st.lists(st.integers(0, 2), min_size=3, max_size=3), st.lists(st.integers(0, 1), min_size=4, max_size=4)
        ),
        max_size=9,
    ),
    least=st.sampled_from([0.5, 0.75, 1.0]),
    compare_max=st.integers(1, 4),
)
def test_against_the_slow_way(rows: list[tuple[list[int], list[int]]], least: float, compare_max: int) -> None:
    keys, signatures = [key for key, _ in rows], [signature for _, signature in rows]
    one, other = similar_links(
        np.array(keys, np.uint64).reshape(-1, 3), np.array(signatures, np.uint32).reshape(-1, 4), least, compare_max
    )
    root = np.arange(len(rows))
    nodes, roots = components(one, other)
    root[nodes] = roots
    assert root.tolist() == twin(keys, signatures, least, compare_max)
    assert len(one) == len(rows) - len(set(root.tolist()))  # as few as will do


@pytest.mark.parametrize("bands", [0, 1])
def test_nothing(bands: int) -> None:
    one, other = similar_links(np.empty((0, bands), np.uint64), np.empty((0, 4), np.uint32), 0.5, 10)
    assert len(one) == len(other) == 0


def test_many_equal_documents_are_not_compared_pair_by_pair() -> None:
    """A hundred thousand of one key, all alike: each is compared once, and then known to be connected."""
    rows = 100_000
    one, _ = similar_links(np.ones((rows, 2), np.uint64), np.ones((rows, 8), np.uint32), 1.0, 1000)
    assert len(one) == rows - 1
