"""Pages in whole jobs: WARC, HTML columns, HTML and tar files become documents, and every record is accounted for."""

import gzip
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes
from warc_files import OTHERS, html_record, others, packed, page

from jobs.console import told_counts
from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

Run = Callable[[JobSpec], Published]


def job(raw: Path, target: Path, source: str, steps: str = "") -> JobSpec:
    text = f"""
name = "test"
target = "{target}"
[[sources]]
name = "web"
path = "{raw}"
origin = "real"
{source}
{steps}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


def released(target: Path) -> list[dict[str, Any]]:
    return pq.read_table(target / "releases/0001/data").to_pylist()


def crawl(folder: Path) -> Path:
    """Two files of a crawl: pages, what lies between them, a page that is too deep and a member that is broken."""
    folder.mkdir()
    good = [html_record(n, page(n, article(n))) for n in range(10)]
    deep = html_record(50, b"<div>" * 3000)
    broken = bytearray(gzip.compress(html_record(51)))
    broken[60:90] = b"\xff" * 30
    (folder / "a.warc.gz").write_bytes(packed([*others(), *good[:5], deep], "gzip") + bytes(broken))
    (folder / "b.warc").write_bytes(packed([*others(), *good[5:]], "none"))
    (folder / "notes.pdf").write_bytes(b"no shard")
    return folder


MAPPED = 'columns = {title = "title", crawled = "date", published = "published"}'
LENGTH = '[[steps]]\nop = "length"\nchars_min = 300\n'


def test_a_crawl(tmp_path: Path, run: Run) -> None:
    made = run(job(crawl(tmp_path / "raw"), tmp_path / "out", MAPPED, LENGTH))
    rows = released(tmp_path / "out")
    read = made.manifest["counts"]["read"]
    assert made.manifest["counts"] == {"read": 12, "kept": len(rows), "dropped": 10 - len(rows), "quarantined": 2}
    assert read == 12
    assert made.manifest["steps"][0]["dropped"] == {"corrupt_compression": 1, "page_too_deep": 1}
    assert made.manifest["skipped"] == {kind: 2 * count for kind, count in sorted(OTHERS.items())}
    first = rows[0]
    assert first["id"] == "web/a.warc.gz#7"
    assert (first["url"], first["title"]) == ("https://example.org/0", "Page 0 & more")
    assert (first["crawled"], first["published"]) == ("2024-03-01T00:00:00Z", "2024-02-01")
    assert first["text"].startswith("The river 0 runs")


def test_what_is_no_document_is_told(tmp_path: Path, run: Run) -> None:
    made = run(job(crawl(tmp_path / "raw"), tmp_path / "out", ""))
    told = told_counts(made)
    assert "read 12 = kept 10 + dropped 0 + quarantined 2" in told
    assert "no documents, and not counted above: 2 http_error, 2 http_redirect, 2 not_html, 2 warc_metadata" in told
    facts, html = make_report(open_storage(str(tmp_path / "out")), 1)
    assert facts["skipped"]["not_html"] == 2
    assert "2 not_html" in html
    assert "page_too_deep" in "\n".join(explain(open_storage(str(tmp_path / "out")), 1, "web/a.warc.gz#12"))


def test_ids_of_records(tmp_path: Path, run: Run) -> None:
    run(job(crawl(tmp_path / "raw"), tmp_path / "out", 'columns = {id = "record_id"}'))
    assert {row["id"] for row in released(tmp_path / "out")} == {
        f"urn:uuid:00000000-0000-0000-0000-{n:012d}" for n in range(10)
    }


def test_the_same_bytes_again_and_by_other_requests(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = crawl(tmp_path / "raw")
    run(job(raw, tmp_path / "one", MAPPED))
    for name, size in (("PIECE_BYTES", 777), ("READ_BYTES", 999)):
        monkeypatch.setattr(f"jobs.readers.compression.{name}", size)
    run(job(raw, tmp_path / "two", MAPPED))
    assert released(tmp_path / "one") == released(tmp_path / "two")
    one, two = release_bytes(tmp_path / "one"), release_bytes(tmp_path / "two")
    data = [name for name in one if name.startswith("data/")]
    assert data
    assert all(one[name] == two[name] for name in data)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "jsonl", "csv"])
def test_a_column_of_pages(tmp_path: Path, run: Run, kind: str) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    pages = [page(n, article(n)).decode() for n in range(4)]
    pages[2] = "<div>" * 3000
    if kind in {"parquet", "arrow"}:
        encoded = [pages[0].encode(), pages[1].encode("gbk"), pages[2].encode(), pages[3].encode("gbk")]
        table = pa.table({"html": encoded, "title": ["own", None, None, None], "at": ["x"] * 4})
        if kind == "parquet":
            pq.write_table(table, raw / "a.parquet")
        else:
            with pa.ipc.new_stream(raw / "a.arrow", table.schema) as writer:
                writer.write_table(table)
    elif kind == "jsonl":
        own = [{"title": "own"}, {}, {}, {}]
        lines = [json.dumps({"html": html, "at": "x", **more}) for html, more in zip(pages, own, strict=True)]
        (raw / "a.jsonl").write_text("\n".join(lines))
    else:
        rows = ['"{}",{},x'.format(html.replace('"', '""'), "own" if n == 0 else "") for n, html in enumerate(pages)]
        (raw / "a.csv").write_text("\n".join(["html,title,at", *rows]))
    mapped = 'columns = {html = "html", headline = "title", day = "published", at = "at"}'
    made = run(job(raw, tmp_path / "out", mapped))
    assert made.manifest["counts"] == {"read": 4, "kept": 3, "dropped": 0, "quarantined": 1}
    rows_out = released(tmp_path / "out")
    assert [row["headline"] for row in rows_out] == ["own", "Page 1 & more", "Page 3 & more"]
    assert [row["day"] for row in rows_out] == ["2024-02-01", "2024-02-02", "2024-02-04"]
    assert [row["at"] for row in rows_out] == ["x", "x", "x"]
    assert [row["text"] for row in rows_out] == [" ".join(article(n).split()) for n in (0, 1, 3)]
    assert "html" not in rows_out[0]


def test_files_of_pages(tmp_path: Path, run: Run) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.html").write_bytes(page(1))
    (tmp_path / "raw/b.htm.gz").write_bytes(gzip.compress(page(2)))
    (tmp_path / "raw/c.txt").write_bytes(b"<p>no page</p>")
    run(job(tmp_path / "raw", tmp_path / "out", 'columns = {title = "title"}'))
    assert [(row["id"], row["title"]) for row in released(tmp_path / "out")] == [
        ("web/a.html#0", "Page 1 & more"),
        ("web/b.htm.gz#0", "Page 2 & more"),
        ("web/c.txt#0", None),
    ]


def test_limits_and_extractor_of_a_source(tmp_path: Path, run: Run) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.warc").write_bytes(html_record(1, page(1, article(1))) + html_record(2, page(2, article(2) * 9)))
    made = run(job(tmp_path / "raw", tmp_path / "out", 'html = {extractor = "trafilatura", page_bytes_max = 2000}'))
    assert made.manifest["steps"][0]["dropped"] == {"page_too_large": 1}
    assert released(tmp_path / "out")[0]["text"].startswith("The river 1 runs")


def test_an_extractor_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        Exception, match=r"sources.0.html.extractor: trafilatura is not installed; install gristmill\[tr"
    ):
        job(Path("/raw"), Path("/out"), 'html = {extractor = "trafilatura"}')


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('columns = {html = "a", text = "b"}', "sources.0.columns: html and text: the text is taken from one column"),
        (
            "html = {depth = 3}",
            "sources.0.html.depth: no such setting; did you mean 'depth_max'?; valid here: depth_max",
        ),
        ('html = {extractor = "lxml"}', "sources.0.html.extractor: is 'lxml'; expected 'resiliparse' or 'trafilatura'"),
        ("html = {page_bytes_max = 0}", "sources.0.html.page_bytes_max: "),
    ],
)
def test_mistakes_are_told(source: str, told: str) -> None:
    with pytest.raises(Exception, match="is not a valid job") as raised:
        job(Path("/raw"), Path("/out"), source)
    assert told in str(raised.value)
