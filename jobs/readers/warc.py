"""A WARC or WET file in, Records out: pages as their text, texts as they are; all else is counted by kind.

A document has the columns `text`, `url`, `date` (of the crawl), `title`, `published` and `record_id`.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from jobs.readers import http
from jobs.readers.batches import Document, Skipped, batches
from jobs.readers.compression import Compression
from jobs.readers.html_settings import Html
from jobs.readers.pages import read_page
from jobs.readers.records import BadShard, Reason, Records, Unreadable, unreadable
from jobs.readers.warc_stream import Record, records

# A page's head comes before it; and packed, it may be a little larger.
_HEAD_BYTES = 65_536

# What a record may be, beside what documents come from.
_OTHERS = {
    kind: Skipped(f"warc_{kind.decode()}")
    for kind in (b"warcinfo", b"request", b"metadata", b"revisit", b"continuation")
}
_OTHER = Skipped("warc_other")

_OK = range(200, 300)
_REDIRECT = range(300, 400)

Found = Document | Unreadable | Skipped


class _Wanted(NamedTuple):
    """How pages are read, and what they are asked to say of themselves."""

    html: Html
    told: Collection[str]


def read(
    file: pa.NativeFile, columns: Mapping[str, str], compression: Compression = "none", html: Html | None = None
) -> Iterator[Records]:
    """Read records in batches of about BATCH_BYTES. Positions count all records of the file.

    Raises BadShard if the file is not compressed as stated or has no record.
    """
    settings = html or Html()
    found = _found(records(file, compression, block_bytes_max(settings)), _Wanted(settings, columns.values()))
    yield from batches(found, {**columns, "text": "text"})


def block_bytes_max(html: Html) -> int:
    """Return how much of a record is held, and checked for where it ends."""
    return html.page_bytes_max + _HEAD_BYTES


def _found(from_file: Iterator[Record | Unreadable], wanted: _Wanted) -> Iterator[Found]:
    broken: list[Unreadable] = []  # before the first record, if there is one
    is_warc = False
    for one in from_file:
        if isinstance(one, Record):
            is_warc = True
            yield from broken
            broken = []
            yield _read(one, wanted)
        elif is_warc:
            yield one
        else:
            broken.append(one)
    if any(one.reason == "broken_record" for one in broken):
        raise BadShard("not_warc", f"no record; the file begins with {broken[0].raw[:40]!r}")
    yield from broken


def _read(record: Record, wanted: _Wanted) -> Found:
    kind = record.headers.get(b"warc-type", b"").lower()
    if kind == b"response":
        return _response(record, wanted)
    if kind == b"resource":
        return _page(record, record.block, _text(record, b"content-type"), wanted)
    if kind == b"conversion":
        return _conversion(record)
    return _OTHERS.get(kind, _OTHER)


def _response(record: Record, wanted: _Wanted) -> Found:
    stated = _text(record, b"content-type").lower()
    if not (stated.startswith("application/http") if stated else record.block.startswith(b"HTTP/")):
        return Skipped("not_html")  # of another protocol, such as dns
    response = http.parsed(record.block)
    if response is None:
        return _aside(record, "broken_http")
    if response.status not in _OK:
        return Skipped("http_redirect" if response.status in _REDIRECT else "http_error")
    is_whole = len(record.block) == record.block_bytes
    body = http.content(response, wanted.html.page_bytes_max) if is_whole else response.body
    if body is None:
        return _aside(record, "broken_http")
    return _page(record, body, response.headers.get("content-type", ""), wanted)


def _page(record: Record, body: bytes, media_type: str, wanted: _Wanted) -> Found:
    if not http.is_html(_text(record, b"warc-identified-payload-type") or media_type, body):
        return Skipped("not_html")
    if len(record.block) < record.block_bytes:
        return _aside(record, "page_too_large")
    page = read_page(body, wanted.html, http.charset_of(media_type), wanted.told)
    if isinstance(page, str):
        return _aside(record, page)
    return Document(record.position, _values(record) | {"text": page.text} | page.told)


def _conversion(record: Record) -> Found:
    if len(record.block) < record.block_bytes:
        return _aside(record, "page_too_large")
    try:
        return Document(record.position, _values(record) | {"text": record.block.decode()})
    except UnicodeDecodeError:
        return _aside(record, "invalid_utf8")


def _values(record: Record) -> dict[str, str | None]:
    return {
        "url": _text(record, b"warc-target-uri").strip("<>") or None,
        "date": _text(record, b"warc-date") or None,
        "record_id": _text(record, b"warc-record-id").strip("<>") or None,
    }


def _text(record: Record, header: bytes) -> str:
    return record.headers.get(header, b"").decode(errors="replace")


def _aside(record: Record, reason: Reason) -> Unreadable:
    return unreadable(record.position, reason, record.raw)
