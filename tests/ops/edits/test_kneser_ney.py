"""N-gram models equal a slow twin written from the formulas, add up to 1, and depend on the texts alone."""

import math
import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.edits.kneser_ney import Fitted, fitted
from ops.kernels.ngram_model import START, UNKNOWN, Table, keys_of, log_probabilities, table_of, words_of

WORDS = [*"abcdefgh", "long-word", "mill", "今", "天", "好"]
TOKENS = {"long-word": ["long", "word"]}  # a word of the texts that is several tokens
TEXT = st.lists(st.sampled_from(WORDS), max_size=25)
TEXTS = st.lists(TEXT, max_size=8).map(lambda texts: [["a"], *texts])
ORDER = st.integers(2, 5)

Gram = tuple[str, ...]


class Twin:
    """Interpolated Kneser-Ney as its formulas say it: Chen and Goodman 1998, section 2.7, with one discount."""

    def __init__(self, texts: list[list[str]], order: int) -> None:
        seen = Counter(token for text in texts for token in tokens(text))
        self.known = {token for token, count in seen.items() if count >= 2}
        self.unknown = max(1, len(seen) - len(self.known))
        self.order = order
        padded = [["<s>"] * (order - 1) + [self.word(token) for token in tokens(text)] for text in texts]
        self.raw = {
            n: Counter(tuple(text[end - n : end]) for text in padded for end in range(order, len(text) + 1))
            for n in range(1, order + 1)
        }
        self.count = {order: self.raw[order]}
        for n in range(1, order):
            self.count[n] = Counter(gram[1:] for gram in self.raw[n + 1])
        self.discount = {n: self.discount_of(count) for n, count in self.count.items()}

    def word(self, token: str) -> str:
        return token if token in self.known else "<unk>"

    @staticmethod
    def discount_of(count: Counter[Gram]) -> float:
        once, twice = (sum(value == times for value in count.values()) for times in (1, 2))
        return once / (once + 2 * twice) if once else 0.5

    def chance(self, before: Gram, word: str) -> float:
        n = len(before) + 1
        alike = {gram: value for gram, value in self.count[n].items() if gram[:-1] == before}
        if n == 1:
            shorter = (self.unknown if word == "<unk>" else 1) / (len(self.known) + self.unknown)
        else:
            shorter = self.chance(before[1:], word)
        if not alike:
            return shorter
        own = {
            gram: (value - self.discount[n]) / sum(alike.values())
            for gram, value in alike.items()
            if n < 3 or self.raw[n][gram] >= 2
        }
        return own.get((*before, word), 0.0) + (1 - sum(own.values())) * shorter

    def log_probability(self, text: list[str]) -> float:
        words = ["<s>"] * (self.order - 1) + [self.word(token) for token in tokens(text)]
        total = 0.0
        for at in range(self.order - 1, len(words)):
            total += math.log(self.chance(tuple(words[at - self.order + 1 : at]), words[at]))
            total -= math.log(self.unknown) if words[at] == "<unk>" else 0
        return total


def tokens(text: list[str]) -> list[str]:
    return [token for word in text for token in TOKENS.get(word, [word])]


def joined(texts: list[list[str]]) -> pa.Array:
    return pa.array([" ".join(text) for text in texts], pa.string())


def fit(texts: list[list[str]], order: int) -> Fitted:
    return fitted(words_of(joined(texts), 1000), order)


def table(grams: Fitted) -> Table:
    return table_of(grams.keys, grams.values)


def scores(texts: list[list[str]], made: Table) -> list[float]:
    return log_probabilities(joined(texts), made, 1000)[0].tolist()


