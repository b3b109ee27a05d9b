"""Release shards: the documents left, in order of source, shard and position, cut into files of a stated size.

A shard holds the documents whose text begins within its range of the corpus's bytes. The ranges follow from each
unit's bytes alone, so shards are planned without reading text, and written in parallel.
"""

import bisect
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import zstandard

from jobs.commits import Unit, digest
from jobs.documents import release_schema
from jobs.held import Held, read_held
from jobs.outbox import Outbox
from jobs.spec import Release
from jobs.storage import open_storage

# A fifth smaller than level 1, at twice its time; a release is written once and read many times.
_ZSTD_LEVEL = 3

Write = Callable[[pa.Table], None]


@dataclass(frozen=True)
class Part:
    """The documents of one unit whose text begins within a range of the unit's bytes."""

    held: Held
    begin: int
    end: int


@dataclass(frozen=True)
class Shard:
    """What one release file holds."""

    parts: tuple[Part, ...]


def plan_shards(held: Sequence[Held], shard_bytes: int) -> list[Shard]:
    """Cut the corpus into shards of `shard_bytes` of text each, the last one smaller; none for an empty corpus."""
    some = [one for one in held if one.rows]
    ends = list(accumulate(one.bytes for one in some))
    # Documents without text begin at the end of the one before; one more byte takes those at the very end in.
    total = ends[-1] + 1 if ends else 0
    return [_shard(some, ends, begin, min(begin + shard_bytes, total)) for begin in range(0, total, shard_bytes)]


def shard_units(shards: Sequence[Shard]) -> list[Unit]:
    """Name each shard by what it reads."""
    return [Unit(_name(shard), {}, sum(part.end - part.begin for part in shard.parts)) for shard in shards]


def write_shard(
    unit: Unit,
    outbox: Outbox,
    *,
    shards: dict[str, Shard],
    release: Release,
    columns: tuple[pa.Field, ...],
    storage_url: str,
) -> dict[str, Any]:
    """Write one release file in the format asked for."""
    storage = open_storage(storage_url)
    schema = release_schema(columns)
    rows = size = 0
    with _FORMATS[release.format](outbox, schema) as write:
        for part in shards[unit.name].parts:
            offset = 0
            for batch in read_held(storage, part.held):
                ends = offset + np.cumsum(np.asarray(batch["text_bytes"]))
                begins = ends - np.asarray(batch["text_bytes"])
                offset = int(ends[-1])
                first, last = np.searchsorted(begins, [part.begin, part.end])
                if first < last:
                    chosen = batch.slice(first, last - first)
                    rows += chosen.num_rows
                    size += int(np.asarray(chosen["text_bytes"]).sum())
                    write(chosen.select(schema.names).cast(schema))
                if offset >= part.end:
                    break
    return {"rows_in": rows, "bytes_in": size, "rows_kept": rows}


def _shard(held: list[Held], ends: list[int], begin: int, end: int) -> Shard:
    parts = []
    for n in range(bisect.bisect_left(ends, begin), len(held)):
        start = ends[n] - held[n].bytes
        if start >= end:
            break
        # A unit's last range takes what begins at its very end: documents without text.
        until = held[n].bytes + 1 if ends[n] < end else end - start
        if max(0, begin - start) < until:
            parts.append(Part(held[n], max(0, begin - start), until))
    return Shard(tuple(parts))


def _name(shard: Shard) -> str:
    return digest([[part.held.unit, part.held.identity(), part.begin, part.end] for part in shard.parts])


@contextmanager
def _parquet(outbox: Outbox, schema: pa.Schema) -> Iterator[Write]:
    with outbox.parquet("shard", schema, zstd_level=_ZSTD_LEVEL) as write:
        yield write


@contextmanager
def _jsonl_zst(outbox: Outbox, schema: pa.Schema) -> Iterator[Write]:  # noqa: ARG001 - as the other formats
    with (
        outbox.file("shard", place="data", suffix="jsonl.zst") as (path, count),
        path.open("wb") as file,
        zstandard.ZstdCompressor(level=_ZSTD_LEVEL).stream_writer(file, closefd=False) as compressed,
    ):

        def write(table: pa.Table) -> None:
            count(table.num_rows)
            lines = io.BytesIO()
            for row in table.to_pylist():
                lines.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            compressed.write(lines.getbuffer())

        yield write


_FORMATS: dict[str, Callable[[Outbox, pa.Schema], AbstractContextManager[Write]]] = {
    "parquet": _parquet,
    "jsonl.zst": _jsonl_zst,
}
