"""Families: who is of one is in one split, in any order and any tables; what that split has no place for goes."""

from collections import defaultdict
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.columns import with_column
from ops.dedup.near import NearDedup, signature_matrix
from ops.provenance.families import Families

HALVES = {"train": 0.5, "test": 0.5}
ORIGINS = ("real", "rewrite", "generated", "unknown")


def by_descent(**settings: object) -> Families:
    return Families(**{"shares": HALVES, "similarity": "off", "seed": 3} | settings)


def splits(table: pa.Table) -> dict[str, str]:
    return dict(zip(table["id"].to_pylist(), table["split"].to_pylist(), strict=True))


def words(count: int, seed: int) -> list[str]:
    return [f"w{n}" for n in np.random.default_rng(seed).integers(0, 1 << 30, count)]


def families_of(rows: list[dict]) -> list[set[int]]:
    """The slow way: join what has an id, a parent or a family in common until nothing changes."""
    groups = []
    for number, row in enumerate(rows):
        ids = {("id", one) for one in (row["id"], *(row["parents"] or ()))}
        groups.append(({number}, ids | ({("family", row["family"])} if row["family"] else set())))
    while pair := next(((a, b) for a, b in combinations(groups, 2) if a[1] & b[1]), None):
        groups = [one for one in groups if one not in pair] + [(pair[0][0] | pair[1][0], pair[0][1] | pair[1][1])]
    return [numbers for numbers, _ in groups]


IDS = st.sampled_from("abcdefgh")


@st.composite
def documents(draw: st.DrawFn) -> list[dict]:
    ids = draw(st.lists(IDS, unique=True, min_size=1, max_size=8))
    return [
        {
            "id": one,
            "origin": draw(st.sampled_from(ORIGINS)),
            "parents": draw(st.none() | st.lists(IDS, min_size=1, max_size=3)),
            "family": draw(st.none() | st.sampled_from("xyab")),
            "depth": draw(st.integers(0, 3)),
        }
        for one in ids
    ]


@settings(max_examples=150)
@given(rows=documents(), most=st.none() | st.integers(1, 2), seed=st.integers(0, 5), table_rows=st.integers(1, 4))
def test_against_the_slow_way(
    rows: list[dict], most: int | None, seed: int, table_rows: int, make_corpus: Callable, label: Callable
) -> None:
    op = by_descent(children_per_parent_max=most, seed=seed)
    table = make_corpus(rows)
    table = with_column(table, pa.field("family", pa.string()), table["family"].cast(pa.string()))
    left, goes = label(op, table, unit_rows=3, table_rows=table_rows)
    whole, _ = label(op, table)
    assert left == whole  # however it is cut
    by_id = {row["id"]: row for row in left.to_pylist()}
    children: dict[str, int] = defaultdict(int)
    for family in families_of(rows):
        members = [rows[n] for n in family]
        stay = [by_id[row["id"]] for row in members if row["id"] in by_id]
        assert len({(row["split"], row["family_id"]) for row in stay}) <= 1
        has_real = any(row["origin"] == "real" for row in members)
        for row in stay:
            assert row["origin"] == "real" or row["split"] == "train"
            for parent in () if row["origin"] == "real" else {*(row["parents"] or ())} - {row["id"]}:
                children[parent] += 1
        for row in members:
            if row["id"] in goes and goes[row["id"]]["reason"] == "synthetic_in_test":
                assert has_real
                assert row["origin"] != "real"
    assert most is None or all(count <= most for count in children.values())
    for row in rows:  # depth by the rule, where what descends from itself is as deep as can be
        told = by_id.get(row["id"])
        if told and told["origin"] != "real":
            parents = [by_id[one]["depth"] for one in row["parents"] or () if one in by_id and one != row["id"]]
            assert told["depth"] >= max([row["depth"], *(min(127, 1 + one) for one in parents)])


