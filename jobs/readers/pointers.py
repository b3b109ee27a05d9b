"""Records with JSON in their columns in, Records with the values within it that JSON pointers (RFC 6901) name out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa

from jobs.readers.records import Reason, Records, TextAs, Unreadable, unreadable


def heads(columns: Mapping[str, str]) -> dict[str, str]:
    """Return, for names of our own, the shard's columns that hold the values.

    >>> heads({"text": "/data/text", "id": "id"})
    {'text': 'data', 'id': 'id'}
    """
    return {name: _path(column)[0] if column.startswith("/") else column for name, column in columns.items()}


def with_values_within(found: Iterable[Records], columns: Mapping[str, str], text_as: TextAs) -> Iterator[Records]:
    """Take the values that are named by pointers; set aside records whose text is not there, or no text.

    columns: our name -> the shard's column, or a pointer whose first part is one
    text_as: what the text may be
    """
    paths = {name: _path(column)[1:] for name, column in columns.items() if column.startswith("/")}
    for records in found:
        yield _read(records, paths, text_as) if paths else records


def value_at(told: str | None, path: tuple[str, ...]) -> Any:
    """Return the value that a path leads to in JSON; None where there is none.

    >>> value_at('{"result": [{"score": 0.5}]}', ("result", "0", "score")), value_at("no JSON", ("a",))
    (0.5, None)
    """
    if told is None or not path:
        return told
    try:
        value = orjson.loads(told)
    except orjson.JSONDecodeError:
        return None
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _path(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def _read(records: Records, paths: Mapping[str, tuple[str, ...]], text_as: TextAs) -> Records:
    rows = records.rows
    values = {name: _values(rows, name, path) for name, path in paths.items() if name in rows.column_names}
    texts = values.get("text", [""] * rows.num_rows)
    why = [_why_no_text(value, text_as) for value in texts]
    aside = _asides(rows, why)
    for name, within in values.items():
        column = pa.array([_as_text(value) for value in within], pa.string())
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return records.leaving(rows.filter(pa.array([one is None for one in why], pa.bool_())), aside)


def _values(rows: pa.Table, name: str, path: tuple[str, ...]) -> list[Any]:
    return [value_at(told, path) for told in rows[name].to_pylist()]


def _asides(rows: pa.Table, why: list[Reason | None]) -> list[Unreadable]:
    return [
        unreadable(rows["position"][row].as_py(), reason, (rows["text"][row].as_py() or "").encode())
        for row, reason in enumerate(why)
        if reason
    ]


def _why_no_text(value: Any, text_as: TextAs) -> Reason | None:
    if value is None:
        return None if text_as == "optional" else "text_null"
    return None if isinstance(value, str) or text_as == "json" else "text_not_string"


def _as_text(value: Any) -> str | None:
    return value if isinstance(value, str | None) else orjson.dumps(value).decode()
