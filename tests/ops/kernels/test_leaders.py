"""The greedy choice equals a slow twin, and what it keeps and drops follows the rule."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.dedup.near import band_buckets
from ops.kernels.leaders import choose_leaders


def slow(signatures: np.ndarray, bands: int, least: int) -> tuple[list[int], list[int]]:
    """Compare each document with every kept one that shares a band; the most similar one, else the first, is it."""
    rows = signatures.shape[1] // bands
    kept: list[int] = []
    leader, equal = [], []
    for row, signature in enumerate(signatures):
        best, most = -1, least - 1
        for other in kept:
            same = signature == signatures[other]
            meets = same.reshape(bands, rows).all(axis=1).any()
            if meets and same.sum() > most:
                best, most = other, int(same.sum())
        if best < 0:
            kept.append(row)
        leader.append(best)
        equal.append(most)
    return leader, equal


@given(st.integers(0, 40), st.integers(2, 4), st.integers(1, 8), st.integers(0, 999))
@settings(max_examples=150)
def test_equals_its_twin(rows: int, values: int, least: int, seed: int) -> None:
    signatures = np.random.default_rng(seed).integers(0, values, (rows, 8), np.uint32)
    leader, equal, capped = choose_leaders(band_buckets(signatures, 4), signatures, least, 1000)
    expected = slow(signatures, 4, least)
    assert (leader.tolist(), equal.tolist()) == expected
    assert capped == 0


def _one_bucket(documents: int) -> np.ndarray:
    """Signatures that share the first of four bands and nothing else."""
    signatures = np.arange(documents * 8, dtype=np.uint32).reshape(documents, 8)
    signatures[:, :2] = 0
    return signatures


def test_comparisons_are_capped_and_counted() -> None:
    signatures = _one_bucket(10)
    signatures = np.concatenate([signatures, signatures[7:8]])  # a copy of the eighth
    buckets = band_buckets(signatures, 4)
    leader, equal, capped = choose_leaders(buckets, signatures, 6, 1000)
    assert leader[-1] == 7
    assert equal[-1] == 8
    assert capped == 0
    leader, _, capped = choose_leaders(buckets, signatures, 6, 5)
    assert leader[-1] == -1
    assert capped == 5  # each from the seventh on has more than five before it


def test_exactly_compare_max_is_not_too_many() -> None:
    signatures = _one_bucket(4)
    assert choose_leaders(band_buckets(signatures, 4), signatures, 6, 3)[2] == 0


def test_a_leader_met_in_many_bands_is_compared_once() -> None:
    signatures = np.zeros((3, 8), np.uint32)
    signatures[:, 7] = [1, 2, 3]
    leader, _, capped = choose_leaders(band_buckets(signatures, 4), signatures, 8, 2)
    assert leader.tolist() == [-1, -1, -1]
    assert capped == 0


def test_nothing() -> None:
    leader, equal, capped = choose_leaders(np.empty((0, 4), np.int64), np.empty((0, 8), np.uint32), 6, 5)
    assert (len(leader), len(equal), capped) == (0, 0, 0)
