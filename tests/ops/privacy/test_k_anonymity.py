"""k-anonymity: no combination is left that fewer than k documents have, by looking at every one."""

from collections import Counter
from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.contract import Refusal, notes_of
from ops.privacy import k_anonymity
from ops.privacy.k_anonymity import KAnonymity

NAMES = ("a", "b", "c", "d")
Row = tuple[str | None, ...]
ROWS = st.lists(st.tuples(*[st.sampled_from([None, "x", "y", "京"])] * 4), max_size=60)


def table_of(rows: list[Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 4
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(NAMES, columns, strict=True)})


def left_of(op: KAnonymity, rows: list[Row], parts: int = 1) -> tuple[list[Row], list[int], dict[str, object]]:
    """What the documents have after, counted in so many parts."""
    table = table_of(rows)
    cuts = [
        table.slice(len(rows) * n // parts, len(rows) * (n + 1) // parts - len(rows) * n // parts) for n in range(parts)
    ]
    found = op.settle(op.condense(pa.concat_tables([op.condense(op.sketch(one)) for one in cuts])))
    after = pa.concat_tables([op.apply(one, found) for one in cuts])
    return (
        [tuple(row[name] for name in NAMES) for row in after.to_pylist()],
        after["suppressed_values"].to_pylist(),
        notes_of(found),
    )


def rare(rows: list[Row], k: int, together: int) -> list[object]:
    counts: Counter[object] = Counter()
    for row in rows:
        given = [one for one in zip(NAMES, row, strict=True) if one[1] is not None]
        for size in range(1, together + 1):
            counts.update(combinations(given, size))
    return [combination for combination, documents in counts.items() if documents < k]


@settings(max_examples=80)
@given(ROWS, st.integers(2, 6), st.integers(1, 4), st.integers(1, 3))
def test_nothing_rare_is_left_and_nothing_else_changes(rows: list[Row], k: int, together: int, parts: int) -> None:
    op = KAnonymity(columns=NAMES, k=k, together=together)
    after, counts, notes = left_of(op, rows, parts)
    assert rare(after, k, together) == []
    gone = [
        [new is None and old is not None for old, new in zip(*pair, strict=True)]
        for pair in zip(rows, after, strict=True)
    ]
    for old, new, lost in zip(rows, after, gone, strict=True):
        assert tuple(None if n else value for value, n in zip(old, lost, strict=True)) == new
    assert counts == [sum(one) for one in gone]
    assert notes["documents"] == sum(any(one) for one in gone)
    assert notes["suppressed"] == {name: sum(one[n] for one in gone) for n, name in enumerate(NAMES)}
    if not rare(rows, k, together):
        assert after == rows
    assert (after, notes) == (left_of(op, rows)[0], left_of(op, rows)[2])


def test_of_a_rare_pair_the_rarer_value_goes() -> None:
    rows: list[Row] = [("x", "p", None, None)] * 8 + [("y", "q", None, None)] * 5 + [("x", "q", None, None)]
    after, _, _ = left_of(KAnonymity(columns=NAMES, k=2), rows)
    assert after[-1] == ("x", None, None, None)
    assert after[:-1] == rows[:-1]


def test_what_becomes_rare_goes_too() -> None:
    """Without the pair's q only one document has q."""
    rows: list[Row] = [("x", "p", None, None)] * 8 + [("y", "q", None, None), ("x", "q", None, None)]
    after, _, _ = left_of(KAnonymity(columns=NAMES, k=2), rows)
    assert after[-2:] == [(None, None, None, None), ("x", None, None, None)]


def test_numbers_stay_numbers() -> None:
    op = KAnonymity(columns=("depth",), k=2)
    table = pa.table({"depth": pa.array([1, 1, 2, None], pa.int8())})
    after = op.apply(table, op.settle(op.condense(op.sketch(table))))
    assert after["depth"].type == pa.int8()
    assert after["depth"].to_pylist() == [1, 1, None, None]


def test_columns_that_must_be_there_are_refused() -> None:
    with pytest.raises(ValidationError, match="source: every document must have it"):
        KAnonymity(columns=("source", "lang"))


def test_a_column_of_lists_is_refused() -> None:
    with pytest.raises(Refusal, match="'parents' has several values"):
        KAnonymity(columns=("parents",)).sketch(pa.table({"parents": [["a"]]}))


def test_too_many_rows_are_refused_by_the_column_that_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(k_anonymity, "_ROWS_MAX", 3)
    op = KAnonymity(columns=("a", "b"))
    table = pa.table({"a": ["x"] * 5, "b": ["1", "2", "3", "4", "5"]})
    with pytest.raises(Refusal, match=r"5 different rows of values, more than 3; leave out 'b'"):
        op.settle(op.condense(op.sketch(table)))
