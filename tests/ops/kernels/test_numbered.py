"""Numbers of equal keys equal those of a dictionary, in the order in which keys come."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.numbered import numbered


@given(st.lists(st.integers(0, 20) | st.integers(0, 2**64 - 1), max_size=60))
def test_numbers_equal_their_twin(keys: list[int]) -> None:
    number, first = numbered(np.array(keys, np.uint64))
    known: dict[int, int] = {}
    assert number.tolist() == [known.setdefault(key, len(known)) for key in keys]
    assert first.tolist() == [keys.index(key) for key in known]


def test_many_keys_that_lie_close() -> None:
    keys = np.arange(100_000, dtype=np.uint64).repeat(2)
    number, first = numbered(keys)
    assert (number == keys).all()
    assert (first == np.arange(100_000) * 2).all()
