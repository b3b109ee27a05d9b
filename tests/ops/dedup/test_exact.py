"""Exact dedup: who stays, what counts as equal, and no influence of order or partitions."""

from collections import defaultdict
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.dedup.exact import ExactDedup
from ops.dedup.rank import KeepKey

ORIGINS = ("real", "unknown", "synthetic")
ROW = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["", "a b", "A  b!", "ａ b", "a", "今天", "今 天。", "!", "…", "🙂"]),
        "origin": st.sampled_from(ORIGINS),
    }
)
KEEP = st.sampled_from([(), ("real",), ("length:high",), ("length:low", "real"), ("real", "length:low")])


def _rank(row: dict, keep: tuple[KeepKey, ...]) -> tuple:
    size = len(row["text"].encode())
    keys = {"real": ORIGINS.index(row["origin"]), "length:high": -size, "length:low": size}
    return (*(keys[key] for key in keep), row["id"])


def _slow(table: pa.Table, keep: tuple[KeepKey, ...]) -> dict[str, str]:
    """Return {lost id: kept id}, by comparing texts."""
    groups = defaultdict(list)
    for row in table.to_pylist():
        if row["text"]:
            groups[row["text"]].append(row)
    out = {}
    for rows in groups.values():
        best = min(rows, key=lambda row: _rank(row, keep))
        out |= {row["id"]: best["id"] for row in rows if row is not best}
    return out


@given(rows=st.lists(ROW, max_size=25), keep=KEEP, partitions=st.sampled_from([1, 3, 16]), seed=st.integers(0, 9))
@settings(max_examples=100)
def test_equals_its_twin(
    *,
    rows: list[dict],
    keep: tuple,
    partitions: int,
    seed: int,
    make_corpus: Callable,
    survey: Callable,
    shuffled: Callable,
) -> None:
    table = make_corpus(rows)
    found = survey(ExactDedup(keep=keep), table, partitions)
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == _slow(table, keep)
    assert survey(ExactDedup(keep=keep), shuffled(table, seed), 1, unit_rows=7, table_rows=1 + seed) == found
    assert not {verdict["kept_id"] for verdict in found.values()} & set(found)


@given(rows=st.lists(ROW, max_size=25), keep=KEEP, partitions=st.sampled_from([1, 3, 16]))
@settings(max_examples=60)
def test_normalized_is_order_free_too(
    *, rows: list[dict], keep: tuple, partitions: int, make_corpus: Callable, survey: Callable, shuffled: Callable
) -> None:
    op = ExactDedup(on="normalized_text", keep=keep)
    table = make_corpus(rows)
    found = survey(op, table, partitions)
    assert survey(op, shuffled(table, 1)) == found
    same = {"a b": 1, "A  b!": 1, "ａ b": 1, "今天": 2, "今 天。": 2, "a": 3}
    texts = dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
    for lost, verdict in found.items():
        assert same[texts[lost]] == same[texts[verdict["kept_id"]]]
    assert len(rows) - len(found) == len({same.get(row["text"]) for row in rows if row["text"] in same}) + sum(
        row["text"] not in same for row in rows
    )


@pytest.mark.parametrize(
    ("keep", "first", "second", "kept"),
    [
        (("real",), {"origin": "synthetic"}, {"origin": "real"}, "second"),
        (("real",), {"origin": "synthetic"}, {"origin": "unknown"}, "second"),
        (("real",), {"origin": "unknown"}, {"origin": "real"}, "second"),
        (("real",), {"origin": "real"}, {"origin": "real"}, "first"),  # by id
        ((), {"origin": "synthetic"}, {"origin": "real"}, "first"),  # by id alone
        (("length:high",), {"text": "A b"}, {"text": "a,  b!"}, "second"),
        (("length:low",), {"text": "a,  b!"}, {"text": "A b"}, "second"),
        (("real", "length:high"), {"text": "a,  b!", "origin": "synthetic"}, {"text": "A b"}, "second"),
        (("length:high", "real"), {"text": "a,  b!", "origin": "synthetic"}, {"text": "A b"}, "first"),
    ],
)
def test_keep_policy(
    *, keep: tuple, first: dict, second: dict, kept: str, make_corpus: Callable, survey: Callable
) -> None:
    rows = [{"id": "first", "text": "a b", **first}, {"id": "second", "text": "a b", **second}]
    op = ExactDedup(on="normalized_text", keep=keep)
    for table in (make_corpus(rows), make_corpus(rows[::-1])):
        found = survey(op, table)
        assert [verdict["kept_id"] for verdict in found.values()] == [kept]
        assert set(found) == {"first", "second"} - {kept}
        assert next(iter(found.values())) == {
            "reason": "exact_duplicate",
            "value": None,
            "threshold": None,
            "kept_id": kept,
        }


