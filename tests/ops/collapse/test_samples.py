"""Samples: the same whatever documents are cut into, of exactly so many tokens, and in proportion."""

import random

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ops.collapse.samples import condensed, drawn, in_proportion, parted, thinned, tokens_in

CAP = 50
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 30)), min_size=1, max_size=60)


def rows_of(told: list[tuple[str | None, int]]) -> pa.Table:
    """Documents with numbers that are no order."""
    ranks = [random.Random(n).getrandbits(64) for n in range(len(told))]
    return pa.table(
        {
            "group": pa.array([group for group, _ in told], pa.string()),
            "rank": pa.array(ranks, pa.uint64()),
            "tokens": pa.array([list(range(size)) for _, size in told], pa.list_(pa.uint32())),
            "window": pa.array([b"x" * size for _, size in told], pa.binary()),
        }
    )


def caps(rows: pa.Table) -> np.ndarray:
    return np.full(rows.num_rows, CAP)


def condense(rows: pa.Table) -> pa.Table:
    return condensed(rows, ["group"], caps(rows))


def told(rows: pa.Table) -> list[dict]:
    return sorted(rows.to_pylist(), key=lambda row: row["rank"])


def slowly(rows: pa.Table) -> list[dict]:
    """Of each group, the first documents that have as many tokens as it needs, and then one without them."""
    found, have, over = [], {}, set()
    for row in told(rows):
        group = row["group"]
        if have.get(group, 0) < CAP:
            found.append(row)
        elif group not in over:
            over.add(group)
            found.append(row | {"tokens": None, "window": None})
        have[group] = have.get(group, 0) + len(row["tokens"])
    return found


@given(ROWS)
def test_condensed_equals_its_twin(documents: list[tuple[str | None, int]]) -> None:
    rows = rows_of(documents)
    assert told(condense(rows)) == slowly(rows)


@given(ROWS, st.data())
def test_parts_condense_as_the_whole(documents: list[tuple[str | None, int]], data: st.DataObject) -> None:
    rows = rows_of(documents)
    cut = data.draw(st.integers(0, len(documents)))
    first = thinned(rows[:cut], ["group"], caps(rows[:cut]))
    parts = pa.concat_tables([condense(first), condense(rows[cut:])])
    assert told(condense(parts)) == told(condense(rows))


@given(ROWS, st.data())
def test_what_goes_later_leaves_a_sample_of_the_rest(
    documents: list[tuple[str | None, int]], data: st.DataObject
) -> None:
    """A document that was thought to be enough and then dropped: the sample ends where nothing is known any more."""
    rows = rows_of(documents)
    stays = pa.array(data.draw(st.lists(st.booleans(), min_size=len(documents), max_size=len(documents))))
    left = condense(thinned(rows, ["group"], caps(rows)).filter(stays))
    whole = {row["rank"]: row for row in slowly(rows.filter(stays))}
    for row in left.to_pylist():
        if row["tokens"] is not None:
            assert whole[row["rank"]] == row


@given(ROWS)
def test_in_proportion_ends_where_the_first_group_does(documents: list[tuple[str | None, int]]) -> None:
    rows = condense(rows_of(documents))
    end = min((row["rank"] for row in rows.to_pylist() if row["tokens"] is None), default=2**64)
    expected = [row for row in told(rows) if row["rank"] < end]
    assert told(in_proportion(rows)) == expected


@given(ROWS, st.integers(1, 200), st.integers(0, 5))
def test_drawn_has_exactly_so_many_tokens(documents: list[tuple[str | None, int]], size: int, salt: int) -> None:
    rows = rows_of(documents)
    sample = drawn(rows, salt, size)
    assert len(sample.tokens) == min(size, tokens_in(rows))
    assert sample.starts[0] == 0
    assert (np.diff(sample.starts) >= 0).all()
    again = drawn(rows.take(pa.array(range(rows.num_rows - 1, -1, -1))), salt, size)
    assert (again.tokens.tolist(), again.windows) == (sample.tokens.tolist(), sample.windows)


def test_other_salts_draw_others() -> None:
    rows = rows_of([("a", 20)] * 50)
    rows = rows.set_column(2, "tokens", pa.array([[n] * 20 for n in range(50)], pa.list_(pa.uint32())))
    assert len({tuple(drawn(rows, salt, 100).tokens) for salt in range(3)}) == 3


def test_parted_is_a_quarter_and_the_rest() -> None:
    rows = rows_of([("a", 1)] * 2_000)
    quarter, rest = parted(rows)
    assert 400 < quarter.num_rows < 600
    assert sorted(quarter["rank"].to_pylist() + rest["rank"].to_pylist()) == sorted(rows["rank"].to_pylist())
