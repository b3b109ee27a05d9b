"""Hashed bigrams equal a slow twin on any text, and their counts add up however texts are cut into batches."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_tokens import GOLDEN, MASK, mix64, stir, token_hash, tokens_of

from ops.kernels.bigrams import bigram_counts, bigram_weights

TEXT = st.text(max_size=30) | st.lists(st.sampled_from(["a", "B ", "今", "天", "é", ". ", "word "]), max_size=12).map(
    "".join
)
BUCKETS = st.sampled_from([1, 7, 10_000])


def slow(text: str, buckets: int) -> list[int]:
    """The bucket of each unigram and bigram, from the hashes of tokens."""
    hashes = [token_hash(token) for token in tokens_of(text)]
    found = [mix64((token + GOLDEN) & MASK) for token in hashes]
    found += [mix64(((stir(0, a) ^ b) + 2 * GOLDEN) & MASK) for a, b in itertools.pairwise(hashes)]
    return [(value >> 32) * buckets >> 32 for value in found]


@given(st.lists(TEXT, max_size=4), BUCKETS)
def test_twin(texts: list[str], buckets: int) -> None:
    of_each = [slow(text, buckets) for text in texts]
    column = pa.array(texts, pa.string())
    expected = np.bincount([one for found in of_each for one in found] or [0], minlength=buckets)
    expected[0] -= not any(of_each)
    assert bigram_counts(column, buckets).tolist() == expected.tolist()
    weights = np.random.default_rng(buckets).normal(size=buckets)
    sums = [float(weights[found].sum()) for found in of_each]
    assert bigram_weights(column, weights).tolist() == pytest.approx(sums)


@given(st.lists(TEXT, min_size=2, max_size=6), st.data())
def test_counts_add_up(texts: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(texts)))
    column = pa.array(texts, pa.string())
    parts = bigram_counts(column[:cut], 10_000) + bigram_counts(column[cut:], 10_000)
    assert (bigram_counts(column, 10_000) == parts).all()
