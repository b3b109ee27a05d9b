import gzip
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.readers import csv, csv_rows
from jobs.readers.records import BadShard

COLUMNS = {"text": "text", "id": "id", "url": "link"}


def read(data: bytes, columns: dict[str, str] = COLUMNS, compression: str = "none") -> tuple[list[Any], list[Any]]:
    """All rows without their nulls, and (position, reason, raw) of all else."""
    batches = list(csv.read(pa.BufferReader(data), columns, compression))
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    return rows, [(entry.position, entry.reason, entry.raw) for batch in batches for entry in batch.unreadable]


def texts(data: bytes, **settings: Any) -> tuple[list[Any], list[Any]]:
    rows, aside = read(data, **settings)
    return [(row["position"], row["text"]) for row in rows], [entry[:2] for entry in aside]


@pytest.mark.parametrize(
    ("data", "good", "aside"),
    [
        (b"", [], []),
        (b"\n", [], []),
        (b"id,text", [], []),
        (b"id,text\n", [], []),
        (b"id,text\n1,a", [(0, "a")], []),
        (b"\xef\xbb\xbftext,id\r\na,1\r\n", [(0, "a")], []),
        (b'id,text\n1,"a\nb"\n2,"c ""d"""\n', [(0, "a\nb"), (1, 'c "d"')], []),
        (b"id,text\n1,\n", [(0, "")], []),
        (b"id,text\n1,a\n\n2,b\n", [(0, "a"), (1, "b")], []),
        (b"\nid,text\n1,a\n2\n", [(0, "a")], [(1, "wrong_field_count")]),
        (b"id,text\n1,a\n2\n3,c\n4,d,e\n", [(0, "a"), (2, "c")], [(1, "wrong_field_count"), (3, "wrong_field_count")]),
        (b"id,text\n1,a\n\xff\n3,c\n", [(0, "a"), (2, "c")], [(1, "wrong_field_count")]),
        (b"id,text\n1,a\n2,b\xff\n3,c\n", [(0, "a"), (2, "c")], [(1, "invalid_utf8")]),
        (b"id,text\n1,a\n\xff,b\n3,c\n", [(0, "a"), (2, "c")], [(1, "invalid_utf8")]),
        (b'id,text\n1,a\n2,"b\n3,c\n', [(0, "a")], [(1, "unreadable_rows")]),
        (b"text\na\nb\n", [(0, "a"), (1, "b")], []),
        ("id,text\n1,中文\n".encode(), [(0, "中文")], []),
    ],
)
def test_records(data: bytes, good: list[Any], aside: list[Any]) -> None:
    assert texts(data) == (good, aside)


def test_a_bad_row_costs_only_itself() -> None:
    lines = [b"%d,text %d" % (n, n) for n in range(10)]
    lines[4] = b"4,text \xff"
    rows, aside = read(b"id,text\n" + b"\n".join(lines))
    assert len(rows) == 9
    assert aside == [(4, "invalid_utf8", b"4,text \xff")]


def test_raw_bytes_are_those_of_the_file() -> None:
    assert read(b"id,text\n1,a,\xff\n")[1] == [(0, "wrong_field_count", b"1,a,\xff")]


def test_an_empty_value_is_null_but_an_empty_text_is_a_text() -> None:
    assert read(b"id,text,link\n,,\n")[0] == [{"position": 0, "text": "", "id": None, "url": None}]


def test_a_column_that_the_header_lacks_is_absent() -> None:
    assert read(b"id,text\n1,a\n")[0] == [{"position": 0, "text": "a", "id": "1"}]


def test_a_shard_without_text_names_its_columns() -> None:
    with pytest.raises(BadShard, match=r"no_text_column.*'text'.*id, body"):
        read(b"id,body\n1,a\n")


def test_stated_but_not_compressed() -> None:
    with pytest.raises(BadShard, match="not_gzip"):
        read(b"id,text\n1,a\n", compression="gzip")


@pytest.mark.parametrize("missing", range(9, 80, 3))
def test_truncated_gzip_keeps_whole_rows(missing: int) -> None:
    data = b"id,text\n" + b"".join(b'%d,"line %d\nof %d"\n' % (n, n, n * n) for n in range(40))
    good, aside = texts(gzip.compress(data, mtime=0)[:-missing], compression="gzip")
    assert good == [(n, f"line {n}\nof {n * n}") for n in range(len(good))]
    assert aside == [(len(good), "truncated")]


def test_truncated_in_the_header() -> None:
    assert read(gzip.compress(b"id,text" * 3)[:14], compression="gzip")[1][0][:2] == (0, "truncated")


@pytest.mark.parametrize("length", [100, 200, 5_000])
def test_a_row_longer_than_a_block_is_read_with_larger_blocks(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(csv, "BATCH_BYTES", 64)
    monkeypatch.setattr(csv, "_BLOCK_BYTES_MAX", 1024)
    data = b"id,text\n" + b"1,a\n" * 30 + b"2\n" + b'3,"' + b"x" * length + b'"\n4,b\n'
    good, aside = texts(data)
    fits = length < 1000
    expected = [*((n, "a") for n in range(30)), (31, "x" * length), (32, "b")]
    assert good == (expected if fits else good[: len(good)])
    assert (30, "wrong_field_count") in aside or not fits
    assert len(aside) == 1 if fits else aside[-1][1] == "unreadable_rows"
    assert good == expected[: len(good)]
    assert len(good) >= 1


FIELDS = st.sampled_from([b"a", b"", b'"q"', b'"x\ny"', b'"c,d"', b"\xff", b"b\xc3", "é".encode(), b'"\xff\n"'])


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=3), max_size=12), st.sampled_from([32, 64, 1 << 20]))
def test_every_row_is_accounted_for_and_blocks_do_not_matter(rows: list[Any], block_bytes: int) -> None:
    rows = [row for row in rows if row != [b""]]
    data = b"id,text\n" + b"".join(b",".join(row) + b"\n" for row in rows)
    expected = {}
    for position, row in enumerate(rows):
        if len(row) != 2:
            expected[position] = "wrong_field_count"
        else:
            expected[position] = "invalid_utf8" if any(b"\xff" in f or b"b\xc3" in f for f in row) else "good"
    found = {}
    for batch, _ in csv_rows.read_rows(
        csv.Stream(pa.BufferReader(data), "none"), {"text": "text", "id": "id"}, block_bytes, 0
    ):
        new = dict.fromkeys(batch.rows["position"].to_pylist(), "good")
        new |= {entry.position: entry.reason for entry in batch.unreadable}
        assert min(new, default=len(rows)) > max(found, default=-1)
        found |= new
    assert found == expected
