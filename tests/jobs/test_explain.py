"""Stories of single documents: kept, edited, dropped, duplicate, quarantined, unknown, and several under one id."""

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from twice_told import make_twice_told

from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.ledger import read_ledger, tables
from jobs.progress import Progress
from jobs.release import read_manifest
from jobs.run import run_job
from jobs.spec import parse
from jobs.storage import Storage, open_storage

ESSAY = " ".join(f"word{n} stands in its own place" for n in range(60))
OTHER = "\n".join(f"line {n} is one of many lines of another text" for n in range(80))
MENDED = "A\u200bmended text of more than forty characters.\r\nIts second line stays as it is."

WEB = [
    ("long", ESSAY),
    ("near", ESSAY.replace("word50 stands", "word50 lies")),
    ("short", "too short\x1b[2J"),
    ("mended", MENDED),
    ("twice", "The first document with this id, which is long enough to stay where it is."),
    ("twice", "The second document with this id, which is long enough but came later."),
    ("forum/b.jsonl#99", "An id that looks like a place but is the document's own, which is allowed."),
]
FORUM = [ESSAY, None, "Long enough for the first filter but not for the last.", OTHER, OTHER]

JOB = """
name = "small"
target = "{folder}/target"
bad_shards_max = 0.5
[[sources]]
name = "web"
path = "{folder}/web/*.parquet"
origin = "real"
[[sources]]
name = "forum"
path = "{folder}/forum"
origin = "synthetic"
generator = "model@1"
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explain")


@pytest.fixture(scope="module")
def target(folder: Path) -> Storage:
    (folder / "web").mkdir()
    (folder / "forum").mkdir()
    rows = {"id": [one for one, _ in WEB], "text": [text for _, text in WEB]}
    pq.write_table(pa.table(rows), folder / "web/a.parquet")
    (folder / "web/bad.parquet").write_bytes(b"not parquet at all")
    lines = [orjson.dumps({"text": text}) for text in FORUM]
    (folder / "forum/b.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    run_job(parse(JOB.format(folder=folder).encode(), "job"), Progress(silent=True))
    return open_storage(f"{folder}/target")


def story(target: Storage, document: str) -> str:
    return "\n".join(explain(target, 1, document))


def test_every_kept_document_is_told_with_the_file_that_holds_it(target: Storage) -> None:
    seen = 0
    for file in read_manifest(target, 1)["files"]:
        for document in pq.read_table(f"{target.url}/releases/0001/{file['path']}")["id"].to_pylist():
            assert f"KEPT: {file['path']}" in story(target, document)
            seen += 1
    assert seen == 5


def test_kept_and_edited(target: Storage) -> None:
    told = story(target, "mended")
    assert told.startswith("mended\n  source    web (real)\n  shard     web: a.parquet, row 3\n")
    assert f"{len(MENDED)} characters as read, {len(MENDED) - 2} after the edits" in told
    assert "[-A[U+200B]mended-]{+Amended+} text of more than forty characters.⏎Its second line" in told


def test_kept_as_read(target: Storage) -> None:
    assert f"text, {len(ESSAY):,} characters, as it was read" in story(target, "long")


def test_dropped_by_a_judge(target: Storage) -> None:
    told = story(target, "short")
    assert "DROPPED: too_few_chars, value" in told
    assert "against threshold 40" in told
    assert "    | too short␛[2J" in told
    assert "near_dedup" not in told


def test_dropped_by_a_later_pass(target: Storage) -> None:
    told = story(target, "forum/b.jsonl#2")
    assert "forum (synthetic, model@1)" in told
    assert "near_dedup           passed" in told
    assert "length-2             DROPPED: too_few_chars, value 54 against threshold 60" in told


def test_near_duplicate_shows_the_one_kept(target: Storage) -> None:
    told = story(target, "near")
    assert "DROPPED: near_duplicate, similarity 0.9" in told
    assert "kept in its place\n    long\n    web: a.parquet, row 0\n    which is in the release: data/part-0000" in told
    before, after = told.split("where they differ: [-the one kept-], {+this one+}")
    assert before.count("| word0 stands in its own place") == 2
    assert "word50 [-stands-]{+lies+} in its own place" in after


def test_exact_duplicate_shows_the_one_kept(target: Storage) -> None:
    told = story(target, "forum/b.jsonl#0")
    assert "DROPPED: exact_duplicate\n" in told
    assert "kept in its place\n    long\n" in told
    assert "differ" not in told
    assert "kept in its place\n    forum/b.jsonl#3\n" in story(target, "forum/b.jsonl#4")


def test_all_documents_of_one_id(target: Storage) -> None:
    told = story(target, "twice")
    assert told.startswith("2 documents or records answer to this:")
    assert "DROPPED: duplicate_id" in told
    assert "KEPT: data/" in told
    assert "kept in its place\n    twice\n    web: a.parquet, row 4\n" in told


def test_place_of_a_document_with_an_id_of_its_own(target: Storage) -> None:
    assert story(target, "web/a.parquet#0") == story(target, "long")


def test_own_id_that_looks_like_a_place(target: Storage) -> None:
    assert "web: a.parquet, row 6" in story(target, "forum/b.jsonl#99")


def test_quarantined_record(target: Storage) -> None:
    told = story(target, "forum/b.jsonl#1")
    assert told.startswith("forum/b.jsonl#1\n")
    assert "QUARANTINED, the record could not be read: text_null" in told
    assert '| {"text":null}' in told


@pytest.mark.parametrize("place", ["web/bad.parquet", "web/bad.parquet#7"])
def test_whole_shard_in_quarantine(target: Storage, place: str) -> None:
    told = story(target, place)
    assert told.startswith("web/bad.parquet\n")
    assert "QUARANTINED, the whole shard could not be read: not_parquet" in told


@pytest.mark.parametrize(
    ("document", "help_given"),
    [
        ("nobody", "searched 5 kept and 6 dropped documents by id. A document without an id of its own"),
        ("web/aa.parquet#3", "is called source/path#position, such as web/a.parquet#0."),
        ("forum/b.jsonl#100", "forum/b.jsonl#0"),
        ("forum/b.jsonl", "it has 5 records, counted from 0: name one as forum/b.jsonl#0."),
    ],
)
def test_unknown_document(target: Storage, document: str, help_given: str) -> None:
    with pytest.raises(JobError, match="release 1 knows no document") as raised:
        explain(target, 1, document)
    assert help_given in str(raised.value)


def test_text_that_is_gone(target: Storage, folder: Path) -> None:
    (folder / "web/a.parquet").rename(folder / "web/a.moved")
    try:
        assert "its text cannot be shown: the raw shard a.parquet of web is not there any more" in story(
            target, "short"
        )
        told = story(target, "long")
        assert "how edits changed the text cannot be told" in told
        assert "| word0 stands" in told
    finally:
        (folder / "web/a.moved").rename(folder / "web/a.parquet")


def test_commits_that_are_gone(target: Storage) -> None:
    stage = read_manifest(target, 1)["stages"][0]
    key = f"{stage['folder']}/commits/{stage['units'][0]}.json"
    data = target.read(key)
    target.delete(key)
    with pytest.raises(JobError, match=r"1 of 3 commits of \S+ are gone"):
        explain(target, 1, "long")
    target.create(key, data)


@pytest.fixture(scope="module")
def twice_told(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return make_twice_told(tmp_path_factory.mktemp("twice"))


def test_chinese_near_duplicate_differs_by_characters(twice_told: Storage) -> None:
    told = story(twice_told, "river-near")
    assert "[-\u9324-]{+水+}" in told
    assert "[-这是结尾。-]" in told


def test_similarity_is_that_of_the_ledger(twice_told: Storage) -> None:
    ledger = read_ledger(twice_told, read_manifest(twice_told, 1))
    rows = [row for _, table in tables(twice_told, ledger.drops) for row in table.to_pylist() if row["value"]]
    assert len(rows) == 3
    for row in rows:
        expected = f"DROPPED: near_duplicate, similarity {row['value']} against threshold 0.8"
        assert expected in story(twice_told, row["id"])


def test_kept_document_tells_what_it_stands_for(twice_told: Storage) -> None:
    assert "stands for 4 others that went in its place, from forum, web" in story(twice_told, "essay-near")
    assert "stands for 1 other that went in its place, from forum\n" in story(twice_told, "river")
    assert "stands for itself alone" in story(twice_told, "plain")


def test_nothing_is_said_of_copies_that_were_not_counted(target: Storage) -> None:
    assert "stands for" not in story(target, "long")


@pytest.mark.parametrize("document", ["page-0", "page-forum"])
def test_cuts_are_told_with_their_places(twice_told: Storage, document: str) -> None:
    told = story(twice_told, document)
    assert "repeated_lines       passed, less 90 bytes in 2 cuts" in told
    assert "repeated_lines: repeated_line at byte 0, 40 bytes\n      | Home | About <b>us</b> | Privacy" in told
    assert "50 bytes\n      | 版权所有 未经许可不得转载本站内容" in told


def test_document_that_nothing_was_cut_from(twice_told: Storage) -> None:
    told = story(twice_told, "plain")
    assert "repeated_lines       passed\n" in told
    assert "cut out" not in told
