"""Parquet: each batch a row group, compressed with zstd."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from jobs.formats.contract import BY_DATASETS, SHARD, Format, Write
from jobs.formats.settings import Release
from jobs.outbox import Outbox


@contextmanager
def _write(outbox: Outbox, schema: pa.Schema, release: Release) -> Iterator[Write]:
    with outbox.parquet(SHARD, schema, zstd_level=release.zstd_level) as write:
        yield write


PARQUET = Format(_write, {SHARD: "parquet"}, opened_by=BY_DATASETS, is_for_datasets=True)
