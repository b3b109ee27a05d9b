"""References: what is like them goes, whatever else; they themselves are edited, never judged and never released."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes, write_parquet

from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]

STEPS = """
[[steps]]
op = "whitespace"
[[steps]]
op = "length"
chars_min = 65
[[steps]]
op = "exact_dedup"
against = ["old"]
count_copies = true
[[steps]]
op = "near_dedup"
threshold = 0.7
against = ["old", "eval"]
count_copies = true
"""
# Itself shorter than what `length` lets pass.
QUESTION = "Which of the seven rivers of the old country runs by the mill"


def job(folder: Path, target: Path, *, steps: str = STEPS, more: str = "") -> JobSpec:
    text = f"""
name = "test"
target = "{target}"
{more}
{steps}
[[sources]]
name = "web"
path = "{folder}/web"
origin = "real"
[[references]]
name = "old"
path = "{folder}/old"
[[references]]
name = "eval"
path = "{folder}/eval"
columns = {{text = "question", id = "number"}}
[release]
shard_bytes = 8000
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


def near(n: int, word: int = 10) -> str:
    words = article(n).split(" ")
    return " ".join([*words[:word], "another", *words[word + 1 :]])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Of ten documents on the web, one equals an old one, two are near one, one quotes a question."""
    folder = tmp_path / "raw"
    web = {f"web-{n}": article(4 * n) for n in range(6)}
    web |= {"equal": article(100) + "  ", "near": near(104), "near-too": near(104, 20), "asked": QUESTION + " again"}
    write(folder / "web" / "part-0.parquet", web)
    write(folder / "old" / "part-0.parquet", {"old-0": article(100), "old-1": article(104), "old-2": near(104, 30)})
    write(folder / "old" / "part-1.parquet", {"old-3": article(200), "old-4": article(204)})
    (folder / "eval").mkdir()
    questions = [{"number": "q-1", "question": QUESTION}, {"number": "q-2", "question": "Who?"}]
    (folder / "eval" / "exam.jsonl").write_text("\n".join(map(json.dumps, questions)))
    return folder


def write(path: Path, texts: dict[str, str]) -> None:
    write_parquet(path, [{"id": name, "text": text, "url": None} for name, text in texts.items()])


def kept_for(target: Path, number: int = 1) -> dict[str, str]:
    """Who went, and the one kept in its place, of the latest run."""
    folders = json.loads(release_bytes(target, number)["release.json"])["stages"]
    names = {unit for stage in folders for unit in stage["units"]}
    told = {}
    for commit in sorted(target.glob("stages/*_dedup-*/commits/*.json")):
        drops = json.loads(commit.read_text())["files"].get("drops")
        if drops and commit.stem in names:
            told |= {row["id"]: row["kept_id"] for row in pq.read_table(target / drops["key"]).to_pylist()}
    return told


def released(target: Path, number: int = 1) -> pa.Table:
    return pq.read_table(target / "releases" / f"{number:04d}" / "data")


def data_of(target: Path, number: int = 1) -> dict[str, bytes]:
    return {name: data for name, data in release_bytes(target, number).items() if name.startswith("data/")}


def test_what_is_like_a_reference_goes(corpus: Path, tmp_path: Path, run: Run) -> None:
    made = run(job(corpus, tmp_path / "out"))
    kept = kept_for(tmp_path / "out")
    assert kept.pop("near") in {"old-1", "old-2"}  # similar to each other, and yet both there
    assert kept.pop("near-too") in {"old-1", "old-2"}
    assert kept == {"equal": "old-0", "asked": "q-1"}
    rows = released(tmp_path / "out").to_pylist()
    assert [row["id"] for row in rows] == [f"web-{n}" for n in range(6)]
    assert {row["source"] for row in rows} == {"web"}
    assert {row["copies"] for row in rows} == {0}
    assert made.manifest["counts"] == {"read": 10, "kept": 6, "dropped": 4, "quarantined": 0}
    assert set(made.manifest["sources"]) == {"web"}
    assert [(entry["source"], entry["records"]) for entry in made.manifest["references"]] == [
        ("old", 3),
        ("old", 2),
        ("eval", 2),
    ]


def test_each_of_two_similar_references_counts(corpus: Path, tmp_path: Path, run: Run) -> None:
    """A chain: what resembles only the second one goes, too, though the first is the better ranked."""
    words = article(300).split(" ")
    steps = []
    for edits in (0, 2, 4):  # each in five shingles of a hundred: 0.8 from one to the next, 0.65 to the last
        places = [13 * n + 5 for n in range(edits)]
        steps.append(" ".join(f"changed{n}" if n in places else word for n, word in enumerate(words)))
    write(corpus / "old" / "part-2.parquet", {"chain-0": steps[0], "chain-1": steps[1]})
    write(corpus / "web" / "part-1.parquet", {"chained": steps[2]})
    run(job(corpus, tmp_path / "out", steps=STEPS.replace("threshold = 0.7", 'threshold = 0.7\nverify = "exact"')))
    assert kept_for(tmp_path / "out")["chained"] == "chain-1"


def test_a_reference_without_a_step_changes_nothing(corpus: Path, tmp_path: Path, run: Run) -> None:
    steps = STEPS.replace('against = ["old"]\n', "").replace('against = ["old", "eval"]\n', "")
    made = run(job(corpus, tmp_path / "out", steps=steps))
    assert made.manifest["counts"]["kept"] == 9  # of the near ones one stays
    assert not list((tmp_path / "out").glob("stages/*sketch*/commits/old-*"))


def test_references_pass_through_later_passes(corpus: Path, tmp_path: Path, run: Run) -> None:
    steps = """
