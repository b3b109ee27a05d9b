"""Records of several columns in, Records with one text of them out: rows of a table, by a template of a source."""

from collections.abc import Iterable, Iterator, Mapping
from string import Formatter

import pyarrow as pa
import pyarrow.compute as pc

from jobs.readers.records import Records
from jobs.readers.table_columns import told

Part = tuple[str, str | None]  # what stands there as it is, and the column whose value follows


def fields_of(template: str) -> tuple[str, ...]:
    r"""Return the columns that a template names, in order; raise `ValueError` with what is wrong with it.

    >>> fields_of("{age} years, {sex}\nSays: {note} {{so}}")
    ('age', 'sex', 'note')
    """
    found: dict[str, None] = {}
    for _, field, form, conversion in (part for line in template.split("\n") for part in Formatter().parse(line)):
        if field == "" or form or conversion:
            raise ValueError(f"{field!r} in a template: give the name of a column in braces, and nothing else in them")
        found |= {field: None} if field else {}
    if not found:
        raise ValueError("a template names at least one column, in braces: {age}")
    return tuple(found)


def columns_of(template: str) -> dict[str, str]:
    """Return a name of our own for each column that a template names; its first is the text until it is one.

    >>> columns_of("{age} years, {sex}")
    {'text': 'age', '{sex}': 'sex'}
    """
    first, *others = fields_of(template)
    return {"text": first} | {f"{{{name}}}": name for name in others}


def with_text_of_rows(found: Iterable[Records], template: str) -> Iterator[Records]:
    """Make the text of each row: lines of the template, without those that lack a value."""
    own = {column: name for name, column in columns_of(template).items()}
    lines = [[*_parts(line)] for line in template.split("\n")]
    for records in found:
        rows = records.rows
        values = {column: told(rows, name) for column, name in own.items()}
        made = [_line(line, values, rows.num_rows) for line in lines]
        text = pc.binary_join_element_wise(*made, "\n", null_handling="skip")
        rows = rows.set_column(rows.schema.get_field_index("text"), "text", text)
        yield records.leaving(rows, ())


def _parts(line: str) -> Iterator[Part]:
    for literal, field, _, _ in Formatter().parse(line):
        yield literal, field


def _line(parts: list[Part], values: Mapping[str, pa.ChunkedArray], rows: int) -> pa.ChunkedArray:
    """Write a line; null where one of its values is missing."""
    made = pa.chunked_array([pa.repeat(pa.scalar(""), rows)])
    for literal, field in parts:
        made = pc.binary_join_element_wise(made, literal, values[field] if field is not None else "", "")
    return made
