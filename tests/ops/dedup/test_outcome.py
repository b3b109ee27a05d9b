"""What dedup says: rows for who goes and for who stays, counts and sources of copies, and notes that add up."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.columns import VERDICT
from ops.contract import notes_of
from ops.dedup.outcome import SIMILARITY_STEPS, name_lists, replaced, summed

NAMES = st.sampled_from(["web", "books", "今", "", "Web", "a b"])


@given(st.lists(st.integers(-3, 9), unique=True), st.lists(st.tuples(st.integers(0, 99), NAMES), max_size=30))
def test_name_lists(groups: list[int], picks: list[tuple[int, str]]) -> None:
    groups = sorted(groups)
    pairs = [(groups[n % len(groups)], name) for n, name in picks] if groups else []
    cut = len(pairs) // 2
    names = pa.chunked_array([[name for _, name in part] for part in (pairs[:cut], [], pairs[cut:])], pa.string())
    found = name_lists(np.array(groups, np.int64), np.array([of for of, _ in pairs], np.int64), names)
    found.validate(full=True)
    assert found.type == pa.list_(pa.string())
    expected = [sorted({name for of, name in pairs if of == group}, key=str.encode) for group in groups]
    assert found.to_pylist() == expected


def test_name_lists_of_nothing() -> None:
    none = np.empty(0, np.int64)
    assert name_lists(none, none, pa.chunked_array([], pa.string())).to_pylist() == []
    assert name_lists(np.array([4, 7]), none, pa.chunked_array([], pa.string())).to_pylist() == [[], []]


def test_a_source_without_a_name_is_one_and_comes_last() -> None:
    names = pa.chunked_array([[None, "b", None, "a"]], pa.string())
    assert name_lists(np.array([1]), np.array([1, 1, 1, 1]), names).to_pylist() == [["a", "b", None]]


MEMBERS = st.lists(
    st.tuples(
        st.integers(0, 5),  # which keeper
        NAMES,
        st.integers(0, 9),
        st.none() | st.lists(NAMES, max_size=3),
    ),
    max_size=20,
)


def _goes(rows: list[tuple]) -> pa.Table:
    return pa.table(
        {
            "at": pa.array([2 * n + 1 for n in range(len(rows))][::-1], pa.int64()),
            "source": pa.chunked_array([[row[1] for row in rows[:3]], [row[1] for row in rows[3:]]], pa.string()),
            "copies": pa.array([row[2] for row in rows], pa.int64()),
            "copy_sources": pa.chunked_array(
                [[row[3] for row in rows[:5]], [row[3] for row in rows[5:]]], pa.list_(pa.string())
            ),
            "else": pa.nulls(len(rows)),
        }
    )


def _keeper(rows: list[tuple]) -> pa.Table:
    numbers = [row[0] for row in rows]
    return pa.table(
        {
            "id": pa.array([f"k{n}" for n in numbers], pa.string()),
            "at": pa.array([4 * n for n in numbers], pa.int64()),
            "source": pa.array([f"s{n % 2}" for n in numbers], pa.string()),
        }
    )


@given(MEMBERS)
def test_replaced(rows: list[tuple]) -> None:
    similarity = np.array([0.5 + n / 100 for n in range(len(rows))])
    found = replaced(_goes(rows), _keeper(rows), "like", similarity, 0.5, hot=3)
    assert found.schema.equals(VERDICT)
    assert found["at"].to_pylist() == sorted(found["at"].to_pylist())
    went = [row for row in found.to_pylist() if row["reason"]]
    assert [row["kept_id"] for row in went] == [f"k{row[0]}" for row in rows][::-1]
    assert [row["value"] for row in went] == similarity[::-1].tolist()
    assert {(row["reason"], row["threshold"], row["copies"], row["copy_sources"]) for row in went} <= {
        ("like", 0.5, None, None)
    }
    copies: dict[int, int] = defaultdict(int)
    sources: dict[int, set] = defaultdict(set)
    between: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for number, source, count, theirs in rows:
        copies[4 * number] += 1 + count
        sources[4 * number] |= {source, *(theirs or [])}
        between[f"s{number % 2}"][source] += 1
    nothing = dict.fromkeys(("reason", "value", "threshold", "kept_id"))
    assert [row for row in found.to_pylist() if not row["reason"]] == [
        {"at": at, **nothing, "copies": copies[at], "copy_sources": sorted(sources[at], key=str.encode)}
        for at in sorted(copies)
    ]
    notes = notes_of(found)
    assert notes["hot"] == 3
    assert notes["between"] == between
    assert sum(notes["similarity"]) == len(rows)


def test_without_a_similarity_all_are_equal() -> None:
    rows = [(1, "web", 0, None)]
    found = replaced(_goes(rows), _keeper(rows), "equal")
    row = found.to_pylist()[0]
    assert (row["value"], row["threshold"]) == (None, None)
    assert notes_of(found)["similarity"] == [0] * (SIMILARITY_STEPS - 1) + [1]


@pytest.mark.parametrize(
    ("similarity", "step"), [(0, 0), (0.049, 0), (0.05, 1), (0.7, 14), (0.15, 3), (0.95, 19), (0.999, 19), (1, 19)]
)
def test_steps_of_similarity(similarity: float, step: int) -> None:
    rows = [(1, "web", 0, None)]
    told = notes_of(replaced(_goes(rows), _keeper(rows), "like", np.array([similarity]), 0))["similarity"]
    assert told == [int(n == step) for n in range(SIMILARITY_STEPS)]


def test_nobody_goes() -> None:
    found = replaced(_goes([]), _keeper([]), "like", np.empty(0), 0.5, hot=0)
    assert found.schema.equals(VERDICT)
    assert found.num_rows == 0
    assert notes_of(found) == {"between": {}, "hot": 0, "similarity": [0] * SIMILARITY_STEPS}


@given(MEMBERS, st.integers(0, 20))
def test_notes_of_parts_add_up_to_those_of_the_whole(rows: list[tuple], cut: int) -> None:
    def told(part: list[tuple]) -> dict:
        return notes_of(replaced(_goes(part), _keeper(part), "like", np.full(len(part), 0.8), 0.5, hot=len(part)))

    parts = [told(rows[:cut]), told(rows[cut:])]
    before = [str(one) for one in parts]
    assert summed(parts) == summed(parts[::-1]) == told(rows)
    assert [str(one) for one in parts] == before


def test_nothing_adds_up_to_nothing() -> None:
    assert summed([]) == {}
