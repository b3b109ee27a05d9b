"""The side file of formats that hold little beside the text: every other column, by the row of the shard."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from jobs.formats.contract import Write
from jobs.formats.settings import Release
from jobs.outbox import Outbox

COLUMNS = "columns"

_ROW = pa.field("row", pa.int64(), nullable=False)


@contextmanager
def columns_beside(outbox: Outbox, schema: pa.Schema, release: Release) -> Iterator[Write]:
    """Write the columns of a shard's documents but their text, in Parquet."""
    fields = [field for field in schema if field.name != "text"]
    rows = 0
    with outbox.parquet(COLUMNS, pa.schema([_ROW, *fields]), zstd_level=release.zstd_level) as write_columns:

        def write(table: pa.Table) -> None:
            nonlocal rows
            numbers = pa.array(np.arange(rows, rows + table.num_rows))
            rows += table.num_rows
            write_columns(
                pa.table([numbers, *(table[field.name] for field in fields)], schema=pa.schema([_ROW, *fields]))
            )

        yield write
