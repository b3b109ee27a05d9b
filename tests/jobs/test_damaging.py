"""`gristmill damage`: documents of any shards go in, and one file comes out, whose rows no cut into shards changes."""

import importlib.util
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import write_lines
from typer.testing import CliRunner

from jobs.__main__ import app
from jobs.damage.damaging import DAMAGED, Made, Wanted, kinds_of, told, write_damaged
from jobs.damage.kinds import KINDS
from jobs.errors import JobError

SENTENCES = {
    "en": "The baker repaired oven number {0} with hammer {0}. Nobody noticed until morning, which was late.",
    "zh": "第{0}位面包师修理了第{0}个烤箱。没有人注意到他的锤子，直到第二天早晨。",
}
TEXTS = {
    f"{language}-{number}": "\n".join(sentence.format(number * 10 + line) for line in range(6))
    for language, sentence in SENTENCES.items()
    for number in range(150)
}


def write_texts(file: Path, texts: dict[str, str], column: str = "text") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"id": list(texts), column: list(texts.values())}), file)


def rows_of(made: Made) -> dict[str, dict]:
    return {row["id"]: row for row in pq.read_table(made.path).to_pylist()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("damaged")
    write_texts(folder / "clean" / "all.parquet", TEXTS)
    return write_damaged(Wanted(str(folder / "clean"), share=0.5, seed=7), folder / "out.parquet")


def test_a_row_for_each_document(made: Made) -> None:
    assert pq.read_schema(made.path).equals(DAMAGED)
    rows = rows_of(made)
    assert list(rows) == list(TEXTS)
    for document_id, row in rows.items():
        lost = any(span["lost"] for span in row["spans"])
        assert (row["truth"] == TEXTS[document_id]) == (not lost)
        assert bool(row["kinds"]) == bool(row["spans"]) == (row["text"] != TEXTS[document_id])
        for span in row["spans"]:
            assert row["text"].encode()[span["at"] :][: span["bytes"]].decode() == span["text"]


def test_a_share_of_them_is_damaged(made: Made) -> None:
    damaged = [row for row in rows_of(made).values() if row["kinds"]]
    assert 120 < len(damaged) < 180
    assert {kind for row in damaged for kind in row["kinds"]} == {*KINDS} - {"combined"}


def test_what_is_told_adds_up(made: Made) -> None:
    rows = rows_of(made).values()
    assert made.documents == len(rows) == 300
    assert made.spans.total() == sum(len(row["spans"]) for row in rows)
    assert made.span_bytes.total() == sum(span["bytes"] for row in rows for span in row["spans"])
    assert made.by_kind["combined"] == sum(len(row["kinds"]) > 1 for row in rows) > 0
    assert made.by_kind["tails"] == sum("tails" in row["kinds"] for row in rows)
    assert told(made).row_count == len(KINDS)


def test_how_documents_lie_in_shards_does_not_matter(made: Made, tmp_path: Path) -> None:
    ids = list(TEXTS)[::-1]
    for number in range(7):
        write_texts(tmp_path / "clean" / f"{number}.parquet", {one: TEXTS[one] for one in ids[number::7]})
    other = write_damaged(Wanted(str(tmp_path / "clean"), share=0.5, seed=7), tmp_path / "out.parquet")
    assert rows_of(other) == rows_of(made)


def test_another_seed_damages_others(made: Made, tmp_path: Path) -> None:
    write_texts(tmp_path / "a.parquet", TEXTS)
    other = rows_of(write_damaged(Wanted(str(tmp_path / "a.parquet"), share=0.5, seed=8), tmp_path / "out.parquet"))
    kinds = {one: row["kinds"] for one, row in rows_of(made).items()}
    assert {one: row["kinds"] for one, row in other.items()} != kinds


def strings_of(rows: list[dict]) -> dict[str, set[str]]:
    """What was planted, by kind, without the line ends around it."""
    return {
        kind: {span["text"].strip() for row in rows for span in row["spans"] if span["kind"] == kind}
        for kind in ("watermarks", "tails")
    }


def test_pages_of_a_source_have_its_strings(tmp_path: Path) -> None:
    en = {one: text for one, text in TEXTS.items() if one.startswith("en")}
    sources = {one: f"source-{int(one[3:]) % 2}" if int(one[3:]) % 3 else None for one in en}
    table = pa.table({"id": list(en), "text": list(en.values()), "source": list(sources.values())})
    pq.write_table(table, tmp_path / "a.parquet")
    asked = Wanted(str(tmp_path / "a.parquet"), kinds=("watermarks", "tails"), seed=7)
    rows = rows_of(write_damaged(asked, tmp_path / "out.parquet"))
    assert {one: row["site"] for one, row in rows.items()} == sources
    found = {site: strings_of([row for row in rows.values() if row["site"] == site]) for site in sources.values()}
    for kind in ("watermarks", "tails"):
        assert len(found["source-0"][kind]) == len(found["source-1"][kind]) == 1
        assert found["source-0"][kind] != found["source-1"][kind]
        assert len(found[None][kind]) > 5


def test_sites_do_not_depend_on_other_documents(tmp_path: Path) -> None:
    write_texts(tmp_path / "a.parquet", TEXTS)
    write_texts(tmp_path / "b.parquet", dict(list(TEXTS.items())[::-9]))
    asked = [Wanted(str(tmp_path / f"{name}.parquet"), share=0.5, seed=7, sites=3) for name in "ab"]
    one, other = (rows_of(write_damaged(wanted, tmp_path / f"out-{n}.parquet")) for n, wanted in enumerate(asked))
    assert other == {document_id: one[document_id] for document_id in other}
    assert {row["site"] for row in one.values()} == {"site-0", "site-1", "site-2"}
    marked = strings_of([row for row in one.values() if row["id"].startswith("zh")])
    assert 1 < len(marked["watermarks"]) <= 3


def test_texts_that_are_not_clean_are_tidied_first(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", ["cafe\u0301 \r\n\r\n\r\n\r\nopen\u200b ", "clean"])
    made = write_damaged(Wanted(str(tmp_path / "a.jsonl"), share=0), tmp_path / "out.parquet")
    assert [row["truth"] for row in rows_of(made).values()] == ["café\n\nopen", "clean"]
    assert made.tidied == 1


def test_a_document_that_can_have_none_of_the_kinds_is_told(tmp_path: Path) -> None:
    write_texts(tmp_path / "a.parquet", {"one": "No Han here."})
    made = write_damaged(Wanted(str(tmp_path / "a.parquet"), kinds=("glosses",)), tmp_path / "out.parquet")
    assert (made.impossible, made.by_kind) == (1, {})
    assert rows_of(made)["one"]["text"] == "No Han here."


def test_the_command(tmp_path: Path) -> None:
    write_texts(tmp_path / "a.parquet", TEXTS, "body")
    asked = ["--kinds", "glosses,watermarks", "--share", "0.5", "--seed", "7", "--text", "body", "--sites", "2"]
    ran = CliRunner().invoke(app, ["damage", str(tmp_path / "*.parquet"), str(tmp_path / "out.parquet"), *asked])
    assert ran.exit_code == 0, ran.output
    assert [line.split()[0] for line in ran.output.splitlines()[:3]] == ["kind", "watermarks", "glosses"]
    assert f"300 documents: {tmp_path}/out.parquet" in ran.output.replace("\n", " ")
    kinds = {kind for row in pq.read_table(tmp_path / "out.parquet")["kinds"].to_pylist() for kind in row}
    assert kinds == {"glosses", "watermarks"}
    assert {*pq.read_table(tmp_path / "out.parquet")["site"].to_pylist()} == {"site-0", "site-1"}


@pytest.mark.parametrize(
    ("shards", "out", "text", "message"),
    [
        ("a.parquet", "out.jsonl", "text", "ends in .parquet"),
        ("a.parquet", "no/out.parquet", "text", "there is no folder"),
        ("a.parquet", "a.parquet", "text", "is there already"),
        ("b.parquet", "out.parquet", "text", "no shard matches"),
        ("a.parquet", "out.parquet", "body", "--text names the column"),
        ("lines.jsonl", "out.parquet", "body", "Name the column of texts with --text"),
        ("broken.parquet", "out.parquet", "text", "leave out what is broken"),
    ],
)
def test_mistakes_are_told(shards: str, out: str, text: str, message: str, tmp_path: Path) -> None:
    write_texts(tmp_path / "a.parquet", {"one": "text"})
    write_lines(tmp_path / "lines.jsonl", ["one", "two"])
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(JobError, match=message):
        write_damaged(Wanted(str(tmp_path / shards), text=text), tmp_path / out)
    assert sorted(tmp_path.iterdir()) == before


def test_a_url_is_no_place_to_write_to(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="copy it to a store"):
        write_damaged(Wanted(str(tmp_path)), Path("s3://bucket/out.parquet"))


@pytest.mark.parametrize("told", ["glosses,watermark", "", "Tails"])
def test_kinds_that_are_none_are_told(told: str) -> None:
    with pytest.raises(JobError, match=r"is no kind\. Known: repeats, .*, combined, all"):
        kinds_of(told)


def test_all_is_all() -> None:
    assert kinds_of("all") == kinds_of("tails,all") == KINDS


def test_without_pypinyin_other_kinds_can_be_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    for kinds in ("all", "combined", "lost_glosses,tails"):
        with pytest.raises(JobError, match="glosses need pypinyin"):
            kinds_of(kinds)
    assert kinds_of("combined,tails,repeats") == ("repeats", "tails", "combined")


def test_one_kind_cannot_be_combined() -> None:
    with pytest.raises(JobError, match="needs two kinds or more beside it"):
        kinds_of("tails,mojibake_lost,combined")
