"""Ranks: the order of the keep policy, key by key, against Python's own numbers and dates."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ops.dedup.exact import ExactDedup
from ops.dedup.near import NearDedup
from ops.dedup.rank import KeepKey, columns_of, rank_columns
from ops.dedup.values import instants, numbers

ORIGINS = ("real", "unknown", "synthetic")
SOURCES = ("books", "web", "forum")
ROWS = st.lists(
    st.fixed_dictionaries(
        {"text": st.text(max_size=4), "origin": st.sampled_from(ORIGINS), "source": st.sampled_from(SOURCES)}
    ),
    max_size=12,
)
KEEP = st.lists(st.sampled_from(["real", "source:web, books", "length:high", "length:low"]), max_size=3).map(tuple)


def best_first(batch: pa.Table, keep: tuple[KeepKey, ...]) -> list[str]:
    """Ids in the order of the policy, as the runner sorts them."""
    ranks = rank_columns(batch, keep)
    assert all(column.type == pa.int64() and not column.null_count for column in ranks.values())
    ordered = pa.table({"id": batch["id"], **ranks}).sort_by([(name, "ascending") for name in [*ranks, "id"]])
    return ordered["id"].to_pylist()


def order_of(values: list[str | None], key: KeepKey) -> list[str | None]:
    """Values of a column in the order of one key; equal ones as they were."""
    ids = [f"{n:03d}" for n in range(len(values))]
    column = key.rpartition(":")[0]
    batch = pa.table({"id": ids, column: pa.chunked_array([pa.array(values, pa.string())])})
    return [values[int(one)] for one in best_first(batch, (key,))]


@given(rows=ROWS, keep=KEEP, ids=st.permutations(range(12)))
def test_best_first(rows: list[dict], keep: tuple, ids: list[int], make_corpus: Callable) -> None:
    named = [{"id": f"今{ids[n]:02d}", **row} for n, row in enumerate(rows)]

    def order(row: dict) -> tuple:
        size = len(row["text"].encode())
        place = {"web": 0, "books": 1, "forum": 2}[row["source"]]
        values = {"real": ORIGINS.index(row["origin"]), "length:high": -size, "length:low": size}
        return (*((values | {"source:web, books": place})[key] for key in keep), row["id"])

    assert best_first(make_corpus(named), keep) == [row["id"] for row in sorted(named, key=order)]


def test_real_is_first_unless_a_job_says_otherwise() -> None:
    assert [op().keep[0] for op in (ExactDedup, NearDedup)] == ["real", "real"]


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("score:high", ["9", "10", None, "x", "-1", "NaN", ""], ["10", "9", "-1", None, "x", "NaN", ""]),
        ("score:low", ["9", "10", None, "x", "-1", "NaN", ""], ["-1", "9", "10", None, "x", "NaN", ""]),
        (
            "score:high",
            [" 2 ", "1e3", "+4.5", ".5", "5.", "1,000", "0x9", "inf"],
            ["1e3", "5.", "+4.5", " 2 ", ".5", "1,000", "0x9", "inf"],
        ),
        ("score:low", ["0", "-0", "-0.0", "1e-400"], ["0", "-0", "-0.0", "1e-400"]),
        ("score:high", ["1e308", "-1e308", "1e400", "bad"], ["1e400", "1e308", "-1e308", "bad"]),
        ("score:high", ["", None], ["", None]),
        ("score:high", [], []),
        (
            "day:earliest",
            ["2026-02-01", None, "2025-12-31", "soon", ""],
            ["2025-12-31", "2026-02-01", None, "soon", ""],
        ),
        ("day:latest", ["2026-02-01", None, "2025-12-31", "soon", ""], ["2026-02-01", "2025-12-31", None, "soon", ""]),
        # 2026-01-01T23:30-05:00 is 04:30 of the second in UTC
        (
            "day:earliest",
            ["2026-01-02", "2026-01-01T23:30:00-05:00", "2026-01-02T05:00:00+08:00", "2026-01-02T00:00:01Z"],
            ["2026-01-02T05:00:00+08:00", "2026-01-02", "2026-01-02T00:00:01Z", "2026-01-01T23:30:00-05:00"],
        ),
        ("day:earliest", ["2026-05-02", "2026", "2026-05", "20260501"], ["2026", "2026-05", "20260501", "2026-05-02"]),
        ("day:latest", ["1969-12-31", "1970-01-01", "0000-00-00"], ["1970-01-01", "1969-12-31", "0000-00-00"]),
        ("a:b:latest", ["2025", "2026"], ["2026", "2025"]),
    ],
)
def test_keys_of_columns(key: str, values: list, expected: list) -> None:
    assert order_of(values, key) == expected


@given(st.lists(st.floats() | st.integers(), max_size=20), st.sampled_from(["high", "low"]))
def test_numbers_are_in_order(values: list[float], way: str) -> None:
    texts = [repr(value) for value in values]
    sign = -1 if way == "high" else 1
    finite = [math.isfinite(value) for value in values]  # inf and nan are words
    expected = sorted(range(len(texts)), key=lambda n: (not finite[n], sign * float(values[n]) if finite[n] else 0, n))
    assert order_of(texts, f"score:{way}") == [texts[n] for n in expected]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([3, None, 10], pa.int8()),
        pa.array([3, None, 10], pa.uint64()),
        pa.array([3.0, np.nan, 10.5]),
        pa.array([3.0, np.inf, 10.5], pa.float32()),
        pa.array(["3", None, "10"]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)
def test_a_column_that_a_step_adds_has_any_type(column: pa.Array) -> None:
    batch = pa.table({"id": ["a", "b", "c"], "score": column})
    assert best_first(batch, ("score:high",)) == ["c", "a", "b"]
    assert best_first(batch, ("score:low",)) == ["a", "c", "b"]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ns", "Asia/Shanghai")])
def test_dates_of_any_type(kind: pa.DataType) -> None:
    days = pa.array([datetime(2026, 5, 1, tzinfo=UTC), None, datetime(2025, 5, 1, tzinfo=UTC)]).cast(kind)
    batch = pa.table({"id": ["a", "b", "c"], "day": days})
    assert best_first(batch, ("day:latest",)) == ["a", "c", "b"]


ZONES = st.none() | st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments=st.lists(st.datetimes(timezones=ZONES), max_size=10), basic=st.booleans(), letter=st.sampled_from("T t"))
def test_instants_are_python_s(moments: list[datetime], letter: str, *, basic: bool) -> None:
    texts = [moment.isoformat(letter) for moment in moments]
    if basic:
        texts = [moment.strftime("%Y%m%dT%H%M%S.%f%z") for moment in moments if moment.year >= 1000]
        moments = [moment for moment in moments if moment.year >= 1000]
    utc = [(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) for moment in moments]
    expected = [(moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for moment in utc]
    found = instants(pa.chunked_array([pa.array(texts, pa.string())]))
    assert found.astype(np.int64).tolist() == expected


@pytest.mark.parametrize(
    "text",
    [
        *("2026-13-01", "2026-00-01", "2026-02-30", "2025-02-29", "2026-01-00", "0000-00-00", "26-01-01", "2026-1-1"),
        *("2026-01-01T24:00", "2026-01-01T23:60", "2026-01-01T23:00:61", "2026-01-01T", "2026-01-01T10", "2026T10:00"),
        *("2026-01-01T10:00+24:00", "2026-01-01T10:00+01:60", "2026-01-01T10:00 UTC", "2026-01-01+01:00", "202605"),
        *(
            "1714521600",
            "1714521600000",
            "yesterday",
            "",
            " ",
            "２０２６-01-01",
            "二〇二六年",
            "2026-01-01\n2026-01-02",
        ),
    ],
)
def test_no_moment(text: str) -> None:
    assert np.isnat(instants(pa.chunked_array([[text]]))).all()
    assert np.isnan(numbers(pa.chunked_array([[text]]))).all() or text.isdigit()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2024-02-29", "2024-02-29T00:00:00+00:00"),
        (" 2026-05-01 ", "2026-05-01T00:00:00+00:00"),
        ("2026-05-01T10:00", "2026-05-01T10:00:00+00:00"),
        ("2026-05-01 10:00:00Z", "2026-05-01T10:00:00+00:00"),
        ("2026-05-01T10:00:00 +0800", "2026-05-01T02:00:00+00:00"),
        ("2026-05-01T10:00:00+08", "2026-05-01T02:00:00+00:00"),
        ("2026-05-01T10:00:00,123456789z", "2026-05-01T10:00:00.123456+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("20260501T100000Z", "2026-05-01T10:00:00+00:00"),
    ],
)
def test_moments(text: str, same: str) -> None:
    found = instants(pa.chunked_array([[text]]))
    assert found.astype("datetime64[us]").tolist() == [datetime.fromisoformat(same).replace(tzinfo=None)]


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("length:hgh", "length:high"),
        ("length", "length:low"),
        ("rael", "real"),
        ("score:max", None),
        ("published:earlist", "published:earliest"),
        ("source:", None),
        ("source:web,", None),
        (":high", "length:high"),
        ("real\n", "real"),
    ],
)
def test_a_wrong_key_is_told_with_the_nearest(key: str, near: str | None) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(KeepKey).validate_python(key)
    told = str(raised.value)
    assert "expected 'real', 'source:NAME,NAME', 'length:high'" in told
    assert ("did you mean" in told) == (near is not None)
    assert near is None or f"did you mean {near!r}?" in told


def test_an_op_needs_the_columns_of_its_keys() -> None:
    keep = ("real", "source:web", "length:low", "score:high", "score:low", "a:b:latest")
    assert columns_of(keep) == ("source", "score", "a:b")
    assert NearDedup(keep=keep).needs == ("text", "origin", "source", "score", "a:b")
    assert ExactDedup(keep=keep, on="url").needs == ("text", "origin", "url", "source", "score", "a:b")
    assert NearDedup().needs == NearDedup.reads
