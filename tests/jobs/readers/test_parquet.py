import datetime as dt
import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.readers import parquet
from jobs.readers.records import BadShard

COLUMNS = {"text": "text", "id": "uid"}


def packed(table: pa.Table, **settings: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, write_batch_size=20, **settings)
    return out.getvalue()


def read(
    data: bytes, columns: dict[str, str] = COLUMNS, row_groups: range | None = None
) -> tuple[list[Any], list[Any]]:
    batches = list(parquet.read(pa.BufferReader(data), columns, row_groups))
    return [row for b in batches for row in b.rows.to_pylist()], [entry for b in batches for entry in b.unreadable]


def as_string(values: list[Any]) -> pa.Array:
    """Bytes under the name of a string column, as careless writers leave them."""
    return pa.array(values, pa.binary()).view(pa.string())


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
)
def test_every_kind_of_text(kind: pa.DataType) -> None:
    texts = pa.array(["a", "", "中文", None])
    texts = texts.dictionary_encode() if pa.types.is_dictionary(kind) else texts.cast(kind)
    rows, aside = read(packed(pa.table({"text": texts})))
    assert rows == [{"position": n, "text": text} for n, text in enumerate(["a", "", "中文"])]
    assert [(entry.position, entry.reason) for entry in aside] == [(3, "text_null")]


@pytest.mark.parametrize("dictionary", [True, False])
def test_a_bad_row_costs_only_itself(*, dictionary: bool) -> None:
    texts = as_string([b"bad \xff" if n == 4 else b"%d" % n for n in range(10)])
    rows, aside = read(packed(pa.table({"text": texts.dictionary_encode() if dictionary else texts})))
    assert [row["position"] for row in rows] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert [(entry.position, entry.reason, entry.raw) for entry in aside] == [(4, "invalid_utf8", b"bad \xff")]


def test_a_bad_byte_in_another_column() -> None:
    rows, aside = read(packed(pa.table({"text": ["a", "b"], "uid": as_string([b"\xff", None])})))
    assert rows == [{"position": 1, "text": "b", "id": None}]
    assert [(entry.position, entry.reason, entry.raw) for entry in aside] == [(0, "invalid_utf8", b"\xff")]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([7], "7"),
        ([1.5], "1.5"),
        ([True], "true"),
        ([dt.date(2026, 5, 1)], "2026-05-01"),
        ([[1, 2]], "[1,2]"),
        ([{"a": "é"}], '{"a":"é"}'),
        ([None], None),
    ],
)
def test_other_columns_become_text(values: list[Any], text: str | None) -> None:
    assert read(packed(pa.table({"text": ["a"], "uid": values})))[0][0]["id"] == text


def test_text_that_is_no_text() -> None:
    rows, aside = read(packed(pa.table({"text": [1, None]})))
    assert rows == []
    assert [(entry.position, entry.reason, entry.raw) for entry in aside] == [
        (0, "text_not_string", b"1"),
        (1, "text_not_string", b""),
    ]


def test_a_shard_without_text_names_its_columns() -> None:
    with pytest.raises(BadShard, match=r"no_text_column.*'text'.*body, uid"):
        read(packed(pa.table({"body": ["a"], "uid": [1]})))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"not parquet at all", packed(pa.table({"text": ["a"]}))[:-3]])
def test_not_parquet(data: bytes) -> None:
    for use in (read, lambda data: parquet.row_group_sizes(pa.BufferReader(data))):
        with pytest.raises(BadShard, match="not_parquet"):
            use(data)


def test_positions_count_the_whole_file() -> None:
    data = packed(pa.table({"text": [str(n) for n in range(10)]}), row_group_size=3)
    assert len(parquet.row_group_sizes(pa.BufferReader(data))) == 4
    rows, _ = read(data, row_groups=range(2, 4))
    assert [(row["position"], row["text"]) for row in rows] == [(n, str(n)) for n in range(6, 10)]


def test_no_rows() -> None:
    assert read(packed(pa.table({"text": pa.array([], pa.string())}))) == ([], [])


