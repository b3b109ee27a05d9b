"""Importance: DSIR's definitions by a slow twin, what it tells, and that it prefers what is like the target."""

import itertools
import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_tokens import tokens_of

from ops.contract import Refusal
from ops.mixing.importance import BUCKETS, Importance

OP = Importance(against=("target",))
TEXTS = st.lists(
    st.lists(st.sampled_from(["river ", "mill ", "stock ", "price ", "河", "股", "价"]), max_size=8).map("".join),
    min_size=1,
    max_size=4,
)


def table(texts: list[str]) -> pa.Table:
    return pa.table({"text": pa.array(texts, pa.string())})


def found(corpus: list[str], target: list[str]) -> pa.Table:
    sums = OP.sketch(table(corpus))
    return sums.append_column("of_references", OP.sketch(table(target))["sums"])


def ngrams(text: str) -> list[tuple]:
    tokens = [token.folded for token in tokens_of(text)]
    return [*((one,) for one in tokens), *itertools.pairwise(tokens)]


@given(corpus=TEXTS, target=TEXTS)
def test_twin(corpus: list[str], target: list[str]) -> None:
    """log(p_target + 1e-8) - log(p_raw + 1e-8), summed over a document's n-grams: no two of these share a bucket."""
    of_corpus, of_target = (Counter(n for text in texts for n in ngrams(text)) for texts in (corpus, target))

    def log_p(counts: Counter, ngram: tuple) -> float:
        return math.log(counts[ngram] / max(1, counts.total()) + 1e-8)

    expected = [sum(log_p(of_target, n) - log_p(of_corpus, n) for n in ngrams(text)) for text in corpus]
    made = OP.apply(table(corpus), found(corpus, target))
    assert made["importance"].to_pylist() == pytest.approx(expected)


@given(corpus=TEXTS, target=TEXTS, power=st.sampled_from([0.5, 0.75, 1.0]))
def test_length_divides_by_tokens_to_a_power(corpus: list[str], target: list[str], power: float) -> None:
    sums = found(corpus, target)
    whole = OP.apply(table(corpus), sums)["importance"].to_pylist()
    made = OP.model_copy(update={"length_power": power}).apply(table(corpus), sums)["importance"].to_pylist()
    sizes = [max(1, len(tokens_of(text))) for text in corpus]
    assert made == pytest.approx([one / size**power for one, size in zip(whole, sizes, strict=True)])


def test_no_two_ngrams_of_the_twin_share_a_bucket() -> None:
    words = ["river", "mill", "stock", "price", "河", "股", "价"]
    texts = [*words, *(f"{a} {b}" for a in words for b in words)]
    counts = [OP.sketch(table([text]))["sums"] for text in texts]
    whole = np.sum([np.asarray(one) > 0 for one in counts], axis=0)
    assert int(np.count_nonzero(whole)) == len(texts)


def test_what_is_like_the_target_is_important_in_both_languages() -> None:
    corpus = ["the river runs by the mill", "the stock price rose again", "河水流过磨坊", "股价又涨了", ""]
    target = ["slowly the river runs by the mill", "从前河水流过磨坊"]
    river, stock, zh_river, zh_stock, empty = OP.apply(table(corpus), found(corpus, target))["importance"].to_pylist()
    assert river > 0 > stock
    assert zh_river > 0 > zh_stock
    assert empty == 0


def test_a_document_weighs_the_same_whatever_is_beside_it() -> None:
    corpus = ["the river runs", "河水流过磨坊", "x"]
    sums = found(corpus, ["the river"])
    whole = OP.apply(table(corpus), sums)["importance"].to_pylist()
    assert whole == [OP.apply(table([text]), sums)["importance"][0].as_py() for text in corpus]


def test_what_is_told_and_a_target_without_words_is_refused() -> None:
    same = OP.told(found(["a b", "c"], ["c", "a b"]))
    assert same == {"ngrams": 4, "target_ngrams": 4, "divergence_nats": 0.0}
    assert OP.told(found(["a b"], ["c d"]))["divergence_nats"] == pytest.approx(math.log(1 / 3 / 1e-8), abs=1e-3)
    assert OP.sketch(table(["a"])).num_rows == BUCKETS
    with pytest.raises(Refusal, match="the references target have no words"):
        OP.told(found(["a b"], ["", "!"]))


def test_documents_of_references_have_none() -> None:
    made = OP.apply(table(["a"]), pa.table({"key": pa.array([], pa.uint64())}))
    assert made["importance"].to_pylist() == [None]
