import gzip
import zlib
from typing import Any

import brotli
import pyarrow as pa
import pytest
import zstandard
from fastwarc.warc import conversion, resource
from warc_files import OK, OTHERS, html_record, others, packed, page, record

from jobs.readers import http, warc
from jobs.readers.html_settings import Html
from jobs.readers.records import BadShard, Records

COLUMNS = {
    "id": "id",
    "text": "text",
    "url": "url",
    "title": "title",
    "crawled": "date",
    "published": "published",
    "own_id": "record_id",
}
FIVE = [html_record(number) for number in range(5)]


def read(data: bytes, compression: str = "none", **limits: Any) -> Records:
    """Everything as one batch."""
    found = list(warc.read(pa.BufferReader(data), COLUMNS, compression, Html(**limits)))
    skipped: dict[str, int] = {}
    for one in found:
        for kind, count in one.skipped.items():
            skipped[kind] = skipped.get(kind, 0) + count
    return Records(pa.concat_tables([one.rows for one in found]), sum((one.unreadable for one in found), ()), skipped)


def fates(found: Records) -> dict[int, str]:
    """What became of each record that was read, by position."""
    kept = {row["position"]: row["url"].removeprefix("https://example.org/") for row in found.rows.to_pylist()}
    return dict(sorted((kept | {one.position: one.reason for one in found.unreadable}).items()))


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_page_becomes_its_text_with_title_dates_and_url(compression: str) -> None:
    found = read(packed([html_record(3)], compression), compression)
    assert found.rows.to_pylist() == [
        {
            "position": 0,
            "id": None,
            "text": ("This is what page 3 says, in a whole sentence. " * 5).strip(),
            "url": "https://example.org/3",
            "title": "Page 3 & more",
            "crawled": "2024-03-04T00:00:00Z",
            "published": "2024-02-04",
            "own_id": "urn:uuid:00000000-0000-0000-0000-000000000003",
        }
    ]
    assert not found.unreadable
    assert not found.skipped


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_every_record_is_a_document_or_counted(compression: str) -> None:
    rest = others()
    found = read(packed([*rest[:3], FIVE[0], *rest[3:], FIVE[1]], compression), compression)
    assert fates(found) == {3: "0", 8: "1"}
    assert found.skipped == OTHERS


def test_one_gzip_member_with_all_records() -> None:
    assert fates(read(gzip.compress(b"".join(FIVE)), "gzip")) == {n: str(n) for n in range(5)}


def test_a_wet_file_is_texts() -> None:
    texts = [record(n, f"文本 {n}\nsecond line".encode(), conversion, Content_Type="text/plain") for n in range(2)]
    bad = record(2, b"a\xff", conversion, Content_Type="text/plain")
    found = read(packed([*others()[:1], *texts, bad], "gzip"), "gzip")
    assert found.rows["text"].to_pylist() == ["文本 0\nsecond line", "文本 1\nsecond line"]
    assert fates(found) == {1: "0", 2: "1", 3: "invalid_utf8"}


def test_a_resource_is_a_page_without_http() -> None:
    found = read(record(0, page(0), resource, Content_Type="text/html"))
    assert found.rows["title"].to_pylist() == ["Page 0 & more"]


