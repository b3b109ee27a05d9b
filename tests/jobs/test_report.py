"""The report of a small job: the manifest's numbers, true examples, and a page that is safe and self-contained."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from twice_told import MENU, NOTICE, make_twice_told

from jobs.ledger import read_ledger, tables
from jobs.progress import Progress
from jobs.release import read_manifest
from jobs.report.report import make_report, write_report
from jobs.run import run_job
from jobs.spec import parse
from jobs.storage import Storage, open_storage

ESSAY = " ".join(f"word{n} stands in its own place" for n in range(60))
SCRIPT = "<script>alert('no')</script>"
CHINESE = "".join(f"第{day}天邮局早上开门。邻居们带来{day}封信和故事。孩子们在桥上数船。" for day in "一二三四")

WEB = [
    ("long", ESSAY),
    ("more", ESSAY),
    ("near", ESSAY.replace("word50 stands", "word50 lies")),
    ("short", "too short"),
    ("attack", SCRIPT),
    ("chinese", CHINESE),
    ("zero-width", "A\u200bmended text that is long enough to stay in the release of this job.\r\nSecond line."),
    ("twice", "The first document with this id, which is long enough to stay where it is."),
    ("twice", "The second document with this id, which is long enough but came later."),
    ("middling", "Long enough for the first filter but not for the last."),
    ("kept-attack", f"{SCRIPT} is a text that is long enough to stay in the release of this job."),
]
FORUM = [
    orjson.dumps({"text": ESSAY}),
    b'{"text": "<b>broken',
    orjson.dumps({"text": "A forum post without an id, of a length that no filter of this job minds at all."}),
    orjson.dumps({"text": "\u4f60\u597d"}),
]

JOB = """
name = "small"
target = "{folder}/target"
[[sources]]
name = "web"
path = "{folder}/web/*.parquet"
origin = "real"
[[sources]]
name = "forum"
path = "{folder}/forum"
origin = "unknown"
[[steps]]
op = "repair"
[[steps]]
op = "length"
chars_min = 40
[[steps]]
op = "exact_dedup"
[[steps]]
op = "near_dedup"
[[steps]]
op = "length"
chars_min = 60
[release]
shard_bytes = 1500
[run]
engine = "inline"
"""


def make_job(folder: Path) -> Storage:
    (folder / "web").mkdir(parents=True)
    (folder / "forum").mkdir()
    rows = {"id": [one for one, _ in WEB], "text": [text for _, text in WEB]}
    pq.write_table(pa.table(rows), folder / "web/a.parquet")
    (folder / "forum/b.jsonl").write_bytes(b"\n".join(FORUM) + b"\n")
    run_job(parse(JOB.format(folder=folder).encode(), "job"), Progress(silent=True))
    return open_storage(f"{folder}/target")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return make_job(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def made(target: Storage) -> tuple[dict, str]:
    return make_report(target, 1)


def test_numbers_are_those_of_the_manifest(target: Storage, made: tuple[dict, str]) -> None:
    facts, manifest = made[0], read_manifest(target, 1)
    assert facts["counts"] == manifest["counts"] == {"read": 15, "kept": 6, "dropped": 8, "quarantined": 1}
    told = [{"step": s["step"], "in": s["in"], "kept": s["kept"]} for s in facts["steps"]]
    assert told == [{name: s[name] for name in ("step", "in", "kept")} for s in manifest["steps"]]
    for mine, theirs in zip(facts["steps"], manifest["steps"], strict=True):
        assert {one["reason"]: one["dropped"] for one in mine["reasons"]} == theirs["dropped"]
        assert sum(mine["left_by_source"].values()) == theirs["kept"]
    for source in facts["sources"]:
        assert source["read"] == source["kept"] + source["dropped"] + source["quarantined"]
        assert source["kept"] == facts["steps"][-1]["left_by_source"][source["name"]]


def test_ledger_has_a_row_for_each_drop(target: Storage) -> None:
    ledger = read_ledger(target, read_manifest(target, 1))
    rows = pa.concat_tables([table for _, table in tables(target, ledger.drops, ["id", "reason"])]).to_pylist()
    assert len(rows) == 8
    assert {"id": "twice", "reason": "duplicate_id"} in rows


def test_lengths_are_of_texts_read_and_of_texts_released(target: Storage, made: tuple[dict, str]) -> None:
    manifest = read_manifest(target, 1)
    texts = pa.concat_tables([pq.read_table(f"{target.url}/releases/0001/{f['path']}") for f in manifest["files"]])[
        "text"
    ]
    released = [0] * 32
    for text in texts.to_pylist():
        released[len(text.encode()).bit_length() - 1] += 1
    lengths = made[0]["lengths"]
    assert lengths["kept"] == released[: len(lengths["kept"])]
    assert sum(lengths["kept"]) == 6
    assert sum(lengths["read"]) == 14


@pytest.mark.parametrize(
    ("step", "reason", "document", "begins"),
    [
        ("length", "too_few_chars", "short", "too short"),
        ("length", "too_few_chars", "attack", SCRIPT),
        ("length", "too_few_chars", "forum/b.jsonl#3", "\u4f60\u597d"),
        ("unique_id", "duplicate_id", "twice", "The second document"),
        ("exact_dedup", "exact_duplicate", "more", "word0 stands"),
        ("near_dedup", "near_duplicate", "near", "…"),
        ("length-2", "too_few_chars", "middling", "Long enough for the first"),
    ],
)
def test_every_reason_has_an_example(
    made: tuple[dict, str], step: str, reason: str, document: str, begins: str
) -> None:
    examples = _examples(made[0])
    found = [one for one in examples[step, reason] if one["id"] == document]
    assert len(found) == 1
    assert found[0]["excerpt"].startswith(begins)


def test_every_reason_that_dropped_has_examples(made: tuple[dict, str]) -> None:
    for step in made[0]["steps"][1:]:
        for reason in step["reasons"]:
            assert len(reason["examples"]) == min(3, reason["dropped"])


def test_duplicates_show_the_document_kept(made: tuple[dict, str]) -> None:
    examples = _examples(made[0])
    kept = {one["id"]: one["kept"] for some in examples.values() for one in some if "kept" in one}
    assert kept["twice"]["excerpt"].startswith("The first document")
    assert (kept["twice"]["source"], kept["twice"]["position"]) == ("web", 7)
    assert (kept["more"]["id"], kept["more"]["chars"]) == ("long", len(ESSAY))
    near = examples["near_dedup", "near_duplicate"][0]
    assert "word50 lies" in near["excerpt"]
    assert "word50 stands" in near["kept"]["excerpt"]
    assert near["value"] >= near["threshold"] == 0.8


def test_values_stand_against_thresholds(made: tuple[dict, str]) -> None:
    short = next(one for one in _examples(made[0])["length", "too_few_chars"] if one["id"] == "short")
    assert (short["value"], short["threshold"]) == (9, 40)
    assert "<b>9</b> against 40" in made[1]


def test_quarantine_shows_the_record(made: tuple[dict, str]) -> None:
    (broken,) = made[0]["quarantine"]
    assert (broken["reason"], broken["records"]) == ("broken_json", 1)
    record = {"source": "forum", "path": "b.jsonl", "position": 1, "raw": '{"text": "<b>broken'}
    assert broken["examples"] == [record]
    assert "&lt;b&gt;broken" in made[1]


class _Tags(HTMLParser):
    """Collects what a browser would see as elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_page_is_self_contained_and_texts_are_escaped(made: tuple[dict, str]) -> None:
    page = made[1]
    seen = _Tags()
    seen.feed(page)
    assert not seen.tags & {"script", "link", "img", "iframe", "b-broken", "object"}
    assert not {name for name in seen.attributes if name in {"src", "href"} or name.startswith("on")}
    assert not re.search(r"https?:|url\(|@import", page)
    assert "&lt;script&gt;alert(&#39;no&#39;)" in page
    assert "<mark>lies</mark>" in page
    assert "<mark>stands</mark>" in page