[[steps]]
op = "exact_dedup"
[[steps]]
op = "repeated_lines"
documents_max = 1
removed_share_max = 1
[[steps]]
op = "exact_dedup"
against = ["old"]
"""
    write(corpus / "old" / "part-2.parquet", {"menu-old": "Home and about us and contact\nThe text below the menu"})
    menu = "Home and about us and contact\n"
    write(
        corpus / "web" / "part-1.parquet", {"menu-0": f"{menu}The text below the menu", "menu-1": f"{menu}Other text"}
    )
    made = run(job(corpus, tmp_path / "out", steps=steps))
    texts = {row["id"]: row["text"] for row in released(tmp_path / "out").to_pylist()}
    assert texts["menu-1"] == "Other text"
    # Lines are counted in the documents of sources alone; a reference keeps a line that sources repeat.
    assert texts["menu-0"] == "The text below the menu"
    assert made.manifest["counts"]["quarantined"] == 0


def test_an_unknown_reference_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"near_dedup\) against: no reference is named 'evil'; did you mean 'eval'\?"):
        job(corpus, tmp_path / "out", steps=STEPS.replace('"eval"', '"evil"'))


def test_a_reference_that_changed_is_read_again_and_nothing_else(
    corpus: Path, tmp_path: Path, run: Run, texts_read: list[str]
) -> None:
    run(job(corpus, tmp_path / "out"))
    assert texts_read == ["part-0.parquet", "part-0.parquet", "part-1.parquet", "exam.jsonl"]
    texts_read.clear()
    write(corpus / "old" / "part-1.parquet", {"old-3": article(0), "old-5": article(8)})
    second = run(job(corpus, tmp_path / "out"))
    assert (second.number, texts_read) == (2, ["part-1.parquet"])
    assert second.manifest["counts"]["kept"] == 4
    kept = kept_for(tmp_path / "out", 2)
    assert (kept["web-0"], kept["web-2"]) == ("old-3", "old-5")
    (corpus / "old" / "part-1.parquet").unlink()
    third = run(job(corpus, tmp_path / "out"))
    assert third.manifest["counts"]["kept"] == 6


def test_nights_make_what_one_run_makes(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job(corpus, tmp_path / "out"))
    for night in (2, 3):
        write(
            corpus / "web" / f"part-{night}.parquet",
            {f"new-{night}": article(200), f"own-{night}": article(40 * night)},
        )
        write(corpus / "old" / f"part-{5 - night}.parquet", {f"older-{night}": near(4 * night)})
        made = run(job(corpus, tmp_path / "out"))
        whole = run(job(corpus, tmp_path / f"whole-{night}"))
        assert made.manifest["identity"] == whole.manifest["identity"]
        assert data_of(tmp_path / "out", night) == data_of(tmp_path / f"whole-{night}")
        assert "web-" + str(night) in kept_for(tmp_path / "out", night)


def test_one_reference_id_may_be_a_documents_too(corpus: Path, tmp_path: Path, run: Run) -> None:
    write(corpus / "old" / "part-2.parquet", {"web-1": article(300)})
    made = run(job(corpus, tmp_path / "out"))
    assert made.manifest["counts"]["kept"] == 6


def test_an_unreadable_reference_is_a_bad_shard(corpus: Path, tmp_path: Path, run: Run) -> None:
    (corpus / "old" / "part-9.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(
        JobError, match=r"1 of 5 shards could not be read; no release was made:\n  old: part-9\.parquet"
    ):
        run(job(corpus, tmp_path / "out"))
    made = run(job(corpus, tmp_path / "out", more="bad_shards_max = 0.5"))
    assert made.manifest["counts"] == {"read": 10, "kept": 6, "dropped": 4, "quarantined": 0}


def test_a_reference_without_shards_is_refused(corpus: Path, tmp_path: Path, run: Run) -> None:
    (corpus / "eval" / "exam.jsonl").unlink()
    with pytest.raises(JobError, match=r"'eval': no shard matches"):
        run(job(corpus, tmp_path / "out"))
