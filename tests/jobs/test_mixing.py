"""A mix with limits by a column of the documents, through a whole job."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes

from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage
from ops.tokenizers import count_tokens

Run = Callable[[JobSpec], Published]

STEPS = """
[[steps]]
op = "mix"

[[steps.limits]]
where = {{domain = "math"}}
{number}
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Sixty articles, one in three of mathematics."""
    lines = [{"uid": f"d{n}", "body": article(n), "domain": "prose" if n % 3 else "math"} for n in range(60)]
    path = tmp_path / "raw" / "forum" / "part-0.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path / "raw"


def job(raw: Path, target: Path, number: str) -> JobSpec:
    text = f"""
name = "mixed"
target = "{target}"

[[sources]]
name = "forum"
path = "{raw}/forum"
origin = "real"
columns = {{text = "body", id = "uid", domain = "domain"}}
{STEPS.format(number=number)}
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


def domains(target: Path, number: int = 1) -> Counter[str]:
    table = pq.read_table(target / "releases" / f"{number:04d}" / "data", columns=["domain"])
    return Counter(table["domain"].to_pylist())


def test_a_cap_by_a_column(raw: Path, tmp_path: Path, run: Run) -> None:
    made = run(job(raw, tmp_path / "out", "share_max = 0.1"))
    kept = domains(tmp_path / "out")
    assert kept["prose"] == 40
    assert 3 <= kept["math"] <= 6  # a tenth of the tokens: articles differ in length
    assert made.manifest["surveys"]["mix"]["sources"]["forum"]["bound_by"] == "limits.1 (math) share_max, supply"


