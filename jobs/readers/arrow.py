"""An Arrow IPC file (Feather) or stream in, Records out. Damage costs a batch of a file, and the rest of a stream."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pyarrow as pa

from jobs.readers.parquet import prove_readable
from jobs.readers.records import BATCH_BYTES, BadShard, Records, TextAs, no_text_column, only_unreadable, unreadable
from jobs.readers.table_columns import table_records

# What a damaged file makes Arrow raise. OSError is also what storage raises: `prove_readable` tells them apart.
_DAMAGE = (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError)

_FILE_MARK = b"ARROW1"


def read(file: pa.NativeFile, columns: Mapping[str, str], text_as: TextAs = "plain") -> Iterator[Records]:
    """Read records in batches of about BATCH_BYTES, each within a record batch of the file.

    columns: our name -> column in the file; those that the file lacks are absent from the result
    Raises BadShard if this is neither an Arrow file nor a stream, or has no text column.
    """
    schema, batches = _open(file)
    if columns["text"] not in schema.names:
        raise no_text_column(columns["text"], schema.names)
    present = {name: column for name, column in columns.items() if column in schema.names}
    first = 0
    for number, batch in enumerate(batches):
        if isinstance(batch, str):
            prove_readable(file, 0, file.size())
            raw = f"record batch {number}, which begins with row {first}: {batch}".encode()
            yield only_unreadable(tuple(present), (unreadable(first, "unreadable_rows", raw),))
            first += 1
            continue
        for part in _parts(batch.select(sorted(set(present.values())))):
            yield table_records(part, present, first, text_as)
            first += part.num_rows


def batch_rows(file: pa.NativeFile) -> Iterator[int]:
    """Positions that each record batch has. Raises BadShard if this is neither an Arrow file nor a stream."""
    for batch in _open(file)[1]:
        yield 1 if isinstance(batch, str) else batch.num_rows


def _open(file: pa.NativeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch | str]]:
    """Schema, and record batches or what is wrong with them."""
    file.seek(0)
    is_file = file.read(len(_FILE_MARK)) == _FILE_MARK
    file.seek(0)
    try:
        reader = pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)
    except _DAMAGE as error:
        prove_readable(file, 0, file.size())
        raise BadShard("not_arrow", str(error)) from error
    return reader.schema, _of_file(reader) if is_file else _of_stream(reader)


def _of_file(reader: pa.ipc.RecordBatchFileReader) -> Iterator[pa.RecordBatch | str]:
    for number in range(reader.num_record_batches):
        yield _tried(partial(reader.get_batch, number))


def _of_stream(reader: pa.ipc.RecordBatchStreamReader) -> Iterator[pa.RecordBatch | str]:
    while True:
        try:
            batch = _tried(reader.read_next_batch)
        except StopIteration:
            return
        yield batch
        if isinstance(batch, str):
            return


def _tried(read_batch: Callable[[], pa.RecordBatch]) -> pa.RecordBatch | str:
    try:
        batch = read_batch()
        batch.validate()
    except _DAMAGE as error:
        return str(error)
    return batch


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a record batch into slices of about BATCH_BYTES."""
    rows = max(1, int(batch.num_rows * BATCH_BYTES // max(1, batch.nbytes)))
    for begin in range(0, batch.num_rows, rows):
        yield batch.slice(begin, rows)
