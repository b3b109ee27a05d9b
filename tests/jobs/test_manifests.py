"""Manifests, in whole jobs: drafts of models and what people made of them, labels and what people said of those."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw_rows import released, stored

from jobs.errors import JobError
from jobs.readers import text_files
from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]


def job(folder: Path, source: str, steps: str = "", origin: str = "real", path: str = "raw") -> JobSpec:
    text = f"""
name = "test"
target = "{folder / "out"}"
[[sources]]
name = "calls"
path = "{folder / path}"
origin = "{origin}"
{source}
{steps}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


# As speech recognisers and the people who check them write it: NeMo's names.
SPOKEN = [
    {"audio_filepath": "a/1.wav", "pred_text": "it is ate degrees", "text": "it is 8 degrees", "asr": "a@2"},
    {"audio_filepath": "a/2.wav", "duration": 1.0, "pred_text": "good morning", "text": None, "asr": "asr@2"},
    {"audio_filepath": "a/3.wav", "duration": 1.5, "pred_text": None, "text": "天气很好。", "asr": None},
    {"audio_filepath": "a/4.wav", "duration": 0.9, "pred_text": "谢谢大家", "text": "谢谢大家", "asr": "asr@2"},
    {"audio_filepath": "a/5.wav", "duration": 0.2, "pred_text": " ", "text": None, "asr": "asr@2"},
]  # fmt: skip
DRAFT = """
columns = {text = "pred_text", audio = "audio_filepath", generator = "asr"}
draft = {corrected = "text"}
"""


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "arrow", "csv"])
def test_drafts_and_what_people_made_of_them(tmp_path: Path, run: Run, kind: str) -> None:
    stored(tmp_path, SPOKEN, kind)
    made = run(job(tmp_path, f'generator = "asr@1"{DRAFT}'))
    rows = released(tmp_path)
    assert [(row["text"], row["origin"], row["depth"], row["generator"]) for row in rows] == [
        ("it is 8 degrees", "mixed", 1, "a@2"),
        ("good morning", "synthetic", 1, "asr@2"),
        ("天气很好。", "real", 0, None),
        ("谢谢大家", "synthetic", 1, "asr@2"),
    ]
    assert {row["origin_basis"] for row in rows} == {"source_rule"}
    assert [row["audio"] for row in rows] == ["a/1.wav", "a/2.wav", "a/3.wav", "a/4.wav"]
    assert json.loads(rows[0]["corrections"]) == [{"at": 6, "was": "ate", "now": "8"}]
    assert [row["corrections"] for row in rows[1:]] == [None] * 3
    assert made.manifest["steps"][0]["dropped"] == {"text_null": 1}
    assert made.manifest["documents"]["origin"] == {"mixed": 1, "real": 1, "synthetic": 2}


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_a_shard_that_nobody_has_looked_at(tmp_path: Path, run: Run, kind: str) -> None:
    stored(tmp_path, [{"pred_text": "good morning", "asr": "asr@2"}], kind)
    run(job(tmp_path, 'columns = {text = "pred_text"}\ndraft = {corrected = "text", origin = "translated"}'))
    assert [(row["text"], row["origin"]) for row in released(tmp_path)] == [("good morning", "translated")]


@pytest.mark.parametrize(
    ("origin", "told"),
    [("unknown", ["mixed", "synthetic", "unknown", "synthetic"]), ("translated", ["translated"] * 4)],
)
def test_no_draft_is_more_real_than_its_source_says(tmp_path: Path, run: Run, origin: str, told: list[str]) -> None:
    stored(tmp_path, SPOKEN)
    run(job(tmp_path, DRAFT, origin=origin))
    assert [row["origin"] for row in released(tmp_path)] == told


def test_a_draft_that_is_no_text_is_set_aside(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, [{"pred_text": 7, "text": "seven"}, {"pred_text": "ok"}, {"pred_text": {"a": 1}}])
    made = run(job(tmp_path, DRAFT))
    assert made.manifest["steps"][0]["dropped"] == {"text_not_string": 2}


