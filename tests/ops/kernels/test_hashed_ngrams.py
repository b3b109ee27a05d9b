"""N-grams equal a slow twin on any text: the same buckets, the same values, the same sums."""

import itertools
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_tokens import GOLDEN, MASK, kind_of, mix64, stir, token_hash, tokens_of

from ops.kernels.hashed_ngrams import NGrams, sparse, weighted
from ops.kernels.unicode_tables import SPACE

CHARACTERS = 0xD1B54A32D192ED03

TEXT = st.text(max_size=40) | st.text(
    st.sampled_from("aZé ßİ9½今天々〇ひｶﾞー한국Ａ１　，。🙂\u0301𠀀𰀀 \n\t-_'\0"), max_size=60
)
GRAMS = st.builds(
    NGrams,
    words=st.integers(1, 4),
    characters=st.integers(0, 5),
    buckets_log2=st.sampled_from([8, 18]),
    bytes_max=st.sampled_from([1, 7, 100]),
)


def grams_of(text: str, grams: NGrams) -> Counter[int]:
    text = text.encode()[: grams.bytes_max].decode(errors="ignore")
    hashes = []
    words = [token_hash(token) for token in tokens_of(text)]
    for first in range(len(words)):
        value = 0
        for n, token in enumerate(words[first : first + grams.words]):
            hashes.append(mix64(((value ^ token) + (n + 1) * GOLDEN) & MASK))
            value = stir(value, token)
    units = [0x20 if kind_of(char)[0] & SPACE else kind_of(char)[1] for char in text]
    spaces = [bool(kind_of(char)[0] & SPACE) for char in text]
    units = [unit for n, unit in enumerate(units) if not (n and spaces[n] and spaces[n - 1])]
    for first in range(len(units) - grams.characters + 1 if grams.characters else 0):
        value = 0
        for unit in units[first : first + grams.characters]:
            value = (value * GOLDEN + unit) & MASK
        hashes.append(mix64(value ^ CHARACTERS))
    return Counter(one >> (64 - grams.buckets_log2) for one in hashes)


@given(st.lists(TEXT, max_size=5), GRAMS)
def test_values_equal_their_twin(texts: list[str], grams: NGrams) -> None:
    values, buckets, starts = sparse(pa.array(texts, pa.string()), grams)
    assert len(starts) == len(texts) + 1
    for text, first, end in zip(texts, starts[:-1], starts[1:], strict=True):
        expected = grams_of(text, grams)
        assert dict(zip(buckets[first:end].tolist(), values[first:end].tolist(), strict=True)) == pytest.approx(
            {bucket: (count / expected.total()) ** 0.5 for bucket, count in expected.items()}
        )


@given(st.lists(TEXT, min_size=2, max_size=6), GRAMS)
def test_sums_equal_those_of_the_values_in_any_layout(texts: list[str], grams: NGrams) -> None:
    weights = np.random.default_rng(7).normal(size=1 << grams.buckets_log2).astype(np.float32)
    values, buckets, starts = sparse(pa.array(texts), grams)
    sums = weighted(pa.array(texts), weights, grams)
    expected = [(values[a:b] * weights[buckets[a:b]]).sum() for a, b in itertools.pairwise(starts)]
    assert sums == pytest.approx(np.array(expected))
    assert weighted(pa.chunked_array([texts[:1], texts[1:]], pa.large_string()), weights, grams).tolist() == (
        sums.tolist()
    )
    assert weighted(pa.array(["x", *texts, "y"]).slice(1, len(texts)), weights, grams).tolist() == sums.tolist()


def test_no_texts() -> None:
    values, buckets, starts = sparse(pa.chunked_array([], pa.string()), NGrams())
    assert (len(values), len(buckets), starts.tolist()) == (0, 0, [0])
    assert weighted(pa.array([], pa.string()), np.zeros(1 << 18, np.float32), NGrams()).tolist() == []


def test_more_texts_than_a_call_holds() -> None:
    texts = [f"text number {n}" for n in range(600)]
    values, _, starts = sparse(pa.array(texts), NGrams())
    lengths = np.add.reduceat(values**2, starts[:-1])
    assert lengths == pytest.approx(np.ones(600))
