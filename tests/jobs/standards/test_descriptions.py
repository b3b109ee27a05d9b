"""Descriptions of a release that other tools read: Croissant, and the Data Provenance Standards."""

import json
import warnings
from pathlib import Path
from typing import Any

import mlcroissant
import pyarrow.parquet as pq
import pytest
import zstandard
from conftest import job_of, job_text, make_corpus, release_bytes, run_quietly

from jobs.release import Published
from jobs.spec import JobSpec, parse

ABOUT = """
[about]
creator   = "Example Institute"
url       = "https://example.org/corpus"
published = 2026-11-21
countries = ["DE", "US-CA"]
"""
STEPS = """
[[steps]]
op = "language"

[[steps]]
op = "redact"

[[steps]]
op = "quality_signals"

[[steps]]
op = "exact_dedup"
"""


def job(raw: Path, target: Path, kind: str = "parquet", **options: Any) -> JobSpec:
    spec = job_of(raw, target, **({"steps": STEPS} | options))
    return spec.model_copy(update={"release": spec.release.model_copy(update={"format": kind})})


def described(target: Path, made: Published, name: str = "croissant.json") -> dict[str, Any]:
    return dict(json.loads((target / made.folder / name).read_bytes()))


def opened(folder: Path, mapping: dict[str, Path] | None = None) -> mlcroissant.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries that it is made of
        return mlcroissant.Dataset(jsonld=str(folder / "croissant.json"), mapping=mapping)


def records(dataset: mlcroissant.Dataset) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(dataset.records("documents"))


def same(rows: list[dict[str, Any]], found: list[dict[str, Any]]) -> bool:
    texts = [(row["id"], row["text"], row["depth"]) for row in rows]
    told = [(one["documents/id"].decode(), one["documents/text"].decode(), one["documents/depth"]) for one in found]
    return bool(texts) and sorted(texts) == sorted(told)


def test_croissant_is_valid_and_its_records_are_the_documents(tmp_path: Path) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", more=ABOUT))
    folder = tmp_path / "out" / made.folder
    dataset = opened(folder)
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    assert not [one for one in issues.warnings if "citeAs" not in one], issues.warnings
    rows = pq.read_table(folder / "data").to_pylist()
    found = records(dataset)
    assert same(rows, found)
    by_id = {row["id"]: row for row in rows}
    for one in found[:5]:
        signals = by_id[one["documents/id"].decode()]["quality"]
        name, value = next((name, value) for name, value in signals.items() if isinstance(value, float))
        assert one["documents/quality"][f"documents/quality/{name}"] == pytest.approx(value)


def test_records_of_json_lines(tmp_path: Path) -> None:
    """`mlcroissant` reads JSON lines that are not compressed: those are what it is given here."""
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", "jsonl.zst"))
    folder = tmp_path / "out" / made.folder
    assert not opened(folder).metadata.ctx.issues.errors
    rows = []
    for shard in sorted(folder.rglob("*.jsonl.zst")):
        plain = zstandard.ZstdDecompressor().stream_reader(shard.read_bytes()).read()
        shard.with_suffix("").write_bytes(plain)
        rows += [json.loads(line) for line in plain.splitlines()]
    plain_croissant = (folder / "croissant.json").read_text().replace(".jsonl.zst", ".jsonl")
    (folder / "croissant.json").write_text(plain_croissant)
    assert same(rows, records(opened(folder)))


@pytest.mark.parametrize("kind", ["mds", "webdataset"])
def test_other_formats_are_files_without_records(tmp_path: Path, kind: str) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", kind, steps=""))
    said = described(tmp_path / "out", made)
    assert "recordSet" not in said
    assert not opened(tmp_path / "out" / made.folder).metadata.ctx.issues.errors
    assert {one["@type"] for one in said["distribution"]} == {"cr:FileObject"}


def test_every_file_is_named_with_its_hash(tmp_path: Path) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", "mds", steps=""))
    entries = [*made.manifest["files"], *made.manifest["other_files"]]
    told = {one["@id"]: one["sha256"] for one in described(tmp_path / "out", made)["distribution"]}
    assert told == {one["path"]: one["sha256"] for one in entries if one["path"] != "croissant.json"}
    assert "croissant.json" in [one["path"] for one in entries]


def test_splits_are_of_the_record_set(tmp_path: Path) -> None:
    steps = '[[steps]]\nop = "families"\nshares = {train = 0.7, validation = 0.3}'
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", steps=steps))
    folder = tmp_path / "out" / made.folder
    assert len(list((folder / "data").iterdir())) > 1
    assert same(pq.read_table(folder / "data", partitioning=None).to_pylist(), records(opened(folder)))


def test_descriptions_follow_from_the_input_alone(tmp_path: Path) -> None:
    first = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "one"))
    run_quietly(job(make_corpus(tmp_path / "elsewhere" / "raw"), tmp_path / "two"))
    one, two = release_bytes(tmp_path / "one"), release_bytes(tmp_path / "two")
    for name in ("croissant.json", "provenance.json"):
        assert one[name] == two[name]
        assert str(tmp_path).encode() not in one[name]
        assert b"20" + b"26-" not in one[name]  # no day, since nobody said one
    assert first.manifest["identity"]


