"""Digests are MurmurHash3 as others compute it; chance is uniform and depends on seed and id alone."""

import mmh3
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.hashing import chance, digests, mix64_all

MASK = (1 << 64) - 1


def _mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


@given(st.lists(st.text(max_size=80), max_size=8))
def test_digests_equal_mmh3(texts: list[str]) -> None:
    expected = [mmh3.hash64(text.encode(), 0, signed=False) for text in texts]
    assert [tuple(row) for row in digests(pa.array(texts, pa.string())).tolist()] == expected


def test_every_tail_length() -> None:
    texts = ["x" * n for n in range(70)] + ["ÿ" * n for n in range(40)]
    expected = [mmh3.hash64(text.encode(), 0, signed=False) for text in texts]
    assert [tuple(row) for row in digests(pa.array(texts)).tolist()] == expected


@given(st.lists(st.integers(0, MASK), max_size=20))
def test_mix64(values: list[int]) -> None:
    assert mix64_all(np.array(values, np.uint64)).tolist() == [_mix64(value) for value in values]


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(0, (1 << 63) - 1))
def test_chance_is_a_hash_of_seed_and_id(ids: list[str], seed: int) -> None:
    expected = [_mix64(mmh3.hash64(i.encode(), 0, signed=False)[0] ^ _mix64(seed)) for i in ids]
    assert chance(pa.array(ids, pa.string()), seed).tolist() == expected


def test_chance_does_not_depend_on_neighbours_or_layout() -> None:
    ids = [f"id-{n}" for n in range(50)]
    whole = chance(pa.array(ids), 3).tolist()
    assert chance(pa.chunked_array([ids[:20], ids[20:]]), 3).tolist() == whole
    assert chance(pa.array(ids).slice(7, 5), 3).tolist() == whole[7:12]
    assert chance(pa.array([], pa.string()), 3).tolist() == []


def test_chance_is_uniform_and_seeds_are_independent() -> None:
    ids = pa.array([f"doc/{n}" for n in range(40_000)])
    one = chance(ids, 1) / 2.0**64
    two = chance(ids, 2) / 2.0**64
    counts = np.histogram(one, 50, (0, 1))[0]
    chi_square = float(((counts - 800) ** 2 / 800).sum())
    assert 20 < chi_square < 90  # 49 degrees of freedom: beyond these in 1 of 10,000
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.02
