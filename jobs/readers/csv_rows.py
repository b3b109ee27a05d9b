"""A CSV stream in, Records with the position after them out: numbering, and setting single rows aside."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from jobs.readers.csv_stream import END, MARK, Stream, restored
from jobs.readers.records import Reason, Records, Unreadable, only_unreadable, unreadable
from jobs.readers.valid_text import checked


@dataclass(frozen=True)
class _Rows:
    """What one block gave: rows of binary columns with their positions, and the misfits before the last of them.

    A misfit is a row with a wrong number of fields.
    """

    positions: npt.NDArray[np.int64]
    table: pa.RecordBatch
    misfits: dict[int, bytes]
    after: int  # the position that the next block begins with


def read_rows(stream: Stream, columns: Mapping[str, str], block_bytes: int, done: int) -> Iterator[tuple[Records, int]]:
    """Read rows from position `done` on; with each batch comes the position after it.

    Raises pa.ArrowInvalid where Arrow cannot go on, after all that came before.
    """
    misfits: dict[int, bytes] = {}
    last: _Rows | None = None
    try:
        for rows in _blocks(stream, columns, block_bytes, misfits):
            if last and last.after > done:
                yield _records(last, columns, done), last.after
            last = rows
    except pa.ArrowInvalid:
        if last and last.after > done:
            yield _records(last, columns, done), last.after
        raise
    yield _without_end(stream, last, misfits, columns, done)


def _blocks(stream: Stream, columns: Mapping[str, str], block_bytes: int, misfits: dict[int, bytes]) -> Iterator[_Rows]:
    """Give the rows block by block, numbered. `misfits` is filled ahead of the rows, and emptied by them."""

    def set_aside(row: pacsv.InvalidRow) -> str:
        misfits[row.number - 2] = row.text.encode()  # Arrow counts from 1, and the header
        return "skip"

    first = 0
    for batch in _open(stream, columns, block_bytes, set_aside):
        if batch.num_rows:
            candidates = np.arange(first, first + batch.num_rows + len(misfits), dtype=np.int64)
            positions = np.setdiff1d(candidates, list(misfits), assume_unique=True)[: batch.num_rows]
            first = int(positions[-1]) + 1
            passed = {row: misfits.pop(row) for row in sorted(misfits) if row < first}
            yield _Rows(positions, batch, passed, first)


def _open(stream: Stream, columns: Mapping[str, str], block_bytes: int, set_aside: object) -> pacsv.CSVStreamingReader:
    wanted = sorted(set(columns.values()))
    return pacsv.open_csv(
        pa.PythonFile(stream, "r"),
        read_options=pacsv.ReadOptions(use_threads=False, block_size=block_bytes),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside),
        convert_options=pacsv.ConvertOptions(
            check_utf8=False,
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.binary()),
            strings_can_be_null=False,
        ),
    )


def _records(rows: _Rows, columns: Mapping[str, str], done: int) -> Records:
    """Check the rows from position `done` on."""
    misfits = tuple(_misfit(row, raw) for row, raw in rows.misfits.items() if row >= done)
    new = pa.array(rows.positions >= done)
    positions, table = pa.array(rows.positions).filter(new), rows.table.filter(new)
    marked = _marked(table)
    bad = tuple(_bad(positions[int(row)].as_py(), table, int(row), "invalid_utf8") for row in np.flatnonzero(marked))
    if bad:
        positions, table = positions.filter(pa.array(~marked)), table.filter(pa.array(~marked))
    good = checked(positions, {name: _column(table, name, column) for name, column in columns.items()})
    return Records(good.rows, tuple(sorted((*misfits, *bad, *good.unreadable), key=_position)))


def _column(table: pa.RecordBatch, name: str, column: str) -> pa.Array:
    """Give a column; an empty value is null except in the text."""
    values = table.column(column)
    return values if name == "text" else pc.if_else(pc.equal(pc.binary_length(values), 0), None, values)


def _marked(table: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Rows in which a byte was not UTF-8."""
    marked = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        # Mostly there is nothing to find: a whole buffer is searched at 3,600 MB/s, value by value at 600.
        if re.search(MARK, column.buffers()[2] or b""):
            marked |= pc.match_substring(column, MARK).to_numpy(zero_copy_only=False)
    return marked


def _without_end(
    stream: Stream, last: _Rows | None, misfits: dict[int, bytes], columns: Mapping[str, str], done: int
) -> tuple[Records, int]:
    """Give the last block and the misfits after it, less the row that ends the stream.

    What that row was joined to has no end: the data are damaged, or a quote is never closed.
    """
    if misfits:
        position, raw = max(misfits.items())
        misfits.pop(position)
    else:
        assert last is not None, "the stream always ends with a row of its own"
        position = int(last.positions[-1])
        raw = _raw(last.table, last.table.num_rows - 1)
        last = _Rows(last.positions[:-1], last.table.slice(0, last.table.num_rows - 1), last.misfits, last.after)
    records = _records(last, columns, done) if last else only_unreadable(tuple(columns), ())
    aside = [_misfit(row, value) for row, value in sorted(misfits.items()) if row >= done]
    if stream.damage:
        aside.append(unreadable(position, stream.damage.reason, restored(raw)))
    elif raw != END:
        aside.append(unreadable(position, "unreadable_rows", restored(raw)))
    return Records(records.rows, (*records.unreadable, *aside)), position + 1


def _misfit(position: int, raw: bytes) -> Unreadable:
    return unreadable(position, "wrong_field_count", restored(raw))


def _bad(position: int, table: pa.RecordBatch, row: int, reason: Reason) -> Unreadable:
    return unreadable(position, reason, restored(_raw(table, row)))


def _raw(table: pa.RecordBatch, row: int) -> bytes:
    """Wanted values of a row, joined: its own bytes are no longer known."""
    return b",".join(column[row].as_py() for column in table.columns)


def _position(entry: Unreadable) -> int:
    return entry.position