@pytest.mark.parametrize("on", ["text", "normalized_text"])
@pytest.mark.parametrize("texts", [["", "", ""], [], ["a"]])
def test_empty_texts_are_never_equal(on: str, texts: list[str], make_corpus: Callable, survey: Callable) -> None:
    assert survey(ExactDedup(on=on), make_corpus({"text": text} for text in texts)) == {}


def test_texts_without_a_token_are_never_equal(make_corpus: Callable, survey: Callable) -> None:
    """They normalise to nothing: two different ones would meet, and all but one be lost."""
    table = make_corpus({"text": text} for text in ["🙂", "🎉", "—", " ", "\n", "!?", "∑ ∫ = ∞", "----|----"])
    assert survey(ExactDedup(on="normalized_text"), table) == {}
    twins = make_corpus({"text": "🙂"} for _ in range(3))
    assert len(survey(ExactDedup(), twins)) == 2  # byte for byte they are equal


def test_texts_are_compared_byte_for_byte(make_corpus: Callable, survey: Callable) -> None:
    table = make_corpus({"text": text} for text in ["é", "e\u0301", "É", "é ", "a", "a\n"])
    assert survey(ExactDedup(), table) == {}


def test_partitions_and_units(make_corpus: Callable, survey: Callable) -> None:
    table = make_corpus({"text": f"text {n % 700}", "origin": ORIGINS[n % 3]} for n in range(2000))
    found = survey(ExactDedup(), table)
    assert len(found) == 1300
    for partitions, table_rows in ((3, None), (16, 100), (1, 64), (3, 5)):
        assert survey(ExactDedup(), table, partitions, unit_rows=321, table_rows=table_rows) == found


@pytest.mark.parametrize("table_rows", [None, 1, 2, 3])
def test_half_a_digest_brings_together_but_both_halves_decide(
    table_rows: int | None, make_corpus: Callable, sketch: Callable, decide: Callable
) -> None:
    op = ExactDedup()
    table = sketch(op, make_corpus({"text": text} for text in "abacba"))
    collided = table.set_column(table.column_names.index("digest"), "digest", pa.array([7] * 6, pa.uint64()))
    found = decide(op, collided, table_rows=table_rows)
    assert dict(zip(found.goes["at"].to_pylist(), found.goes["kept_id"].to_pylist(), strict=True)) == {
        2: "d000000",
        4: "d000001",
        5: "d000000",
    }


def test_a_digest_that_is_half_zero_is_a_key(make_corpus: Callable, sketch: Callable) -> None:
    op = ExactDedup()
    table = sketch(op, make_corpus({"text": text} for text in ("a", "b", "c", "")))
    for name, half in (("digest", [0, 0, 5, 0]), ("digest_low", [3, 0, 0, 0])):
        table = table.set_column(table.column_names.index(name), name, pa.array(half, pa.uint64()))
    assert [bool(key) for key in op.keys(table.select([*op.keyed_by])).ravel().tolist()] == [True, False, True, False]


def test_who_stays_stands_for_the_others(make_corpus: Callable, copies: Callable) -> None:
    rows = [
        {"text": "a", "source": "web"},
        {"text": "a", "source": "forum", "copies": 2, "copy_sources": ["books", "web"]},
        {"text": "b", "source": "web", "copies": 5, "copy_sources": ["archive"]},
        {"text": "a", "source": "forum"},
        {"text": "b", "source": "web", "copies": 1, "copy_sources": ["archive"]},
        {"text": "c"},
    ]
    expected = {
        "d000000": {"copies": 4, "copy_sources": ["books", "forum", "web"]},
        "d000002": {"copies": 2, "copy_sources": ["archive", "web"]},
    }
    for table_rows in (None, 1, 2):
        assert copies(ExactDedup(), make_corpus(rows), table_rows=table_rows) == expected


@pytest.mark.parametrize("table_rows", [None, 1, 2])
def test_a_reference_never_goes(table_rows: int | None, make_corpus: Callable, survey: Callable) -> None:
    rows = [
        {"id": "a", "text": "one"},
        {"id": "b", "text": "one", "origin": "synthetic", "sourced": 0},
        {"id": "c", "text": "one"},
        {"id": "d", "text": "one", "sourced": 0},
        {"id": "e", "text": "two", "sourced": 0},
        {"id": "f", "text": "two", "sourced": 0},
    ]
    found = survey(ExactDedup(), make_corpus(rows), table_rows=table_rows)
    assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {"a": "d", "c": "d"}


def test_the_reader_is_told_of_a_wrong_key() -> None:
    with pytest.raises(ValueError, match="length:high"):
        ExactDedup(keep=("longest",))  # type: ignore[arg-type]
