"""Columns of any Arrow type in, Records out: text as its bytes, all else as the text a JSON file would hold."""

from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from jobs.readers.records import Records, TextAs, only_unreadable, unreadable
from jobs.readers.valid_text import checked

_TEXT = (
    types.is_string,
    types.is_large_string,
    types.is_string_view,
    types.is_binary,
    types.is_large_binary,
    types.is_binary_view,
    types.is_fixed_size_binary,
    types.is_null,
)


def table_records(
    batch: pa.RecordBatch,
    columns: Mapping[str, str],
    first: int,
    text_as: TextAs = "plain",
) -> Records:
    """Check one batch whose first row has position `first`."""
    text = batch.column(columns["text"])
    if text_as != "json" and not is_text(text.type):
        values = to_binary(text).to_pylist()
        aside = tuple(unreadable(first + row, "text_not_string", value or b"") for row, value in enumerate(values))
        return only_unreadable(tuple(columns), aside)
    positions = pa.array(range(first, first + batch.num_rows), pa.int64())
    binary = {name: to_binary(batch.column(column)) for name, column in columns.items()}
    return checked(positions, binary, text_as)


def told(rows: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column's values; a blank one is none, and a column that the shard lacks has none."""
    if name not in rows.column_names:
        return pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(rows[name]), ""), None, rows[name])


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are text, or bytes that may be text.

    >>> is_text(pa.dictionary(pa.int32(), pa.string())), is_text(pa.int64())
    (True, False)
    """
    value_type = kind.value_type if types.is_dictionary(kind) else kind
    return any(check(value_type) for check in _TEXT)


def to_binary(column: pa.Array) -> pa.Array:
    """Give the bytes of text, and the JSON text of everything else; nulls stay null.

    >>> to_binary(pa.array([1, None])).to_pylist(), to_binary(pa.array([[1, 2]])).to_pylist()
    ([b'1', None], [b'[1,2]'])
    """
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if is_text(column.type):
        return column.cast(pa.binary())
    if _casts_to_json_text(column.type):
        return column.cast(pa.string()).cast(pa.binary())
    return pa.array([None if value is None else _json(value) for value in column.to_pylist()], pa.binary())


def _casts_to_json_text(kind: pa.DataType) -> bool:
    """Whether Arrow writes values of this type as JSON does, or, for dates, readably. Floats differ in exponents."""
    return bool(types.is_integer(kind) or types.is_boolean(kind) or types.is_temporal(kind) or types.is_decimal(kind))


def _json(value: Any) -> bytes:
    # The types JSON does not know (dates or bytes inside a list) are written as Python writes them.
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
