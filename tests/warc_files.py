"""WARC files as crawlers write them, made with FastWARC, and pages to put in."""

import gzip
import io
from collections.abc import Iterable

import zstandard
from fastwarc.warc import WarcRecord, WarcRecordType, metadata, request, response, revisit, warcinfo

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def page(number: int, text: str = "") -> bytes:
    """A page with furniture, a title, a date and a text."""
    said = text or f"This is what page {number} says, in a whole sentence. " * 5
    return (
        f"<!doctype html><html><head><title>Page\n {number} &amp; more</title>"
        f'<meta property="article:published_time" content="2024-02-{number % 28 + 1:02d}"></head><body>'
        f"<nav><a href=/>Home</a></nav><article><p>{said}</p></article></body></html>"
    ).encode()


def record(number: int, payload: bytes, kind: WarcRecordType = response, **headers: str) -> bytes:
    """A record; `payload` with its HTTP head."""
    one = WarcRecord()
    one.init_headers(kind, f"uuid:00000000-0000-0000-0000-{number:012d}".encode())
    one.headers["WARC-Target-URI"] = f"https://example.org/{number}"
    one.headers["WARC-Date"] = f"2024-03-{number % 28 + 1:02d}T00:00:00Z"
    one.headers["Content-Type"] = "application/http; msgtype=response"
    for name, value in headers.items():
        one.headers[name.replace("_", "-")] = value
    one.set_bytes_content(payload)
    out = io.BytesIO()
    one.write(out)
    return out.getvalue()


def html_record(number: int, html: bytes | None = None, head: bytes = OK) -> bytes:
    return record(number, head + b"\r\n" + (page(number) if html is None else html))


def others() -> list[bytes]:
    """What crawls hold beside pages."""
    return [
        record(90, b"software: test\r\n", warcinfo, Content_Type="application/warc-fields"),
        record(91, b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", request),
        record(92, b"fetchTimeMs: 3\r\n", metadata, Content_Type="application/warc-fields"),
        record(93, b"HTTP/1.1 304 Not Modified\r\n\r\n", revisit),
        record(94, b"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Type: text/html\r\n\r\n<html>moved</html>"),
        record(95, b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>none</html>"),
        record(96, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"),
    ]


OTHERS = {
    "warc_warcinfo": 1,
    "warc_request": 1,
    "warc_metadata": 1,
    "warc_revisit": 1,
    "http_redirect": 1,
    "http_error": 1,
    "not_html": 1,
}


def packed(records: Iterable[bytes], compression: str) -> bytes:
    """Join records as the standard asks: a gzip member or zstd frame for each."""
    pack = {"none": bytes, "gzip": lambda one: gzip.compress(one, mtime=0), "zstd": zstandard.compress}[compression]
    return b"".join(pack(one) for one in records)
