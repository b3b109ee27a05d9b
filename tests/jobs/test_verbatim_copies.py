"""Verbatim copies in whole jobs: what synthetic documents have of real ones, however the corpus lies in storage."""

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import release_bytes, write_parquet

from jobs import sorted as sorted_module
from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]
Rows = dict[str, str]

FIND = '[[steps]]\nop = "verbatim_copies"\n'
JUDGE = FIND + '[[steps]]\nop = "copied"\n'
COLUMNS = ["copied_tokens", "copied_share", "copied_longest", "copied_from", "copied_passage"]


def words(seed: int, count: int) -> list[str]:
    """Words that no other seed has."""
    return [f"w{seed}x{n}" for n in range(count)]


def characters(seed: int, count: int) -> list[str]:
    return random.Random(seed).choices([chr(code) for code in range(0x4E00, 0x9000)], k=count)


def planted(own: list[str], part: list[str], at: int, joint: str = " ") -> str:
    return joint.join([*own[:at], *part, *own[at:]])


def corpus() -> tuple[Rows, Rows, dict[str, tuple[int, str | None]]]:
    """Real and synthetic texts, and what of each synthetic one is copied, from whom."""
    real, synthetic, expected = {}, {}, {}
    for n, size in enumerate([30, 49, 50, 51, 80, 300, 49, 50]):
        is_chinese = n >= 6
        source = characters(n, 400) if is_chinese else words(n, 400)
        own = characters(100 + n, 120) if is_chinese else words(100 + n, 120)
        joint = "" if is_chinese else " "
        real[f"r{n}"] = joint.join(source)
        synthetic[f"s{n}"] = planted(own, source[17 * n : 17 * n + size], 13 * n, joint).upper()
        expected[f"s{n}"] = (size, f"r{n}") if size >= 50 else (0, None)
    return real, synthetic, expected


def job(
    folder: Path, target: Path, *, steps: str = FIND, partition_bytes: int | None = None, more: str = ""
) -> JobSpec:
    text = f"""
name = "test"
target = "{target}"
{steps}
[[sources]]
name = "books"
path = "{folder}/real"
origin = "real"
[[sources]]
name = "model"
path = "{folder}/synthetic"
origin = "synthetic"
{more}
[release]
shard_bytes = 8000
[run]
engine = "inline"
{f"partition_bytes = {partition_bytes}" if partition_bytes else ""}
"""
    return parse(text.encode(), "job.toml")


