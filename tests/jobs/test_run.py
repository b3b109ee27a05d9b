"""Whole jobs in this process: the ledger balances, nights cost what changed, and nothing but the input decides."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import STEPS, article, job_of, make_corpus, release_bytes, write_parquet

from jobs import sources
from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec
from jobs.surveys import keys, matching

Run = Callable[[JobSpec], Published]


def test_every_document_is_accounted_for(corpus: Path, tmp_path: Path, run: Run) -> None:
    made = run(job_of(corpus, tmp_path / "out"))
    counts = made.manifest["counts"]
    assert counts == {"read": 117, "kept": 98, "dropped": 17, "quarantined": 2}
    dropped = {(s["step"], r): n for s in made.manifest["steps"] for r, n in s["dropped"].items()}
    assert dropped == {
        ("read", "broken_json"): 1,
        ("read", "text_null"): 1,
        ("gopher_quality", "too_few_words"): 3,
        ("exact_dedup", "exact_duplicate"): 3,
        ("mix", "over_budget"): 11,
    }
    released = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    assert released.num_rows == counts["kept"]
    assert len(set(released["id"].to_pylist())) == counts["kept"]


def test_a_release_keeps_the_order_of_sources_shards_and_positions(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(corpus, tmp_path / "out", steps='[[steps]]\nop = "length"\nchars_min = 30'))
    released = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    webs = [i for shard in range(3) for i in [*(f"web-{n}" for n in range(shard, 60, 3)), f"copy-{shard}"]]
    forum = [f"forum-{n}" for n in range(20) if n != 5]
    assert released["id"].to_pylist() == webs + forum + [f"textbook/lessons.jsonl#{n}" for n in range(30)]


def test_documents_carry_what_their_source_says(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(corpus, tmp_path / "out"))
    rows = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data").to_pylist()
    synthetic = next(row for row in rows if row["source"] == "textbook")
    assert (synthetic["origin"], synthetic["generator"], synthetic["depth"]) == ("synthetic", "model@1", 1)
    web = next(row for row in rows if row["id"] == "web-0")
    assert (web["origin"], web["license"], web["url"]) == ("real", "CC0-1.0", "https://example.org/0")


def test_a_run_with_nothing_to_do_makes_no_release(
    corpus: Path, tmp_path: Path, run: Run, texts_read: list[str]
) -> None:
    first = run(job_of(corpus, tmp_path / "out"))
    texts_read.clear()
    again = run(job_of(corpus, tmp_path / "out"))
    assert (first.is_new, again.is_new, again.number, texts_read) == (True, False, 1, [])


def test_a_second_night_reads_only_the_new_shard(corpus: Path, tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    run(job_of(corpus, tmp_path / "out"))
    texts_read.clear()
    write_parquet(corpus / "web" / "part-1a.parquet", [{"id": f"new-{n}", "text": article(n)} for n in (500, 501, 7)])
    night = run(job_of(corpus, tmp_path / "out"))
    assert texts_read == ["part-1a.parquet"]
    assert night.number == 2
    at_once = run(job_of(corpus, tmp_path / "at-once"))
    assert (
        release_bytes(tmp_path / "out", 2)["release.json"].replace(b'"release": 2', b'"release": 1')
        == (release_bytes(tmp_path / "at-once")["release.json"])
    )
    assert data_of(tmp_path / "out", 2) == data_of(tmp_path / "at-once", 1)
    assert at_once.manifest["counts"] == night.manifest["counts"]


def test_a_vanished_or_changed_shard_leaves_the_release(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(corpus, tmp_path / "out"))
    (corpus / "web" / "part-0.parquet").unlink()
    write_parquet(corpus / "web" / "part-1.parquet", [{"id": "only", "text": article(900)}])
    run(job_of(corpus, tmp_path / "out"))
    run(job_of(corpus, tmp_path / "at-once"))
    assert data_of(tmp_path / "out", 2) == data_of(tmp_path / "at-once", 1)


def test_a_changed_threshold_reads_no_text_again(corpus: Path, tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    run(job_of(corpus, tmp_path / "out"))
    texts_read.clear()
    changed = STEPS.replace('op = "near_dedup"', 'op = "near_dedup"\nthreshold = 0.5').replace("0.2", "0.1")
    again = run(job_of(corpus, tmp_path / "out", steps=changed))
    assert (again.number, texts_read) == (2, [])


def test_a_survey_added_later_is_sketched_from_what_is_stored(
    corpus: Path, tmp_path: Path, run: Run, texts_read: list[str]
) -> None:
    without = STEPS.replace('[[steps]]\nop = "near_dedup"\n', "")
    run(job_of(corpus, tmp_path / "out", steps=without))
    texts_read.clear()
    run(job_of(corpus, tmp_path / "out"))
    run(job_of(corpus, tmp_path / "at-once"))
    assert texts_read[: len(texts_read) // 2] != []  # only the second target read raw text
    assert data_of(tmp_path / "out", 2) == data_of(tmp_path / "at-once", 1)


def test_a_step_after_a_survey_is_a_second_pass(corpus: Path, tmp_path: Path, run: Run) -> None:
    steps = '[[steps]]\nop = "exact_dedup"\n[[steps]]\nop = "length"\nchars_min = 30\n[[steps]]\nop = "near_dedup"\n'
    made = run(job_of(corpus, tmp_path / "out", steps=steps + '[[steps]]\nop = "whitespace"\n'))
    dropped = {s["step"]: s["dropped"] for s in made.manifest["steps"]}
    # Three copies of one text, and the three short ones are copies of each other, of which one is left for `length`.
    assert dropped["exact_dedup"] == {"exact_duplicate": 5}
    assert dropped["length"] == {"too_few_chars": 1}
    assert made.manifest["counts"]["kept"] == 109


@pytest.mark.parametrize("partition_bytes", [20_000, 200_000])
def test_partitions_do_not_change_the_answer(corpus: Path, tmp_path: Path, run: Run, partition_bytes: int) -> None:
    run(job_of(corpus, tmp_path / "whole"))
    spec = job_of(corpus, tmp_path / "parts")
    run(spec.model_copy(update={"run": spec.run.model_copy(update={"partition_bytes": partition_bytes})}))
    assert data_of(tmp_path / "parts", 1) == data_of(tmp_path / "whole", 1)


def test_units_and_groups_do_not_change_the_answer(
    corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"many-{n}", "text": article(1000 + n)} for n in range(50)]
    write_parquet(corpus / "web" / "large.parquet", rows, row_group_size=7)
    run(job_of(corpus, tmp_path / "whole"))
    monkeypatch.setattr(sources, "UNIT_BYTES", 2_000)
    monkeypatch.setattr(keys, "_SKETCHES_BYTES", 1)
    monkeypatch.setattr(keys, "_MERGE_BYTES", 1000)
    monkeypatch.setattr(matching, "_SKETCHES_BYTES", 1)
    cut = run(job_of(corpus, tmp_path / "cut"))
    ranges = [entry["row_groups"] for entry in cut.manifest["inputs"] if "row_groups" in entry]
    assert len(ranges) > 1
    assert data_of(tmp_path / "cut", 1) == data_of(tmp_path / "whole", 1)


def test_the_place_of_a_corpus_does_not_change_the_answer(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(corpus, tmp_path / "out"))
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(corpus, elsewhere)
    for n, file in enumerate(sorted(elsewhere.rglob("*.*"))):
        os.utime(file, (n, n))
    run(job_of(elsewhere, tmp_path / "out-elsewhere"))
    assert data_of(tmp_path / "out", 1) == data_of(tmp_path / "out-elsewhere", 1)


def test_equal_ids_are_caught_across_shards(corpus: Path, tmp_path: Path, run: Run) -> None:
    write_parquet(corpus / "web" / "twin.parquet", [{"id": "web-3", "text": article(700)}] * 2)
    made = run(job_of(corpus, tmp_path / "out"))
    step = next(s for s in made.manifest["steps"] if s["step"] == "unique_id")
    assert step["dropped"] == {"duplicate_id": 2}
    rows = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data").to_pylist()
    assert [row["text"] for row in rows if row["id"] == "web-3"] == [article(3)]


def test_the_ledger_names_value_threshold_and_the_one_kept(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(corpus, tmp_path / "out"))
    drops = [pq.read_table(f) for f in (tmp_path / "out").glob("stages/*/drops/*.parquet")]
    rows = {row["id"]: row for table in drops for row in table.to_pylist()}
    assert len(rows) == 17
    assert rows["short-1"]["reason"] == "too_few_words"
    assert (rows["short-1"]["value"], rows["short-1"]["threshold"]) == (2.0, 30.0)
    kept = {rows[f"copy-{n}"]["kept_id"] for n in range(3) if f"copy-{n}" in rows}
    assert kept <= {"web-7", "copy-0"}
    assert len(kept) == 1


def test_quarantine_holds_file_position_and_reason(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(corpus, tmp_path / "out"))
    rows = [r for f in (tmp_path / "out").glob("stages/*/quarantine/*") for r in pq.read_table(f).to_pylist()]
    found = {(r["path"], r["position"], r["reason"]) for r in rows}
    assert found == {("posts.jsonl.gz", 5, "broken_json"), ("posts.jsonl.gz", 20, "text_null")}
    assert b'"broken"' in next(r["raw"] for r in rows if r["position"] == 5)


def test_jsonl_release_holds_the_same_documents(corpus: Path, tmp_path: Path, run: Run) -> None:
    import zstandard  # noqa: PLC0415

    run(job_of(corpus, tmp_path / "parquet"))
    spec = job_of(corpus, tmp_path / "jsonl")
    run(spec.model_copy(update={"release": spec.release.model_copy(update={"format": "jsonl.zst"})}))
    lines: list[bytes] = []
    for file in sorted((tmp_path / "jsonl" / "releases" / "0001" / "data").glob("*.jsonl.zst")):
        with zstandard.open(file, "rb") as stream:
            lines += stream.read().splitlines()
    rows = pq.read_table(tmp_path / "parquet" / "releases" / "0001" / "data").to_pylist()
    assert [json.loads(line) for line in lines] == rows


@pytest.mark.parametrize("kind", ["parquet", "jsonl.zst"])
def test_a_higher_zstd_level_makes_the_same_release_smaller(corpus: Path, tmp_path: Path, run: Run, kind: str) -> None:
    sizes = []
    for level in (1, 19):
        spec = job_of(corpus, tmp_path / str(level))
        release = spec.release.model_copy(update={"format": kind, "zstd_level": level})
        made = run(spec.model_copy(update={"release": release}))
        sizes.append(sum(file["bytes"] for file in made.manifest["files"]))
    assert sizes[1] < sizes[0]


def test_shards_are_at_most_of_the_stated_size(corpus: Path, tmp_path: Path, run: Run) -> None:
    made = run(job_of(corpus, tmp_path / "out"))
    folder = tmp_path / "out" / "releases" / "0001"
    sizes = [
        sum(len(t.encode()) for t in pq.read_table(folder / f["path"])["text"].to_pylist())
        for f in made.manifest["files"]
    ]
    assert max(sizes) <= 8000
    assert sum(sizes) / len(sizes) > 4000
    assert sum(f["rows"] for f in made.manifest["files"]) == made.manifest["counts"]["kept"]


def test_an_empty_corpus_of_documents_makes_an_empty_release(tmp_path: Path, run: Run) -> None:
    make_corpus(tmp_path / "raw")
    made = run(job_of(tmp_path / "raw", tmp_path / "out", steps='[[steps]]\nop = "length"\nchars_min = 1000000'))
    assert made.manifest["files"] == []
    assert made.manifest["counts"]["kept"] == 0


def test_an_impossible_mix_is_refused_and_no_release_is_made(corpus: Path, tmp_path: Path, run: Run) -> None:
    steps = STEPS.replace("synthetic_max = 0.2", "synthetic_max = 0.2\ntokens = 1000000")
    with pytest.raises(JobError, match=r"the recipe cannot be met with .*; tokens = 1,000,000 \([\d,]+ would do\)"):
        run(job_of(corpus, tmp_path / "out", steps=steps))
    assert not (tmp_path / "out" / "releases").exists()


def data_of(target: Path, number: int) -> dict[str, bytes]:
    return {name: data for name, data in release_bytes(target, number).items() if name.startswith("data/")}
