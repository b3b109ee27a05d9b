"""Nearest rows equal a plain search through all pairs, ties and copies included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels import nearest_rows as kernel
from ops.kernels.nearest_rows import nearest_rows


def twin(
    rows: np.ndarray, columns: np.ndarray, are_numbers: np.ndarray, second: int, documents: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    least = np.full((len(rows), 2), np.inf, np.float32)
    credit = np.zeros(len(documents))
    for number, row in enumerate(rows):
        parts = [
            np.minimum(abs(column - value), 1) if is_number else column != value
            for value, column, is_number in zip(row, columns, are_numbers, strict=True)
        ]
        distances = sum((part.astype(np.float32) for part in parts), np.zeros(len(documents), np.float32))
        least[number] = [min(side, default=np.inf) for side in (distances[:second], distances[second:])]
        nearest = distances == distances.min()
        credit[nearest] += documents[nearest] / documents[nearest].sum()
    return least, credit


@given(st.integers(0, 6), st.integers(1, 4), st.integers(1, 3000), st.floats(0, 1), st.integers(0, 1000))
def test_all_pairs(rows: int, columns: int, others: int, share: float, seed: int) -> None:
    draw = np.random.default_rng(seed)
    # Few different values, so that many are equally near.
    given_ = [draw.integers(-2, 6, (rows, columns)) / 4, draw.integers(0, 6, (columns, others)) / 4]
    one, other = (values.astype(np.float32) for values in given_)
    told = draw.integers(0, 2, columns).astype(bool), int(share * others), draw.integers(1, 5, others)
    found, expected = nearest_rows(one, other, *told), twin(one, other, *told)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    assert found[1].sum() == pytest.approx(rows)


def test_blocks_do_not_matter() -> None:
    draw = np.random.default_rng(0)
    one, other = draw.random((20, 3), np.float32), draw.random((3, 5 * kernel._BLOCK + 7), np.float32)
    documents = np.ones(other.shape[1], np.int64)
    for second in (0, 1, kernel._BLOCK, kernel._BLOCK + 1, len(documents)):
        found = nearest_rows(one, other, np.ones(3, bool), second, documents)
        expected = twin(one, other, np.ones(3, bool), second, documents)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1])
