"""Where documents came from, in whole jobs: by themselves, by their source, and by who spoke in a chat."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw_rows import released, stored

from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.release import Published
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage
from ops.columns import DOCUMENT

Run = Callable[[JobSpec], Published]


def job(folder: Path, source: str, steps: str = "", origin: str = "real") -> JobSpec:
    text = f"""
name = "test"
target = "{folder / "out"}"
[[sources]]
name = "web"
path = "{folder / "raw"}"
origin = "{origin}"
{source}
{steps}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


TOLD = [
    {"text": "Written by hand.", "kind": None, "model": None, "rights": "CC0-1.0"},
    {"text": "模型写的文字。", "kind": "generated", "model": "m@1", "rights": ""},
    {"text": "Spelled otherwise.", "kind": " Rewrite ", "model": "", "rights": None},
    {"text": "A word that is no origin.", "kind": "human", "model": None, "rights": None},
]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "arrow stream"])
def test_what_a_document_tells_of_itself(tmp_path: Path, run: Run, kind: str) -> None:
    stored(tmp_path, TOLD, kind)
    source = 'license = "MIT"\ncolumns = {origin = "kind", generator = "model", license = "rights"}'
    made = run(job(tmp_path, source))
    rows = released(tmp_path)
    names = ("origin", "origin_basis", "depth", "generator", "license")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("real", "source_rule", 0, None, "CC0-1.0"),
        ("generated", "declared", 1, "m@1", "MIT"),
        ("rewrite", "declared", 1, None, "MIT"),
    ]
    assert made.manifest["counts"] == {"read": 4, "kept": 3, "dropped": 0, "quarantined": 1}
    assert made.manifest["steps"][0]["dropped"] == {"no_known_origin": 1}
    assert made.manifest["documents"]["origin"] == {"generated": 1, "real": 1, "rewrite": 1}
    assert made.manifest["documents"]["origin_basis"] == {"declared": 2, "source_rule": 1}
    card = (tmp_path / "out/releases/0001/README.md").read_text()
    assert "Documents by origin: 1 generated, 1 real, 1 rewrite." in card
    assert '"synthetic"' in card


def test_a_job_whose_documents_tell_nothing_has_no_other_columns(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, TOLD)
    made = run(job(tmp_path, ""))
    assert [*released(tmp_path)[0]] == DOCUMENT.names
    assert "origin_basis" not in made.manifest["documents"]


def test_a_stated_depth_is_of_all_documents(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, TOLD[:2])
    run(job(tmp_path, 'depth = 2\ncolumns = {origin = "kind"}'))
    assert [row["depth"] for row in released(tmp_path)] == [2, 2]


def test_limits_of_a_mix_hold_for_the_origins_of_documents(tmp_path: Path, run: Run) -> None:
    rows = [{"text": f"word {n} " * 20, "kind": None if n % 2 else "real"} for n in range(40)]
    stored(tmp_path, rows)
    mix = '[[steps]]\nop = "mix"\nshares = {web = 1}\nsynthetic_max = 0.25\n'
    run(job(tmp_path, 'columns = {origin = "kind"}', mix, origin="synthetic"))
    made = sum(row["origin"] != "real" for row in released(tmp_path))
    assert 0 < made <= len(released(tmp_path)) * 0.3


def test_a_policy_refuses_no_source_whose_documents_may_pass(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, TOLD[:2])
    policy = '[[steps]]\nop = "policy"\ndepth_max = 0\nlicenses = ["public-domain"]\n'
    made = run(job(tmp_path, 'columns = {origin = "kind", license = "rights"}', policy, origin="unknown"))
    assert made.manifest["steps"][1]["dropped"] == {"too_deep": 2}