def test_page_tells_no_path_of_this_machine(target: Storage, made: tuple[dict, str]) -> None:
    folder = str(Path(target.url).parent)
    assert folder not in made[1]
    assert folder not in orjson.dumps(made[0]).decode()


def test_same_bytes_when_written_and_when_made_again(target: Storage, made: tuple[dict, str]) -> None:
    place = write_report(target, 1)
    assert place == f"{target.url}/releases/0001/report.html"
    page = Path(place).read_text()
    assert page == made[1] == make_report(target, 1)[1]
    assert orjson.loads(target.read("releases/0001/report.json")) == orjson.loads(orjson.dumps(made[0]))
    assert write_report(target, 1) == place


def test_raw_text_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    storage = make_job(tmp_path)
    shutil.rmtree(tmp_path / "web")
    (tmp_path / "forum/b.jsonl").write_bytes(b"{}\n")
    facts, page = make_report(storage, 1)
    missing = {one["id"]: one.get("missing") for one in _examples(facts)["length", "too_few_chars"]}
    assert missing["short"] == "the raw shard a.parquet of web is not there any more"
    assert missing["forum/b.jsonl#3"] == "the raw shard b.jsonl of forum has changed since release 1 was made"
    assert missing["short"] in page
    assert all("excerpt" in one for one in _examples(facts)["exact_dedup", "exact_duplicate"])


