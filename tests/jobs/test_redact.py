"""Redaction in whole jobs: no value in any ledger, report or story, whatever steps came before."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, cuts_of, folder_job

from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec
from jobs.storage import open_storage
from jobs.tuning.tuning import examples

Run = Callable[[JobSpec], Published]

MAIL, PHONE, CARD = "john.doe@example.com", "13812345678", "4111111111111111"
VALUES = (MAIL, PHONE, CARD, "john.doe")
REDACT = '[[steps]]\nop = "redact"\n'
# Two steps before it: one cuts a line with a value, one drops a document with one, and duplicates have one.
EARLIER = (
    '[[steps]]\nop = "line_corrections"\ncut_share_max = "off"\ncopyright = true\n'
    '[[steps]]\nop = "length"\nchars_min = 60\n'
    '[[steps]]\nop = "exact_dedup"\n'
)
JUDGE = '[[steps]]\nop = "pii"\ncounts_max = {email = 2}\n'
TEXTS = {
    "plain": article(1),
    "mail": f"Ask {MAIL}.\n{article(2)}",
    "zh": f"电话{PHONE}。{article(3)}",
    "cut": f"{article(4)}\nAll rights reserved: {MAIL}",
    "short": f"Card {CARD}",
    "copy": f"Ask {MAIL}.\n{article(2)}",
    "many": f"{article(5)} {MAIL} {MAIL} {MAIL}",
}
DOCUMENTS = [json.dumps({"id": name, "text": text}, ensure_ascii=False).encode() for name, text in TEXTS.items()]
BROKEN = f'{{"id": "broken", "text": "{MAIL} '.encode() + b'\xff", "tel": "' + PHONE.encode() + b'"'


def job(tmp_path: Path, steps: str, target: str = "out") -> JobSpec:
    if not (tmp_path / "raw").exists():
        (tmp_path / "raw").mkdir()
        (tmp_path / "raw/a.jsonl").write_bytes(b"\n".join([*DOCUMENTS, BROKEN]))
    return folder_job(tmp_path / "raw", tmp_path / target, steps=steps)


def files_of(target: Path, *places: str) -> str:
    """Everything in some folders of the stages, told."""
    tables = [pq.read_table(path) for place in places for path in target.glob(f"stages/*/{place}/*.parquet")]
    return "".join(str(table.to_pylist()) for table in tables)


def test_no_value_in_ledgers_report_and_story(tmp_path: Path, run: Run) -> None:
    spec = job(tmp_path, EARLIER + REDACT + JUDGE)
    made = run(spec)
    target = tmp_path / "out"
    assert made.manifest["counts"] == {"read": 8, "kept": 4, "dropped": 3, "quarantined": 1}
    rows = {
        row["id"]: row for row in pa.concat_tables(map(pq.read_table, target.glob("releases/0001/data/*"))).to_pylist()
    }
    assert {name: row["text"] for name, row in rows.items()} == {
        "plain": TEXTS["plain"],
        "copy": f"Ask <EMAIL>.\n{article(2)}",
        "zh": f"电话<PHONE>。{article(3)}",
        "cut": article(4),
    }
    assert [rows[name]["pii"]["email"] for name in ("plain", "copy", "cut")] == [0, 1, 0]
    ledgers = files_of(target, "drops", "cuts", "quarantine")
    assert "All rights reserved: <EMAIL>" in ledgers
    assert r'"text": "<EMAIL> \xff", "tel": "<PHONE>"' in ledgers
    storage = open_storage(spec.target)
    facts, page = make_report(storage, 1)
    told = [*("\n".join(explain(storage, 1, name)) for name in (*TEXTS, "web/a.jsonl#7")), str(facts), str(page)]
    told += [example.text for example in examples(spec, "pii", "too_many_email")]
    assert [value for value in VALUES for text in (ledgers, *told) if value in text] == []
    assert {one["step"]: one["total"]["cuts"] for one in facts["cuts"]} == {"line_corrections": 1, "redact": 5}
    frequent = next(one["most_frequent"] for one in facts["cuts"] if one["step"] == "redact")
    assert [(one["kind"], one["text"], one["cuts"]) for one in frequent] == [
        ("email", "<EMAIL>", 4),
        ("phone", "<PHONE>", 1),
    ]
    assert "redact: email at byte" in told[[*TEXTS].index("copy")]


def test_without_it_everything_is_as_it_was(tmp_path: Path, run: Run) -> None:
    run(job(tmp_path, EARLIER))
    ledgers = files_of(tmp_path / "out", "cuts", "quarantine")
    assert f"All rights reserved: {MAIL}" in ledgers
    assert MAIL in "\n".join(explain(open_storage(str(tmp_path / "out")), 1, "mail"))


def test_another_setting_of_it_makes_the_ledgers_before_it_anew(tmp_path: Path, run: Run) -> None:
    run(job(tmp_path, EARLIER + REDACT + 'kinds = ["phone"]\n'))
    assert MAIL in str(cuts_of(tmp_path / "out"))
    run(job(tmp_path, EARLIER + REDACT))
    assert MAIL not in str(cuts_of(tmp_path / "out", 2))


@pytest.mark.parametrize("key", ["one", "two"])
def test_hashes_in_a_release(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("PII_KEY", f"secret-{key}")
    spec = job(tmp_path, REDACT + 'hash_key_variable = "PII_KEY"\n')
    run(spec)
    assert "<EMAIL#" in "\n".join(explain(open_storage(spec.target), 1, "mail"))
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file() and b"secret-" in path.read_bytes()] == []


def test_examples_of_a_judge_before_it_are_redacted(tmp_path: Path, run: Run) -> None:
    spec = job(tmp_path, '[[steps]]\nop = "quality_signals"\n[[steps]]\nop = "gopher_quality"\n' + REDACT)
    run(spec)
    shown = [example.text for example in examples(spec, "gopher_quality", "too_few_words")]
    assert "Card <BANK_CARD>" in shown
    assert [value for value in VALUES for text in shown if value in text] == []


def test_documents_of_a_split_are_told_of(tmp_path: Path, run: Run) -> None:
    spec = job(tmp_path, REDACT + '[[steps]]\nop = "families"\n')
    run(spec)
    storage = open_storage(spec.target)
    (kept, *_) = pq.read_table(tmp_path / "out/releases/0001/data")["id"].to_pylist()
    assert "KEPT: " in "\n".join(explain(storage, 1, kept))
    assert MAIL not in "\n".join(explain(storage, 1, "mail"))