def test_what_is_said_is_what_the_job_knows(tmp_path: Path) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", more=ABOUT))
    said, kept = described(tmp_path / "out", made), made.manifest["sources"]
    assert said["license"] == [
        "https://spdx.org/licenses/CC0-1.0",
        {"@type": "sc:CreativeWork", "name": "not stated, of the text of forum, textbook"},
    ]
    assert said["datePublished"] == "2026-11-21"
    sources = {one["prov:label"]: one for one in said["prov:wasDerivedFrom"]}
    assert f"{kept['web']['kept']:,} documents" in sources["web"]["description"]
    assert sources["textbook"]["prov:wasAttributedTo"]["prov:label"] == "model@1"
    synthetic, total = kept["textbook"]["kept"], made.manifest["counts"]["kept"]
    assert f"{synthetic} of {total} documents, {synthetic / total:.1%} (synthetic {synthetic})" in str(
        said["rai:dataLimitations"]
    )
    assert any(line.startswith("exact_dedup: ") for line in said["rai:dataPreprocessingProtocol"])
    assert said["rai:machineAnnotationTools"] == ["gristmill language", "gristmill redact", "gristmill quality_signals"]
    assert "rai:dataBiases" not in said


def test_the_record_of_data_provenance(tmp_path: Path) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", more=ABOUT))
    said = described(tmp_path / "out", made, "provenance.json")
    # What its schema asks for.
    assert {"version", "title", "id", "issuer", "description"} <= set(said["source"])
    assert {"origin-geography", "date", "generation-method"} <= set(said["provenance"])
    assert said["source"]["version"] == "1.0.0"
    assert said["provenance"]["origin-geography"] == [{"country": "DE"}, {"country": "US", "state": "US-CA"}]
    methods = [one["code"] for one in said["provenance"]["generation-method"]]
    assert methods == ["other-na", "other-na", "machine-generated-mlops-synthetic"]
    assert said["use"]["license"].splitlines() == [
        "web: CC0-1.0, https://spdx.org/licenses/CC0-1.0",
        "forum: not stated",
        "textbook: not stated",
    ]
    assert said["use"]["privacy-enhancing"][0]["tool"]["code"] == "redaction"


def test_uses_that_all_sources_allow(tmp_path: Path) -> None:
    lines = job_text(make_corpus(tmp_path / "raw"), tmp_path / "out", steps="").splitlines()
    uses = iter(['["ai-pre-training", "ai-evaluation"]', '["ai-pre-training"]', '["ai-pre-training", "search"]'])
    text = "\n".join(f"{line}\nuses = {next(uses)}" if "origin = " in line else line for line in lines)
    made = run_quietly(parse(text.encode(), "job.toml"))
    purposes = described(tmp_path / "out", made, "provenance.json")["use"]["intended-purpose"]
    assert [one["code"] for one in purposes] == ["ai-pre-training"]


def test_nothing_is_said_that_nobody_knows(tmp_path: Path) -> None:
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", steps=""))
    said = described(tmp_path / "out", made, "provenance.json")
    assert "issuer" not in said["source"]
    assert set(said["provenance"]) == {"source", "generation-method", "format"}
    assert set(said["use"]) == {"license"}
    assert not {"creator", "url", "datePublished", "rai:dataAnnotationProtocol"} & set(
        described(tmp_path / "out", made)
    )


def test_what_documents_tell_of_themselves_is_not_said_of_all(tmp_path: Path) -> None:
    text = job_text(make_corpus(tmp_path / "raw"), tmp_path / "out", steps="")
    text = text.replace('path = "', 'columns = {license = "terms", origin = "kind"}\npath = "', 1)
    made = run_quietly(parse(text.encode(), "job.toml"))
    said = described(tmp_path / "out", made)
    assert {"@type": "sc:CreativeWork", "name": "of the text of web, what its column `license` says"} in said["license"]
    assert "web: origin: real (or what a document's own `origin` says)" in said["rai:dataCollection"]
    record = described(tmp_path / "out", made, "provenance.json")
    assert "CC0-1.0 (or what a document's own `license` says)" in record["use"]["license"]


def test_a_release_of_nothing_is_described(tmp_path: Path) -> None:
    nothing = '[[steps]]\nop = "length"\nchars_min = 1000000'
    made = run_quietly(job(make_corpus(tmp_path / "raw"), tmp_path / "out", steps=nothing))
    assert not opened(tmp_path / "out" / made.folder).metadata.ctx.issues.errors
    assert "0 of 0 documents, 0.0%" in str(described(tmp_path / "out", made)["rai:dataLimitations"])


def test_another_page_of_the_release_writes_no_shard_again(tmp_path: Path) -> None:
    raw = make_corpus(tmp_path / "raw")
    first = run_quietly(job(raw, tmp_path / "out"))
    second = run_quietly(job(raw, tmp_path / "out", more=ABOUT))
    assert second.number == 2
    assert first.manifest["files"] == second.manifest["files"]
    assert first.manifest["stages"] == second.manifest["stages"]