@given(TEXTS, st.lists(TEXT, max_size=4), ORDER)
def test_models_equal_their_twin(texts: list[list[str]], others: list[list[str]], order: int) -> None:
    grams, twin = fit(texts, order), Twin(texts, order)
    assert (grams.known, grams.unknown) == (len(twin.known), twin.unknown)
    sums, counts = log_probabilities(joined(texts + others), table(grams), 1000)
    assert counts.tolist() == [len(tokens(text)) for text in texts + others]
    assert sums.tolist() == pytest.approx([twin.log_probability(text) for text in texts + others], rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("order", [2, 3, 5])
def test_probabilities_after_any_words_add_up_to_one(order: int) -> None:
    draw = random.Random(3)
    texts = [draw.choices(WORDS[:6], [32, 16, 8, 4, 2, 1], k=30) for _ in range(20)] + [["x"], ["y", "z"]]
    grams = fit(texts, order)
    assert (grams.known, grams.unknown) == (6, 3)
    made = table(grams)
    befores = [
        [],
        *([word] for word in [*WORDS[:6], "?!", "never"]),
        *(draw.choices(WORDS[:7], k=6) for _ in range(20)),
    ]
    for before in befores:
        start, *ends = scores([before, *([*before, word] for word in [*WORDS[:6], "x"])], made)
        chances = np.exp(np.array(ends) - start)
        assert chances[:-1].sum() + grams.unknown * chances[-1] == pytest.approx(1, abs=1e-5)


def test_more_words_before_tell_more() -> None:
    """After `a b` stands c, after `x b` d: a model of two words cannot know that."""
    texts = [["a", "b", "c"], ["x", "b", "d"]] * 50
    near, far = (scores([["a", "b", "c"]], table(fit(texts, order)))[0] for order in (2, 3))
    assert far > near + 0.5


@given(TEXTS, ORDER, st.randoms(use_true_random=False))
def test_the_order_of_texts_makes_no_difference(texts: list[list[str]], order: int, draw: random.Random) -> None:
    one = fit(texts, order)
    draw.shuffle(texts)
    other = fit(texts, order)
    for a, b in zip(one.keys + one.values, other.keys + other.values, strict=True):
        assert a.tobytes() == b.tobytes()


def test_a_text_says_nothing_of_the_next() -> None:
    one, two = fit([["a", "b"], ["a", "b"]], 3), fit([["a", "b", "a", "b"]], 3)
    assert scores([["b", "a"]], table(one)) != scores([["b", "a"]], table(two))
    assert len(one.keys[1]) == 3  # START START, START a, a b


def test_no_word_at_all() -> None:
    """A model of nothing: every word is unknown."""
    grams = fit([[], []], 3)
    assert (grams.known, grams.unknown) == (0, 1)
    assert scores([[], ["a"], ["a", "b"]], table(grams)) == [0, 0, 0]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8), st.integers(0, 8), st.sampled_from([1, 7, 100]))
def test_any_text_has_a_score_whatever_is_beside_it(texts: list[str], cut: int, bytes_max: int) -> None:
    made = table(fit([["a", "b", "今", "a"], ["a", "1", "b"]], 3))
    whole, counts = log_probabilities(pa.array(texts), made, bytes_max)
    assert np.isfinite(whole).all()
    assert (whole <= 0).all()
    parts = [log_probabilities(pa.array(part, pa.string()), made, bytes_max) for part in (texts[:cut], texts[cut:])]
    assert [one for part in parts for one in part[0].tolist()] == whole.tolist()
    assert [one for part in parts for one in part[1].tolist()] == counts.tolist()
    chunks = pa.chunked_array([texts[:1], texts[1:]], pa.large_string())
    assert log_probabilities(chunks, made, bytes_max)[0].tolist() == whole.tolist()
    assert words_of(pa.array(texts), bytes_max).size == len(texts) + counts.sum()


def test_what_comes_after_so_many_bytes_is_not_looked_at() -> None:
    made = table(fit([["a", "b"]] * 3, 2))
    texts = pa.array(["a b" + " b a" * 99, "a b"])
    assert len(set(log_probabilities(texts, made, 3)[0].tolist())) == 1


def test_words_of_more_texts_than_a_call_holds() -> None:
    words = words_of(pa.array([f"w{n}" for n in range(600)]), 100)
    assert (words[::2] == START).all()
    assert len(set(words[1::2].tolist())) == 600


def test_all_keys_of_a_table_are_found() -> None:
    """Of keys that crowd at either end too."""
    few = np.arange(50, dtype=np.uint64)
    many = np.random.default_rng(5).integers(0, 2**64 - 1, 3000, np.uint64)
    keys = np.unique(np.concatenate([many, few, np.uint64(2**64 - 2) - few]))
    words = np.sort(np.array([START, UNKNOWN]))
    made = table_of([words, keys], [np.zeros((2, 2), np.float32), np.ones((len(keys), 2), np.float32)])
    slots = made.slots.reshape(-1, 2)[int(made.begins[1]) :]
    filled = slots[slots[:, 0] != 2**64 - 1]
    assert (filled[:, 0] == keys).all()
    assert (filled[:, 1].copy().view(np.float32) == 1).all()
    place = ((keys >> np.uint64(32)) * made.sizes[1]) >> np.uint64(32)
    where = np.flatnonzero(slots[:, 0] != 2**64 - 1)
    assert (where >= place).all()
    assert slots[-1, 0] == 2**64 - 1


def test_the_order_of_words_makes_another_key() -> None:
    a, b = np.array([1], np.uint64), np.array([2], np.uint64)
    assert keys_of(a, b) != keys_of(b, a)