CHUNKED = b"".join(b"%x\r\n%s\r\n" % (len(page(0)[at : at + 50]), page(0)[at : at + 50]) for at in range(0, 900, 50))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Encoding: gzip\r\n", gzip.compress(page(0), mtime=0)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(page(0))),
        (b"Content-Encoding: br\r\n", brotli.compress(page(0))),
        (b"Content-Encoding: zstd\r\n", zstandard.compress(page(0))),
        (b"Content-Encoding: gzip\r\n", page(0)),
        (b"Content-Encoding: gzip\r\n", gzip.compress(page(0)[:100]) + gzip.compress(page(0)[100:]) + b"\0\0"),
        (b"Content-Encoding: deflate\r\n", zlib.compress(page(0), wbits=-15)),
        (b"Transfer-Encoding: chunked\r\n", CHUNKED + b"0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\n", page(0)),
    ],
)
def test_contents_are_decoded(headers: bytes, body: bytes) -> None:
    found = read(record(0, OK + headers + b"\r\n" + body))
    assert found.rows["text"].to_pylist() == [("This is what page 0 says, in a whole sentence. " * 5).strip()]


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_part_of_a_page_that_was_decoded_before(coding: bytes) -> None:
    for body in (b"<div><p>What it says.</p></div>", b" \n<!-- a comment --><p>What it says.", b""):
        found = read(record(0, OK + b"Content-Encoding: " + coding + b"\r\n\r\n" + body))
        assert found.rows["text"].to_pylist() == ["What it says." if body else ""]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(page(0), mtime=0)),
        (b"deflate", zlib.compress(page(0))),
        (b"deflate", zlib.compress(page(0), wbits=-15)),
        (b"br", brotli.compress(page(0))),
        (b"zstd", zstandard.compress(page(0))),
    ],
)
@pytest.mark.parametrize("missing", [1, 10, 100])
def test_a_content_that_is_cut_off_is_no_page(coding: bytes, body: bytes, missing: int) -> None:
    cut = record(0, OK + b"Content-Encoding: " + coding + b"\r\n\r\n" + body[:-missing])
    assert fates(read(cut + FIVE[1])) == {0: "broken_http", 1: "1"}


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (b"Content-Type: text/html, text/html; charset=utf-8\r\n", page(0)),
        (b"CONTENT-TYPE:Text/HTML\r\n", page(0)),
        (b"Content-Type: unknown/unknown\r\n", page(0)),
        (b"Content-Type: */*\r\n", b"<p>" + page(0)),
        (b"Content-Type:\r\n", b"\n<!-- " + b"x" * 3000 + b" -->" + page(0)),
        (b"", b"<TITLE>Page</TITLE>" + page(0)),
    ],
)
def test_how_a_page_is_told(media_type: bytes, body: bytes) -> None:
    found = read(record(0, b"HTTP/1.1 200 OK\r\n" + media_type + b"\r\n" + body))
    assert "This is what page 0 says" in found.rows["text"][0].as_py()


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (b"Content-Type: text/plain, text/html\r\n", b"plain"),
        (b"Content-Type: unknown/unknown\r\n", b"%PDF-1.7 <p>"),
        (b"", b"<?xml version='1.0'?><rss><p>feed</p></rss>"),
        (b"", b"<article-like> plain"),
    ],
)
def test_what_is_no_page(media_type: bytes, body: bytes) -> None:
    found = read(record(0, b"HTTP/1.1 200 OK\r\n" + media_type + b"\r\n" + body))
    assert found.skipped == {"not_html": 1}


@pytest.mark.parametrize("kind", [b"", b"Content-Type: Application/HTTP;msgtype=response\r\n"])
def test_a_response_that_does_not_say_it_is_http(kind: bytes) -> None:
    said = b"Content-Type: application/http; msgtype=response\r\n"
    assert said in FIVE[0]
    assert fates(read(FIVE[0].replace(said, kind))) == {0: "0"}
    dns = record(1, b"20240101\nexample.org. 60 IN A 10.0.0.1\n", Content_Type="text/dns")
    assert read(dns).skipped == read(dns.replace(b"Content-Type: text/dns\r\n", b"")).skipped == {"not_html": 1}


def test_contents_that_are_not_what_the_head_says() -> None:
    broken = record(0, OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08broken")
    no_http = record(1, b"\x00\x01 nothing")
    assert fates(read(broken + no_http + FIVE[2])) == {0: "broken_http", 1: "broken_http", 2: "2"}


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"<html>" + b"a" * 200_000_000, 1)
    found = read(record(0, OK + b"Content-Encoding: gzip\r\n\r\n" + bomb) + FIVE[1])
    assert fates(found) == {0: "page_too_large", 1: "1"}
    response = http.parsed(OK + b"Content-Encoding: gzip\r\n\r\n" + bomb)
    assert response
    assert len(http.content(response, 1000) or b"") == 1001


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_is_too_large_is_passed_over(compression: str) -> None:
    large = html_record(1, b"<html>" + b"word " * 60_000)
    image = record(2, b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + b"\0" * 300_000)
    text = record(3, b"word " * 60_000, conversion, Content_Type="text/plain")
    found = read(packed([FIVE[0], large, image, text, FIVE[4]], compression), compression, page_bytes_max=100_000)
    assert fates(found) == {0: "0", 1: "page_too_large", 3: "page_too_large", 4: "4"}
    assert found.skipped == {"not_html": 1}


