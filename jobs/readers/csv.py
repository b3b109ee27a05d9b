"""A CSV file with a header in, Records out. A quoted value may hold newlines; blank lines are no records."""

import csv
import io
from collections.abc import Iterator, Mapping

import pyarrow as pa

from jobs.readers.compression import Compression
from jobs.readers.csv_rows import read_rows
from jobs.readers.csv_stream import END, Stream
from jobs.readers.records import BATCH_BYTES, Records, no_text_column, only_unreadable, unreadable

# A row longer than a block is read again with larger blocks. A quote that is never closed makes such a row, so there
# is an end to it.
_BLOCK_BYTES_MAX = 16 * BATCH_BYTES

_HEADER_BYTES_MAX = 64 * 1024


def read(file: pa.NativeFile, columns: Mapping[str, str], compression: Compression = "none") -> Iterator[Records]:
    """Read records in batches of about BATCH_BYTES. An empty value is null, but an empty text is a text.

    columns: our name -> name in the header; those that the header lacks are absent from the result
    Raises BadShard if the file is not compressed as stated or has no text column.
    """
    head = Stream(file, compression)
    header = _header(head.read(_HEADER_BYTES_MAX))
    if head.damage and (not header or header[-1].endswith(END.decode())):
        partial = ",".join(header).removesuffix(END.decode()).encode()
        yield only_unreadable(tuple(columns), (unreadable(0, head.damage.reason, partial),))
        return
    if header in ([], [END.decode()]):
        return
    if columns["text"] not in header:
        raise no_text_column(columns["text"], header)
    yield from _read_all(file, {name: column for name, column in columns.items() if column in header}, compression)


def _header(head: bytes) -> list[str]:
    """Names in the first line that is not blank."""
    lines = csv.reader(io.StringIO(head.decode(errors="ignore").removeprefix("\ufeff"), newline=""))
    return next((row for row in lines if row), [])


def _read_all(file: pa.NativeFile, columns: Mapping[str, str], compression: Compression) -> Iterator[Records]:
    """Read from the start, and again with larger blocks when a row does not fit, going on where reading stopped."""
    block_bytes, done = BATCH_BYTES, 0
    while True:
        try:
            for records, after in read_rows(Stream(file, compression), columns, block_bytes, done):
                yield records
                done = after
        except pa.ArrowInvalid as error:
            block_bytes *= 4
            if "straddling object" in str(error) and block_bytes <= _BLOCK_BYTES_MAX:
                continue
            lost = f"data row {done} and all after it: {error}".encode()
            yield only_unreadable(tuple(columns), (unreadable(done, "unreadable_rows", lost),))
        return
