"""Nights: whatever came, changed and went since, the release is what one run over what is there now makes of it."""

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import DEDUP_STEPS, article, job_of, make_corpus, release_bytes, write_parquet

from jobs.release import Published
from jobs.spec import JobSpec
from jobs.surveys import keys

Run = Callable[[JobSpec], Published]

STEPS = f"""{DEDUP_STEPS}
[[steps]]
op = "repeated_lines"
documents_max = 6

[[steps]]
op = "length"
chars_min = 10
"""


def _documents(chosen: random.Random, shard: int) -> list[dict]:
    """Texts of twelve kinds, half of them edited, some with a menu: duplicates of all sorts across nights."""
    rows = []
    for n in range(chosen.randrange(3, 9)):
        words = article(chosen.randrange(12)).split(" ")
        if chosen.random() < 0.5:
            words[chosen.randrange(len(words))] = f"edit{chosen.randrange(5)}"
        menu = "\nHome | About | Contact us today" if chosen.random() < 0.4 else ""
        rows.append({"id": f"{shard}-{n}-{chosen.randrange(10**6)}", "text": " ".join(words) + menu, "url": None})
    return rows


def _another_night(raw: Path, chosen: random.Random, night: int) -> None:
    """Add shards at the end and in between, change one, take one away."""
    shards = sorted((raw / "web").glob("*.parquet"))
    for n in range(chosen.randrange(1, 4)):
        name = f"part-{chosen.randrange(10)}-{night}-{n}.parquet"
        write_parquet(raw / "web" / name, _documents(chosen, 100 * night + n))
    if chosen.random() < 0.6:
        write_parquet(chosen.choice(shards), _documents(chosen, 100 * night + 50))
    if chosen.random() < 0.6:
        chosen.choice(shards).unlink()


@pytest.mark.parametrize("seed", range(4))
def test_nights_make_what_one_run_makes(seed: int, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "RUNS_MERGED", 2)  # so that a few nights merge runs
    chosen = random.Random(seed)
    raw = make_corpus(tmp_path / "raw")
    for night in range(1, 5):
        _another_night(raw, chosen, night)
        last = run(job_of(raw, tmp_path / "nights", steps=STEPS))
        whole = run(job_of(raw, tmp_path / f"whole-{night}", steps=STEPS))
        assert last.manifest["identity"] == whole.manifest["identity"]
        built, expected = (
            release_bytes(tmp_path / t, p.number) for t, p in (("nights", last), (f"whole-{night}", whole))
        )
        assert {n: b for n, b in built.items() if n.startswith("data/")} == {
            n: b for n, b in expected.items() if n.startswith("data/")
        }
    dropped = {(s["step"], r) for s in last.manifest["steps"] for r in s["dropped"]}
    assert {("exact_dedup", "exact_duplicate"), ("near_dedup", "near_duplicate")} <= dropped
    runs = [commit.read_text() for commit in (tmp_path / "nights").glob("stages/*.keys*/commits/*")]
    assert any('"runs"' in told for told in runs)  # some were merged


def test_a_night_reads_and_signs_new_documents_only(tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    raw = make_corpus(tmp_path / "raw")
    run(job_of(raw, tmp_path / "out", steps=STEPS))
    signed = set((tmp_path / "out").glob("stages/*near_dedup.sketch*/commits/*"))
    texts_read.clear()
    write_parquet(raw / "web" / "part-1-new.parquet", _documents(random.Random(1), 1))
    run(job_of(raw, tmp_path / "out", steps=STEPS))
    assert texts_read == ["part-1-new.parquet"]
    assert len(set((tmp_path / "out").glob("stages/*near_dedup.sketch*/commits/*")) - signed) == 1


def test_only_shards_whose_documents_changed_are_written(tmp_path: Path, run: Run) -> None:
    raw = tmp_path / "raw"
    make_corpus(raw)
    for shard in range(20):
        rows = [{"id": f"{shard}-{n}", "text": article(1000 + 10 * shard + n), "url": None} for n in range(10)]
        write_parquet(raw / "web" / f"more-{shard:02d}.parquet", rows)
    first = run(job_of(raw, tmp_path / "out", steps=STEPS))
    write_parquet(raw / "web" / "more-10a.parquet", [{"id": "new", "text": article(5000), "url": None}])
    second = run(job_of(raw, tmp_path / "out", steps=STEPS))
    before, after = ({file["sha256"] for file in made.manifest["files"]} for made in (first, second))
    assert len(after - before) <= 2
    assert len(after & before) >= len(before) - 2


def test_what_a_document_stands_for_is_counted_over_nights(tmp_path: Path, run: Run) -> None:
    raw = make_corpus(tmp_path / "raw")
    steps = '[[steps]]\nop = "exact_dedup"\ncount_copies = true'
    run(job_of(raw, tmp_path / "out", steps=steps))
    write_parquet(raw / "web" / "part-9.parquet", [{"id": "again", "text": article(7), "url": None}])
    run(job_of(raw, tmp_path / "out", steps=steps))
    rows = pq.read_table(tmp_path / "out" / "releases" / "0002" / "data").to_pylist()
    told = {row["id"]: (row["copies"], row["copy_sources"]) for row in rows if row["copies"]}
    assert told == {"again": (4, ["web"]), "short-0": (2, ["web"])}