def test_a_night_of_as_many_shards_on_which_nothing_is_over_budget(raw: Path, tmp_path: Path, run: Run) -> None:
    """No part ends anywhere on either night: only the plan tells them apart."""
    for target in ("nights", "nights", "whole"):
        made = run(job(raw, tmp_path / target, "share_max = 1.0"))
        lines = [{"uid": f"e{n}", "body": article(n), "domain": "math" if n % 2 else "prose"} for n in range(70, 90)]
        (raw / "forum" / "part-0.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        if target == "nights":
            last = made
    assert last.manifest["counts"]["kept"] == 20
    assert last.manifest["surveys"] == made.manifest["surveys"]


def test_another_number_reads_no_text(raw: Path, tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    run(job(raw, tmp_path / "out", "share_max = 0.1"))
    assert len(texts_read) == 1
    run(job(raw, tmp_path / "out", "share_max = 0.2"))
    assert len(texts_read) == 1
    assert domains(tmp_path / "out", 2)["math"] > domains(tmp_path / "out")["math"]


def test_what_cannot_be_is_refused_with_what_would_do(raw: Path, tmp_path: Path, run: Run) -> None:
    with pytest.raises(JobError, match=r"limits\.1 \(math\) tokens_min = 1,000,000 \([\d,]+ would do\)"):
        run(job(raw, tmp_path / "out", "tokens_min = 1_000_000"))


def repeats_job(raw: Path, target: Path, settings: str, more: str = "", partition_bytes: int = 67_108_864) -> JobSpec:
    """Two real sources and a synthetic one; `settings` of the mix."""
    text = f"""
name = "repeats"
target = "{target}"
{more}
[[sources]]
name = "web"
path = "{raw}/web"
origin = "real"
columns = {{score = "score"}}
[[sources]]
name = "books"
path = "{raw}/books"
origin = "real"
columns = {{score = "score"}}
[[sources]]
name = "textbook"
path = "{raw}/textbook"
origin = "synthetic"
[[steps]]
op = "mix"
{settings}
[release]
shard_bytes = 8000
[run]
engine = "inline"
partition_bytes = {partition_bytes}
"""
    return parse(text.encode(), "job.toml")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Sources in several shards, each of which has ten texts that the others have, too."""
    for number, name in enumerate(("web", "books", "textbook")):
        for shard in range(3):
            texts = [article(1000 * number + 20 * shard + n) for n in range(20)]
            texts += [article(9000 + n) for n in range(shard, 10)]
            path = tmp_path / "raw" / name / f"part-{shard}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [{"text": text, "score": str((7 * n) % 31)} for n, text in enumerate(texts)]
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "raw"


def released(target: Path, number: int = 1) -> list[dict]:
    return pq.read_table(target / "releases" / f"{number:04d}" / "data").to_pylist()


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_g3_no_content_is_written_more_often_than_allowed_whichever_sources_have_it(
    copied: Path, tmp_path: Path, run: Run, epochs: int
) -> None:
    settings = f"tokens = {39_000 * epochs}\nepochs_max = {epochs}\nsynthetic_max = 0.4"
    made = run(repeats_job(copied, tmp_path / "out", settings))
    rows = released(tmp_path / "out")
    times = Counter(row["text"] for row in rows)
    assert max(times.values()) == epochs
    assert sum(times[article(9000 + n)] for n in range(10)) > 0
    counts = made.manifest["counts"]
    assert counts["read"] == counts["kept"] + counts["dropped"]
    assert len(rows) == counts["kept"] + counts.get("repeated", 0)
    assert sum(file["rows"] for file in made.manifest["files"]) == len(rows)
    assert len({row["id"] for row in rows}) == counts["kept"]
    if epochs == 1:
        assert "copy" not in rows[0]
        return
    assert counts["repeated"] > 0
    copies: dict[str, list[int]] = {}
    for row in rows:
        copies.setdefault(row["id"], []).append(row["copy"])
    assert all(numbers == [*range(len(numbers))] for numbers in copies.values())


def test_g2_repeats_are_the_same_for_any_partitions_and_order(copied: Path, tmp_path: Path, run: Run) -> None:
    settings = """tokens = 9_000
epochs_max = 2
synthetic_max = 0.4
limits = [{where = {source = "web"}, epochs_max = 5}]
curves = [{source = "web", column = "score", drop_share = 0.2}]"""
    run(repeats_job(copied, tmp_path / "out", settings))
    run(repeats_job(copied, tmp_path / "small", settings, partition_bytes=16_384))
    whole, small = (release_bytes(tmp_path / name) for name in ("out", "small"))
    assert {name: data for name, data in whole.items() if name.startswith("data")} == {
        name: data for name, data in small.items() if name.startswith("data")
    }
    before = Counter(row["text"] for row in released(tmp_path / "out"))
    # All of a source in one shard, in another order: the ids, and so the draw, stay the documents' own.
    rows = [
        json.loads(line) | {"id": f"web/part-{n}.jsonl#{at}"}
        for n in range(3)
        for at, line in enumerate((copied / "web" / f"part-{n}.jsonl").read_text().splitlines())
    ]
    assert {row["id"] for row in rows} >= {row["id"] for row in released(tmp_path / "out") if row["source"] == "web"}
    for n in range(3):
        (copied / "web" / f"part-{n}.jsonl").unlink()
    (copied / "web" / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reversed(rows)))
    run(repeats_job(copied, tmp_path / "turned", settings))
    assert Counter(row["text"] for row in released(tmp_path / "turned")) == before


def test_another_night_reads_again_only_units_of_which_something_else_is_told(
    copied: Path, tmp_path: Path, run: Run
) -> None:
    # Books are taken whole whatever comes to the web.
    settings = """synthetic_max = 1
limits = [{where = {source = "web"}, tokens = 2_000}]"""
    run(repeats_job(copied, tmp_path / "out", settings))
    folders = {folder.name: folder for folder in (tmp_path / "out" / "stages").iterdir() if "mix." in folder.name}
    told = {name: {*(folder / "commits").iterdir()} for name, folder in folders.items()}
    lines = "".join(json.dumps({"text": article(5000 + n)}) + "\n" for n in range(12))
    (copied / "web" / "part-9.jsonl").write_text(lines)
    run(repeats_job(copied, tmp_path / "out", settings))
    for name, folder in folders.items():
        new = {*(folder / "commits").iterdir()} - told[name]
        if ".supply-" in name:
            assert len(new) == 1
        if ".edge-" in name:
            assert all(commit.name.startswith("web") for commit in new)


def test_units_of_which_nothing_is_left_are_not_read_for_the_mix(copied: Path, tmp_path: Path, run: Run) -> None:
    shard = copied / "web" / "part-0.jsonl"
    (copied / "web" / "part-7.jsonl").write_text(shard.read_text())
    made = run(repeats_job(copied, tmp_path / "out", "synthetic_max = 1", '[[steps]]\nop = "exact_dedup"'))
    folders = {folder.name.split("-")[1]: folder for folder in (tmp_path / "out" / "stages").iterdir()}
    assert len([*(folders["mix.order.supply"] / "commits").iterdir()]) == 9
    assert made.manifest["surveys"]["mix"]["sources"]["web"]["supply_tokens"] > 0


@pytest.mark.parametrize(
    ("settings", "more", "told"),
    [
        ("tokens = 5\nweights = {web = 1, boks = 1}", "", "no source is named 'boks'; did you mean 'books'"),
        ("tokens = 5\nweights = {web = 1, books = 1}", "", "the source 'textbook' has none; give it a weight"),
        ("curves = [{source = 'wep', column = 'score'}]", "", "curves: no source is named 'wep'; did you mean 'web'"),
        ("curves = [{source = 'web', column = 'scor'}]", "", "needs the column 'scor'"),
        (
            "tokens = 5\nepochs_max = 2\n[[steps]]\nop = 'length'",
            "",
            "length comes after it; put length before the mix",
        ),
        ("tokens = 5\nepochs_max = 2\n[[steps]]\nop = 'repeated_lines'", "", "put repeated_lines before the mix"),
        ("cost_max = 1\ncost_per_million_tokens = {wep = 1}", "", "cost_per_million_tokens: no source is named 'wep'"),
    ],
)
def test_settings_that_do_not_fit(copied: Path, tmp_path: Path, settings: str, more: str, told: str) -> None:
    with pytest.raises(JobError, match=told):
        repeats_job(copied, tmp_path / "out", settings, more)


def test_weights_in_a_file_are_followed_and_are_part_of_the_job(copied: Path, tmp_path: Path, run: Run) -> None:
    weights = tmp_path / "weights.json"
    settings = f"tokens = 2_000\nweights_file = '{weights}'\nsynthetic_max = 1"
    weights.write_text('{"web": 3, "books": 1, "textbook": 0}')
    made = run(repeats_job(copied, tmp_path / "out", settings))
    shares = {name: one["planned_share"] for name, one in made.manifest["surveys"]["mix"]["sources"].items()}
    assert shares == {"web": 0.75, "books": 0.25, "textbook": 0.0}
    weights.write_text("web = 1\nbooks = 1\ntextbook = 2")
    made = run(repeats_job(copied, tmp_path / "out", settings))
    shares = {name: one["planned_share"] for name, one in made.manifest["surveys"]["mix"]["sources"].items()}
    assert shares == {"web": 0.25, "books": 0.25, "textbook": 0.5}
    weights.write_text('{"web": 3}')
    with pytest.raises(JobError, match="the source 'books' has none; give it a weight"):
        run(repeats_job(copied, tmp_path / "out", settings))
    weights.write_text('{"web": "much"}')
    with pytest.raises(JobError, match="web is none"):
        repeats_job(copied, tmp_path / "out", settings)


def test_what_a_later_survey_drops_it_drops_with_all_copies(copied: Path, tmp_path: Path, run: Run) -> None:
    settings = "tokens = 64_000\nepochs_max = 2\nsynthetic_max = 0.4\n[[steps]]\nop = 'near_dedup'\nthreshold = 0.5"
    made = run(repeats_job(copied, tmp_path / "out", settings))
    dropped = {told["step"]: sum(told["dropped"].values()) for told in made.manifest["steps"]}
    assert dropped["near_dedup"] > 0
    rows = released(tmp_path / "out")
    counts = made.manifest["counts"]
    assert len(rows) == counts["kept"] + counts["repeated"]
    assert len({row["id"] for row in rows}) == counts["kept"]
    assert {row["copy"] for row in rows} == {0, 1}


def test_another_budget_begins_with_the_plan(copied: Path, tmp_path: Path, run: Run) -> None:
    run(repeats_job(copied, tmp_path / "out", "tokens = 5_000\nepochs_max = 2"))
    before = {folder.name for folder in (tmp_path / "out" / "stages").iterdir()}
    run(repeats_job(copied, tmp_path / "out", "tokens = 6_000\nepochs_max = 2"))
    new = {folder.name for folder in (tmp_path / "out" / "stages").iterdir()} - before
    assert {name.split("-")[1] for name in new} == {"mix.plan", "mix.edge", "mix.cut", "mix"}


def test_explain_tells_how_often_a_document_is_written(copied: Path, tmp_path: Path, run: Run) -> None:
    run(repeats_job(copied, tmp_path / "out", "tokens = 64_000\nepochs_max = 2\nsynthetic_max = 0.4"))
    twice = next(row["id"] for row in released(tmp_path / "out") if row["copy"] == 1)
    told = "\n".join(explain(open_storage(str(tmp_path / "out")), 1, twice))
    assert "written 2 times" in told


def test_g11_what_is_told_of_a_mix_can_be_had_from_the_release(copied: Path, tmp_path: Path, run: Run) -> None:
    settings = """tokens = 12_000
epochs_max = 3
limits = [{where = {source = "web"}, epochs_max = 5}]
curves = [{source = "web", column = "score", drop_share = 0.2}]"""
    made = run(repeats_job(copied, tmp_path / "out", settings))
    rows = released(tmp_path / "out")
    tokens = count_tokens(pa.array([row["text"] for row in rows])).tolist()
    told = made.manifest["surveys"]["mix"]
    for column, names in {"source": told["sources"], "origin": told["columns"]["origin"]}.items():
        found = {name: sum(n for row, n in zip(rows, tokens, strict=True) if row[column] == name) for name in names}
        assert {name: one["achieved_tokens"] for name, one in names.items()} == found
    for name, one in told["sources"].items():
        once = sum(n for row, n in zip(rows, tokens, strict=True) if row["source"] == name and row["copy"] == 0)
        assert one["epochs"] == pytest.approx(one["achieved_tokens"] / once, abs=1e-4)
        assert one["unused_tokens"] == one["supply_tokens"] - once
        assert once <= one["achieved_effective_tokens"] <= one["achieved_tokens"]
    _, page = make_report(open_storage(str(tmp_path / "out")), 1)
    for heading in ("Epochs", "Unused", "By quality", "web, real"):
        assert heading in page