CHATS: list[dict[str, Any]] = [
    {"messages": [{"role": "user", "content": "Why?"}], "model": None},
    {
        "messages": [{"role": "user", "content": "为什么？"}, {"role": "assistant", "content": "空气散射蓝光。"}],
        "model": "m@1",
    },
    {"messages": [{"role": "assistant", "content": "It is 7.", "by_hand": "It is 8."}], "model": "m@1"},
    {"messages": [{"role": "teacher", "content": "It is 7."}], "model": "m@2"},
]
CHAT = 'columns = {messages = "messages", generator = "model"}\nchat = {corrected = "by_hand"}'


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "arrow stream", "strings"])
def test_chats(tmp_path: Path, run: Run, kind: str) -> None:
    rows = [row | {"messages": json.dumps(row["messages"])} for row in CHATS] if kind == "strings" else CHATS
    stored(tmp_path, rows, "jsonl" if kind == "strings" else kind)
    made = run(job(tmp_path, CHAT))
    rows = released(tmp_path)
    assert [row["text"] for row in rows] == ["Why?", "为什么？\n\n空气散射蓝光。", "It is 8.", "It is 7."]
    assert [row["origin"] for row in rows] == ["real", "mixed", "mixed", "generated"]
    assert [row["origin_basis"] for row in rows] == ["source_rule"] * 4
    assert [row["depth"] for row in rows] == [0, 1, 1, 1]
    assert [row["generator"] for row in rows] == [None, "m@1", "m@1", "m@2"]
    assert [json.loads(row["corrections"] or "[]") for row in rows] == [
        [],
        [],
        [{"turn": 0, "at": 6, "was": "7", "now": "8"}],
        [],
    ]
    assert "spoken_by" not in rows[0]
    assert made.manifest["counts"]["kept"] == 4
    told = "\n".join(
        explain(open_storage(str(tmp_path / "out")), 1, "web/a.parquet#0" if kind == "parquet" else rows[0]["id"])
    )
    assert "Why?" in told


@pytest.mark.parametrize(
    ("origin", "chats"),
    [
        ("unknown", ["unknown", "mixed", "mixed", "generated"]),
        ("rewrite", ["rewrite"] * 4),
        ("synthetic", ["synthetic"] * 4),
    ],
)
def test_no_chat_is_more_real_than_its_source_says(tmp_path: Path, run: Run, origin: str, chats: list[str]) -> None:
    stored(tmp_path, CHATS)
    run(job(tmp_path, CHAT, origin=origin))
    assert [row["origin"] for row in released(tmp_path)] == chats


def test_a_declared_origin_stands_before_who_spoke(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, [row | {"kind": "translated"} for row in CHATS])
    run(job(tmp_path, 'columns = {messages = "messages", origin = "kind"}'))
    assert {(row["origin"], row["origin_basis"]) for row in released(tmp_path)} == {("translated", "declared")}


def test_what_is_no_chat_is_set_aside(tmp_path: Path, run: Run) -> None:
    lines = [
        '{"messages": [{"role": "user", "content": "Hi."}]}',
        '{"messages": 3}',
        '{"messages": null}',
        "{}",
        "x",
        "",
    ]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.jsonl").write_text("\n".join(lines))
    made = run(job(tmp_path, 'columns = {messages = "messages"}'))
    assert [row["text"] for row in released(tmp_path)] == ["Hi."]
    assert made.manifest["steps"][0]["dropped"] == {"broken_json": 1, "not_a_chat": 1, "text_null": 2}


LABEL = {"Label": "1", "ContentProducer": "001191110102MACQD9K64018705", "ProduceID": "0" * 32}
BY_LABEL = '[[steps]]\nop = "repair_unicode"\n[[steps]]\nop = "origin_by_label"\n'


def labelled() -> list[dict[str, Any]]:
    front = "---\nAIGC:\n  Label: 'AIGC'\n  ContentProducer: 模型\n---\n"
    return [
        {"text": f"{front}正文一。", "meta": None},
        {"text": "Text two.", "meta": json.dumps({"title": "T", "AIGC": LABEL})},
        {"text": "Text three.", "meta": json.dumps({"title": "T"})},
        {"text": "正文四。", "meta": '{"AIGC": {"Label": "2"}}'},
    ]


def test_labels_decide_what_is_unknown(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, labelled())
    made = run(job(tmp_path, 'columns = {aigc_label = "meta"}', BY_LABEL, origin="unknown"))
    rows = released(tmp_path)
    assert [row["text"] for row in rows] == ["正文一。", "Text two.", "Text three.", "正文四。"]
    assert [json.loads(row["aigc_label"] or "[]") for row in rows] == [
        [{"Label": "AIGC", "ContentProducer": "模型"}],
        [LABEL],
        [],
        [{"Label": "2"}],
    ]
    assert [row["origin"] for row in rows] == ["generated", "generated", "unknown", "unknown"]
    assert made.manifest["documents"]["origin_basis"] == {"label": 2, "source_rule": 2}
    assert made.manifest["documents"]["origin_conflict"] == {}