def test_batches_hold_about_the_stated_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_BYTES", 10_000)
    data = packed(pa.table({"text": [f"{n:0100}" for n in range(1_000)]}), use_dictionary=False, compression="none")
    sizes = [batch.rows.num_rows for batch in parquet.read(pa.BufferReader(data), COLUMNS)]
    assert sum(sizes) == 1_000
    assert {*sizes[:-1]} == {sizes[0]}
    assert 80 <= sizes[0] <= 100


def test_memory_does_not_grow_with_the_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_BYTES", 1_000_000)
    monkeypatch.setattr(parquet, "_BUFFER_BYTES", 1_000_000)
    texts = [bytes(noise) for noise in np.random.default_rng(0).integers(97, 123, (400, 100_000), np.uint8)]
    file = tmp_path / "one-group.parquet"
    pages = {"use_dictionary": False, "write_batch_size": 10, "data_page_size": 1_000_000}
    pq.write_table(pa.table({"text": pa.array(texts)}), file, compression="none", **pages)
    held = []
    with pa.OSFile(str(file)) as opened:
        before = pa.total_allocated_bytes()
        for _ in parquet.read(opened, {"text": "text"}):
            held.append(pa.total_allocated_bytes() - before)  # noqa: PERF401 - while each batch is there
    assert len(held) > 30
    assert max(held) < 12_000_000 < file.stat().st_size


def damaged(data: bytes, group: int, column: int, fill: bytes = b"\xff") -> bytes:
    """The file with the second half of one column chunk overwritten."""
    chunk = pq.ParquetFile(pa.BufferReader(data)).metadata.row_group(group).column(column)
    half = chunk.total_compressed_size // 2
    at = chunk.data_page_offset + half
    return data[:at] + fill * half + data[at + half :]


@pytest.mark.parametrize("codec", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("column", [0, 1])
def test_damage_costs_the_rest_of_its_row_group(codec: str, column: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_BYTES", 2_000)
    table = pa.table({"text": [f"text {n * n}" * 5 for n in range(900)], "uid": [f"id {n}" for n in range(900)]})
    data = packed(table, row_group_size=300, compression=codec, data_page_size=500, use_dictionary=False)
    rows, aside = read(damaged(data, 1, column))
    assert sorted([row["position"] for row in rows] + [entry.position for entry in aside]) == list(range(900))
    assert {entry.reason for entry in aside} == {"unreadable_rows"}
    assert 300 < aside[0].position < aside[-1].position == 599
    assert aside[0].raw.startswith(f"rows {aside[0].position} to 599 of row group 1".encode())
    assert all(row["text"] == table["text"][row["position"]].as_py() for row in rows)


class FailingFile(io.BytesIO):
    """Storage that fails once it is told to."""

    failing = False

    def read(self, size: int = -1) -> bytes:
        if self.failing:
            raise OSError("the network is down")
        return super().read(size)


def test_storage_that_fails_is_not_damage() -> None:
    data = packed(pa.table({"text": [str(n) for n in range(100)]}), row_group_size=50)
    file = FailingFile(data)
    batches = parquet.read(pa.PythonFile(file, "r"), COLUMNS)
    assert next(batches).rows.num_rows == 50
    file.failing = True
    with pytest.raises(OSError, match="network is down"):
        next(batches)


def test_any_damage_to_the_data_is_accounted_for() -> None:
    table = pa.table({"text": [f"text {n * n} " * 7 for n in range(300)], "uid": [f"id {n}" for n in range(300)]})
    data = packed(table, row_group_size=100, compression="snappy")
    chance = random.Random(5)
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.choice([1, 3, 30])):
            broken[chance.randrange(4, footer)] = chance.randrange(256)
        rows, aside = read(bytes(broken))
        positions = [row["position"] for row in rows] + [entry.position for entry in aside]
        assert sorted(positions) == list(range(300))


def test_a_footer_that_contradicts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_group_rows", lambda _: [3])
    with pytest.raises(BadShard, match="states 1 rows, its row groups 3"):
        read(packed(pa.table({"text": ["a"]})))
