"""Origins, parents and depth as shards tell them, and families in whole jobs: one split each, on every night."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes

from jobs.errors import JobError
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage

Run = Callable[[JobSpec], Published]

FAMILIES = """
[[steps]]
op = "families"
shares = {train = 0.6, test = 0.4}
children_per_parent_max = 2

[[steps]]
op = "length"
chars_min = 10
"""


def job(
    raw: Path, target: Path, steps: str = FAMILIES, *, origin: str = "rewrite", partition_bytes: int = 1 << 26
) -> JobSpec:
    text = f"""
name = "families"
target = "{target}"
seed = 5

[[sources]]
name = "web"
path = "{raw}/web"
origin = "real"

[[sources]]
name = "rewrites"
path = "{raw}/rewrites"
origin = "{origin}"
generator = "model@1"
columns = {{parents = "made_from", depth = "generation", family = "family"}}

{steps}
[release]
shard_bytes = 8000
[run]
engine = "inline"
partition_bytes = {partition_bytes}
"""
    return parse(text.encode(), "job.toml")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def rewrites(n: int, count: int) -> list[dict[str, Any]]:
    return [{"id": f"r{n}.{k}", "text": article(1000 + 10 * n + k), "made_from": [f"w{n}"]} for k in range(count)]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Forty documents; of every other one three rewrites."""
    folder = tmp_path / "raw"
    for shard in range(4):
        rows = [{"id": f"w{n}", "text": article(n)} for n in range(shard, 40, 4)]
        write(folder / "web" / f"part-{shard}.jsonl", rows)
        made = [row for n in range(shard, 40, 4) if n % 2 for row in rewrites(n, 3)]
        write(folder / "rewrites" / f"part-{shard}.jsonl", made)
    return folder


def released(target: Path, number: int = 1) -> dict[str, dict[str, Any]]:
    table = pq.read_table(target / "releases" / f"{number:04d}" / "data")
    return {row["id"]: row for row in table.to_pylist()}


def test_parents_depth_and_family_of_shards_of_any_format(tmp_path: Path, run: Run) -> None:
    raw = tmp_path / "raw"
    write(raw / "web" / "part-0.jsonl", [{"id": "w", "text": article(0)}])
    told = {"id": "j", "text": article(1), "made_from": ["w", "elsewhere"], "generation": 2, "family": "f"}
    write(raw / "rewrites" / "a.jsonl", [told, {"id": "k", "text": article(2), "made_from": "w"}])
    schema = pa.schema(
        [("id", "string"), ("text", "string"), ("made_from", pa.list_(pa.string())), ("generation", "int64")]
    )
    rows = [{"id": "p", "text": article(3), "made_from": ["w"], "generation": None}, {"id": "q", "text": article(4)}]
    pq.write_table(pa.Table.from_pylist(rows, schema), raw / "rewrites" / "b.parquet")
    (raw / "rewrites" / "c.csv").write_text(f'id,text,made_from,generation\nc,"{article(5)}","[""w""]",300\n')
    run(job(raw, tmp_path / "out", ""))
    found = {name: (row["parents"], row["depth"], row["family"]) for name, row in released(tmp_path / "out").items()}
    assert found == {
        "w": (None, 0, None),
        "j": (["w", "elsewhere"], 2, "f"),
        "k": (["w"], 1, None),
        "p": (["w"], 1, None),
        "q": (None, 1, None),
        "c": (["w"], 127, None),
    }


def test_families_are_in_one_split_and_few_children_of_a_parent_are_left(raw: Path, tmp_path: Path, run: Run) -> None:
    made = run(job(raw, tmp_path / "out"))
    found = released(tmp_path / "out")
    assert {row["split"] for row in found.values()} == {"train", "test"}
    children: Counter[str] = Counter()
    for row in found.values():
        if row["origin"] == "rewrite":
            (parent,) = row["parents"]
            assert row["split"] == found[parent]["split"] == "train"
            assert row["family_id"] == found[parent]["family_id"] == parent
            children[parent] += 1
    assert {*children} == {f"w{n}" for n in range(1, 40, 2) if found[f"w{n}"]["split"] == "train"}
    assert {*children.values()} == {2}
    held_out = 20 - len(children)
    told = next(step for step in made.manifest["steps"] if step["step"] == "families")
    assert told["dropped"] == {"synthetic_in_test": 3 * held_out, "too_many_siblings": len(children)}
    facts, page = make_report(open_storage(str(tmp_path / "out")), 1)
    assert facts["documents"] == made.manifest["documents"]
    assert facts["documents"]["split"] == dict(sorted(Counter(row["split"] for row in found.values()).items()))
    assert "Released by depth, origin, split" in page