# As Prodigy writes it, and as tables of people's checks do.
LABELLED = [
    {"text": "Rain tomorrow.", "label": "weather", "model": "m@3", "score": 0.91, "answer": "accept", "by_hand": None},
    {"text": "明天下雨。", "label": "sports", "model": "m@3", "score": 0.55, "answer": "reject", "by_hand": "weather"},
    {"text": "Goal!", "label": "politics", "model": None, "score": 0.2, "answer": "reject", "by_hand": None},
    {"text": "Nobody looked.", "label": "sports", "model": "m@4", "score": 0.7, "answer": None, "by_hand": None},
    {"text": "No model did.", "label": None, "model": None, "score": None, "answer": "", "by_hand": "sports"},
    {"text": "Somebody passed.", "label": "sports", "model": "m@4", "score": 0.7, "answer": "ignore", "by_hand": None},
    {"text": "通过了。", "label": "sports", "model": "m@4", "score": 0.7, "answer": "通过", "by_hand": None},
]
LABELS = """
[[sources.labels]]
name = "topic"
value = "label"
by = "model"
labeller = "m@2"
score = "score"
verdict = "answer"
verdicts = {"通过" = "accepted"}
corrected = "by_hand"
verifier = "annotator"
"""
PARTS = ("topic", "topic_by", "topic_verdict", "topic_was")


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "arrow", "csv"])
def test_labels_and_what_people_said_of_them(tmp_path: Path, run: Run, kind: str) -> None:
    stored(tmp_path, [row | {"annotator": "kim"} for row in LABELLED], kind)
    made = run(job(tmp_path, LABELS, origin="unknown"))
    rows = released(tmp_path)
    assert [tuple(row[part] for part in PARTS) for row in rows] == [
        ("weather", "m@3", "accepted", None),
        ("weather", "m@3", "corrected", "sports"),
        (None, "m@2", "rejected", "politics"),
        ("sports", "m@4", None, None),
        ("sports", None, None, None),
        ("sports", "m@4", None, None),
        ("sports", "m@4", "accepted", None),
    ]
    assert [row["topic_score"] for row in rows] == ["0.91", "0.55", "0.2", "0.7", None, "0.7", "0.7"]
    assert {row["topic_verifier"] for row in rows} == {"kim"}
    assert {row["origin"] for row in rows} == {"unknown"}
    assert made.manifest["counts"]["quarantined"] == 0


def test_a_release_tells_who_labelled_it(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, LABELLED)
    run(job(tmp_path, LABELS))
    said = json.loads((tmp_path / "out/releases/0001/croissant.json").read_text())
    assert said["rai:machineAnnotationTools"] == ["m@2"]
    (told,) = said["rai:dataAnnotationProtocol"]
    assert told == (
        "Of calls: `topic` is the label of the model that `topic_by` names, or of m@2; of what people said of it, "
        "`topic_verdict` tells."
    )


def test_bad_labels_cost_their_record_alone(tmp_path: Path, run: Run) -> None:
    bad = [
        {"text": "A.", "label": "x", "score": "high"},
        {"text": "B.", "label": "x", "score": 0.5},
        {"text": "C.", "label": "x", "score": None, "answer": "maybe"},
        {"text": "D.", "label": "x", "score": "high", "answer": "maybe"},
    ]
    stored(tmp_path, bad)
    made = run(job(tmp_path, LABELS))
    assert [row["text"] for row in released(tmp_path)] == ["B."]
    assert made.manifest["steps"][0]["dropped"] == {"no_known_verdict": 2, "not_a_score": 1}


def test_a_score_is_judged_and_decides_no_origin(tmp_path: Path, run: Run) -> None:
    detected = '[[sources.labels]]\nname = "machine_made"\nvalue = "label"\nscore = "score"\n'
    stored(tmp_path, [{"text": f"Text {n}.", "label": "ai", "score": n / 10} for n in range(10)])
    made = run(job(tmp_path, detected, '[[steps]]\nop = "limits"\ncolumn = "machine_made_score"\nmost = 0.65\n'))
    assert [row["origin"] for row in released(tmp_path)] == ["real"] * 7
    assert made.manifest["steps"][1]["dropped"] == {"machine_made_score_too_high": 3}


