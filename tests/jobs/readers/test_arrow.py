from typing import Any

import pyarrow as pa
import pytest
from pyarrow import feather

from jobs.readers import arrow
from jobs.readers.records import BadShard

COLUMNS = {"id": "uid", "text": "text", "url": "url"}
TABLE = pa.table({"text": ["a", "中文", None, "d"], "uid": [1, 2, 3, 4], "other": [b"", b"", b"", b""]})


def packed(table: pa.Table, kind: str, rows: int | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    with (pa.ipc.new_file if kind == "file" else pa.ipc.new_stream)(sink, table.schema) as writer:
        writer.write_table(table, rows)
    return bytes(sink.getvalue())


def read(data: bytes, **options: Any) -> tuple[list[dict[str, Any]], dict[int, str]]:
    found = list(arrow.read(pa.BufferReader(data), COLUMNS, **options))
    rows = [row for one in found for row in one.rows.to_pylist()]
    return rows, {bad.position: bad.reason for one in found for bad in one.unreadable}


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize("rows", [None, 1, 3])
def test_files_and_streams(kind: str, rows: int | None) -> None:
    found, aside = read(packed(TABLE, kind, rows))
    assert found == [
        {"position": 0, "id": "1", "text": "a"},
        {"position": 1, "id": "2", "text": "中文"},
        {"position": 3, "id": "4", "text": "d"},
    ]
    assert aside == {2: "text_null"}


@pytest.mark.parametrize("compression", ["lz4", "zstd", "uncompressed"])
def test_feather(compression: str) -> None:
    sink = pa.BufferOutputStream()
    feather.write_feather(TABLE, sink, compression=compression)
    assert len(read(bytes(sink.getvalue()))[0]) == 3


def test_pages_stay_bytes() -> None:
    table = pa.table({"text": pa.array(["中文".encode("gbk")], pa.binary())})
    assert read(packed(table, "file"), text_as="bytes")[0] == [{"position": 0, "text": "中文".encode("gbk")}]
    assert read(packed(table, "file")) == ([], {0: "invalid_utf8"})


def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "BATCH_BYTES", 1000)
    table = pa.table({"text": ["x" * 100] * 100})
    batches = list(arrow.read(pa.BufferReader(packed(table, "file")), COLUMNS))
    assert [row["position"] for one in batches for row in one.rows.to_pylist()] == list(range(100))
    assert len(batches) > 10


def test_damage_costs_one_batch_of_a_file_and_the_rest_of_a_stream() -> None:
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    for kind, left in (("file", {0, 2, 3}), ("stream", {0})):
        sink = pa.BufferOutputStream()
        made = (pa.ipc.new_file if kind == "file" else pa.ipc.new_stream)(sink, TABLE.schema, options=options)
        with made as writer:
            for n in range(4):
                writer.write_table(pa.table({"text": [f"text {n} " * 50], "uid": [n], "other": [b""]}))
        data = bytearray(sink.getvalue())
        frames = [at for at in range(len(data)) if data[at : at + 4] == b"\x28\xb5\x2f\xfd"]
        for at in frames[len(frames) // 4 : len(frames) // 2]:
            data[at : at + 4] = b"\0\0\0\0"
        rows, aside = read(bytes(data))
        assert {row["position"] for row in rows} == left
        assert aside == {1: "unreadable_rows"}


@pytest.mark.parametrize("data", [b"", b"no arrow file", b"ARROW1 and no more", packed(TABLE, "file")[:200]])
def test_no_arrow_file(data: bytes) -> None:
    with pytest.raises(BadShard, match="not_arrow"):
        read(data)


def test_no_text() -> None:
    with pytest.raises(BadShard, match="no_text_column: no column 'text'; the shard has: body"):
        read(packed(pa.table({"body": ["a"]}), "file"))
