import gzip
import io
import json
import tarfile
from typing import Any

import pyarrow as pa
import pytest
from warc_files import page

from jobs.readers import tar
from jobs.readers.html_settings import Html
from jobs.readers.records import BadShard

COLUMNS = {"id": "id", "text": "text", "url": "url", "title": "title", "member": "member"}


def packed(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, data in files:
            head = tarfile.TarInfo(name)
            head.size = len(data)
            made.addfile(head, io.BytesIO(data))
    return out.getvalue()


def read(data: bytes, compression: str = "none", columns: dict[str, str] | None = None, **limits: Any) -> Any:
    """Rows, reasons by position, and what was skipped."""
    found = list(tar.read(pa.BufferReader(data), columns or COLUMNS, compression, Html(**limits)))
    skipped: dict[str, int] = {}
    for one in found:
        for kind, count in one.skipped.items():
            skipped[kind] = skipped.get(kind, 0) + count
    rows = [row for one in found for row in one.rows.to_pylist()]
    return rows, {bad.position: bad.reason for one in found for bad in one.unreadable}, skipped


def row(position: int, text: str, member: str, **more: str) -> dict[str, Any]:
    return {"position": position, "id": None, "text": text, "url": None, "title": None, "member": member} | more


def test_texts_pages_and_json() -> None:
    files = [
        ("a/1.txt", b"\xef\xbb\xbfone"),
        ("a/2.txt", "二".encode()),
        ("a/3.html", page(3)),
        ("a/4.json", b'{"text": "four",\n "url": "https://example.org/4", "id": 4}'),
        ("a/5.jpg", b"\xff\xd8"),
        ("a/readme", b"?"),
    ]
    rows, aside, skipped = read(packed(files))
    assert rows == [
        row(0, "one", "a/1.txt"),
        row(1, "二", "a/2.txt"),
        row(2, ("This is what page 3 says, in a whole sentence. " * 5).strip(), "a/3.html", title="Page 3 & more"),
        row(3, "four", "a/4.json", url="https://example.org/4", id="4"),
    ]
    assert aside == {}
    assert skipped == {".jpg": 1, "no_suffix": 1}


def test_a_sample_of_webdataset_is_one_document() -> None:
    about = json.dumps({"id": "x", "url": "https://example.org", "title": "said", "text": "not this"}).encode()
    files = [("7.json", about), ("7.txt", b"text"), ("7.jpg", b""), ("8.html", page(8)), ("8.json", about)]
    rows, aside, skipped = read(packed(files))
    told = {"id": "x", "url": "https://example.org"}
    assert rows[0] == row(0, "text", "7.txt", title="said", **told)
    assert rows[1] | {"text": ""} == row(1, "", "8.html", title="Page 8 & more", **told)
    assert (aside, skipped) == ({}, {".jpg": 1})


def test_neighbours_with_dots_in_their_names_stay_apart() -> None:
    rows, _, _ = read(packed([("3.14.txt", b"pi"), ("3.15.txt", b"more")]))
    assert [one["text"] for one in rows] == ["pi", "more"]


def test_jsonl_has_a_document_a_line() -> None:
    lines = b'{"body": "a"}\n\nbroken\n{"body": "b"}\n'
    rows, aside, _ = read(packed([("x.txt", b"t"), ("part.jsonl", lines), ("y.txt", b"u")]), columns={"text": "body"})
    assert [(one["position"], one["text"]) for one in rows] == [(0, "t"), (1, "a"), (2, "b"), (4, "u")]
    assert aside == {3: "broken_json"}


def test_what_cannot_be_read_is_set_aside_alone() -> None:
    files = [
        ("1.txt", b"a\xff"),
        ("2.json", b"{"),
        ("3.json", b"[]"),
        ("4.json", b'{"url": "x"}'),
        ("5.html", b"<p>" + b"word " * 1000),
        ("6.txt", b""),
        ("7.txt", b"good"),
    ]
    rows, aside, _ = read(packed(files), page_bytes_max=1000)
    assert [one["text"] for one in rows] == ["", "good"]
    assert aside == {0: "invalid_utf8", 1: "broken_json", 2: "not_an_object", 3: "text_null", 4: "page_too_large"}


FILES = [(f"{n}.txt", b"text %d " % n * 100) for n in range(5)]


def test_behind_a_broken_head_the_file_goes_on() -> None:
    data = bytearray(packed(FILES))
    at = data.index(b"2.txt")
    data[at : at + 200] = b"\xff" * 200
    rows, aside, _ = read(bytes(data))
    assert [one["member"] for one in rows] == ["0.txt", "1.txt", "3.txt", "4.txt"]
    assert aside == {2: "broken_record"}


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_file_that_is_cut_off(compression: str) -> None:
    data = packed(FILES)[:4000]
    rows, aside, _ = read(gzip.compress(data)[:-12] if compression == "gzip" else data, compression)
    assert [one["member"] for one in rows] == ["0.txt", "1.txt"]
    assert aside == {2: "truncated"}


def test_compressed_and_joined() -> None:
    assert len(read(gzip.compress(packed(FILES)), "gzip")[0]) == 5
    assert len(read(packed(FILES) + packed(FILES))[0]) == 10
    assert read(packed([])) == ([], {}, {})


@pytest.mark.parametrize("data", [b"", b"no tar file at all" * 100, b"short"])
def test_no_tar_file(data: bytes) -> None:
    with pytest.raises(BadShard, match="not_tar"):
        read(data)
