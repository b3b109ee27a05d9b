"""Overlaps equal a slow twin on any text, and are compared character by character, whatever hashes say."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slow_tokens import Token, tokens_of

from ops.kernels.overlaps import overlaps, sought
from ops.kernels.tokens import count_tokens

# Few tokens, so that texts have runs of them in common.
TEXT = st.lists(st.sampled_from(["a", "B", "é", "Ж", "word", "今", "天", "ｶ", "ไ", "𠀀", "。", "🙂"]), max_size=14).map(
    " ".join
)
UNSPACED = st.lists(st.sampled_from(["a ", "今", "天", "ラ", "，", "Ｂ"]), max_size=14).map("".join)
TEXTS = st.lists(TEXT | UNSPACED | st.text(max_size=12), min_size=1, max_size=5)


def ngrams(tokens: list[Token], words: int, characters: int) -> list[list[Token]]:
    """The shortest run from each token on that weighs enough."""
    found = []
    for at in range(len(tokens)):
        for end in range(at + 1, len(tokens) + 1):
            run = tokens[at:end]
            if sum(words if token.single else characters for token in run) >= words * characters:
                found.append(run)
                break
    return found


def slow(text: str, items: list[list[str]], words: int, characters: int, *, of_ngrams: bool) -> tuple | None:
    """The item of which a text has the greatest share, the share, and the longest passage."""
    own = [tuple(t.folded for t in run) for run in ngrams(tokens_of(text), words, characters)]
    best, best_share = None, 0.0
    for number, texts in enumerate(items):
        met = whole = 0
        for one in texts:
            tokens = tokens_of(one)
            runs = ngrams(tokens, words, characters)
            common = [n for n, run in enumerate(runs) if tuple(t.folded for t in run) in own]
            covered = {n + i for n in common for i in range(len(runs[n]))}
            met += len(common) if of_ngrams else len(covered)
            whole += len(runs) if of_ngrams else len(tokens) if runs else 0
        if met and met / whole > best_share:
            best, best_share = number, met / whole
    if best is None:
        return None
    wanted = {tuple(t.folded for t in run) for one in items[best] for run in ngrams(tokens_of(one), words, characters)}
    hit: list[list[int]] = []
    for at, run in enumerate(own):
        if run in wanted:
            if hit and at <= hit[-1][1]:
                hit[-1][1] = at + len(run)
            else:
                hit.append([at, at + len(run)])
    begun, until = max(hit, key=lambda run: run[1] - run[0])
    tokens = tokens_of(text)
    return best, best_share, text[tokens[begun].at : tokens[until - 1].end]


@given(
    texts=TEXTS, items=st.lists(TEXTS, min_size=1, max_size=3), words=st.integers(2, 4), characters=st.integers(2, 6)
)
@example(texts=["今天 a b", "天 天 今 天"], items=[["今天 a", "天今天"], ["今天 a"]], words=2, characters=3)
@pytest.mark.parametrize("of_ngrams", [False, True])
def test_twin(texts: list[str], items: list[list[str]], words: int, characters: int, of_ngrams: bool) -> None:  # noqa: FBT001
    of = np.array([number for number, one in enumerate(items) for _ in one])
    wanted = sought(pa.array([text for one in items for text in one], pa.string()), of, words, characters)
    found = overlaps(pa.array(texts, pa.string()), wanted, of_ngrams=of_ngrams)
    whole = "".join(texts).encode()
    told = {
        row: (item, share, whole[begin:end].decode())
        for row, item, share, (begin, end) in zip(
            found.rows.tolist(), found.items.tolist(), found.shares.tolist(), found.passages.tolist(), strict=True
        )
    }
    expected = {row: slow(text, items, words, characters, of_ngrams=of_ngrams) for row, text in enumerate(texts)}
    assert told == {row: one for row, one in expected.items() if one}


@given(texts=TEXTS)
def test_the_twin_has_the_tokens_that_others_count(texts: list[str]) -> None:
    assert [len(tokens_of(text)) for text in texts] == count_tokens(pa.array(texts, pa.string())).tolist()


def test_equal_hashes_alone_are_no_overlap() -> None:
    wanted = sought(pa.array(["one two three four"]), np.array([0]), 3, 5)
    other = sought(pa.array(["five six seven eight"]), np.array([0]), 3, 5)
    forged = replace(wanted, keys=other.keys, heads=other.heads, bits=other.bits)
    text = pa.array(["five six seven eight"])
    assert overlaps(text, other, of_ngrams=False).rows.tolist() == [0]
    assert overlaps(text, forged, of_ngrams=False).rows.tolist() == []


def test_nothing_is_found_where_nothing_is_long_enough() -> None:
    for texts in ([], [""], ["one two"]):
        wanted = sought(pa.array(texts, pa.string()), np.arange(len(texts)), 3, 5)
        assert overlaps(pa.array(["one two three", ""]), wanted, of_ngrams=False).rows.tolist() == []
    wanted = sought(pa.array(["one two three"]), np.array([0]), 3, 5)
    assert overlaps(pa.array([], pa.string()), wanted, of_ngrams=True).rows.tolist() == []


def test_a_large_text_with_one_passage_at_its_end() -> None:
    text = "今天a " * 200_000 + "she sells sea shells"
    wanted = sought(pa.array(["SHE sells sea shells"]), np.array([0]), 4, 6)
    found = overlaps(pa.array(["x", text]), wanted, of_ngrams=False)
    size = len(text.encode())
    assert (found.rows.tolist(), found.passages.tolist()) == ([1], [[1 + size - 20, 1 + size]])
