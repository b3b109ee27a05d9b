"""Every key that is there again is found, in whichever lists it is, and few that are not."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.shared_keys import maybe_shared

KEY = st.sampled_from([0, 1, 2**63, 2**64 - 1]) | st.integers(0, 9) | st.integers(0, 2**64 - 1)


@given(st.lists(st.lists(KEY, max_size=20), max_size=5))
def test_what_is_there_again_is_found(lists: list[list[int]]) -> None:
    found = maybe_shared([np.array(sorted(keys), np.uint64) for keys in lists])
    counts = Counter(key for keys in lists for key in keys)
    assert len(found) == len(lists)
    for keys, at in zip(map(sorted, lists), found, strict=True):
        assert at.tolist() == sorted(set(at.tolist()))
        assert {n for n, key in enumerate(keys) if counts[key] > 1} <= set(at.tolist())


def test_few_that_are_alone_are_found() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 100_000, dtype=np.uint64)
    lists = [np.sort(part) for part in np.split(keys, 5)]
    assert sum(map(len, maybe_shared(lists))) < 100_000 / 16


def test_arrow_lends_what_others_own() -> None:
    keys = np.array([3, 5], np.uint64)
    keys.flags.writeable = False
    assert [at.tolist() for at in maybe_shared([keys, keys.copy()])] == [[0, 1], [0, 1]]
