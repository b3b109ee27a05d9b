"""Decontamination in whole jobs: the passage is in the ledger, told by explain and the report, and redacted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, folder_job, write_parquet

from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec
from jobs.storage import open_storage

Run = Callable[[JobSpec], Published]

QUESTION = (
    "A farmer has seventeen sheep, and all but nine of them run away during the night, "
    "writes john.doe@example.com to the paper. How many are left?"
)
ZH = "小明有十二个苹果，他给了小红三个，又给了小刚四个，请问小明现在还剩下多少个苹果？"
TEXTS = {
    "plain": article(1),
    "planted": f"{article(2)}\n{QUESTION}\n{article(3)}",
    "zh": f"每日一题。{ZH}请在下面写出答案，并说明理由。",
    "short": "too short",
}


def job(tmp_path: Path, more: str = "", items: tuple[str, ...] = (QUESTION, ZH), target: str = "out") -> JobSpec:
    write_parquet(tmp_path / "raw/a.parquet", [{"id": i, "text": text, "url": None} for i, text in TEXTS.items()])
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps({"question": one}) for one in items))
    steps = (
        '[[steps]]\nop = "length"\nchars_min = 20\n'
        f'[[steps]]\nop = "decontaminate"\nevaluations = {{exam = "{tmp_path}/exam.jsonl"}}\n'
        '[[steps]]\nop = "exact_dedup"\n'
    )
    return folder_job(tmp_path / "raw", tmp_path / target, steps=steps + more)


def drops_of(target: Path) -> dict[str, dict[str, Any]]:
    tables = [pq.read_table(path) for path in sorted(target.glob("stages/*/drops/*.parquet"))]
    return {row["id"]: row for row in pa.concat_tables(tables).to_pylist()}


def test_the_passage_is_on_record_and_told(tmp_path: Path, run: Run) -> None:
    spec = job(tmp_path)
    made = run(spec)
    assert made.manifest["counts"] == {"read": 4, "kept": 1, "dropped": 3, "quarantined": 0}
    rows = drops_of(tmp_path / "out")
    names = ("step", "reason", "value", "threshold", "kept_id", "passage")
    assert [rows["planted"][name] for name in names] == [
        "decontaminate", "evaluation_overlap", 1.0, 0.0, "exam#0", QUESTION[:-1],
    ]  # fmt: skip
    assert (rows["zh"]["kept_id"], rows["zh"]["passage"]) == ("exam#1", ZH[:-1])
    assert rows["short"]["passage"] is None
    storage = open_storage(spec.target)
    story = "\n".join(explain(storage, 1, "planted"))
    assert "DROPPED: evaluation_overlap, value 1" in story
    assert f"  passage in common with exam#0\n    | {QUESTION[:-1]}" in story
    assert "kept in its place" not in story
    facts, page = make_report(storage, 1)
    told = [one for step in facts["steps"] for reason in step["reasons"] for one in reason["examples"]]
    assert [one["passage"] for one in told if one["id"] == "zh"] == [{"of": "exam#1", "text": ZH[:-1]}]
    assert 'in common with <span class="id">exam#1</span>' in page


def test_a_passage_is_redacted_as_texts_are(tmp_path: Path, run: Run) -> None:
    run(job(tmp_path, more='[[steps]]\nop = "redact"\n'))
    rows = drops_of(tmp_path / "out")
    assert rows["planted"]["passage"] == QUESTION[:-1].replace("john.doe@example.com", "<EMAIL>")
    assert (rows["zh"]["passage"], rows["short"]["passage"]) == (ZH[:-1], None)


@pytest.mark.parametrize("items", [(QUESTION, ZH, "Another one that none of the documents has"), (ZH,)])
def test_another_evaluation_set_is_another_stage(tmp_path: Path, run: Run, items: tuple[str, ...]) -> None:
    run(job(tmp_path))
    run(job(tmp_path, items=items))
    whole = run(job(tmp_path, items=items, target="at-once"))
    before, after = (sorted((tmp_path / out).glob("stages/*-pass-*")) for out in ("at-once", "out"))
    assert {path.name for path in before} < {path.name for path in after}
    assert whole.manifest["counts"]["dropped"] == 1 + len({QUESTION, ZH} & {*items})


def test_a_file_of_no_texts_is_a_mistake_in_the_job(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"exam.jsonl: no item of this file has a text"):
        job(tmp_path, items=("",))