def test_parents_and_children_near_copies_and_what_the_data_says_are_of_one_family(
    make_corpus: Callable, label: Callable
) -> None:
    text = words(120, 1)
    edited = [*text[:60], "edited", *text[61:]]
    rows = [
        {"id": "book", "text": " ".join(text), "depth": 0},
        {"id": "book, again", "text": " ".join(edited), "depth": 0},
        {"id": "rewrite", "text": "第一章，河水流过山谷。", "origin": "rewrite", "parents": ["book"], "depth": 1},
        {"id": "of the rewrite", "text": "山谷里有一条河。", "origin": "rewrite", "parents": ["rewrite"], "depth": 1},
        {"id": "chapter 2", "text": " ".join(words(50, 2)), "family": "series", "depth": 0},
        {"id": "chapter 3", "text": " ".join(words(50, 3)), "family": "series", "depth": 0},
        {"id": "alone", "text": " ".join(words(50, 4)), "depth": 0},
    ]
    table, goes = label(Families(shares={"train": 1.0}), make_corpus(rows))
    assert not goes
    told = {row["id"]: (row["family_id"], row["split"], row["depth"]) for row in table.to_pylist()}
    assert told == {
        "book": ("book", "train", 0),
        "book, again": ("book", "train", 0),
        "rewrite": ("book", "train", 1),
        "of the rewrite": ("book", "train", 2),
        "chapter 2": ("series", "train", 0),
        "chapter 3": ("series", "train", 0),
        "alone": ("alone", "train", 0),
    }


def test_a_synthetic_child_of_what_is_held_out_goes_and_of_training_text_stays(
    make_corpus: Callable, label: Callable
) -> None:
    rows = [
        row
        for n in range(40)
        for row in (
            {"id": f"r{n}"},
            {"id": f"s{n}", "origin": "rewrite", "parents": [f"r{n}"], "depth": 1},
            {"id": f"t{n}", "origin": "real", "parents": [f"r{n}"]},
        )
    ]
    table, goes = label(by_descent(), make_corpus(rows))
    found = splits(table)
    held_out = {n for n in range(40) if found[f"r{n}"] == "test"}
    assert 10 < len(held_out) < 30
    assert {name: row["reason"] for name, row in goes.items()} == {f"s{n}": "synthetic_in_test" for n in held_out}
    assert all(found[f"t{n}"] == found[f"r{n}"] for n in range(40))
    assert all(found[f"s{n}"] == "train" for n in range(40) if n not in held_out)


def test_synthetic_text_of_no_real_family_is_trained_on_unless_asked(make_corpus: Callable, label: Callable) -> None:
    rows = [{"id": f"s{n}", "origin": "generated", "parents": [f"seed-{n // 2}"], "depth": 1} for n in range(80)]
    table, goes = label(by_descent(), make_corpus(rows))
    assert not goes
    assert set(splits(table).values()) == {"train"}
    table, goes = label(by_descent(synthetic_in=("train", "test")), make_corpus(rows))
    assert not goes
    found = splits(table)
    assert set(found.values()) == {"train", "test"}
    assert all(found[f"s{n}"] == found[f"s{n + 1}"] for n in range(0, 80, 2))  # of one parent, which is elsewhere


def test_so_many_children_of_a_parent_stay_and_more_come_without_others_changing(
    make_corpus: Callable, label: Callable
) -> None:
    def rows(count: int) -> list[dict]:
        return [
            {"id": "r"},
            *({"id": f"s{n}", "origin": "rewrite", "parents": ["r"], "depth": 1} for n in range(count)),
        ]

    op = by_descent(children_per_parent_max=3, shares={"train": 1.0})
    table, goes = label(op, make_corpus(rows(20)))
    assert table.num_rows == 1 + 3
    assert len(goes) == 17
    assert {(row["reason"], row["value"], row["threshold"]) for row in goes.values()} == {
        ("too_many_siblings", 20.0, 3.0)
    }
    more, _ = label(op, make_corpus(rows(21)))
    assert len({*table["id"].to_pylist()} - {*more["id"].to_pylist()}) <= 1


def test_shares_are_kept_and_families_stay_where_they_are_as_the_corpus_grows(
    make_corpus: Callable, label: Callable
) -> None:
    op = Families(similarity="off", seed=1)
    rows = [{"id": f"d{n}"} for n in range(20_000)]
    before, _ = label(op, make_corpus(rows))
    found = splits(before)
    for name, share in op.shares.items():
        count = sum(one == name for one in found.values())
        assert abs(count - 20_000 * share) < 4 * (20_000 * share) ** 0.5
    grown = [*rows, *({"id": f"a{n}", "origin": "rewrite", "parents": [f"d{n}"], "depth": 1} for n in range(500))]
    after = splits(label(op, make_corpus(grown))[0])
    assert all(after[name] == split for name, split in found.items())


