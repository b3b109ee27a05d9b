import gzip
import json
from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.readers import blocks, jsonl
from jobs.readers.json_lines import by_line
from jobs.readers.json_tables import by_table
from jobs.readers.records import BadShard

Pack = Callable[[bytes], bytes]
COLUMNS = {"text": "text", "id": "uid"}


def read(data: bytes, columns: dict[str, str] = COLUMNS, compression: str = "none") -> tuple[list[Any], list[Any]]:
    batches = list(jsonl.read(pa.BufferReader(data), columns, compression))
    return [row for b in batches for row in b.rows.to_pylist()], [entry for b in batches for entry in b.unreadable]


def reason_of(line: bytes) -> str:
    rows, aside = read(b'{"text":"before"}\n' + line + b'\n{"text":"after"}\n')
    assert [rows[0]["text"], rows[-1]["text"]] == ["before", "after"]
    assert [entry.position for entry in aside] == ([1] if aside else [])
    assert not aside or aside[0].raw == line
    return aside[0].reason if aside else rows[1]["text"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"uid":1}', "text_null"),
        (b"{}", "text_null"),
        (b'{"text":null}', "text_null"),
        (b'{"text":5}', "text_not_string"),
        (b'{"text":["a"]}', "text_not_string"),
        (b'{"text":true}', "text_not_string"),
        (b'{"text":"\xff"}', "invalid_utf8"),
        (b'{"text":"a","other":"\xff"}', "invalid_utf8"),
        (b'{"text":"\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"text":"\\ud800"}', "broken_json"),
        (b'{"text":"a"', "broken_json"),
        (b'{"text":"a"}{"text":"b"}', "broken_json"),
        (b'{"text":"a"}null', "broken_json"),
        (b'{"text":"a"}\r{"text":"b"}', "broken_json"),
        (b'{"text":"a","n":NaN}', "broken_json"),
        (b'{"text":"a","n":-Infinity }', "broken_json"),
        (b'{"text":"a","n":' + b"[" * 1100 + b"]" * 1100 + b"}", "broken_json"),
        (b'\xef\xbb\xbf{"text":"a"}', "broken_json"),
        (b"null", "not_an_object"),
        (b'["text"]', "not_an_object"),
        (b"7", "not_an_object"),
        (b'{"text":""}', ""),
        (b'{"text":"a\\u0000b"}', "a\0b"),
        (b'{"text":"\\ud83d\\ude00"}', "😀"),
        (b'{"text":"a","text":"b"}', "b"),
        (b'{"\\u0074ext":"a"}', "a"),
        ('{"text":"中文"}'.encode(), "中文"),
    ],
)
def test_one_line_between_good_ones(line: bytes, reason: str) -> None:
    assert reason_of(line) == reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7", "7"),
        ('"7"', "7"),
        ("null", None),
        ("1.5", "1.5"),
        ("true", "true"),
        ("false", "false"),
        ('{"b": [1, 2.0]}', '{"b":[1,2.0]}'),
        ("[]", "[]"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("18446744073709551615", "18446744073709551615"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e30", "1e+30"),
    ],
)
@pytest.mark.parametrize("neighbours", [b"", b'{"text":"a","uid":4}\n', b'{"text":"a"}\n'])
def test_values_become_text(value: str, text: str | None, neighbours: bytes) -> None:
    rows, aside = read(neighbours + b'{"text":"a","uid":' + value.encode() + b"}")
    assert (rows[-1]["id"], aside) == (text, [])


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\t\n"])
@pytest.mark.parametrize("compress", [None, gzip.compress, zstandard.compress])
def test_nothing_is_no_record(data: bytes, compress: Pack) -> None:
    name = {None: "none", gzip.compress: "gzip", zstandard.compress: "zstd"}[compress]
    assert read(compress(data) if compress else data, compression=name) == ([], [])


def test_empty_compressed_file() -> None:
    assert read(b"", compression="gzip") == read(b"", compression="zstd") == ([], [])


def test_blank_lines_are_counted_and_marks_and_returns_ignored() -> None:
    rows, aside = read(b'\xef\xbb\xbf{"text":"a"}\r\n\r\n\n{"text":"b"}\n  \n{"text":"c"}')
    assert [(row["position"], row["text"]) for row in rows] == [(0, "a"), (3, "b"), (5, "c")]
    assert aside == []


def test_a_bad_line_costs_only_itself() -> None:
    lines = [b'{"text":"%d"}' % n for n in range(10)]
    lines[4] = b'{"text":"\xff"}'
    rows, aside = read(b"\n".join(lines))
    assert [row["position"] for row in rows] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert [(entry.position, entry.reason, entry.raw) for entry in aside] == [(4, "invalid_utf8", lines[4])]


def test_a_line_longer_than_a_block() -> None:
    long = b'{"text":"' + b"x" * (17 << 20) + b'"}\n'
    batches = list(jsonl.read(pa.BufferReader(b'{"text":"a"}\n' + long + b'{"text":"b"}\n' + long[:-3]), COLUMNS))
    positions = [position for batch in batches for position in batch.rows["position"].to_pylist()]
    assert positions == [0, 1, 2]
    (entry,) = [entry for batch in batches for entry in batch.unreadable]
    assert (entry.position, entry.reason, len(entry.raw)) == (3, "broken_json", 65_536)


