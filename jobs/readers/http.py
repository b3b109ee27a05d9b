"""An HTTP response as a crawler stored it in; status, kind of content and the content itself, decoded, out."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\S+[ \t]+(\d{3})\b")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SNIFFED_BYTES = 1024

_DECODERS: dict[str, Callable[[io.BytesIO], Any]] = {
    "gzip": GzipReader,
    "x-gzip": GzipReader,
    "deflate": lambda body: GzipReader(body, zlib=True),
    "br": BrotliReader,
    "zstd": ZstdReader,
}


@dataclass(frozen=True)
class Response:
    """The head of a response, and its body as it was sent."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


def parsed(block: bytes) -> Response | None:
    """Take a response apart; None where it is none."""
    status, end = _STATUS.match(block), _HEAD_END.search(block)
    if not status or not end:
        return None
    pairs = (line.partition(":") for line in block[: end.start()].decode("latin-1").splitlines()[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Response(int(status[1]), headers, block[end.end() :])


def content(response: Response, bytes_max: int) -> bytes | None:
    """Decode the body, no further than one byte beyond `bytes_max`; None where it is not what the head says."""
    body = response.body
    if "chunked" in response.headers.get("transfer-encoding", "").lower() and _is_chunked(body):
        decoded = _read(ChunkedReader, body, len(body))
        if decoded is None:
            return None
        body = decoded
    for coding in reversed(response.headers.get("content-encoding", "").lower().split(",")):
        # Crawlers that decode often leave the header as it was.
        if (decoder := _DECODERS.get(coding.strip())) and not _is_html(body):
            decoded = _read(decoder, body, bytes_max + 1)
            if decoded is None:
                return None
            body = decoded
    return body


def is_html(media_type: str, body: bytes) -> bool:
    """Whether content is a page: by its media type, or by how it begins where none is stated.

    >>> is_html("text/html; charset=utf-8", b""), is_html("", b"<!DOCTYPE html>"), is_html("image/png", b"<html>")
    (True, True, False)
    """
    stated = media_type.partition(";")[0].strip().lower()
    return stated in {"text/html", "application/xhtml+xml"} if stated else _is_html(body)


def charset_of(media_type: str) -> str | None:
    """Charset that a media type states.

    >>> charset_of("text/html; charset='gbk'"), charset_of("text/html")
    ('gbk', None)
    """
    found = _CHARSET.search(media_type)
    return found[1] if found else None


def _is_html(body: bytes) -> bool:
    return _HTML.search(body, 0, _SNIFFED_BYTES) is not None


def _is_chunked(body: bytes) -> bool:
    """Whether the body begins with the size of a chunk: some crawlers join chunks and leave the header."""
    return re.match(rb"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]*)?\r\n", body) is not None


def _read(decoder: Callable[[io.BytesIO], Any], body: bytes, bytes_max: int) -> bytes | None:
    """Decode; None where that fails."""
    reader, pieces, size = decoder(io.BytesIO(body)), [], 0
    try:
        while size < bytes_max and (piece := reader.read(min(65_536, bytes_max - size))):
            pieces.append(piece)
            size += len(piece)
    except (OSError, ValueError):
        return None
    return b"".join(pieces)
