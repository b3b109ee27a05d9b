"""Comparing releases: what came, went and changed is what their files say, and why is what their ledgers say."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import article, job_of, job_text, make_corpus, write_parquet
from typer.testing import CliRunner

from jobs.__main__ import app
from jobs.diff import compare as compare_module
from jobs.diff.compare import Compared, compare, settings_changed
from jobs.errors import JobError
from jobs.release import Published, previous_number
from jobs.spec import JobSpec
from jobs.storage import open_storage

Run = Callable[[JobSpec], Published]

STEPS = """
[[steps]]
op = "length"
chars_min = 10

[[steps]]
op = "exact_dedup"

[[steps]]
op = "near_dedup"
threshold = 0.7
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "raw")


def texts(target: Path, number: int) -> dict[tuple[str, str], str]:
    """Source and id of each document of a release, and its text."""
    rows = pq.read_table(target / "releases" / f"{number:04d}" / "data").to_pylist()
    return {(row["source"], row["id"]): row["text"] for row in rows}


def counted(compared: Compared) -> Counter[tuple[str, str]]:
    made = Counter[tuple[str, str]]()
    for one in compared.changes:
        made[one.kind, one.source] += one.documents
    return made


def expected(target: Path, before: int, after: int) -> Counter[tuple[str, str]]:
    one, other = texts(target, before), texts(target, after)
    made = Counter(("went", source) for source, _ in one.keys() - other.keys())
    made += Counter(("came", source) for source, _ in other.keys() - one.keys())
    return made + Counter(("changed", key[0]) for key in one.keys() & other.keys() if one[key] != other[key])


def web(raw: Path, name: str, documents: dict[str, str]) -> None:
    rows = [{"id": one, "text": text, "url": None} for one, text in documents.items()]
    write_parquet(raw / "web" / f"{name}.parquet", rows)


@pytest.mark.parametrize(("seed", "range_bytes"), [(0, 10**9), (1, 1000), (2, 100), (3, 1)])
def test_counts_are_those_of_the_files(
    seed: int, range_bytes: int, raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_module, "_RANGE_BYTES", range_bytes)
    chosen, target = random.Random(seed), tmp_path / "out"
    run(job_of(raw, target, steps=STEPS))
    last = 1
    for night in range(2):
        some = {f"{night}-{n}": article(chosen.randrange(90)) for n in range(6)}
        web(raw, f"night-{night}", some | {f"web-{n}": article(500 + n) for n in range(night, 9, 3)})
        chosen.choice(sorted((raw / "web").glob("part-*.parquet"))).unlink()
        last = run(job_of(raw, target, steps=STEPS)).number
    storage = open_storage(str(target))
    for before, after in ((1, 2), (2, last), (last, 1), (1, 1)):
        compared = compare(storage, before, after)
        assert counted(compared) == expected(target, before, after)
        for one in compared.changes:
            assert one.example in {key[1] for key in texts(target, before if one.kind == "went" else after)}


def test_why_documents_went_and_came_is_told_by_the_ledgers(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    web(raw, "one", {"gone": article(700), "a": article(701), "b": article(702), "short": "tiny", "same": article(704)})
    run(job_of(raw, target, steps=STEPS))
    longer = article(701) + " It goes on."  # a longer near copy takes its place
    web(raw, "one", {"a": article(701), "b": article(703), "short": article(705), "same": article(704), "aa": longer})
    run(job_of(raw, target, steps=STEPS))
    compared = compare(open_storage(str(target)), 1, 2)
    told = {(one.kind, one.step, one.reason, one.documents, one.example) for one in compared.changes}
    assert told == {
        ("went", "", "", 1, "gone"),
        ("went", "near_dedup", "near_duplicate", 1, "a"),
        ("changed", "", "", 1, "b"),
        ("came", "length", "too_few_chars", 1, "short"),
        ("came", "", "", 1, "aa"),
    }


def test_equal_units_are_not_read(raw: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    run(job_of(raw, target, steps=STEPS))
    web(raw, "new", {"new": article(800)})
    run(job_of(raw, target, steps=STEPS))
    seen = []
    read = compare_module.read_held
    monkeypatch.setattr(compare_module, "read_held", lambda *a, **k: seen.append(a) or read(*a, **k))
    assert compare(open_storage(str(target)), 1, 2).count("came") == 1
    assert len(seen) == 1


def test_settings_and_steps_that_differ_are_told(raw: Path, tmp_path: Path, run: Run) -> None:
    target, job = tmp_path / "out", tmp_path / "job.toml"
    run(job_of(raw, target, steps=STEPS))
    other = STEPS.replace("0.7", "0.5").replace("chars_min = 10", "chars_min = 1\nchars_max = 300")
    other = other.replace('[[steps]]\nop = "exact_dedup"\n', "") + '[[steps]]\nop = "mix"\nsynthetic_max = 0.2\n'
    job.write_text(job_text(raw, target, steps=other))
    run(job_of(raw, target, steps=other))
    compared = compare(open_storage(str(target)), 1, 2)
    assert counted(compared) == expected(target, 1, 2)
    told = {(where, name): values for where, name, *values in settings_changed(compared.before, compared.after)}
    assert told["near_dedup", "threshold"] == [0.7, 0.5]
    assert told["length", "chars_min"] == [10, 1]
    assert told["exact_dedup", ""] == ["a step", None]
    assert told["mix", ""] == [None, "a step"]
    assert ("job", "seed") not in told
    output = CliRunner().invoke(app, ["diff", str(job)]).output
    assert "release 1 (" in output.splitlines()[0]
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert "near_dedup threshold 0.7 0.5" in lines
    assert any(line.startswith("length too_few_chars 3 0 -3") for line in lines)
    assert any(line.startswith("went web length: too_many_chars") for line in lines)
    back = CliRunner().invoke(app, ["diff", str(job), "2", "1"], env={"COLUMNS": "150"}).output
    assert "no longer length: too_many_chars" in back


def test_without_an_earlier_release_it_says_so(raw: Path, tmp_path: Path, run: Run) -> None:
    run(job_of(raw, tmp_path / "out", steps=""))
    with pytest.raises(JobError, match="no release before 1"):
        previous_number(open_storage(str(tmp_path / "out")), 1)
    with pytest.raises(JobError, match="no release 7"):
        compare(open_storage(str(tmp_path / "out")), 1, 7)
