"""Lines of JSON in, Records out, a block at a time by Arrow; None where Arrow might disagree with orjson.

Guards come before the parser, because it is laxer than JSON (NaN, bytes that are not UTF-8, several values a line) and
ends the process on a top-level null (apache/arrow issue 47409).
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.json as pj

from jobs.readers.records import Records
from jobs.readers.valid_text import is_valid_utf8

# Each begins with a literal, which makes the search 3 GB/s. They also match inside text; that costs only time.
_LAX = (
    re.compile(rb"NaN[\s,}\]]"),
    re.compile(rb"Inf(?:inity)?[\s,}\]]"),
    re.compile(rb"\}[ \t\r]*null"),
)

# orjson stops at 1,024 levels, Arrow never.
_OPEN_BRACKETS_MAX = 1000

_NEWLINE, _RETURN, _OPEN, _CLOSE = b"\n\r{}"
_CASE_BIT = 0x20  # the one bit between "[" and "{"

Offsets = npt.NDArray[np.intp]


def by_table(block: bytes, columns: Mapping[str, str], first_line: int) -> Records | None:
    r"""Read a block of lines if every one is certain to be a readable record; else None.

    columns: our name -> key in the file
    first_line: position of the block's first line

    >>> by_table(b'{"t": "a"}\n', {"text": "t"}, 4).rows.to_pylist()
    [{'position': 4, 'text': 'a'}]
    >>> by_table(b'{"t": "a"}\n{"t": NaN}\n', {"text": "t"}, 4)
    """
    schema = _peek(block, columns)
    if schema is None or _is_lax(block):
        return None
    lines = _object_lines(block)
    if lines is None:
        return None
    table = _parse(block, schema)
    if table is None or table.num_rows != len(lines) or table[columns["text"]].null_count:
        return None
    texts = {name: table[key].cast(pa.string()) for name, key in columns.items()}
    return Records(pa.table({"position": pa.array(lines + first_line, pa.int64()), **texts}), ())


def _peek(block: bytes, columns: Mapping[str, str]) -> pa.Schema | None:
    """Types of the wanted columns by the block's first line; None if Arrow cannot give one of them as text."""
    try:
        record = orjson.loads(block[: block.find(b"\n") + 1] or block)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None
    types = {key: _arrow_type(record.get(key)) for key in columns.values()}
    types[columns["text"]] = pa.string()  # a number there is no text, though it could be given as one
    return None if None in types.values() else pa.schema(types.items())


def _arrow_type(value: Any) -> pa.DataType | None:
    """Type whose cast to a string gives the JSON text; floats and nested values have none."""
    types = {str: pa.string(), type(None): pa.string(), int: pa.int64(), bool: pa.bool_()}
    return types.get(type(value))


def _object_lines(block: bytes) -> Offsets | None:
    """Numbers of the lines that are not blank; None unless each of them runs from "{" to "}" and is not too deep.

    Between "}" and "{" no object can go on, so with these ends as many rows as lines means one row a line.
    """
    data = np.frombuffer(block, np.uint8)
    newlines = np.flatnonzero(data == _NEWLINE)
    starts = np.concatenate([[0], newlines + 1])
    ends = np.append(newlines, len(data))
    ends = ends - ((ends > starts) & (data[ends - 1] == _RETURN))
    lines = np.flatnonzero(ends > starts)
    starts, ends = starts[lines], ends[lines]
    if not ((data[starts] == _OPEN).all() and (data[ends - 1] == _CLOSE).all()):
        return None
    brackets = np.flatnonzero((data | _CASE_BIT) == _OPEN)
    counts = np.diff(np.append(np.searchsorted(brackets, starts), len(brackets)))
    return lines if counts.max(initial=0) <= _OPEN_BRACKETS_MAX else None


def _is_lax(block: bytes) -> bool:
    """Whether Arrow might accept what is not JSON."""
    if any(pattern.search(block) for pattern in _LAX):
        return True
    offsets = pa.py_buffer(np.array([0, len(block)], np.int32))
    return not is_valid_utf8(pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(block)]))


def _parse(block: bytes, schema: pa.Schema) -> pa.Table | None:
    read = pj.ReadOptions(use_threads=False, block_size=len(block) + 1)
    parse = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = pj.read_json(pa.BufferReader(block), read_options=read, parse_options=parse)
        table.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return table
