"""Keys come in order, equal ones in theirs, as from a stable sort by comparison."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.order import merged, sorted_with_order

EDGES = st.sampled_from([0, 1, 2**11 - 1, 2**11, 2**55 - 1, 2**55, 2**63, 2**64 - 1])


@given(st.lists(EDGES | st.integers(0, 2**64 - 1), max_size=60))
def test_it_is_the_order_of_a_stable_sort(keys: list[int]) -> None:
    given = np.array(keys, np.uint64)
    order = sorted(range(len(keys)), key=lambda n: keys[n])
    found, places = sorted_with_order(given)
    assert places.tolist() == order
    assert found.tolist() == [keys[n] for n in order]
    assert given.tolist() == keys  # what was given is not changed


def test_many_keys() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 100_000, dtype=np.uint64) >> np.uint64(45)
    found, places = sorted_with_order(keys)
    assert np.array_equal(places, np.argsort(keys, kind="stable"))
    assert np.array_equal(found, keys[places])


@given(st.lists(st.lists(EDGES | st.integers(0, 9), max_size=20), max_size=7))
def test_merged_runs_are_in_the_order_of_a_stable_sort(lists: list[list[int]]) -> None:
    told = [(key, 100 * run + n) for run, keys in enumerate(lists) for n, key in enumerate(sorted(keys))]
    runs = [np.array(sorted(keys), np.uint64) for keys in lists]
    found, values = merged([(keys, np.arange(len(keys)) + 100 * run) for run, keys in enumerate(runs)])
    assert list(zip(found.tolist(), values.tolist(), strict=True)) == sorted(told, key=lambda one: one[0])
