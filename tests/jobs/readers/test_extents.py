"""Where records lie: the bytes that an extent names are the very record, of every kind and compression."""

import gzip
import io
import json
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_files import html_record, others, packed

from jobs.readers import blocks, jsonl
from jobs.readers.extents import extents
from jobs.readers.html_settings import Html

PACK: dict[str, Callable[[bytes], bytes]] = {"none": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}


def found(data: bytes, kind: str, positions: Iterable[int], compression: str = "none") -> dict[int, Any]:
    return extents(pa.BufferReader(data), kind, compression, [*positions], Html())


def cut(data: bytes, extent: dict[str, int]) -> bytes:
    return data[extent["begin"] : extent["end"]]


@pytest.mark.parametrize("compression", PACK)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=40)), st.sampled_from([b"", b"\n"]), st.integers(1, 64))
def test_lines_of_json(compression: str, bom: bytes, texts: list[str], end: bytes, block_bytes: int) -> None:
    lines = [json.dumps({"text": text}, ensure_ascii=False).encode() if text else b"" for text in texts]
    data = bom + b"\n".join(lines) + end
    packed_data = PACK[compression](data[:50]) + PACK[compression](data[50:])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks.line_blocks, "__defaults__", (block_bytes,))
        read = [row for batch in jsonl.read(pa.BufferReader(data), {"text": "text"}) for row in batch.rows.to_pylist()]
        told = found(packed_data, "jsonl", [row["position"] for row in read], compression) if read else {}
    assert [json.loads(cut(data, told[row["position"]]))["text"] for row in read] == [row["text"] for row in read]


def test_no_more_of_a_file_is_read_than_is_asked_for() -> None:
    class Opened(io.BytesIO):
        furthest = 0

        def read(self, size: int | None = -1) -> bytes:
            given = super().read(size)
            self.furthest = max(self.furthest, self.tell())
            return given

    file = Opened(b'{"text": "a line of some sixty bytes, as many of them as are a lot"}\n' * 1_500_000)
    assert extents(pa.PythonFile(file, "r"), "jsonl", "none", [7], Html()) == {7: {"begin": 483, "end": 551}}
    assert file.furthest < 2 * blocks.BATCH_BYTES


def test_lines_before_a_damage_are_found_and_those_that_are_not_there_are_not() -> None:
    data = b'{"text": "a"}\n' * 1000
    damaged = zstandard.compress(data) + zstandard.compress(data)[:-9]
    told = found(damaged, "jsonl", [3, 999, 5000], "zstd")
    assert told == {3: {"begin": 42, "end": 55}, 999: {"begin": 999 * 14, "end": 999 * 14 + 13}}
    assert found(b"", "jsonl", [0]) == {}


@pytest.mark.parametrize("compression", PACK)
def test_warc_records_also_behind_one_that_is_broken(compression: str) -> None:
    records = [*others(), html_record(0), html_record(1)[:-300] + b"\r\n\r\n", html_record(2)]
    told = found(packed(records, compression), "warc", range(len(records)), compression)
    assert sorted(told) == [0, 1, 2, 3, 4, 5, 6, 7, 9]
    whole = b"".join(records)
    assert [cut(whole, told[n]) for n in told] == [records[n].removesuffix(b"\r\n\r\n") for n in told]


def test_rows_of_tables() -> None:
    table = pa.table({"text": ["a", "b", "c", "d", "e"]})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=2)
    expected = {"row": 1}, {"row": 0}
    told = found(sink.getvalue(), "parquet", [1, 4, 9])
    assert told == {1: {"row_group": 0, **expected[0]}, 4: {"row_group": 2, **expected[1]}}
    arrow = io.BytesIO()
    with pa.ipc.new_file(arrow, table.schema) as write:
        write.write_table(table, max_chunksize=2)
    told = found(arrow.getvalue(), "arrow", [1, 4, 9])
    assert told == {1: {"record_batch": 0, **expected[0]}, 4: {"record_batch": 2, **expected[1]}}


def test_a_file_that_is_one_document_and_kinds_that_tell_none() -> None:
    assert found(gzip.compress("天地".encode()), "text", [0], "gzip") == {0: {"begin": 0, "end": 6}}
    assert found(b"text\na\n", "csv", [0]) == {}
