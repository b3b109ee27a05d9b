"""Lines of JSON in, Records out, one line at a time by orjson: this is what a JSONL record means."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pyarrow as pa

from jobs.readers.records import Reason, Records, TextAs, Unreadable, unreadable

# The standard library's parser, used for numbers beyond 64 bits, recurses; orjson's does not.
_BRACKETS_MAX = 200

_INT_BITS_EXACT = 2.0**63


def by_line(block: bytes, columns: Mapping[str, str], first_line: int, text_as: TextAs = "plain") -> Records:
    r"""Read a block of lines; blank lines are skipped.

    columns: our name -> key in the file
    first_line: position of the block's first line

    >>> batch = by_line(b'{"t": "a", "n": 7}\n\n{"t": 5}\n', {"text": "t", "id": "n"}, 0)
    >>> batch.rows.to_pylist(), batch.unreadable[0].position, batch.unreadable[0].reason
    ([{'position': 0, 'text': 'a', 'id': '7'}], 2, 'text_not_string')
    """
    positions: list[int] = []
    rows: list[list[str | None]] = []
    aside: list[Unreadable] = []
    keys = list(columns.items())
    for position, line in enumerate(block.split(b"\n"), first_line):
        if not line or not line.strip(b" \t\r"):
            continue
        row = _read_line(line, keys, text_as)
        if isinstance(row, str):
            aside.append(unreadable(position, row, line.removesuffix(b"\r")))
        else:
            positions.append(position)
            rows.append(row)
    values = zip(*rows, strict=True) if rows else ((),) * len(keys)
    texts = {name: pa.array(column, pa.string()) for name, column in zip(columns, values, strict=True)}
    return Records(pa.table({"position": pa.array(positions, pa.int64()), **texts}), tuple(aside))


def values_of(document: bytes, keys: Iterable[str]) -> dict[str, str | None] | Reason:
    """Values of a JSON object by key, as text, or why there are none.

    >>> values_of(b'{"t": "a", "n": [1, 2]}', ["n", "m"]), values_of(b"[]", ["n"])
    ({'n': '[1,2]', 'm': None}, 'not_an_object')
    """
    try:
        record = orjson.loads(document)
        if not isinstance(record, dict):
            return "not_an_object"
        return {key: _as_text(record.get(key), key, document) for key in keys}
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _why_broken(document)


def _read_line(line: bytes, keys: list[tuple[str, str]], text_as: TextAs) -> list[str | None] | Reason:
    """Values of one record in the order of `keys`, or why there are none."""
    try:
        record = orjson.loads(line)
        if not isinstance(record, dict):
            return "not_an_object"
        row = [_as_text(record.get(key), key, line) for _, key in keys]
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _why_broken(line)
    text = record.get(next(key for name, key in keys if name == "text"))
    if text is None:
        return row if text_as == "optional" else "text_null"
    return row if isinstance(text, str) or text_as == "json" else "text_not_string"


def _as_text(value: Any, key: str, line: bytes) -> str | None:
    """Give a JSON value as text: strings as they are, all else as compact JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and abs(value) >= _INT_BITS_EXACT:
        return _long_number(value, key, line)
    return orjson.dumps(value).decode()


def _long_number(value: float, key: str, line: bytes) -> str:
    """Give all digits of an integer beyond 64 bits, which orjson rounds to a float: two ids must not become one."""
    if line.count(b"[") + line.count(b"{") <= _BRACKETS_MAX:
        literal = json.loads(line, parse_int=str)[key]
        if isinstance(literal, str):
            return literal
    return orjson.dumps(value).decode()


def _why_broken(line: bytes) -> Reason:
    try:
        line.decode()
    except UnicodeDecodeError:
        return "invalid_utf8"
    return "broken_json"