def damaged(number: int) -> list[bytes]:
    """Five members, of which one is broken in its middle."""
    members = [gzip.compress(one, mtime=0) for one in FIVE]
    middle = len(members[number]) // 2
    members[number] = members[number][:middle] + b"\xff" * 20 + members[number][middle + 20 :]
    return members


@pytest.mark.parametrize("number", range(5))
def test_behind_a_broken_gzip_member_the_file_goes_on(number: int) -> None:
    found = read(b"".join(damaged(number)), "gzip")
    assert fates(found) == {n: str(n) if n != number else "corrupt_compression" for n in range(5)}


def test_behind_a_broken_zstd_frame_the_file_goes_on() -> None:
    frames = [zstandard.ZstdCompressor(write_checksum=True).compress(one) for one in FIVE]
    frames[2] = frames[2][:100] + b"\xff" * 20 + frames[2][120:]
    assert fates(read(b"".join(frames), "zstd")) == {0: "0", 1: "1", 2: "corrupt_compression", 3: "3", 4: "4"}


def test_garbage_between_members() -> None:
    members = [gzip.compress(one, mtime=0) for one in FIVE]
    noise = b"noise \x1f\x8b\x08 that begins like a member, and one " + gzip.compress(b"without a record")
    found = read(b"".join([*members[:2], noise, *members[2:]]), "gzip")
    assert fates(found) == {0: "0", 1: "1", 2: "corrupt_compression", 3: "2", 4: "3", 5: "4"}


def without(data: bytes, number: int, length: str) -> bytes:
    """One record with another length than it has."""
    head, _, rest = FIVE[number].partition(b"Content-Length: ")
    broken = head + b"Content-Length: " + length.encode() + rest[rest.index(b"\r\n") :]
    return data.replace(FIVE[number], broken)


@pytest.mark.parametrize("length", ["3", "300", "2000", "99999999999", "-5", "many", ""])
def test_behind_a_wrong_length_the_file_goes_on(length: str) -> None:
    found = read(without(b"".join(FIVE), 1, length))
    assert fates(found) == {0: "0", 1: "broken_record", 2: "2", 3: "3", 4: "4"}
    (aside,) = found.unreadable
    assert aside.raw.startswith(b"WARC/")
    assert b"example.org/2" not in aside.raw


def test_a_wrong_length_that_is_too_large_to_hold() -> None:
    found = read(without(b"".join(FIVE), 1, "99999999") + FIVE[0] * 200, page_bytes_max=1000)
    assert [fates(found)[n] for n in range(6)] == ["0", "broken_record", "2", "3", "4", "0"]


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_file_that_is_cut_off(compression: str, share: float) -> None:
    last = packed([FIVE[4]], compression)
    found = read(packed(FIVE[:4], compression) + last[: int(share * len(last))], compression)
    assert fates(found) == {0: "0", 1: "1", 2: "2", 3: "3", 4: "truncated"}


def test_no_warc_file() -> None:
    with pytest.raises(BadShard, match="not_warc: no record; the file begins with b'<!doctype"):
        read(page(0) * 10)
    with pytest.raises(BadShard, match="not_gzip"):
        read(b"".join(FIVE), "gzip")
    assert fates(read(b"")) == {}


def test_a_text_column_by_another_name_is_still_the_text() -> None:
    (found,) = warc.read(pa.BufferReader(FIVE[0]), {"text": "content"}, "none")
    assert found.rows["text"].to_pylist()[0].startswith("This is")


def test_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.readers.batches.BATCH_BYTES", 10_000)
    sizes = [batch.rows.nbytes for batch in warc.read(pa.BufferReader(b"".join(FIVE * 100)), COLUMNS)]
    assert len(sizes) > 10
    assert max(sizes) < 30_000


def test_names_of_headers_in_any_case_and_line_ends_alone() -> None:
    loose = (
        FIVE[0]
        .replace(b"WARC-Type", b"warc-TYPE")
        .replace(b"WARC-Target-URI: ", b"Warc-Target-Uri:<")
        .replace(b"org/0\r\n", b"org/0>\r\n")
    )
    assert fates(read(loose)) == {0: "0"}