def test_several_labels(tmp_path: Path, run: Run) -> None:
    both = '[[sources.labels]]\nname = "a"\nvalue = "x"\n[[sources.labels]]\nname = "b"\nvalue = "y"\nlabeller = "m"\n'
    stored(tmp_path, [{"text": "T.", "x": ["one", "two"], "y": True}, {"text": "U."}])
    run(job(tmp_path, both))
    assert [(row["a"], row["b"], row["b_by"]) for row in released(tmp_path)] == [
        ('["one","two"]', "true", "m"),
        (None, None, None),
    ]
    assert "a_by" not in released(tmp_path)[0]


# As Label Studio and Argilla write it: objects in objects.
NESTED: list[dict[str, Any]] = [
    {
        "id": 1,
        "data": {"text": "下雨了。", "meta/source": "web"},
        "predictions": [{"model_version": "m@3", "score": 0.5, "result": [{"value": {"choices": ["sports"]}}]}],
        "annotations": [{"completed_by": 7, "result": [{"value": {"choices": ["weather"]}}]}],
    },
    {"id": 2, "data": {"text": "Goal!"}, "predictions": [], "annotations": []},
    {"id": 3, "data": {"text": 3}, "predictions": [{"result": "x"}]},
    {"id": 4, "data": {}},
    {"id": 5, "data": "no object"},
    {"id": 6},
]
POINTERS = """
columns = {text = "/data/text", from = "/data/meta~1source"}
[[sources.labels]]
name = "topic"
value = "/predictions/0/result/0/value/choices/0"
by = "/predictions/0/model_version"
score = "/predictions/0/score"
corrected = "/annotations/0/result/0/value/choices/0"
verifier = "/annotations/0/completed_by"
"""


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_values_within_values(tmp_path: Path, run: Run, kind: str) -> None:
    names = ("id", "data", "predictions", "annotations")
    flat = [{name: json.dumps(row.get(name)) for name in names} for row in NESTED]
    stored(tmp_path, flat if kind == "csv" else NESTED, kind)
    made = run(job(tmp_path, POINTERS, origin="unknown"))
    parts = ("id", "text", "from", "topic", "topic_by", "topic_score", "topic_verdict", "topic_was", "topic_verifier")
    assert [tuple(row[part] for part in parts) for row in released(tmp_path)] == [
        ("1", "下雨了。", "web", "weather", "m@3", "0.5", "corrected", "sports", "7"),
        ("2", "Goal!", None, None, None, None, None, None, None),
    ]
    assert made.manifest["steps"][0]["dropped"] == {"text_not_string": 1, "text_null": 3}


def test_values_within_columns_of_parquet(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, [{"meta": {"chat": [{"role": "user", "content": "Hi."}], "by": None}}], "parquet")
    run(job(tmp_path, 'columns = {messages = "/meta/chat", generator = "/meta/by"}'))
    assert [row["text"] for row in released(tmp_path)] == ["Hi."]


