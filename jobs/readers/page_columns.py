"""Records whose text is HTML in, Records with the text of the pages out."""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from jobs.readers.html_settings import Html
from jobs.readers.pages import TOLD, Page, read_page
from jobs.readers.records import Reason, Records, Unreadable, unreadable


def with_text_of_pages(found: Iterable[Records], columns: Mapping[str, str], settings: Html) -> Iterator[Records]:
    """Take the text from each page, and title and date for those of `columns` (our name -> the shard's)."""
    for records in found:
        yield _read(records, columns, settings)


def _read(records: Records, columns: Mapping[str, str], settings: Html) -> Records:
    rows = records.rows
    read = [read_page(page, settings) for page in rows["text"].to_pylist()]
    kept = [number for number, page in enumerate(read) if isinstance(page, Page)]
    pages = [page for page in read if isinstance(page, Page)]
    aside = tuple(_asides(rows, read))
    rows = rows.take(pa.array(kept, pa.int64()))
    rows = _with(rows, "text", pa.array([page.text for page in pages], pa.string()))
    for name, column in columns.items():
        if column in TOLD:  # it stands where the shard has no such column, or no value in it
            said = pa.array([getattr(page, column) for page in pages], pa.string())
            rows = _with(rows, name, pc.coalesce(rows[name], said) if name in rows.column_names else said)
    unread = tuple(sorted((*records.unreadable, *aside), key=lambda one: one.position))
    return Records(rows, unread, records.skipped)


def _asides(rows: pa.Table, read: list[Page | Reason]) -> Iterator[Unreadable]:
    for number, page in enumerate(read):
        if isinstance(page, str):
            html = rows["text"][number].as_py()
            raw = html.encode() if isinstance(html, str) else html
            yield unreadable(rows["position"][number].as_py(), page, raw)


def _with(rows: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.append_column(name, column) if place < 0 else rows.set_column(place, name, column)
