"""A mix of part of a corpus, and one in which synthetic text only tops up."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from mix_twin import ORIGIN, text_of
from pydantic import ValidationError

from ops.contract import Refusal
from ops.mixing.mix import Mix

Take = Callable[..., Any]


def corpus_of(make_corpus: Callable, *kinds: tuple[str, str, int], texts: int | None = None) -> pa.Table:
    """So many documents of ten tokens of a source and split each, with texts of their own, or some in common."""
    return make_corpus(
        {
            "text": text_of(10, n % texts if texts else 100 * number + n),
            "source": source,
            "origin": ORIGIN[source],
            "split": split,
            "score": float(n),
        }
        for number, (source, split, documents) in enumerate(kinds)
        for n in range(documents)
    )


def taken(table: pa.Table, times: dict[str, int]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in table.to_pylist():
        found[row["source"], row["split"]] += times[row["id"]]
    return found


def test_what_is_outside_stays_once_and_counts_nowhere(make_corpus: Callable, take: Take) -> None:
    table = corpus_of(make_corpus, ("web", "train", 60), ("web", "test", 40), ("textbook", "train", 40),
                      ("textbook", "test", 30))  # fmt: skip
    op = Mix(tokens=400, synthetic_max=0.25, within={"split": "train"})
    times, notes = take(op, table)
    assert taken(table, times) == {
        ("web", "train"): 30,
        ("web", "test"): 40,
        ("textbook", "train"): 10,
        ("textbook", "test"): 30,
    }
    assert {*times.values()} == {0, 1}
    assert notes["sources"]["web"]["supply_tokens"] == 600
    assert notes["sources"]["textbook"]["achieved_share"] == 0.25
    # Only what is inside can be short.
    with pytest.raises(Refusal, match="with 600 real tokens and 400 others"):
        take(op.model_copy(update={"tokens": 1_001}), table)


def test_documents_outside_that_have_no_tokens_stay_too(make_corpus: Callable, take: Take) -> None:
    rows = [{"text": text_of(10, n), "split": "train"} for n in range(20)]
    outside = [{"text": text, "split": "test", "source": "books"} for text in ("", "...", "...")]
    table = make_corpus([*rows, *outside])
    for tokens in (7, 100):
        times, _ = take(Mix(tokens=tokens, within={"split": "train"}), table)
        assert [times[f"d{n:06d}"] for n in (20, 21, 22)] == [1, 1, 1]
        assert sum(times.values()) == 3 + math.ceil(tokens / 10)


def test_copies_of_a_content_are_counted_inside_alone(make_corpus: Callable, take: Take) -> None:
    table = corpus_of(make_corpus, ("web", "train", 20), ("web", "test", 20), ("books", "test", 20), texts=10)
    times, _ = take(Mix(tokens=200, epochs_max=2, within={"split": ["train"]}), table)
    assert taken(table, times) == {("web", "train"): 20, ("web", "test"): 20, ("books", "test"): 20}
    assert {*times.values()} == {1}
    times, _ = take(Mix(within={"split": ["train"]}), table)
    assert taken(table, times) == {("web", "train"): 10, ("web", "test"): 20, ("books", "test"): 20}


def test_curves_and_shares_are_of_what_is_inside(make_corpus: Callable, take: Take) -> None:
    table = corpus_of(make_corpus, ("web", "train", 40), ("web", "test", 40), ("books", "test", 20))
    curves = [{"source": "web", "column": "score", "drop_share": 0.5}]
    times, notes = take(Mix(within={"split": "train"}, curves=curves), table)
    assert taken(table, times)[("web", "test")] == 40
    assert 15 <= taken(table, times)[("web", "train")] <= 25
    assert [*notes["curves"]] == ["web, real, train"]
    with pytest.raises(Refusal, match="'books' has 0 tokens"):
        take(Mix(tokens=100, shares={"web": 0.5, "books": 0.5}, synthetic_max=1, within={"split": "train"}), table)


@pytest.mark.parametrize(("tokens", "real", "synthetic"), [(300, 30, 0), (800, 80, 0), (900, 80, 10), (1_000, 80, 20)])
def test_synthetic_text_only_tops_up(make_corpus: Callable, take: Take, tokens: int, real: int, synthetic: int) -> None:
    table = corpus_of(make_corpus, ("web", "train", 40), ("textbook", "train", 50))
    repeats = [{"where": {"origin": "real"}, "epochs_max": 2}]
    op = Mix(tokens=tokens, real_first=True, synthetic_max=0.2, limits=repeats)
    times, _ = take(op, table)
    found = taken(table, times)
    assert (found["web", "train"], found["textbook", "train"]) == (real, synthetic)
    with pytest.raises(Refusal, match="synthetic_max"):
        take(op.model_copy(update={"tokens": 1_010}), table)


def test_to_top_up_needs_a_budget() -> None:
    with pytest.raises(ValidationError, match="real_first says how"):
        Mix(real_first=True)
