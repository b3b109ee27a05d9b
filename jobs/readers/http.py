"""An HTTP response as a crawler stored it in; status, kind of content and the content itself, decoded, out."""

import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from fastwarc.stream_io import BrotliReader, ChunkedReader, ZstdReader
from zlib_ng import zlib_ng

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\S+[ \t]+(\d{3})\b")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"\s*([^\s;,]*)")  # the first, where proxies joined two

# By what content is told to be a page: these tags, or one that it begins with (of the MIME Sniffing Standard, 7.1).
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_BEGINS = re.compile(rb"\s*<(?:!--|(?:script|iframe|h1|div|font|table|a|style|title|b|br|p)[\s>])", re.IGNORECASE)
_SNIFFED_BYTES = 1024

# Media types that say nothing (of the same standard).
_UNSTATED = {"", "*/*", "unknown/unknown", "application/unknown"}

_GZIP = b"\x1f\x8b"


class Response(NamedTuple):
    """The head of a response, and its body as it was sent."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


def parsed(block: bytes) -> Response | None:
    """Take a response apart; None where it is none."""
    status, end = _STATUS.match(block), _HEAD_END.search(block)
    if not status or not end:
        return None
    pairs = [line.partition(":") for line in block[: end.start()].decode("latin-1").split("\n")[1:]]
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
        if body and (decode := _DECODERS.get(coding.strip())) and not _is_html(body):
            decoded = decode(body, bytes_max + 1)
            if decoded is None:
                return None
            body = decoded
    return body


def is_html(media_type: str, body: bytes) -> bool:
    """Whether content is a page: by its media type, or by how it begins where none is stated.

    >>> is_html("text/html; charset=utf-8", b""), is_html("", b"<!DOCTYPE html>"), is_html("image/png", b"<html>")
    (True, True, False)
    """
    found = _MEDIA_TYPE.match(media_type)
    stated = found[1].lower() if found else ""
    return _is_html(body) if stated in _UNSTATED else stated in {"text/html", "application/xhtml+xml"}


def charset_of(media_type: str) -> str | None:
    """Charset that a media type states.

    >>> charset_of("text/html; charset='gbk'"), charset_of("text/html")
    ('gbk', None)
    """
    found = _CHARSET.search(media_type)
    return found[1] if found else None


def _is_html(body: bytes) -> bool:
    return bool(_HTML.search(body, 0, _SNIFFED_BYTES) or _HTML_BEGINS.match(body))


def _is_chunked(body: bytes) -> bool:
    """Whether the body begins with the size of a chunk: some crawlers join chunks and leave the header."""
    return re.match(rb"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]*)?\r\n", body) is not None


def _gunzipped(body: bytes, bytes_max: int) -> bytes | None:
    """Decode members; what follows them and is none is let go, as browsers do. What has none was decoded before."""
    if not body.startswith(_GZIP):
        return body
    pieces, size = [], 0
    while body.startswith(_GZIP) and size < bytes_max:
        decoder = zlib_ng.decompressobj(wbits=31)
        piece = _inflated(decoder, body, bytes_max - size)
        if piece is None:
            return None
        pieces.append(piece)
        size += len(piece)
        body = decoder.unused_data
    return b"".join(pieces)


def _deflated(body: bytes, bytes_max: int) -> bytes | None:
    """Decode zlib's format, as the name means, or what is in it, as some servers took the name."""
    decoded = _inflated(zlib_ng.decompressobj(wbits=15), body, bytes_max)
    return _inflated(zlib_ng.decompressobj(wbits=-15), body, bytes_max) if decoded is None else decoded


def _inflated(decoder: Any, body: bytes, bytes_max: int) -> bytes | None:
    """Decode up to the end or to the limit; None where it is damaged or cut off."""
    try:
        decoded: bytes = decoder.decompress(body, bytes_max)
    except zlib_ng.error:  # type: ignore[misc]  # a class, which its stub has as an instance
        return None
    return decoded if decoder.eof or len(decoded) == bytes_max else None


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


_DECODERS: dict[str, Callable[[bytes, int], bytes | None]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _deflated,
    "br": partial(_read, BrotliReader),
    "zstd": partial(_read, ZstdReader),
}
