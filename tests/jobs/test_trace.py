"""Tracing: every ancestor and descendant of a document, where each was read, and in which releases it is."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from conftest import article

from jobs.clean import clean
from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage
from jobs.trace.relatives import trace
from jobs.trace.told import trace_facts, trace_lines
from jobs.withdrawal.rules import withdraw

Run = Callable[[JobSpec], Published]


def job(raw: Path, target: Path) -> JobSpec:
    return parse(
        f"""
name = "t"
target = "{target}"
[[sources]]
name = "web"
path = "{raw}/web"
origin = "real"
[[sources]]
name = "model"
path = "{raw}/model"
origin = "generated"
generator = "model@1"
columns = {{parents = "made_from", prompt_hash = "prompt"}}
[[steps]]
op = "length"
chars_min = 50
[[steps]]
op = "exact_dedup"
[run]
engine = "inline"
""".encode(),
        "job.toml",
    )


def shard(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    web = [
        {"id": "tiny", "text": "tiny"},
        {"id": "a", "text": article(1), "url": "https://a.org/"},
        {"id": "copy of a", "text": article(1)},
        {"id": "alone", "text": article(2)},
    ]
    shard(folder / "web" / "one.jsonl", web)
    model = [
        {"id": "b", "text": article(3), "made_from": ["a", "tiny"], "prompt": "9f02"},
        {"id": "c", "text": article(4), "made_from": ["b", "from elsewhere"]},
        {"id": "c2", "text": article(5), "made_from": ["b"]},
        {"id": "round", "text": article(6), "made_from": ["trip"]},
        {"id": "trip", "text": article(7), "made_from": ["round"]},
    ]
    shard(folder / "model" / "one.jsonl", model)
    return folder


def told(target: Path, id_: str, number: int = 1) -> str:
    return "\n".join(trace_lines(trace(open_storage(str(target)), number, id_)))


def test_up_and_down_to_the_records(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    assert (
        told(tmp_path / "out", "b")
        == """\
b
  read      model/one.jsonl#0
  raw       bytes 0 to 883
  generator model@1
  prompt    9f02
  release 1 kept
made from
  a  web/one.jsonl#1, bytes 31 to 644, release 1 kept
  tiny  web/one.jsonl#0, bytes 0 to 30, release 1 dropped by length: too_few_chars
made from it
  c  model/one.jsonl#1, model@1, release 1 kept
  c2  model/one.jsonl#2, model@1, release 1 kept"""
    )
    assert (
        told(tmp_path / "out", "a")
        == """\
a
  read      web/one.jsonl#1
  raw       bytes 31 to 644
  url       https://a.org/
  release 1 kept
made from
  nothing that it names
made from it
  b  model/one.jsonl#0, model@1, release 1 kept
    c  model/one.jsonl#1, model@1, release 1 kept
    c2  model/one.jsonl#2, model@1, release 1 kept"""
    )


