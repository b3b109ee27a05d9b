"""Annotated pages, in whole jobs: in columns, in files, and beside images in tar files."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from raw_rows import released

from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]

PAGE = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
<Metadata><Creator>renderer 2</Creator><MetadataItem name="renderedFrom" value="novel-7"/></Metadata>
<Page imageFilename="{image}"><TextRegion id="r"><TextLine><TextEquiv conf="{sure}"><Unicode>{text}</Unicode>
</TextEquiv></TextLine></TextRegion></Page></PcGts>"""
HOCR = """<html xmlns="http://www.w3.org/1999/xhtml"><head><meta name="ocr-system" content="tesseract 5"/></head><body>
<div class="ocr_page"><p class="ocr_par"><span class="ocr_line">{text}</span></p></div></body></html>"""


def job(folder: Path, source: str, steps: str = "", path: str = "raw") -> JobSpec:
    text = f"""
name = "test"
target = "{folder / "out"}"
[[sources]]
name = "pages"
path = "{folder / path}"
{source}
{steps}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


# A page that was rendered from a document, with the place and the number of each block.
RENDERED: list[dict[str, Any]] = [
    {
        "id": "r1",
        "image": "r1.png",
        "rendered_from": ["novel-7"],
        "model": "synth@4",
        "blocks": [
            {"box": [0, 20, 90, 30], "order": 2, "lines": ["It was an exam-", "ple of it."], "type": "paragraph"},
            {"box": [0, 0, 90, 9], "order": 1, "lines": ["Chapter"], "type": "heading"},
        ],
    },
    {
        "id": "r2",
        "image": "r2.png",
        "rendered_from": ["小说-8"],
        "model": "synth@4",
        "blocks": [{"box": [0, 0, 9, 9], "order": 1, "lines": ["第一行，", "第二行。"], "type": "paragraph"}],
    },
]
SOURCE = """
origin = "rewrite"
columns = {layout = "blocks", parents = "rendered_from", generator = "model", image = "image"}
"""


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "strings"])
def test_rendered_pages_keep_what_they_were_rendered_from(tmp_path: Path, run: Run, kind: str) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(RENDERED), raw / "a.parquet")
    else:
        as_told = [row | {"blocks": json.dumps(row["blocks"])} if kind == "strings" else row for row in RENDERED]
        (raw / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in as_told))
    made = run(job(tmp_path, SOURCE))
    assert [
        (row["id"], row["text"], row["origin"], row["depth"], row["parents"], row["generator"], row["image"])
        for row in released(tmp_path)
    ] == [
        ("r1", "Chapter\n\nIt was an example of it.", "rewrite", 1, ["novel-7"], "synth@4", "r1.png"),
        ("r2", "第一行，第二行。", "rewrite", 1, ["小说-8"], "synth@4", "r2.png"),
    ]
    assert made.manifest["counts"]["quarantined"] == 0


def test_bad_layouts_cost_their_record_alone(tmp_path: Path, run: Run) -> None:
    rows = [
        {"blocks": [{"text": "Good."}]},
        {"blocks": "no layout"},
        {"blocks": 7},
        {"blocks": [{"text": "a", "order": 1}, {"text": "b"}]},
        {"blocks": None},
        {},
    ]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    made = run(job(tmp_path, 'origin = "real"\ncolumns = {layout = "blocks"}'))
    assert [row["text"] for row in released(tmp_path)] == ["Good."]
    assert made.manifest["steps"][0]["dropped"] == {"no_reading_order": 1, "not_a_layout": 2, "text_null": 2}


def test_a_file_is_a_document_and_tells_of_itself(tmp_path: Path, run: Run) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.xml").write_text(PAGE.format(image="a.png", sure="0.9", text="It rains."), "utf-8-sig")
    (raw / "b.xml").write_text(PAGE.format(image="b.png", sure="0.2", text="1t ra1ns."))
    (raw / "c.xml").write_text("<sitemap/>")
    (raw / "d.json").write_text(json.dumps({"image": "d.png", "blocks": [{"text": "下雨了。"}]}, indent=1))
    columns = '{id = "image", parents = "renderedFrom", generator = "system", sure = "confidence"}'
    steps = '[[steps]]\nop = "limits"\ncolumn = "sure"\nleast = 0.5\n'
    source = f'origin = "unknown"\nformat = "layout"\ncolumns = {columns}'
    made = run(job(tmp_path, source, steps))
    assert [(row["id"], row["text"], row["parents"], row["generator"]) for row in released(tmp_path)] == [
        ("a.png", "It rains.", ["novel-7"], "renderer 2"),
        ("d.png", "下雨了。", None, None),
    ]
    assert made.manifest["steps"][0]["dropped"] == {"not_a_layout": 1}


def test_files_of_hocr_are_known_by_their_name(tmp_path: Path, run: Run) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.hocr").write_text(HOCR.format(text="It rains."))
    (raw / "b.xml").write_text("not looked at")
    made = run(job(tmp_path, 'origin = "real"\ncolumns = {generator = "system"}'))
    assert [(row["text"], row["generator"]) for row in released(tmp_path)] == [("It rains.", "tesseract 5")]
    assert made.manifest["counts"]["read"] == 1


def test_pages_beside_images_in_tar_files(tmp_path: Path, run: Run) -> None:
    beside = {"parents": ["novel-7"], "origin": "generated"}
    files = {
        "1.png": b"...",
        "1.xml": PAGE.format(image="1.png", sure="1", text="It rains.").encode(),
        "1.json": json.dumps(beside).encode(),
        "2.hocr": HOCR.format(text="下雨了。").encode(),
        "2.png": b"...",
        "3.json": json.dumps({"blocks": [{"text": "Three."}]}).encode(),
        "4.xml": b"<sitemap/>",
    }
    (tmp_path / "raw").mkdir()
    with tarfile.open(tmp_path / "raw" / "a.tar", "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    source = 'origin = "unknown"\ncolumns = {layout = "blocks", parents = "parents", origin = "origin"}'
    made = run(job(tmp_path, source))
    assert [(row["text"], row["origin"], row["parents"]) for row in released(tmp_path)] == [
        ("It rains.", "generated", ["novel-7"]),
        ("下雨了。", "unknown", None),
        ("Three.", "unknown", None),
    ]
    assert made.manifest["steps"][0]["dropped"] == {"not_a_layout": 1}
