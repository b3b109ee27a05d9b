"""Accumulate: no real document goes from one release to the next without a reason, and refusals say what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import article, job_text, make_corpus, release_bytes, write_parquet

from jobs.errors import JobError
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

Run = Callable[[JobSpec], Published]

DEDUP = '[[steps]]\nop = "exact_dedup"\n'
LENGTH = '[[steps]]\nop = "length"\nchars_min = 50\n'


def job(raw: Path, target: Path, steps: str = DEDUP, more: str = "", partition_bytes: int = 1 << 26) -> JobSpec:
    text = job_text(raw, target, steps=steps, more=f'accumulate = "strict"\n{more}')
    return parse((text + f"partition_bytes = {partition_bytes}\n").encode(), "job.toml")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "raw")


def removed(made: Published) -> Any:
    return made.manifest["accumulated"]


def test_the_first_release_has_nothing_to_keep_and_the_same_again_is_the_same(
    raw: Path, tmp_path: Path, run: Run
) -> None:
    first = run(job(raw, tmp_path / "out"))
    assert removed(first) is None
    again = run(job(raw, tmp_path / "out"))
    assert (again.number, again.is_new) == (1, False)


@pytest.mark.parametrize("partition_bytes", [1 << 26, 16_384])
def test_a_document_that_vanishes_is_refused_by_name(partition_bytes: int, raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    (raw / "web" / "part-1.parquet").unlink()
    with pytest.raises(JobError) as refused:
        run(job(raw, tmp_path / "out", partition_bytes=partition_bytes))
    told = str(refused.value)
    # Twenty articles, of which web-7 was dropped for copy-0.
    assert "19 real documents of release 1 would be missing: web-1, web-10, web-13, web-16, web-19 and 14 more." in told
    assert "Why: not in the input as real text (19)." in told
    assert "removals" in told
    assert not (tmp_path / "out" / "releases" / "0002").exists()


def test_removals_are_allowed_and_counted_by_reason(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    (raw / "web" / "part-1.parquet").unlink()
    listed = tmp_path / "removals.tsv"
    listed.write_text("# asked for\n" + "".join(f"web-{n}\ttakedown\n" for n in range(1, 60, 3)))
    made = run(job(raw, tmp_path / "out", more=f'removals = "{listed}"'))
    assert removed(made) == {"since_release": 1, "removed": {"takedown": 19}}
    listed.write_text("web-1\ttakedown\n")
    (raw / "web" / "part-2.parquet").unlink()
    with pytest.raises(JobError, match=r"20 real documents of release 2 would be missing: web-11, "):
        run(job(raw, tmp_path / "out", more=f'removals = "{listed}"'))


def test_what_a_judge_or_dedup_drops_is_allowed_and_on_record(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    made = run(job(raw, tmp_path / "out", steps=DEDUP + LENGTH))
    assert removed(made) == {"since_release": 1, "removed": {"length: too_few_chars": 1}}
    write_parquet(raw / "web" / "part-9.parquet", [{"id": "a copy", "text": article(4), "url": None}])
    made = run(job(raw, tmp_path / "out", steps=DEDUP + LENGTH))
    assert removed(made) == {"since_release": 2, "removed": {"exact_dedup: exact_duplicate": 1}}
    facts, page = make_report(open_storage(str(tmp_path / "out")), made.number)
    assert facts["accumulated"] == removed(made)
    assert "All real documents of release 2 are in this one, but for 1 (exact dedup: exact duplicate)." in page


def test_no_room_in_a_mix_is_no_reason(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    mix = DEDUP + '[[steps]]\nop = "mix"\ntokens = 4000\n'
    with pytest.raises(JobError, match=r"Why: mix: over_budget \(\d+\)\."):
        run(job(raw, tmp_path / "out", steps=mix))


def test_a_document_that_is_called_synthetic_now_is_missing(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    text = job_text(raw, tmp_path / "out", steps=DEDUP, more='accumulate = "strict"')
    forum = text.replace('forum"\norigin = "real"', 'forum"\norigin = "unknown"')
    assert forum != text
    with pytest.raises(JobError, match=r"19 real documents .* not in the input as real text \(19\)"):
        run(parse(forum.encode(), "job.toml"))


def test_synthetic_text_may_go(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    (raw / "textbook" / "lessons.jsonl").write_text(json.dumps({"text": article(900)}))
    assert removed(run(job(raw, tmp_path / "out"))) == {"since_release": 1, "removed": {}}


def test_documents_that_move_between_shards_are_there(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    (raw / "web" / "part-1.parquet").rename(raw / "web" / "part-7.parquet")
    assert removed(run(job(raw, tmp_path / "out")))["removed"] == {}


def test_a_release_without_a_list_is_told(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    write_parquet(raw / "web" / "part-9.parquet", [{"id": "new", "text": article(901), "url": None}])
    for commit in (tmp_path / "out").glob("stages/*census*/commits/*"):
        commit.unlink()
    (raw / "web" / "part-0.parquet").unlink()
    with pytest.raises(JobError, match=r"commits of .* are gone, which list the real documents of release 1"):
        run(job(raw, tmp_path / "out"))


def test_removals_without_a_reason_are_told_before_the_run(raw: Path, tmp_path: Path) -> None:
    listed = tmp_path / "removals.tsv"
    listed.write_text("web-1\ttakedown\nweb-2\n")
    with pytest.raises(JobError, match=r"removals: .*'web-2' has no reason; expected an id, a tab and a reason"):
        job(raw, tmp_path / "out", more=f'removals = "{listed}"')


def test_what_a_release_holds_is_counted_and_nights_count_the_same(raw: Path, tmp_path: Path, run: Run) -> None:
    first = run(job(raw, tmp_path / "out"))
    kept = first.manifest["counts"]["kept"]
    assert first.manifest["documents"]["origin"] == {"real": kept - 30, "synthetic": 30}
    assert first.manifest["documents"]["depth"] == {"0": kept - 30, "1": 30}
    write_parquet(raw / "web" / "part-9.parquet", [{"id": "new", "text": article(901), "url": None}])
    night, whole = run(job(raw, tmp_path / "out")), run(job(raw, tmp_path / "whole"))
    assert night.manifest["documents"] == whole.manifest["documents"]
    assert night.manifest["identity"] == whole.manifest["identity"]
    assert release_bytes(tmp_path / "out", 2).keys() == release_bytes(tmp_path / "whole").keys()