def test_what_is_not_there_and_what_goes_round_is_told(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    assert "  from elsewhere  in the input of no release\n" in told(tmp_path / "out", "c")
    assert "in the input of no release: others name it\n" in told(tmp_path / "out", "from elsewhere")
    assert "made from it\n  c  model" in told(tmp_path / "out", "from elsewhere")
    elsewhere = trace_facts(trace(open_storage(str(tmp_path / "out")), 1, "from elsewhere"))
    assert (elsewhere["records"], elsewhere["children"], elsewhere["ancestors"]) == ([], ["c"], [])
    trip = told(tmp_path / "out", "trip")
    assert trip.count("    trip  (the document itself: they were made from each other)") == 2
    assert "release 1 dropped by exact_dedup: exact_duplicate (a)" in told(tmp_path / "out", "copy of a")
    with pytest.raises(JobError, match="no release up to 1 has read a document 'nobody', or one that was made from it"):
        told(tmp_path / "out", "nobody")


def test_across_releases(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    shard(raw / "web" / "two.jsonl", [{"id": "new", "text": article(9)}])
    run(job(raw, target))
    withdraw(open_storage(str(target)), "id", "a", "asked for")
    run(job(raw, target))
    (raw / "web" / "one.jsonl").unlink()
    run(job(raw, target))
    assert "release 1-2 kept\n  release 3 dropped by withdrawals: withdrawn\nmade from" in told(target, "a", 4)
    down = told(target, "a", 4).partition("made from it")[2]
    assert (
        "    c  model/one.jsonl#1, model@1, release 1-2 kept, release 3-4 dropped by withdrawals: derived_from" in down
    )
    assert "release 2-4 kept" in told(target, "new", 4)
    assert "release 1 kept" in told(target, "a", 1)
    gone = (
        "release 1-2 dropped by exact_dedup: exact_duplicate (a)\n  release 3 dropped by withdrawals: copy_of_withdrawn"
    )
    assert gone in told(target, "copy of a", 4)


def test_one_id_of_two_records(raw: Path, tmp_path: Path, run: Run) -> None:
    shard(raw / "web" / "a second.jsonl", [{"id": "x", "text": "short"}, {"id": "alone", "text": article(8)}])
    run(job(raw, tmp_path / "out"))
    lines = told(tmp_path / "out", "alone").splitlines()
    assert [line for line in lines if "raw" not in line][1:5] == [
        "  read      web/a second.jsonl#1",
        "  release 1 kept",
        "  read      web/one.jsonl#3",
        "  release 1 dropped by unique_id: duplicate_id (alone)",
    ]


def test_programs_are_told_the_same(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    (raw / "model" / "two.jsonl").write_text('{"id": "last", "text": "too short"}\n')
    run(job(raw, target))
    found = json.loads(json.dumps(trace_facts(trace(open_storage(str(target)), 2, "b"))))
    data = (raw / "model" / "one.jsonl").read_bytes()
    place = found["records"][0]["raw"]
    assert json.loads(data[place["begin"] : place["end"]])["id"] == "b"
    said = {"url": None, "license": None, "generator": None, "prompt_hash": None}
    short = {"releases": [1, 2], "step": "length", "reason": "too_few_chars", "kept_id": None}
    web = {"shard": str(raw / "web" / "one.jsonl"), "compression": "none"}
    assert found["ancestors"] == [
        {
            "id": "a",
            "parents": [],
            "records": [
                {"source": "web", "path": "one.jsonl", "position": 1, **said, "url": "https://a.org/"}
                | {"raw": web | {"begin": 31, "end": 644}, "kept": [{"releases": [1, 2]}], "dropped": []}
            ],
        },
        {
            "id": "tiny",
            "parents": [],
            "records": [
                {"source": "web", "path": "one.jsonl", "position": 0, **said}
                | {"raw": web | {"begin": 0, "end": 30}, "kept": [], "dropped": [short]}
            ],
        },
    ]
    assert found["parents"] == ["a", "tiny"]
    assert found["children"] == ["c", "c2"]
    assert [(one["id"], one["children"], one["more_children"]) for one in found["descendants"]] == [
        ("c", [], False),
        ("c2", [], False),
    ]
    assert found["not_looked_up"] == []


@pytest.mark.parametrize(("suffix", "pack"), [(".jsonl.gz", gzip.compress), (".jsonl.zst", zstandard.compress)])
def test_bytes_of_packed_shards_are_those_of_what_they_unpack_to(
    suffix: str, pack: Callable[[bytes], bytes], raw: Path, tmp_path: Path, run: Run
) -> None:
    plain = (raw / "web" / "one.jsonl").read_bytes()
    (raw / "web" / "one.jsonl").unlink()
    (raw / "web" / f"one{suffix}").write_bytes(pack(plain))
    run(job(raw, tmp_path / "out"))
    assert "  raw       bytes 31 to 644 decompressed\n" in told(tmp_path / "out", "a")
    assert json.loads(plain[31:644])["id"] == "a"


def test_rows_of_parquet_shards(raw: Path, tmp_path: Path, run: Run) -> None:
    table = pa.table({"id": ["p", "q", "r"], "text": [article(n) for n in (20, 21, 22)]})
    pq.write_table(table, raw / "web" / "rows.parquet", row_group_size=2)
    run(job(raw, tmp_path / "out"))
    assert "  raw       row group 1, row 0\n" in told(tmp_path / "out", "r")


def test_shards_that_went_or_changed_are_told(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    with (raw / "web" / "one.jsonl").open("a") as file:
        file.write("{}\n")
    (raw / "model" / "one.jsonl").unlink()
    assert "  raw       (the raw shard one.jsonl of model is not there any more)\n" in told(target, "b")
    changed = "the raw shard one.jsonl of web has changed since release 1 was made"
    assert f"\n  a  web/one.jsonl#1, ({changed}), release 1 kept\n" in told(target, "b")
    facts = trace_facts(trace(open_storage(str(target)), 1, "a"))
    assert facts["records"][0]["raw"] == {"why_not": changed}


def test_no_more_is_read_than_is_worth_it(raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run(job(raw, tmp_path / "out"))
    monkeypatch.setattr("jobs.trace.raw._BYTES_MAX", 1)
    lines = told(tmp_path / "out", "b")
    assert "  raw       bytes 0 to 883\n" in lines
    assert "\n  a  web/one.jsonl#1, (not looked up: that would be much to read), release 1 kept\n" in lines


def test_of_parquet_footers_alone_are_read(
    raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (raw / "web" / "one.jsonl").unlink()
    pq.write_table(pa.table({"id": ["tiny", "a"], "text": ["tiny", article(1)]}), raw / "web" / "rows.parquet")
    run(job(raw, tmp_path / "out"))
    monkeypatch.setattr("jobs.trace.raw._BYTES_MAX", 0)
    assert "\n  a  web/rows.parquet#1, row group 0, row 1, release 1 kept\n" in told(tmp_path / "out", "b")


def test_of_very_many_children_some_are_told(tmp_path: Path, run: Run) -> None:
    rows = [{"id": f"n{n:04d}", "text": article(n), "made_from": ["book"]} for n in range(500)]
    shard(tmp_path / "raw" / "model" / "one.jsonl", rows)
    shard(tmp_path / "raw" / "web" / "one.jsonl", [{"id": "book", "text": article(1000)}])
    run(job(tmp_path / "raw", tmp_path / "out"))
    lines = told(tmp_path / "out", "book").splitlines()
    assert 100 <= len(lines) <= 120
    assert lines[-1] == "  and more, which are not told"


def test_cleaning_keeps_what_releases_that_stay_are_traced_by(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    shard(raw / "model" / "one.jsonl", [{"id": "late", "text": article(9), "made_from": ["a"]}])
    run(job(raw, target))
    before = told(target, "a", 2)
    assert "  b  model/one.jsonl#0, model@1, release 1 kept\n" in before
    clean(job(raw, target), None, dry_run=False)
    assert told(target, "a", 2) == before
    clean(job(raw, target), 1, dry_run=False)
    assert told(target, "a", 2).endswith("made from it\n  late  model/one.jsonl#0, model@1, release 2 kept")