def test_memory_and_nights_do_not_matter(raw: Path, tmp_path: Path, run: Run) -> None:
    chosen = random.Random(1)
    for night in range(1, 5):
        n = chosen.randrange(40)
        write(
            raw / "rewrites" / f"part-1-{night}.jsonl",
            [row | {"id": f"n{night}.{row['id']}"} for row in rewrites(n, 2)],
        )
        copies = [{"id": f"again-{night}-{k}", "text": article(k) + " Once more."} for k in chosen.sample(range(40), 3)]
        write(raw / "web" / f"part-2-{night}.jsonl", copies)
        if night == 3:
            (raw / "web" / "part-1.jsonl").unlink()  # whose rewrites stay, of parents elsewhere
        last = run(job(raw, tmp_path / "nights"))
        whole = run(job(raw, tmp_path / f"whole-{night}", partition_bytes=16_384))
        assert last.manifest["identity"] == whole.manifest["identity"]
        built, expected = (
            {
                name: data
                for name, data in release_bytes(tmp_path / target, made.number).items()
                if name.startswith("data/")
            }
            for target, made in (("nights", last), (f"whole-{night}", whole))
        )
        assert built == expected
    found = released(tmp_path / "nights", 4)
    similar = {name: f"w{name.split('-')[2]}" for name in found if name.startswith("again")}
    assert all(found[name]["split"] == found[one]["split"] for name, one in similar.items() if one in found)


def test_a_night_edits_units_anew_of_which_something_else_is_said(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job(raw, tmp_path / "out"))
    before = set((tmp_path / "out").glob("stages/*-pass-*/commits/*"))
    write(raw / "web" / "part-9.jsonl", [{"id": "alone", "text": "Nothing at all is like this one text of ours."}])
    run(job(raw, tmp_path / "out"))
    assert len(set((tmp_path / "out").glob("stages/*-pass-*/commits/*")) - before) == 2  # it is read, and given a split


def test_a_mix_of_one_split(raw: Path, tmp_path: Path, run: Run) -> None:
    mix = (
        FAMILIES
        + '[[steps]]\nop = "mix"\nsynthetic_max = 1.0\n[[steps.limits]]\nwhere = {split = "test"}\ntokens = 0\n'
    )
    run(job(raw, tmp_path / "out", mix))
    assert {row["split"] for row in released(tmp_path / "out").values()} == {"train"}


@pytest.mark.parametrize("origin", ["rewrite", "generated"])
def test_rewrites_and_free_generations_are_counted_apart(origin: str, raw: Path, tmp_path: Path, run: Run) -> None:
    """A cap on rewrites binds these, and not other text that is not real; all of it is under `synthetic_max`."""
    limit = '[[steps.limits]]\nwhere = {origin = ["rewrite"]}\nshare_max = 0.1\n'
    found = {}
    for most in (0.3, 0.05):
        made = run(
            job(raw, tmp_path / f"out-{most}", f'[[steps]]\nop = "mix"\nsynthetic_max = {most}\n{limit}', origin=origin)
        )
        told = made.manifest["surveys"]["mix"]["sources"]["rewrites"]
        assert told["origin"] == origin
        found[most] = told["achieved_share"]
    assert found[0.3] == pytest.approx(0.1 if origin == "rewrite" else 0.3, abs=0.02)
    assert found[0.05] == pytest.approx(0.05, abs=0.02)


def test_an_origin_that_there_is_not(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"sources.1.*origin.*'rewrite'"):
        job(raw, tmp_path / "out", origin="rewritten")