def write(folder: Path, real: Rows, synthetic: Rows, shards: int = 1) -> Path:
    for name, texts in (("real", real), ("synthetic", synthetic)):
        rows = [{"id": one, "text": text, "url": None} for one, text in texts.items()]
        for n in range(shards):
            part = rows[len(rows) * n // shards : len(rows) * (n + 1) // shards]
            write_parquet(folder / name / f"part-{n}.parquet", part)
    return folder


def released(target: Path, number: int = 1) -> dict[str, dict[str, object]]:
    rows = pq.read_table(target / "releases" / f"{number:04d}" / "data").to_pylist()
    return {row["id"]: row for row in rows}


def drops(target: Path) -> dict[str, dict[str, object]]:
    return {
        row["id"]: row for path in target.glob("stages/*/drops/*.parquet") for row in pq.read_table(path).to_pylist()
    }


def test_spans_of_50_tokens_are_found_and_none_of_49(tmp_path: Path, run: Run) -> None:
    real, synthetic, expected = corpus()
    run(job(write(tmp_path / "raw", real, synthetic), tmp_path / "out"))
    found = released(tmp_path / "out")
    assert {name: (found[name]["copied_tokens"], found[name]["copied_from"]) for name in synthetic} == expected
    assert found["s4"]["copied_share"] == 80 / 200
    assert found["s4"]["copied_longest"] == 80
    assert str(found["s4"]["copied_passage"]).startswith("W4X68 W4X69 ")
    assert found["s0"]["copied_passage"] is None
    assert all(found[name]["copied_tokens"] == 0 for name in real)


def test_the_judge_drops_them_and_the_ledger_has_the_passage(tmp_path: Path, run: Run) -> None:
    real, synthetic, expected = corpus()
    made = run(job(write(tmp_path / "raw", real, synthetic), tmp_path / "out", steps=JUDGE))
    copies = {name for name, (size, _) in expected.items() if size}
    assert set(released(tmp_path / "out")) == {*real, *synthetic} - copies
    rows = drops(tmp_path / "out")
    assert set(rows) == copies
    told = {name: rows["s7"][name] for name in ("reason", "value", "threshold", "kept_id", "passage")}
    assert told == {
        "reason": "too_many_copied_tokens",
        "value": 50,
        "threshold": 0,
        "kept_id": "r7",
        "passage": real["r7"][119:169],
    }
    assert made.manifest["counts"]["dropped"] == len(copies)


@pytest.mark.parametrize(("shards", "partition_bytes"), [(3, None), (2, 16_384), (8, 60_000)])
def test_the_same_release_however_it_is_cut(tmp_path: Path, run: Run, shards: int, partition_bytes: int | None) -> None:
    real, synthetic, _ = corpus()
    run(job(write(tmp_path / "one", real, synthetic), tmp_path / "out-one", steps=JUDGE))
    run(
        job(
            write(tmp_path / "many", real, synthetic, shards),
            tmp_path / "out-many",
            steps=JUDGE,
            partition_bytes=partition_bytes,
        )
    )
    one, many = released(tmp_path / "out-one"), released(tmp_path / "out-many")
    assert one == many


@pytest.mark.parametrize("group_bytes", [1_000, 2**19])
def test_a_passage_that_many_have_names_the_least_id(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, group_bytes: int
) -> None:
    """In small row groups, one key is known to be of more documents than a worker should hold."""
    monkeypatch.setattr(sorted_module, "_ROW_GROUP_BYTES", group_bytes)
    notice = words(1, 60)
    real = {f"r{n:03d}": planted(words(10 + n, 30), notice, n % 30) for n in range(300)}
    synthetic = {f"s{n:03d}": planted(words(1000 + n, 30), notice, n % 30) for n in range(300)}
    run(job(write(tmp_path / "raw", real, synthetic, 4), tmp_path / "out", partition_bytes=16_384))
    found = released(tmp_path / "out")
    assert {(found[name]["copied_tokens"], found[name]["copied_from"]) for name in synthetic} == {(60, "r000")}


def test_what_was_dropped_before_is_no_original_and_references_are(tmp_path: Path, run: Run) -> None:
    real, synthetic, _ = corpus()
    short = {"r4": real["r4"][:600]}
    folder = write(tmp_path / "raw", short, {"s4": synthetic["s4"], "s5": synthetic["s5"]})
    write_parquet(tmp_path / "held" / "part.parquet", [{"id": "r5", "text": real["r5"], "url": None}])
    more = f'[[references]]\nname = "rows"\npath = "{tmp_path}/held"\n'
    steps = '[[steps]]\nop = "length"\nchars_min = 700\n' + FIND + 'against = ["rows"]\n'
    run(job(folder, tmp_path / "out", steps=steps, more=more))
    found = released(tmp_path / "out")
    assert set(found) == {"s4", "s5"}
    assert [found[name]["copied_from"] for name in ("s4", "s5")] == [None, "r5"]


def test_nights_end_in_what_one_run_would_say(tmp_path: Path, run: Run) -> None:
    real, synthetic, _ = corpus()
    first = {name: text for name, text in real.items() if name < "r5"}
    folder = write(tmp_path / "raw", first, synthetic)
    run(job(folder, tmp_path / "out", steps=JUDGE))
    assert "s5" in released(tmp_path / "out")
    rest = [{"id": name, "text": text, "url": None} for name, text in real.items() if name not in first]
    write_parquet(folder / "real" / "part-9.parquet", rest)
    run(job(folder, tmp_path / "out", steps=JUDGE))
    run(job(folder, tmp_path / "again", steps=JUDGE))
    assert "s5" not in released(tmp_path / "out", 2)
    assert {k: v for k, v in release_bytes(tmp_path / "out", 2).items() if k.startswith("data/")} == {
        k: v for k, v in release_bytes(tmp_path / "again").items() if k.startswith("data/")
    }


def test_a_corpus_of_one_side_has_no_copies(tmp_path: Path, run: Run) -> None:
    _, synthetic, _ = corpus()
    run(job(write(tmp_path / "raw", {"r": ""}, synthetic), tmp_path / "out"))
    assert {row["copied_tokens"] for row in released(tmp_path / "out").values()} == {0}


def test_near_copies_go_by_near_dedup_and_the_real_one_stays(tmp_path: Path, run: Run) -> None:
    """Two words in 200 differ, every 40: no span of 50 tokens is left, and the texts are near duplicates."""
    text = words(1, 200)
    copy = [f"other{n}" if n % 40 == 20 else word for n, word in enumerate(text)]
    folder = write(tmp_path / "raw", {"r": " ".join(text)}, {"a": " ".join(copy)})
    run(job(folder, tmp_path / "found", steps=FIND))
    assert released(tmp_path / "found")["a"]["copied_tokens"] == 0
    run(job(folder, tmp_path / "out", steps='[[steps]]\nop = "near_dedup"\nthreshold = 0.7\n' + JUDGE))
    assert set(released(tmp_path / "out")) == {"r"}
    assert drops(tmp_path / "out")["a"]["kept_id"] == "r"
