"""Spans in common, against slow twins that look at every run of tokens."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_tokens import tokens_of

from ops.kernels.spans import anchors, spans, token_places

# Few words, so that runs recur; and any text at all.
TEXT = st.lists(st.sampled_from(["a", "B", "b", "ｃ", "天", "气", "-", "é"]), max_size=30).map(" ".join) | st.text(
    max_size=40
)
SIZE = st.integers(2, 9)


def tokens(text: str) -> list[tuple[int, ...]]:
    return [token.folded for token in tokens_of(text)]


def windows(text: str, size: int) -> list[tuple[tuple[int, ...], ...]]:
    found = tokens(text)
    return [tuple(found[n : n + size]) for n in range(len(found) - size + 1)]


@settings(max_examples=60)
@given(st.lists(TEXT, max_size=6), SIZE)
def test_texts_with_a_span_in_common_have_an_anchor_in_common(texts: list[str], size: int) -> None:
    rows, found = anchors(pa.array(texts, pa.string()), size)
    own = [set(found[rows == n].tolist()) for n in range(len(texts))]
    runs = [windows(text, (size + 1) // 2) for text in texts]
    for n, text in enumerate(texts):
        assert bool(own[n]) == bool(windows(text, size))
        assert len(own[n]) <= len(set(runs[n]))
        for other in range(n):
            if {*windows(text, size)} & {*windows(texts[other], size)}:
                assert own[n] & own[other]
            if not {*runs[n]} & {*runs[other]}:
                assert not own[n] & own[other]


@settings(max_examples=60)
@given(st.lists(TEXT, max_size=6), SIZE)
def test_spans_are_equal_where_their_tokens_are(texts: list[str], size: int) -> None:
    column = pa.array(["skipped", *texts], pa.string())[1:]
    found = spans(column, size, np.unique(anchors(column, size)[1]))
    expected = [(row, n, run) for row, text in enumerate(texts) for n, run in enumerate(windows(text, size))]
    assert list(zip(found.rows.tolist(), found.places.tolist(), strict=True)) == [one[:2] for one in expected]
    numbers = {run: n for n, run in enumerate(dict.fromkeys(run for *_, run in expected))}
    digests = {one: n for n, one in enumerate(dict.fromkeys(map(tuple, found.digests.tolist())))}
    assert [digests[tuple(one)] for one in found.digests.tolist()] == [numbers[run] for *_, run in expected]


def test_only_spans_of_wanted_anchors_are_made() -> None:
    texts = pa.array(["a b c d e f g h", "x y z d e f g h"])
    rows, found = anchors(texts, 5)
    shared = np.intersect1d(found[rows == 0], found[rows == 1])
    made = spans(texts, 5, shared)
    assert {3} <= {*made.places[made.rows == 0].tolist()} < {0, 1, 2, 3}
    assert not len(spans(texts, 5, np.empty(0, np.uint64)).rows)


def test_anchors_are_few() -> None:
    text = " ".join(f"word{n}" for n in range(20_000))
    assert 18_000 / 15 < len(anchors(pa.array([text]), 50)[0]) < 22_000 / 13


@settings(max_examples=60)
@given(st.lists(TEXT, max_size=4))
def test_tokens_are_where_they_are_said_to_be(texts: list[str]) -> None:
    column = pa.array(["skipped", *texts], pa.string())[1:]
    found = token_places(column)
    data = "".join(["skipped", *texts]).encode()
    told = [data[start:stop].decode() for start, stop in zip(found.starts, found.stops, strict=True)]
    assert [tokens(one) for one in told] == [[one] for text in texts for one in tokens(text)]