def test_a_child_that_comes_before_its_parent_is_where_it_will_be(make_corpus: Callable, label: Callable) -> None:
    children = [{"id": f"c{n}", "parents": [f"p{n}", f"q{n}"]} for n in range(50)]
    parents = [{"id": f"p{n}"} for n in range(50)]
    alone, together = (splits(label(by_descent(), make_corpus(rows))[0]) for rows in (children, [*parents, *children]))
    assert all(together[f"c{n}"] == together[f"p{n}"] == alone[f"c{n}"] for n in range(50))


def test_a_grandchild_moves_no_family(make_corpus: Callable, label: Callable) -> None:
    rows = [{"id": "z"}, {"id": "c", "parents": ["z"]}]
    for more in ({"id": "d", "parents": ["c"]}, {"id": "a", "parents": ["d", "c"]}):
        rows.append(more)
        table, _ = label(by_descent(), make_corpus(rows))
        assert set(table["family_id"].to_pylist()) == {"z"}


def test_clusters_are_held_one_after_the_other(make_corpus: Callable, sketch: Callable) -> None:
    """Only tables whose last cluster goes on in the next are held together."""
    sketches = sketch(by_descent(), make_corpus([{"id": f"d{n}", "family": "f"} for n in range(6)]))
    tables = [
        sketches.slice(2 * n, 2).append_column("cluster", pa.array([cluster] * 2))
        for n, cluster in enumerate([1, 1, 2])
    ]
    assert [labels.num_rows for _, labels in by_descent().label(tables)] == [4, 2]


def test_the_order_of_shares_does_not_matter(make_corpus: Callable, label: Callable) -> None:
    rows = make_corpus([{"id": f"d{n}"} for n in range(50)])
    one, other = (Families(shares=shares, seed=1) for shares in (HALVES, dict(reversed(HALVES.items()))))
    assert label(one, rows)[0] == label(other, rows)[0]


@pytest.mark.parametrize("table_rows", [1, 7, 1000])
def test_no_two_similar_documents_are_in_different_splits(
    table_rows: int, make_corpus: Callable, label: Callable
) -> None:
    """Chains of near copies, each like the next and the last unlike the first."""
    rows = []
    for family in range(12):
        text = words(200, family)
        for step in range(8):
            text = [*text[: 20 * step], *words(20, 1000 * family + step), *text[20 * step + 20 :]]
            rows.append({"id": f"{family}-{step}", "text": " ".join(text)})
    table = make_corpus(rows)
    op = Families(shares=HALVES, similarity=0.7, bands=20, band_rows=5, seed=2)
    left, _ = label(op, table, unit_rows=10, table_rows=table_rows)
    assert left == label(op, table)[0]
    signed = NearDedup(bands=20, band_rows=5).sketch(table)["signature"]
    signatures = signature_matrix(signed, 100)
    found = splits(left)
    close = [
        (one, other)
        for one, other in combinations(range(len(rows)), 2)
        if (signatures[one] == signatures[other]).mean() >= 0.7
    ]
    assert len(close) > 60
    assert all(found[rows[one]["id"]] == found[rows[other]["id"]] for one, other in close)
    assert set(found.values()) == {"train", "test"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"shares": {"train": 0.5}}, "shares sum to 0.5; they must sum to 1"),
        ({"shares": {"train": 1.5, "test": -0.5}}, "none be negative"),
        ({"shares": {"a": 0.5, "b": 0.5}}, r"synthetic_in is \['train'\]: name one or more of the splits .*: a, b"),
        ({"shares": {"train": 0, "test": 1}}, "that have a share"),
        ({"similarity": 2}, "less than or equal to 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Families(**wrong)


def test_nothing(make_corpus: Callable, label: Callable) -> None:
    table, goes = label(Families(), make_corpus([{"id": "", "text": "", "parents": []}]))
    assert not goes
    assert table["family_id"].to_pylist() == [""]
