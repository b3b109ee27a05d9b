"""Rows as a raw shard of a job under test, and the documents that its release has of them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq


def stored(folder: Path, rows: list[dict[str, Any]], kind: str = "jsonl") -> None:
    """Write the one shard of `raw`: of JSON lines, CSV, Parquet, or Arrow as a file or as a stream."""
    raw = folder / "raw"
    raw.mkdir()
    if kind == "jsonl":
        (raw / "a.jsonl").write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
    elif kind == "csv":
        pc.write_csv(pa.Table.from_pylist(rows), raw / "a.csv")
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), raw / "a.parquet")
    else:
        table = pa.Table.from_pylist(rows)
        write = {"arrow": pa.ipc.new_file, "arrow stream": pa.ipc.new_stream}[kind]
        with write(raw / "a.arrow", table.schema) as writer:
            writer.write_table(table)


def released(folder: Path) -> list[dict[str, Any]]:
    return pq.read_table(folder / "out/releases/0001/data").to_pylist()