PATHS = 'columns = {text_path = "file", title = "title"}'


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_texts_in_files_beside_the_manifest(tmp_path: Path, run: Run, kind: str) -> None:
    names = ["texts/1.txt", "texts/2.txt.gz", "3.html", "texts/4.txt", "./texts/1.txt"]
    stored(tmp_path, [{"id": f"t{n}", "file": name, "label": "x"} for n, name in enumerate(names)], kind)
    raw = tmp_path / "raw"
    (raw / "texts").mkdir()
    (raw / "texts" / "1.txt").write_text("\ufeffIt rains.\n")
    (raw / "texts" / "2.txt.gz").write_bytes(gzip.compress("下雨了。".encode()))
    page = "<p>The river runs through the valley and the people walk to the market.</p>" * 5
    (raw / "3.html").write_text(f"<html><head><title>River</title></head><body><main>{page}</main></body></html>")
    (raw / "texts" / "4.txt").write_text("")
    labels = '[[sources.labels]]\nname = "topic"\nvalue = "label"\n'
    run(job(tmp_path, f"{PATHS}\n{labels}", path=f"raw/a.{kind}"))
    rows = released(tmp_path)
    assert [(row["id"], row["text"][:12], row["title"]) for row in rows] == [
        ("t0", "It rains.\n", None),
        ("t1", "下雨了。", None),
        ("t2", "The river ru", "River"),
        ("t3", "", None),
        ("t4", "It rains.\n", None),
    ]
    assert {row["topic"] for row in rows} == {"x"}


def test_files_that_are_not_there_cost_their_record_alone(tmp_path: Path, run: Run) -> None:
    good = ["1.txt", "2.txt"]
    elsewhere = ["../secret.txt", "a/../../secret.txt", "/etc/passwd", "s3://bucket/key.txt"]
    missing = ["3.txt", "folder", "1.txt/4.txt", "", " ", "x" * 300, "a/" * 600 + "x.txt", "nul\0.txt"]
    stored(
        tmp_path, [{"file": name} for name in (good[0], *elsewhere, *missing, "bad.txt", "no.txt.gz", None, good[1])]
    )
    (tmp_path / "secret.txt").write_text("Nobody's text.")
    raw = tmp_path / "raw"
    (raw / "folder").mkdir()
    for name, content in {
        "1.txt": b"One.",
        "2.txt": b"Two.",
        "bad.txt": b"\xff\xfe\xfd",
        "no.txt.gz": b"plain",
    }.items():
        (raw / name).write_bytes(content)
    made = run(job(tmp_path, PATHS, path="raw/a.jsonl"))
    assert [row["text"] for row in released(tmp_path)] == ["One.", "Two."]
    assert made.manifest["steps"][0]["dropped"] == {
        "corrupt_compression": 1,
        "invalid_utf8": 1,
        "no_such_text": len(missing),
        "text_elsewhere": len(elsewhere),
        "text_null": 1,
    }


def test_many_large_files_are_several_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr(text_files, "BATCH_BYTES", 10)
    stored(tmp_path, [{"file": f"{n}.txt"} for n in range(7)] + [{}])
    for n in range(7):
        (tmp_path / "raw" / f"{n}.txt").write_text(f"text {n}")
    made = run(job(tmp_path, PATHS, path="raw/a.jsonl"))
    assert [row["text"] for row in released(tmp_path)] == [f"text {n}" for n in range(7)]
    assert made.manifest["counts"] == {"read": 8, "kept": 7, "dropped": 0, "quarantined": 1}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (LABELS.replace('"topic"', '"origin"'), "the label 'origin' makes origin, which is a column already"),
        (LABELS + LABELS, "the label 'topic' makes topic, topic_by, topic_score, topic_verdict, topic_verifier"),
        ('columns = {topic = "topic"}' + LABELS, "the label 'topic' makes topic, which is a column already"),
        (LABELS.replace("score =", "scores ="), "scores"),
        ('draft = {corrected = "b", origin = "real"}', "sources.0.draft.origin"),
        ('columns = {html = "a"}\ndraft = {corrected = "b"}', "a draft is a text, and html makes one"),
        ('template = "{a}"\ndraft = {corrected = "b"}', "a draft is a text, and template makes one"),
        ('columns = {text_path = "a", text = "b"}', "text and text_path: the text is taken from one column"),
        ('columns = {spoken_by = "a"}', "spoken_by: set by the job"),
    ],
)  # fmt: skip
def test_mistakes_in_what_is_said_of_a_manifest(tmp_path: Path, source: str, told: str) -> None:
    with pytest.raises(JobError) as refused:
        job(tmp_path, source)
    assert told in str(refused.value)