def _examples(facts: dict) -> dict[tuple[str, str], list[dict]]:
    return {(step["step"], one["reason"]): one["examples"] for step in facts["steps"] for one in step["reasons"]}


@pytest.mark.parametrize("text", ["short", None])
def test_release_without_documents(tmp_path: Path, text: str | None) -> None:
    (tmp_path / "web").mkdir()
    pq.write_table(pa.table({"text": pa.array([text], pa.string())}), tmp_path / "web/a.parquet")
    job = f"""
        name = "none"
        target = "{tmp_path}/target"
        sources = [{{name = "web", path = "{tmp_path}/web", origin = "real"}}]
        steps = [{{op = "length", chars_min = 40}}]
        run = {{engine = "inline"}}
    """
    run_job(parse(job.encode(), "job"), Progress(silent=True))
    facts, page = make_report(open_storage(f"{tmp_path}/target"), 1)
    assert facts["counts"]["kept"] == sum(facts["lengths"]["kept"]) == 0
    assert "0 of 1 documents" in page


@pytest.fixture(scope="module")
def twice_told(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return make_twice_told(tmp_path_factory.mktemp("twice"))


@pytest.fixture(scope="module")
def told_twice(twice_told: Storage) -> tuple[dict, str]:
    return make_report(twice_told, 1)


def test_duplicates_are_told_step_by_step(told_twice: tuple[dict, str]) -> None:
    exact, near = told_twice[0]["duplicates"]
    assert (exact["step"], exact["removed"], exact["clusters"], exact["threshold"]) == ("exact_dedup", 2, 1, None)
    assert exact["cluster_sizes"] == [{"documents": "3–4", "clusters": 1}]
    assert exact["between"] == {"sources": ["web", "forum"], "removed": {"web": {"web": 1, "forum": 1}}}
    assert (near["step"], near["removed"], near["clusters"], near["threshold"]) == ("near_dedup", 3, 2, 0.8)
    assert sum(near["similarity"]) == sum(near["similarity"][16:]) == near["removed"]
    assert near["between"]["removed"] == {"web": {"web": 1, "forum": 2}}
    assert not exact["counts_earlier"]
    assert near["counts_earlier"]


def test_removed_counts_are_those_of_the_steps(told_twice: tuple[dict, str]) -> None:
    dropped = {step["step"]: step["dropped"] for step in told_twice[0]["steps"]}
    for one in told_twice[0]["duplicates"]:
        assert one["removed"] == dropped[one["step"]]


def test_survey_of_ids_is_told_only_where_it_removed_something(
    made: tuple[dict, str], told_twice: tuple[dict, str]
) -> None:
    assert [one["step"] for one in made[0]["duplicates"]] == ["unique_id", "exact_dedup", "near_dedup"]
    assert [one["step"] for one in told_twice[0]["duplicates"]] == ["exact_dedup", "near_dedup"]


def test_largest_clusters_show_members_beside_the_one_kept(told_twice: tuple[dict, str]) -> None:
    exact, near = told_twice[0]["duplicates"]
    (cluster,) = exact["largest"]
    assert (cluster["kept"]["id"], cluster["copies"]) == ("essay", 2)
    assert [(one["id"], one["same"]) for one in cluster["removed"]] == [("essay-same", True), ("essay-forum", True)]
    essay, river = near["largest"]
    assert (essay["kept"]["id"], essay["copies"]) == ("essay-near", 4)
    assert {one["id"] for one in essay["removed"]} == {"essay", "essay-third"}
    changed = [part for passage in river["removed"][0]["differences"].passages for part in passage if not part.same]
    assert [(part.one, part.other) for part in changed] == [("\u9324", "水"), ("这是结尾。", "")]


def test_cuts_are_told_by_source_and_by_text(told_twice: tuple[dict, str]) -> None:
    (cut,) = told_twice[0]["cuts"]
    assert cut["by_source"] == [
        {"source": "web", "cuts": 10, "documents": 5, "bytes": 450},
        {"source": "forum", "cuts": 2, "documents": 1, "bytes": 90},
    ]
    assert cut["total"] == {"cuts": 12, "documents": 6, "bytes": 540}
    assert [(one["text"], one["cuts"], one["sources"]) for one in cut["most_frequent"]] == [
        (MENU, 6, 2),
        (NOTICE, 6, 2),
    ]
    assert [one["id"] for one in cut["examples"]] == ["page-0", "page-forum"]
    gone = [part["text"].strip() for part in cut["examples"][0]["parts"] if part["cut"]]
    assert gone == [MENU, NOTICE]


def test_page_of_duplicates_and_cuts_is_safe_and_whole(twice_told: Storage, told_twice: tuple[dict, str]) -> None:
    page = told_twice[1]
    seen = _Tags()
    seen.feed(page)
    assert not seen.tags & {"script", "link", "img", "iframe", "object"}
    assert not {name for name in seen.attributes if name in {"src", "href"} or name.startswith("on")}
    assert "<mark>&lt;script&gt;alert(&#39;no&#39;)&lt;/script&gt;</mark>" in page
    assert "<del>Home | About &lt;b&gt;us&lt;/b&gt; | Privacy Policy\n</del>" in page
    assert "threshold 0.8</text>" in page
    assert "Notes of" not in page
    assert str(Path(twice_told.url).parent) not in page
    assert page == make_report(twice_told, 1)[1]


def test_no_duplicates_found_is_said(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    pq.write_table(pa.table({"text": ["one text", "another text"]}), tmp_path / "web/a.parquet")
    job = f"""
        name = "none"
        target = "{tmp_path}/target"
        sources = [{{name = "web", path = "{tmp_path}/web", origin = "real"}}]
        steps = [{{op = "exact_dedup"}}]
        run = {{engine = "inline"}}
    """
    run_job(parse(job.encode(), "job"), Progress(silent=True))
    facts, page = make_report(open_storage(f"{tmp_path}/target"), 1)
    assert [(one["step"], one["removed"], one["largest"]) for one in facts["duplicates"]] == [("exact_dedup", 0, [])]
    assert "No duplicates." in page


def test_documents_that_went_for_a_reference(tmp_path: Path) -> None:
    for name, text in (("web", ESSAY), ("eval", ESSAY.replace("word30 stands", "word30 lies"))):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"id": [f"{name}-1"], "text": [text]}), tmp_path / name / "a.parquet")
    job = f"""
        name = "against"
        target = "{tmp_path}/target"
        sources = [{{name = "web", path = "{tmp_path}/web", origin = "real"}}]
        references = [{{name = "eval", path = "{tmp_path}/eval"}}]
        steps = [{{op = "near_dedup", against = ["eval"]}}]
        run = {{engine = "inline"}}
    """
    run_job(parse(job.encode(), "job"), Progress(silent=True))
    facts, page = make_report(open_storage(f"{tmp_path}/target"), 1)
    (near,) = facts["duplicates"]
    assert (near["removed"], near["removed_for_references"]) == (1, 1)
    assert near["between"] == {"sources": ["web", "eval"], "removed": {"eval": {"web": 1}}}
    assert "1 document went, 1 for documents of references." in page
    (example,) = _examples(facts)["near_dedup", "near_duplicate"]
    assert (example["kept"]["source"], example["kept"]["id"]) == ("eval", "eval-1")
    assert "<mark>lies</mark>" in page