def test_labels_never_change_what_is_called_real(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, labelled())
    made = run(job(tmp_path, 'columns = {aigc_label = "meta"}', BY_LABEL))
    assert {row["origin"] for row in released(tmp_path)} == {"real"}
    assert made.manifest["documents"]["origin_conflict"] == {"label": 2}


def test_a_policy_drops_what_is_called_real_in_spite_of_a_label(tmp_path: Path, run: Run) -> None:
    stored(tmp_path, labelled())
    policy = '[[steps]]\nop = "policy"\norigin_conflicts = false\n'
    made = run(job(tmp_path, 'columns = {aigc_label = "meta"}', BY_LABEL + policy))
    assert [row["text"] for row in released(tmp_path)] == ["Text three.", "正文四。"]
    assert {"origin_conflict": 2} in [step["dropped"] for step in made.manifest["steps"]]


def test_a_policy_on_conflicts_needs_the_step_that_finds_them(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="needs the column 'origin_conflict'"):
        job(tmp_path, "", '[[steps]]\nop = "policy"\norigin_conflicts = false\n')


@pytest.mark.parametrize("name", ["AIGC", "aigc"])
def test_labels_of_pages(tmp_path: Path, run: Run, name: str) -> None:
    (tmp_path / "raw").mkdir()
    content = json.dumps(LABEL).replace('"', "&quot;")
    for number, head in enumerate([f'<meta name="{name}" content="{content}">', "<title>AIGC</title>"]):
        body = "<p>The river runs through the valley and the people walk to the market.</p>" * 5
        (tmp_path / "raw" / f"{number}.html").write_text(
            f"<html><head>{head}</head><body><main>{body}</main></body></html>"
        )
    run(job(tmp_path, 'columns = {aigc_label = "aigc_label"}', BY_LABEL, origin="unknown"))
    rows = released(tmp_path)
    assert [row["origin"] for row in rows] == ["generated", "unknown"]
    assert json.loads(rows[0]["aigc_label"]) == [LABEL]


PATIENTS = [
    {"age": 41, "sex": "f", "note": "Sleeps badly.", "epsilon": 1.5, "by": "tables@2"},
    {"age": 7, "sex": "男", "note": None, "epsilon": 1.5, "by": "tables@2"},
    {"age": 90, "sex": None, "note": "{well}", "epsilon": None, "by": None},
    {"age": None, "sex": "f", "note": "Has no age.", "epsilon": None, "by": None},
]
ROWS = 'template = "{age} years, {sex}\\nSays: {note}"\ncolumns = {epsilon = "epsilon", generator = "by"}'


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "arrow stream", "csv"])
def test_rows_of_a_table(tmp_path: Path, run: Run, kind: str) -> None:
    stored(tmp_path, PATIENTS, kind)
    made = run(job(tmp_path, ROWS, origin="synthetic"))
    texts = ["41 years, f\nSays: Sleeps badly.", "7 years, 男", "Says: {well}"]
    # An empty value of CSV is a text; what the others lack is none.
    assert [row["text"] for row in released(tmp_path)] == [*texts, *(["Says: Has no age."] if kind == "csv" else [])]
    assert [(row["epsilon"], row["generator"]) for row in released(tmp_path)[:3]] == [
        ("1.5", "tables@2"),
        ("1.5", "tables@2"),
        (None, None),
    ]
    assert made.manifest["steps"][0]["dropped"] == ({} if kind == "csv" else {"text_null": 1})


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('template = "no column"', "a template names at least one column, in braces: {age}"),
        ('template = "{}"', "'' in a template: give the name of a column in braces"),
        ('template = "{age:3}"', "'age' in a template"),
        ('template = "{a\\nb}"', "sources.0.template: expected '}' before end of string"),
        ('template = "{age"', "sources.0.template: expected '}' before end of string"),
        ('template = "{age}"\ncolumns = {text = "body"}', "it makes the text, and `columns` maps text"),
        ('columns = {messages = "a", html = "b"}', "html and messages: the text is taken from one column"),
    ],
)
def test_mistakes_in_what_makes_a_text(tmp_path: Path, source: str, told: str) -> None:
    with pytest.raises(JobError) as refused:
        job(tmp_path, source)
    assert told in str(refused.value)


@pytest.mark.parametrize("source", [ROWS, CHAT])
def test_files_without_columns_make_no_text(tmp_path: Path, run: Run, source: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("A text.")
    with pytest.raises(JobError, match="could not be read"):
        run(job(tmp_path, source))