def test_positions_go_on_over_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "line_blocks", lambda chunks: blocks.line_blocks(chunks, block_bytes=50))
    monkeypatch.setattr("jobs.readers.compression.READ_BYTES", 17)
    data = b"".join(b'{"text":"%d"}\n\n' % n for n in range(40))
    batches = list(jsonl.read(pa.BufferReader(data), COLUMNS))
    assert len(batches) > 10
    rows = [(row["position"], row["text"]) for batch in batches for row in batch.rows.to_pylist()]
    assert rows == [(2 * n, str(n)) for n in range(40)]


def test_the_schema_does_not_depend_on_the_records() -> None:
    schemas = {
        str(b.rows.schema) for d in (b'{"text":"a"}', b'{"text":5}') for b in jsonl.read(pa.BufferReader(d), COLUMNS)
    }
    assert schemas == {"position: int64\ntext: string\nid: string"}


def test_stated_but_not_compressed() -> None:
    for name in ("gzip", "zstd"):
        with pytest.raises(BadShard, match=f"not_{name}"):
            read(b'{"text":"a"}', compression=name)


@pytest.mark.parametrize("missing", [1, 9, 30, 60, 200])
@pytest.mark.parametrize(("name", "compress"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_truncation_keeps_whole_lines_and_is_one_entry(name: str, compress: Pack, missing: int) -> None:
    parts = [b"".join(b'{"text":"%d"}\n' % (n * n) for n in range(k, k + 100)) for k in range(0, 300, 100)]
    packed = b"".join(map(compress, parts))[:-missing]
    rows, aside = read(packed, compression=name)
    assert [row["text"] for row in rows] == [str(n * n) for n in range(len(rows))]
    assert len(rows) >= 200
    assert [(entry.position, entry.reason) for entry in aside] == [(len(rows), "truncated")]
    assert b'{"text":"%d"}\n'.replace(b"%d", str(len(rows) ** 2).encode()).startswith(aside[0].raw)


NUMBERS = st.sampled_from(
    [
        "0",
        "-0",
        "1",
        "01",
        "1.0",
        "1e3",
        "1e999",
        "1e-400",
        "-",
        "+1",
        ".5",
        "5.",
        "9" * 19,
        "9" * 30,
        "9" * 400,
        "NaN",
        "Infinity",
        "Inf",
        "-Inf",
        "nan",
        "true",
        "null",
        "nul",
        "[]",
        "{}",
        "[null]",
        '{"text":"x"}',
        "[NaN]",
    ]
)
STRINGS = st.one_of(
    st.text().map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.text().map(json.dumps),
    st.sampled_from(
        ['"\\ud800"', '"\\ude00\\ud800"', '"\\x"', '"a\tb"', '"\\u0000"', '"}null"', '"NaN,"', '"\\/"', "'a'"]
    ),
)
KEYS = st.sampled_from(['"text"', '"uid"', '"other"', '"\\u0074ext"', '""'])
MEMBERS = st.builds(lambda k, s, v: k + ":" + s + v, KEYS, st.sampled_from(["", " "]), st.one_of(STRINGS, NUMBERS))
OBJECTS = st.lists(MEMBERS, max_size=4).map(lambda members: "{" + ",".join(members) + "}")
PLAIN = st.builds(lambda text, uid: orjson.dumps({"text": text, "uid": uid}), st.text(), st.integers(0, 2**63 - 1))
LINES = st.one_of(
    PLAIN,
    PLAIN,
    OBJECTS.map(lambda line: line.encode(errors="replace")),
    st.sampled_from([b"", b" ", b"\r", b"null", b"[1]", b"7", b"{}", b'{"text":"\xff"}', b'{"x":"\xff","text":"a"}'])
    | st.sampled_from(
        [b'{"text":"a"}{"text":"b"}', b'{"text":"a"} null {}', b'{"text":"a"', b'"uid":1}', b"\xef\xbb\xbf{}"]
    ),
    st.builds(lambda a, b: a + b, PLAIN, st.sampled_from([b"\r", b" ", b",", b"x", b"\0", b"}", b"null"])),
)


@settings(max_examples=600)
@given(st.lists(LINES, max_size=6), st.booleans())
def test_both_ways_agree_on_every_record(lines: list[bytes], newline: bool) -> None:  # noqa: FBT001
    block = b"\n".join(lines) + b"\n" * newline
    fast, slow = by_table(block, COLUMNS, 3), by_line(block, COLUMNS, 3)
    assert fast is None or (fast.rows.equals(slow.rows) and fast.unreadable == slow.unreadable)
    assert slow.rows.num_rows + len(slow.unreadable) == sum(bool(line.strip(b" \t\r")) for line in block.split(b"\n"))


@pytest.mark.parametrize("value", [b"0", b"true", b"1.5", b"[]"])
def test_text_that_is_no_text_anywhere_in_the_file(value: bytes) -> None:
    rows, aside = read(b"".join([b'{"text":', value, b"}\n"]) * 3)
    assert (rows, [entry.reason for entry in aside]) == ([], ["text_not_string"] * 3)


@given(st.lists(PLAIN, min_size=1), st.sampled_from([b"\n", b"\r\n", b"\n\n"]))
def test_good_lines_take_the_fast_way(lines: list[bytes], newline: bytes) -> None:
    assert by_table(newline.join(lines), COLUMNS, 0) is not None
