"""JSON lines in one zstd frame: a line for each document."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pyarrow as pa
import zstandard

from jobs.formats.contract import BY_DATASETS, SHARD, Format, Write
from jobs.formats.settings import Release
from jobs.outbox import Outbox


@contextmanager
def _write(outbox: Outbox, schema: pa.Schema, release: Release) -> Iterator[Write]:
    del schema
    with (
        outbox.file(SHARD, place="data", suffix="jsonl.zst") as (path, count),
        path.open("wb") as file,
        zstandard.ZstdCompressor(level=release.zstd_level).stream_writer(file, closefd=False) as compressed,
    ):

        def write(table: pa.Table) -> None:
            count(table.num_rows)
            lines = io.BytesIO()
            for row in table.to_pylist():
                lines.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            compressed.write(lines.getbuffer())

        yield write


JSONL_ZST = Format(_write, {SHARD: "jsonl.zst"}, opened_by=BY_DATASETS, is_for_datasets=True)
