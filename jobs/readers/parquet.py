"""A Parquet shard, or some of its row groups, in; Records out. Damage costs the rest of its row group alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.readers.records import (
    BATCH_BYTES,
    BadShard,
    Records,
    TextAs,
    Unreadable,
    no_text_column,
    only_unreadable,
    unreadable,
)
from jobs.readers.table_columns import table_records

# Dictionary pages make text look smaller than it is; this bounds how much larger a batch can become.
BATCH_ROWS_MAX = 65_536

# Column chunks are read in pieces of this size: memory does not grow with the row group. A store answers after 25 ms,
# which such a piece makes a fifth of.
_BUFFER_BYTES = 8 * 1024 * 1024

# What a damaged file makes Arrow raise. OSError is also what storage raises: `prove_readable` tells them apart.
# UnicodeDecodeError comes from names in a damaged footer.
_DAMAGE = (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError)


def read(
    file: pa.NativeFile,
    columns: Mapping[str, str],
    row_groups: range | None = None,
    text_as: TextAs = "plain",
) -> Iterator[Records]:
    """Read records in batches of about BATCH_BYTES; a batch does not cross row groups.

    columns: our name -> column in the file; those that the file lacks are absent from the result
    row_groups: the row groups to read, all by default; positions count the rows of the whole file in either case
    Raises BadShard if this is not a Parquet file or has no text column.
    """
    parquet = _open(file)
    found = parquet.schema_arrow.names
    if columns["text"] not in found:
        raise no_text_column(columns["text"], found)
    present = {name: column for name, column in columns.items() if column in found}
    for group in range(parquet.num_row_groups) if row_groups is None else row_groups:
        yield from _read_group(parquet, file, group, present, text_as)


def row_group_sizes(file: pa.NativeFile) -> list[int]:
    """Uncompressed bytes of each row group, all columns. Raises BadShard if this is not a Parquet file."""
    metadata = _open(file).metadata
    return [metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)]


def row_group_rows(file: pa.NativeFile) -> list[int]:
    """Rows of each row group. Raises BadShard if this is not a Parquet file."""
    return _group_rows(_open(file))


def _open(file: pa.NativeFile) -> pq.ParquetFile:
    try:
        # Arrow's own way, pre_buffer, keeps all that it has read of a row group until the end of it.
        parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER_BYTES, page_checksum_verification=True)
    except _DAMAGE as error:
        size = file.size()
        prove_readable(file, max(0, size - _BUFFER_BYTES), size)
        raise BadShard("not_parquet", str(error)) from error
    rows = sum(_group_rows(parquet))
    if rows != parquet.metadata.num_rows:
        # Positions and the count of what is lost rest on the footer.
        raise BadShard("not_parquet", f"the footer states {parquet.metadata.num_rows} rows, its row groups {rows}")
    return parquet


def _group_rows(parquet: pq.ParquetFile) -> list[int]:
    return [parquet.metadata.row_group(group).num_rows for group in range(parquet.num_row_groups)]


def _read_group(
    parquet: pq.ParquetFile,
    file: pa.NativeFile,
    group: int,
    columns: Mapping[str, str],
    text_as: TextAs,
) -> Iterator[Records]:
    """Read one row group, twice if its first reading fails: storage may have failed, or the data may be damaged."""
    metadata = parquet.metadata
    first = sum(_group_rows(parquet)[:group])
    done, rows, problem = 0, metadata.row_group(group).num_rows, "rows are missing"
    for _ in range(2):
        try:
            for batch in _batches(parquet, group, columns, done):
                yield table_records(batch, columns, first + done, text_as)
                done += batch.num_rows
            break
        except _DAMAGE as error:
            problem = str(error)
            prove_readable(file, *_extent(metadata.row_group(group)))
    if done < rows:
        yield from _lost(range(first + done, first + rows), columns, f"row group {group}: {problem}")


def _batches(parquet: pq.ParquetFile, group: int, columns: Mapping[str, str], skip: int) -> Iterator[pa.RecordBatch]:
    """Batches of one row group from its row `skip` on."""
    wanted = sorted(set(columns.values()))
    size = _batch_rows(parquet.metadata.row_group(group), wanted)
    for batch in parquet.iter_batches(size, row_groups=[group], columns=wanted, use_threads=False):
        if skip < batch.num_rows:
            yield batch.slice(skip)
        skip = max(0, skip - batch.num_rows)


def _batch_rows(group: pq.RowGroupMetaData, wanted: list[str]) -> int:
    """Rows that hold about BATCH_BYTES of the wanted columns, by the file's own account."""
    chunks = [group.column(index) for index in range(group.num_columns)]
    size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in wanted)
    return max(1, min(BATCH_ROWS_MAX, int(group.num_rows * BATCH_BYTES // max(1, size))))


def _lost(positions: range, columns: Mapping[str, str], problem: str) -> Iterator[Records]:
    """One entry for each lost row, so that what was read and what was lost add up to the footer's count."""
    raw = f"rows {positions.start} to {positions.stop - 1} of {problem}".encode()
    for begin in range(0, len(positions), BATCH_ROWS_MAX):
        some: tuple[Unreadable, ...] = tuple(
            unreadable(position, "unreadable_rows", raw) for position in positions[begin : begin + BATCH_ROWS_MAX]
        )
        yield only_unreadable(tuple(columns), some)


def _extent(group: pq.RowGroupMetaData) -> tuple[int, int]:
    """Where a row group's bytes lie in the file: begin and end."""
    chunks = [group.column(index) for index in range(group.num_columns)]
    begins = [chunk.dictionary_page_offset or chunk.data_page_offset for chunk in chunks]
    return min(begins), max(map(_end, begins, chunks))


def _end(begin: int, chunk: Any) -> int:
    return int(begin + chunk.total_compressed_size)


def prove_readable(file: pa.NativeFile, begin: int, end: int) -> None:
    """Read bytes and forget them.

    Raises OSError if storage is what failed: then the unit is retried and nothing is lost.
    """
    file.seek(max(0, begin))
    left = end - begin
    while left > 0 and (got := len(file.read(min(left, _BUFFER_BYTES)))):
        left -= got
