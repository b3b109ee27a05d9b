"""Metrics by their definitions, against slow ones over words."""

import math
import zlib
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.collapse.metrics import METRICS, Sample
from ops.kernels.token_hashes import token_hashes

WORDS = ["a", "b", "c", "d", "e", "中", "文", "的"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=6)


def sample_of(texts: list[list[str]]) -> Sample:
    lists = token_hashes(pa.array([" ".join(text) for text in texts]), np.ones(len(texts), np.bool_))
    tokens = np.asarray(lists.flatten(), np.uint32)
    return Sample(tokens, np.asarray(lists.offsets, np.int64)[:-1], " ".join(map(" ".join, texts)).encode())


def grams(texts: list[list[str]], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(text[k : k + n]) for text in texts for k in range(len(text) - n + 1))


def entropy(frequencies: list[float]) -> float:
    return -sum(p * math.log2(p) for p in frequencies if p)


def slowly(texts: list[list[str]], known: list[list[str]]) -> dict[str, float]:
    one, two, three = (grams(texts, n) for n in (1, 2, 3))
    reference, known_three = grams(known, 1), grams(known, 3)
    tail = {word for word, count in reference.items() if count <= 3}
    p = {word: one[word] / max(1, one.total()) for word in one | reference}
    q = {word: reference[word] / max(1, reference.total()) for word in one | reference}
    middle = entropy([(p[word] + q[word]) / 2 for word in p])
    raw = " ".join(map(" ".join, texts)).encode()
    return {
        "tail_coverage": len(tail & set(one)) / max(1, len(tail)),
        "template_concentration": sum(n for _, n in three.most_common(1000)) / max(1, three.total()),
        **{f"distinct_{n}": len(of) / max(1, of.total()) for n, of in ((1, one), (2, two), (3, three))},
        "unigram_js_bits": middle - (entropy([*p.values()]) + entropy([*q.values()])) / 2,
        "trigram_recall": len(set(three) & set(known_three)) / max(1, len(known_three)),
        "unigram_entropy_bits": entropy([*p.values()]),
        "zip_ratio": len(raw) / len(zlib.compress(raw, 6)) if raw else 0.0,
    }


@given(TEXTS, TEXTS)
def test_metrics_equal_their_definitions(texts: list[list[str]], known: list[list[str]]) -> None:
    sample, reference = sample_of(texts), sample_of(known)
    found = {name: metric.of(sample, reference) for name, metric in METRICS.items()}
    assert found == pytest.approx(slowly(texts, known))


def test_the_most_frequent_trigrams_are_a_thousand() -> None:
    texts = [[f"w{n}", "a", "b"] for n in range(1_500)] + [["x", "y", "z"]] * 500
    assert METRICS["template_concentration"].of(sample_of(texts), sample_of([])) == pytest.approx(1499 / 2000)


def test_of_nothing() -> None:
    nothing = sample_of([[]])
    assert {metric.of(nothing, nothing) for metric in METRICS.values()} == {0.0}


def test_what_a_collapse_does_to_each() -> None:
    """A thousand words by Zipf's law, against a hundred of them."""
    draw = np.random.default_rng(7)
    real = [[f"w{n}" for n in np.minimum(draw.zipf(1.3, 200), 5_000)] for _ in range(40)]
    other = [[f"w{n}" for n in np.minimum(draw.zipf(1.3, 200), 5_000)] for _ in range(40)]
    poor = [[f"w{n}" for n in np.minimum(draw.zipf(1.3, 200), 100)] for _ in range(20)] * 2
    reference = sample_of(other)
    for name, metric in METRICS.items():
        of_real, of_poor = metric.of(sample_of(real), reference), metric.of(sample_of(poor), reference)
        assert (of_poor < of_real) if metric.collapses == "low" else (of_poor > of_real), name
